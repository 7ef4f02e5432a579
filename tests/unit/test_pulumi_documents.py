"""Pulumi's documents of the real infrastructure: previews as one JSON document are plans, an export is a state."""

from typing import Any

import pytest

from sprocket_tui.actions.pulumi import plan
from sprocket_tui.actions.pulumi.events import name_of
from sprocket_tui.actions.pulumi.orphans import Thing, Wanted, find
from sprocket_tui.actions.pulumi.reader import PulumiReader
from sprocket_tui.actions.pulumi.state import Pending, State, parse_state
from sprocket_tui.redaction import Redactor
from tests.unit.recorded import recordings

RECORDED = recordings("pulumi-json")
# How many resources would be created, and how many of them by the provider for Docker.
PREVIEWS = {
    "layer_1-10-preview-json": (16, 11),
    "layer_1-18-preview-no-change-json": (0, 0),
    "layer_2-10-preview-json": (0, 0),
    "platform-06-preview-json": (137, 58),
    "platform-16-preview-no-change-json": (0, 0),
}
CREATING = [name for name, (creates, _) in PREVIEWS.items() if creates]


def document(name: str) -> dict[str, Any]:
    return RECORDED[name].value(read="json")["out"]


def steps(name: str) -> list[tuple[str, str]]:
    return [(step["op"], step["urn"]) for step in document(name)["steps"]]


def test_every_recording_has_its_expectation() -> None:
    assert set(RECORDED) == {*PREVIEWS, "layer_2-45-export-shape"}


@pytest.mark.parametrize("name", PREVIEWS)
def test_a_preview_is_the_plan_that_its_own_summary_counts(name: str) -> None:
    creates, things = PREVIEWS[name]
    changes = plan.changes_of(steps(name))
    assert plan.counts_of(changes) == {"create": creates, "update": 0, "replace": 0, "delete": 0}
    assert document(name)["changeSummary"].get("create", 0) == creates
    assert sum("docker:index/" in change.urn for change in changes) == things
    assert plan.from_facts({"changes": plan.as_json(changes)}) == changes


def test_the_preview_as_a_document_and_as_a_stream_are_one_plan() -> None:
    lines = _stream("layer_1-11-preview-json-streaming")
    reader = PulumiReader("preview")
    for line in lines:
        if (kept := reader.reduce("out", line)) is not None:
            reader.feed("out", kept)
    streamed = reader.conclude(0).facts["digest"]
    assert streamed == plan.digest_of(plan.changes_of(steps("layer_1-10-preview-json")))


@pytest.mark.parametrize("name", PREVIEWS)
def test_a_document_where_a_stream_is_wanted_is_no_plan_that_could_be_approved(name: str) -> None:
    reader = PulumiReader("preview")
    for line in RECORDED[name].lines:
        if (kept := reader.reduce("out", line)) is not None:
            reader.feed("out", kept)
    conclusion = reader.conclude(0)
    assert not conclusion.ok
    assert conclusion.first_error == "pulumi ended without a summary of what it did"


def test_a_password_that_the_program_itself_printed_is_masked_and_nothing_else() -> None:
    for name in PREVIEWS:
        printed, shown = RECORDED[name].out, Redactor().text(RECORDED[name].out)
        assert printed.count("FAKE-PASSWORD") == (3 if name.startswith("platform-16") else 0)
        assert shown == printed.replace("FAKE-PASSWORD", "[secret]")


def exported(name: str, *, pending: bool = False) -> State:
    """The state after the previewed resources were made, or while all of them were being made."""
    made = [step["newState"] for step in document(name)["steps"] if step["op"] == "create"]
    held = {"resources": [] if pending else made}
    if pending:
        held["pending_operations"] = [{"type": "creating", "resource": each} for each in made]
    return parse_state({"version": 3, "deployment": held})  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("name", CREATING)
def test_resources_are_read_with_their_urns_and_their_fixed_or_generated_names(name: str) -> None:
    state = exported(name)
    assert [held.urn for held in state.resources] == [urn for op, urn in steps(name) if op == "create"]
    services = {held.name for held in state.resources if "docker:index/service:Service" in held.urn}
    assert all(services)
    # Docker lists them under the same names, but for seven hex digits that are drawn anew each time.
    stage = "layer_1-healthy" if name.startswith("layer_1") else "platform-healthy"
    listed = {_without_hash(row["Name"]) for row in _services(stage)}
    missing = {service for service in map(_without_hash, services) if service not in listed}
    assert missing == set()


@pytest.mark.parametrize("name", CREATING)
def test_what_swarm_made_for_operations_that_were_cut_off_is_found_and_nothing_of_others(name: str) -> None:
    stage = "layer_1-healthy" if name.startswith("layer_1") else "platform-healthy"
    things = [Thing("service", row["ID"], row["Name"]) for row in _services(stage)]
    state = exported(name, pending=True)
    assert {type(each) for each in state.pending} == {Pending}
    found = find(things, state, (), None)
    wanted = {_without_hash(p.resource.name) for p in state.pending if ":Service::" in p.resource.urn}
    assert {_without_hash(thing.name) for thing in found} == wanted
    assert find(things, exported(name), [Wanted(name_of(urn)) for _, urn in steps(name)], None) == ()


def test_the_export_of_a_state_that_is_whole_has_nothing_pending() -> None:
    told = document("layer_2-45-export-shape")
    assert told["deployment"]["resources"] == 82
    # The recording counts the resources instead of listing them.
    assert parse_state(told) == State(exists=True, resources=(), pending=())


def _services(stage: str) -> list[Any]:
    return recordings("swarm")[f"{stage}-service-ls-json"].value(read="json")["out"]


def _without_hash(name: str) -> str:
    head, _, tail = name.rpartition("-")
    return head if len(tail) == 7 and all(each in "0123456789abcdef" for each in tail) else name


def _stream(name: str) -> list[str]:
    return [line for line in recordings("pulumi")[name].lines if line]
