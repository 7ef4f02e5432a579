"""Measured, judged, rolled up, reported."""

import itertools
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sprocket_tui.checks.judge import judge
from sprocket_tui.checks.observation import Observation, State
from sprocket_tui.checks.rollup import effective, verdict_of, worst
from sprocket_tui.checks.runner import Cache, run_checks
from sprocket_tui.exits import Exit
from sprocket_tui.guide.conditions import ABSENT, UNKNOWN, Condition
from sprocket_tui.guide.model import Guide
from sprocket_tui.reports.document import document
from sprocket_tui.reports.schema import schema
from sprocket_tui.reports.table import Style, table
from sprocket_tui.secret import Secret
from sprocket_tui.values import JSON
from tests.unit.checks_kit import check, fails, probe, says, verdict
from tests.unit.fakes import FakeLink

SCHEMA = Path(__file__).resolve().parents[2] / "docs" / "check-report.schema.json"
GUIDE = Guide(name="g", version="1", digest="d", origin="t", vars=(), screens=(), checklists=(), hints=())


def states(*checks, link=None, values: dict[str, JSON] | None = None, secrets: dict[str, Secret] | None = None):
    found = run_checks(list(checks), link=link or FakeLink(), values=values or {}, secrets=secrets or {})
    return {each.id: each for each in found}


def test_everything_of_the_droplet_goes_in_one_script() -> None:
    link = FakeLink()
    states(*(says(f"c{number}", "yes") for number in range(40)), link=link)
    assert len(link.scripts) == 1


def test_without_a_connection_nothing_passes_and_nothing_fails() -> None:
    found = run_checks([says("a", "yes")], link=None, values={}, secrets={}, unreachable="refused")
    assert (found[0].state, found[0].observed) == (State.UNKNOWN, "refused")


def test_a_connection_lost_on_the_way_makes_unknowns() -> None:
    assert states(says("a", "yes"), link=FakeLink(lost=True))["a"].state is State.UNKNOWN


def test_what_a_failed_check_blocks_is_skipped_and_names_it() -> None:
    found = states(fails("a"), says("b", "yes", needs=["a"]), says("c", "yes", needs=["b"]))
    assert found["b"].state is State.SKIPPED
    assert found["b"].blocked_by == "a"
    assert found["c"].blocked_by
    assert effective(found["b"]) is State.UNKNOWN


def test_a_missing_variable_is_unknown_and_named() -> None:
    found = states(check("a", probe("command", argv=["echo", "${hostname}"])))["a"]
    assert found.state is State.UNKNOWN
    assert "hostname" in found.observed


def test_a_check_that_does_not_apply_is_skipped_and_not_blocked() -> None:
    found = states(says("a", "yes", when={"eq": ["shape", "x"]}), values={"shape": "y"})["a"]
    assert (found.state, found.blocked_by) == (State.SKIPPED, "")


def test_a_list_makes_a_check_of_each_item() -> None:
    many = check("a", probe("command", argv=["echo", "${n}"]), for_each={"n": ["one", "two words"]})
    assert set(states(many)) == {"a.one", "a.two-words"}


def test_what_is_fresh_is_not_measured_again() -> None:
    link, cache = FakeLink(), Cache()
    for _ in range(2):
        run_checks([says("a", "yes")], link=link, values={}, secrets={}, cache=cache)
    assert len(link.scripts) == 1


def test_a_secret_that_a_command_prints_is_masked_in_the_verdict() -> None:
    found = states(says("a", "canary-5521"), secrets={"token": Secret("canary-5521", "token")})["a"]
    assert "canary" not in json.dumps(document("local", [found], guide=GUIDE, started=datetime.now(UTC), seconds=1))


def test_a_secret_that_was_not_given_is_unknown_and_named() -> None:
    found = states(check("a", probe("secret", var="token"), where="here"))["a"]
    assert found.state is State.UNKNOWN
    assert "token" in found.observed


def test_escape_sequences_of_a_command_never_reach_a_verdict() -> None:
    found = states(says("a", "\x1b]0;owned\x07red\x1b[2J"))["a"]
    assert "\x1b" not in str(found)


def test_the_first_rule_that_holds_decides() -> None:
    rules = [
        {"when": {"eq": ["value.n", 1]}, "state": "warn"},
        {"when": {"ge": ["value.n", 0]}, "state": "pass"},
    ]
    asked = check("a", probe("command", argv=["x"]), rules)
    assert judge(asked, Observation({"n": 1}), {}).state is State.WARN
    assert judge(asked, Observation({"n": 2}), {}).state is State.PASS
    assert judge(asked, Observation({"n": -1}, seen="-1"), {}).state is State.UNKNOWN
    assert judge(asked, Observation(reason="timed out"), {}).state is State.UNKNOWN


LOOK = {"yes": "y", "one": 1, "true": True, "none": ABSENT, "unknown": UNKNOWN}.__getitem__


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({"eq": ["yes", "y"]}, True),
        ({"eq": ["one", True]}, False),
        ({"eq": ["true", 1]}, False),
        ({"eq": ["none", "y"]}, None),
        ({"in": ["one", [2, 1]]}, True),
        ({"ge": ["one", 1]}, True),
        ({"ge": ["yes", 1]}, None),
        ({"matches": ["yes", "^y$"]}, True),
        ({"matches": ["one", "1"]}, None),
        ({"exists": "none"}, False),
        ({"exists": "unknown"}, None),
        ({"all": [{"exists": "yes"}, {"exists": "unknown"}]}, None),
        ({"all": [{"exists": "none"}, {"exists": "unknown"}]}, False),
        ({"any": [{"exists": "yes"}, {"exists": "unknown"}]}, True),
        ({"any": [{"exists": "none"}, {"exists": "unknown"}]}, None),
        ({"not": {"exists": "unknown"}}, None),
        ({"not": {"exists": "none"}}, True),
    ],
)
def test_a_condition_has_three_answers(condition: dict[str, object], holds: bool | None) -> None:
    assert Condition.model_validate(condition).holds(LOOK) is holds


STATES = st.sampled_from(list(State))
VERDICTS = st.lists(st.tuples(STATES, st.booleans()), max_size=6)


@given(st.lists(STATES, min_size=1))
def test_a_parent_is_its_worst_child(children: list[State]) -> None:
    order = list(State)
    assert order.index(worst(children)) == min(map(order.index, children))


@given(VERDICTS)
def test_the_order_of_verdicts_changes_nothing(rows: list[tuple[State, bool]]) -> None:
    made = [verdict(f"c{n}", state, blocking=blocking) for n, (state, blocking) in enumerate(rows)]
    codes = {verdict_of(each)[1] for each in itertools.islice(itertools.permutations(made), 24)}
    assert len(codes) == 1


@given(VERDICTS)
def test_a_failed_blocking_check_is_a_no_go_whatever_else_there_is(rows: list[tuple[State, bool]]) -> None:
    made = [verdict(f"c{n}", state, blocking=blocking) for n, (state, blocking) in enumerate(rows)]
    assert verdict_of([*made, verdict("x", State.FAIL)])[1] is Exit.FAILED


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([], Exit.GO),
        ([(State.PASS, True), (State.SKIPPED, True)], Exit.GO),
        ([(State.WARN, True)], Exit.WARNINGS),
        ([(State.FAIL, False)], Exit.WARNINGS),
        ([(State.UNKNOWN, False)], Exit.WARNINGS),
        ([(State.UNKNOWN, True), (State.WARN, True)], Exit.UNKNOWN),
        ([(State.FAIL, True), (State.UNKNOWN, True)], Exit.FAILED),
    ],
)
def test_the_exit_code_of_a_check_run(rows: list[tuple[State, bool]], code: Exit) -> None:
    made = [verdict(f"c{n}", state, blocking=blocking) for n, (state, blocking) in enumerate(rows)]
    assert verdict_of(made)[1] is code


def test_a_waived_failure_is_go_with_waivers() -> None:
    assert verdict_of([verdict("a", State.FAIL)], waived={"a"})[1] is Exit.WAIVED


def test_the_published_schema_is_the_program_s() -> None:
    assert json.loads(SCHEMA.read_text()) == schema()


def test_the_document_has_what_the_schema_promises() -> None:
    found = document("local", [verdict("a", State.FAIL)], guide=GUIDE, started=datetime.now(UTC), seconds=1.5)
    assert (found["schema"], found["verdict"], found["exit"]) == ("sprocket-tui/check-report/1", "no-go", 3)
    (row,) = found["checks"]
    assert set(schema()["$defs"]["CheckRow"]["required"]) == set(row)
    assert row["remedy"]["command"] == "systemctl stop 'a b'"


@pytest.mark.parametrize("unicode", [True, False])
def test_the_table_fits_eighty_columns_and_opens_what_failed(unicode: bool) -> None:
    shown = table([verdict("a", State.FAIL), verdict("b", State.PASS)], Style(80, color=False, unicode=unicode))
    assert all(len(line) <= 80 for line in shown.splitlines())
    assert unicode or shown.isascii()
    for word in ("observed", "expected", "why", "do", "re-check"):
        assert word in shown
    assert "\x1b" not in shown
