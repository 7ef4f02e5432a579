"""What a real Swarm printed for people, in logs and refusals: read as its JSON is, with the hint that fits."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

import pytest

from sprocket_tui.checks.probes.base import documents
from sprocket_tui.diagnosis.lines import first_error
from tests.unit.recorded import Recording, recordings

RECORDED = recordings("swarm")
PAIRS = {name: f"{name}-json" for name in RECORDED if f"{name}-json" in RECORDED}
TASKS = {text: form for text, form in PAIRS.items() if "-ps" in text}
LISTS = {text: form for text, form in PAIRS.items() if text.endswith("service-ls")}
LOGS = [name for name in RECORDED if re.search(r"-logs($|-)", name) and not RECORDED[name].exit]
# The hint for what the tasks' own errors say; every other list of tasks holds no error that has one.
TASK_HINTS = {
    # Its first tasks were refused; they are remembered while it runs.
    "layer_1-healthy-ps-vault": "swarm.bind-source",
    "layer_1-vault-no-bucket-ps-vault": "swarm.bind-source",
    "layer_1-vault-bind-missing-ps-vault": "swarm.bind-source",
    "layer_1-port-80-taken-ps-traefik-fb9a472": "swarm.bind-failed",
    "layer_2-after-up-ps-influx": "swarm.no-node",
    "layer_2-after-up-ps-loki": "swarm.no-node",
    "layer_2-volume-path-missing-ps-influx": "swarm.mount-failed",
    "layer_2-volume-path-missing-ps-loki": "swarm.mount-failed",
    "state-constraint-ps": "swarm.no-node",
    "state-gave-up-ps": "swarm.restart-loop",
    "state-global-ps": "swarm.restart-loop",
    "state-image-missing-ps": "swarm.no-image",
    "state-memory-ps": "swarm.resources",
    "state-partial-ps": "swarm.no-node",
    "state-port-taken-by-process-ps": "swarm.bind-failed",
    "state-port-taken-by-service-ps": "swarm.port-in-use",
    "state-restart-loop-ps": "swarm.restart-loop",
    "state-rollback-ps": "swarm.restart-loop",
    "state-update-paused-ps": "swarm.restart-loop",
}
# A global service that keeps failing reads 0/0 and 0/1 in turn.
FLICKERS = "fluent-service-e376b3f"
NO_BUCKET = 'Error initializing storage of type s3: unable to access bucket "vault-secrets" in region "us-east-1"'
REFUSED = "Error: connect ECONNREFUSED 10.0.0.5:5432"
LOG_ERRORS = {
    "layer_1-healthy-logs-vault": NO_BUCKET,
    "layer_1-vault-no-bucket-logs-vault": NO_BUCKET,
    **{
        f"state-{state}-logs": REFUSED
        for state in ("complete", "gave-up", "global", "restart-loop", "rollback", "update-paused")
    },
}
REFUSALS = {
    "logs-absent-service": ("no such task or service: s-nope", ["swarm.no-such-service"]),
    "ps-absent-service": ("no such service: s-nope", []),
    "no-daemon-info": ("Cannot connect to the Docker daemon at unix:///run/absent.sock.", ["pulumi.no-daemon"]),
    "no-daemon-service-ls": ("Cannot connect to the Docker daemon at unix:///run/absent.sock.", ["pulumi.no-daemon"]),
    "swarm-init-again": ("Error response from daemon: This node is already part of a swarm.", []),
    "swarm-leave-refused": ("Error response from daemon: You are attempting to leave the swarm on a node", []),
}
# What is read by a test of its own, here or beside the probe of services.
ALONE = {
    *("info-swarm-json", "node-inspect-json", "node-drained-ps", "node-drained-service-ls", "node-drained-node-ls"),
    *("after-daemon-restart-service-ls", "update-starting-state-ls", "create-image-missing", "update-rolls-back"),
    *("df-json", "events-1m", "stats", "stack-ls", "node-ls", "node-ls-json", "state-rollback-inspect-pretty"),
    *("service-inspect-vault", "state-rollback-inspect-status", "state-update-paused-inspect-status"),
}


def table(recording: Recording) -> list[dict[str, str]]:
    """The rows that docker prints below its headings, by heading; columns begin where their heading does."""
    heading, *rows = recording.value(read="lines")["out"]
    names = re.findall(r"\S+(?: \S+)*", heading)
    begins = [heading.index(name) for name in names]
    ends = [*begins[1:], None]
    cells = [[row[begin:end].strip() for begin, end in zip(begins, ends, strict=True)] for row in rows]
    return [dict(zip(names, row, strict=True)) for row in cells]


def rows(name: str) -> list[Any]:
    return documents(RECORDED[name].out)


def test_every_recording_is_read_by_some_test() -> None:
    read = {*TASKS, *TASKS.values(), *LISTS, *LISTS.values(), *LOGS, *REFUSALS, *ALONE}
    assert set(RECORDED) == read


@pytest.mark.parametrize("name", TASKS)
def test_tasks_are_the_same_in_text_and_json_and_lead_to_the_same_hint(name: str) -> None:
    shown = Counter((row["NAME"].removeprefix("\\_ "), row["ERROR"]) for row in table(RECORDED[name]))
    told = Counter((task["Name"], task["Error"]) for task in rows(TASKS[name]))
    # A task more had failed by the time of the second recording of the service that keeps failing.
    assert shown.keys() == told.keys() if FLICKERS in name else shown == told
    found = [RECORDED[form].hints()[:1] for form in (name, TASKS[name])]
    assert found == [[TASK_HINTS[name]] if name in TASK_HINTS else []] * 2


@pytest.mark.parametrize("name", LISTS)
def test_services_are_the_same_in_text_and_json(name: str) -> None:
    shown = {row["NAME"]: row["REPLICAS"] for row in table(RECORDED[name])}
    told = {row["Name"]: row["Replicas"] for row in rows(LISTS[name])}
    differing = {service for service in {*shown, *told} if shown.get(service) != told.get(service)}
    assert all(service == FLICKERS and {shown[service], told[service]} == {"0/0", "0/1"} for service in differing)
    assert len(shown) >= 4
    assert RECORDED[name].hints() == []


@pytest.mark.parametrize("name", LOGS)
def test_the_first_error_of_a_log_is_found_behind_the_names_of_its_tasks(name: str) -> None:
    recording = RECORDED[name]
    said = first_error(recording.err.splitlines()) or first_error(recording.lines)
    wanted = LOG_ERRORS.get(name, "")
    assert said.partition("@vm | ")[2].startswith(wanted)
    assert bool(said) is bool(wanted)
    assert ("web.vault-bucket" in recording.hints()) is (wanted == NO_BUCKET)
    assert all(re.match(r"\S+\.\d+\.\w{12}@vm {4}\| ", line) for line in recording.lines)


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_is_told_by_its_own_words_and_hint(name: str) -> None:
    error, hints = REFUSALS[name]
    conclusion = RECORDED[name].concluded()
    assert conclusion.first_error.startswith(f"exit status 1: {error}")
    assert RECORDED[name].hints() == hints


def test_without_a_daemon_the_check_of_the_daemon_fails() -> None:
    assert RECORDED["no-daemon-info"].judged("docker.daemon").state == "fail"


def test_a_swarm_that_is_active_with_a_node_that_takes_tasks_passes() -> None:
    recording = RECORDED["info-swarm-json"]
    told = recording.value(read="json")["out"]
    # The checks ask for one field each, which docker prints as a word.
    assert recording.judged("swarm.active", told["LocalNodeState"]).state == "pass"
    assert recording.judged("swarm.manager", json.dumps(told["ControlAvailable"])).state == "pass"
    (node,) = RECORDED["node-inspect-json"].value(read="json")["out"]
    state, availability = node["Status"]["State"], node["Spec"]["Availability"]
    assert RECORDED["node-inspect-json"].judged("swarm.node-ready", f"{state} {availability}").state == "pass"
    (row,) = table(RECORDED["node-ls"])
    listed = RECORDED["node-ls-json"].value(read="json")["out"]
    assert (row["STATUS"], row["AVAILABILITY"], row["MANAGER STATUS"]) == ("Ready", "Active", "Leader")
    assert (listed["Status"], listed["Availability"], listed["ManagerStatus"]) == ("Ready", "Active", "Leader")


def test_a_drained_node_fails_its_check_and_its_tasks_say_so() -> None:
    (node,) = table(RECORDED["node-drained-node-ls"])
    words = f"{node['STATUS']} {node['AVAILABILITY']}".lower()
    assert RECORDED["node-drained-node-ls"].judged("swarm.node-ready", words).state == "fail"
    waiting, ended = table(RECORDED["node-drained-ps"])
    assert (waiting["CURRENT STATE"].split()[0], ended["CURRENT STATE"].split()[0]) == ("Pending", "Shutdown")
    assert waiting["ERROR"] == '"no suitable node (1 node not available for new tasks)"'
    assert RECORDED["node-drained-ps"].hints() == ["swarm.no-node"]
    replicas = [row["REPLICAS"].split("/")[0] for row in table(RECORDED["node-drained-service-ls"])]
    assert set(replicas) == {"0"}


def test_an_orphan_beside_its_successor_stands_in_the_list_after_the_daemon_came_back() -> None:
    names = [row["NAME"] for row in table(RECORDED["after-daemon-restart-service-ls"])]
    redis = [name for name in names if re.fullmatch(r"prod-datastores-redis-redis-primary-[0-9a-f]{7}", name)]
    assert len(redis) == 2


def test_what_is_still_starting_is_told_from_what_cannot_start() -> None:
    replicas = {row["NAME"]: row["REPLICAS"] for row in table(RECORDED["update-starting-state-ls"])}
    assert (replicas["s-healthy"], replicas["s-partial"]) == ("1/1", "2/3 (max 2 per node)")
    assert replicas["s-image-missing"] == "0/1"


def test_a_create_that_never_ends_and_is_killed_is_an_unknown_outcome_with_the_image_as_its_cause() -> None:
    recording = RECORDED["create-image-missing"]
    conclusion = recording.concluded()
    assert (conclusion.ok, conclusion.interrupted) == (False, True)
    assert recording.hints() == ["swarm.no-image"]


def test_an_update_that_was_rolled_back_ends_well_and_only_its_output_says_so() -> None:
    recording = RECORDED["update-rolls-back"]
    assert recording.concluded().ok
    assert "rollback: update rolled back due to failure" in recording.out
    rolled = RECORDED["state-rollback-inspect-pretty"].value(read="lines")["out"]
    assert " State:\t\trollback_completed" in rolled


def test_what_docker_uses_is_read_as_documents_and_nothing_is_no_document() -> None:
    used = {row["Type"]: row["Reclaimable"] for row in RECORDED["df-json"].value(read="json")["out"]}
    assert used == {
        "Images": "8.635MB (1%)",
        "Containers": "412B (100%)",
        "Local Volumes": "0B",
        "Build Cache": "0B",
    }
    assert RECORDED["stats"].value(read="json")["out"]["MemUsage"] == "1.207MiB / 23.54GiB"
    assert RECORDED["stack-ls"].value(read="lines")["out"] == ["NAME      SERVICES"]
    assert RECORDED["events-1m"].observed(read="json").reason == "the answer was empty"
