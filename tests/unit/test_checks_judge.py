"""From what was seen to a verdict."""

from __future__ import annotations

from typing import Any

import pytest

from sprocket_tui.checks.judge import judge, skipped
from sprocket_tui.checks.observation import Observation, State, Verdict
from sprocket_tui.values import JSON
from tests.unit.checks_kit import check, probe

CPUS = probe("node", fact="cpus")


def judged(
    outcomes: list[dict[str, Any]], value: JSON, values: dict[str, JSON] | None = None, **fields: Any
) -> Verdict:
    return judge(check("node.cpus", CPUS, outcomes, **fields), Observation(value=value, seen="seen"), values or {})


def rule(state: str, **when: Any) -> dict[str, Any]:
    return {"when": when, "state": state}


def test_the_first_outcome_whose_rule_holds_decides() -> None:
    outcomes = [rule("pass", ge=["value.count", 4]), rule("warn", ge=["value.count", 2]), rule("fail", exists="value")]
    assert [judged(outcomes, {"count": count}).state for count in (8, 2, 1)] == [State.PASS, State.WARN, State.FAIL]


def test_a_rule_may_say_in_words_what_was_seen() -> None:
    said = "${value.count}, enough on ${address} (${seen})"
    outcomes = [{**rule("pass", ge=["value.count", 4]), "observed": said}, rule("fail", exists="value")]
    assert judged(outcomes, {"count": 4}, {"address": "203.0.113.9"}).observed == "4, enough on 203.0.113.9 (seen)"
    assert judged(outcomes, {"count": 1}).observed == "seen"


def test_what_was_not_measured_is_unknown_with_its_reason_never_a_failure() -> None:
    verdict = judge(check("node.cpus", CPUS, [rule("fail", exists="value")]), Observation(reason="no answer"), {})
    assert (verdict.state, verdict.observed) == (State.UNKNOWN, "no answer")
    assert verdict.remedy


def test_an_observation_that_no_rule_fits_is_unknown() -> None:
    verdict = judged([rule("pass", eq=["value.count", 4])], {"count": 3})
    assert (verdict.state, verdict.observed) == (State.UNKNOWN, "no rule fits: seen")


def test_a_rule_that_cannot_tell_leaves_the_decision_to_the_next_one() -> None:
    outcomes = [rule("pass", eq=["value.other", 1]), rule("fail", exists="value.count")]
    assert judged(outcomes, {"count": 3}).state is State.FAIL


def test_the_reference_that_nothing_is_known_of_is_named_when_no_rule_fits() -> None:
    verdict = judged([rule("pass", eq=["value.other", 1])], {"count": 3})
    assert verdict.observed == "no rule fits: seen (nothing is known of value.other)"


def test_what_a_probe_could_not_tell_is_neither_yes_nor_no() -> None:
    outcomes = [rule("pass", eq=["value.synchronised", True]), rule("fail", eq=["value.synchronised", False])]
    assert judged(outcomes, {"synchronised": None}).state is State.UNKNOWN


def test_yes_is_not_one() -> None:
    assert judged([rule("pass", eq=["value", 1])], True).state is State.UNKNOWN


def test_an_operand_may_be_a_variable() -> None:
    outcomes = [rule("pass", eq=["value", "${address}"]), rule("fail", exists="value")]
    assert judged(outcomes, "192.0.2.1", {"address": "192.0.2.1"}).state is State.PASS
    assert judged(outcomes, "192.0.2.1", {"address": "192.0.2.9"}).state is State.FAIL


def test_texts_hold_variables_and_what_was_seen() -> None:
    verdict = judged(
        [{**rule("fail", exists="value"), "why": "${value.count} are too few for ${site}"}],
        {"count": 1},
        {"site": "main"},
        expected="enough for ${site}",
        remedy={"text": "resize ${site}", "command": ["resize", "${value.count}"]},
    )
    assert (verdict.why, verdict.expected) == ("1 are too few for main", "enough for main")
    assert verdict.remedy
    assert (verdict.remedy.text, verdict.remedy.command) == ("resize main", ("resize", "1"))


def test_a_text_names_a_variable_without_a_value_in_capitals() -> None:
    verdict = judged([rule("fail", exists="value")], 1, {"site": "main"}, expected="${nobody} and ${site}")
    assert verdict.expected == "NOBODY and main"


def test_an_outcomes_own_remedy_comes_before_the_checks() -> None:
    verdict = judged([{**rule("fail", exists="value"), "remedy": {"text": "do this"}}], 1)
    assert verdict.remedy
    assert verdict.remedy.text == "do this"


@pytest.mark.parametrize("reads", [True, False])
def test_a_remedy_says_whether_it_only_reads(reads: bool) -> None:
    verdict = judged([rule("fail", exists="value")], 1, remedy={"text": "a", "command": ["ls"], "reads": reads})
    assert verdict.remedy
    assert (verdict.remedy.runs, verdict.remedy.reads) == (True, reads)


def test_what_passed_needs_no_remedy() -> None:
    assert judged([rule("pass", exists="value")], 1).remedy is None


def test_remote_text_is_never_read_as_a_template() -> None:
    outcomes = [{**rule("fail", exists="value"), "why": "it said ${value}"}]
    assert judged(outcomes, "${site}", {"site": "main"}).why == "it said ${site}"


def test_a_blocked_check_names_what_blocks_it() -> None:
    verdict = skipped(check("a.b", CPUS), {}, because="blocked by a.a", blocked_by="a.a")
    assert (verdict.state, verdict.blocked_by, verdict.remedy) == (State.SKIPPED, "a.a", None)


def test_a_password_in_an_address_is_in_no_text_of_a_verdict_and_its_command_is_no_command_to_paste() -> None:
    values: dict[str, JSON] = {"backend": "https://bob:canary@s3.test/?access_token=canary&region=fra1"}
    text = "at ${backend}"
    verdict = judged(
        [{**rule("fail", exists="value"), "observed": text, "why": text}],
        {"count": 1},
        values,
        title=text,
        expected=text,
        remedy={"text": text, "command": ["login", "${backend}"], "changes": text, "undo": text},
    )
    assert "canary" not in repr(verdict)
    assert verdict.expected == "at https://bob:[secret]@s3.test/?access_token=[secret]&region=fra1"
    assert verdict.remedy
    assert not verdict.remedy.whole
