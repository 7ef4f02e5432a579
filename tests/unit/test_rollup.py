"""The verdict of the whole, for every mix of verdicts."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sprocket_tui.checks.observation import State, Verdict
from sprocket_tui.checks.rollup import WORDS, effective, verdict_of, worst
from sprocket_tui.exits import Exit
from tests.unit.checks_kit import verdict

STATES = st.sampled_from(State)
ORDER = [State.FAIL, State.UNKNOWN, State.WARN, State.PASS, State.SKIPPED]


@st.composite
def verdicts(draw: st.DrawFn) -> list[Verdict]:
    kinds = draw(st.lists(st.tuples(STATES, st.booleans(), st.booleans()), max_size=8))
    return [
        verdict(f"a.c{number}", state, blocking=blocking, blocked_by="a.root" * (blocked and state is State.SKIPPED))
        for number, (state, blocking, blocked) in enumerate(kinds)
    ]


def code(*found: Verdict, waived: tuple[str, ...] = ()) -> Exit:
    return verdict_of(found, waived)[1]


@given(st.lists(STATES))
def test_a_parent_is_its_worst_child(states: list[State]) -> None:
    assert worst(states) == next((state for state in ORDER if state in states), State.SKIPPED)


@given(st.lists(STATES), st.lists(STATES))
def test_a_parent_of_parents_is_the_worst_of_all(left: list[State], right: list[State]) -> None:
    assert worst([*left, *right]) == worst([worst(left), worst(right)])


@given(verdicts())
def test_the_word_and_the_code_belong_together(found: list[Verdict]) -> None:
    word, exit_code = verdict_of(found)
    assert WORDS[exit_code] == word


@given(verdicts())
def test_the_first_of_the_documented_codes_that_holds_is_given(found: list[Verdict]) -> None:
    blocking = {effective(each) for each in found if each.blocking}
    everything = {effective(each) for each in found}
    if State.FAIL in blocking:
        expected = Exit.FAILED
    elif State.UNKNOWN in blocking:
        expected = Exit.UNKNOWN
    else:
        expected = Exit.WARNINGS if everything & {State.FAIL, State.UNKNOWN, State.WARN} else Exit.GO
    assert code(*found) == expected


@given(verdicts(), st.randoms())
def test_the_order_of_the_checks_does_not_matter(found: list[Verdict], random: object) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert verdict_of(shuffled) == verdict_of(found)


@given(verdicts())
def test_go_means_that_nothing_is_wrong_or_unknown(found: list[Verdict]) -> None:
    if code(*found) == Exit.GO:
        assert {effective(each) for each in found} <= {State.PASS, State.SKIPPED}


@given(verdicts())
def test_waiving_everything_never_ends_in_a_failure(found: list[Verdict]) -> None:
    waived = tuple(each.id for each in found)
    assert code(*found, waived=waived) in {Exit.GO, Exit.WAIVED}


@given(verdicts())
def test_waiving_what_passed_changes_nothing(found: list[Verdict]) -> None:
    passed = tuple(each.id for each in found if effective(each) in {State.PASS, State.SKIPPED})
    assert verdict_of(found, passed) == verdict_of(found)


@given(verdicts())
def test_a_check_that_does_not_block_never_gives_a_blocking_code(found: list[Verdict]) -> None:
    harmless = [dataclasses.replace(each, blocking=False) for each in found]
    assert code(*harmless) in {Exit.GO, Exit.WARNINGS}


def test_what_is_blocked_counts_as_unknown() -> None:
    blocked = verdict("a.b", State.SKIPPED, blocked_by="a.a")
    assert code(blocked) == Exit.UNKNOWN
    assert (
        code(verdict("a.a", State.FAIL, blocking=False), dataclasses.replace(blocked, blocking=False)) == Exit.WARNINGS
    )


def test_what_does_not_apply_changes_nothing() -> None:
    assert code(verdict("a.a", State.PASS), verdict("a.b", State.SKIPPED)) == Exit.GO


def test_a_waiver_shows_in_the_code_and_hides_no_other_failure() -> None:
    bad, worse = verdict("a.a", State.FAIL), verdict("a.b", State.FAIL)
    assert verdict_of([bad], ["a.a"]) == ("go with waivers", Exit.WAIVED)
    assert code(bad, worse, waived=("a.a",)) == Exit.FAILED


@pytest.mark.parametrize("state", [State.FAIL, State.UNKNOWN, State.WARN])
def test_a_waiver_hides_no_warning_beside_it(state: State) -> None:
    waived, other = verdict("a.a", State.WARN, blocking=False), verdict("a.b", state, blocking=False)
    assert code(waived, other, waived=("a.a",)) is Exit.WARNINGS
    assert code(waived, dataclasses.replace(other, blocking=True), waived=("a.a",)) is code(
        dataclasses.replace(other, blocking=True)
    )


@given(verdicts(), st.integers(0, 8))
def test_it_is_a_go_with_waivers_only_where_everything_else_is_a_go(found: list[Verdict], number: int) -> None:
    waived, left = {each.id for each in found[:number]}, found[number:]
    mixed = code(*found, waived=tuple(waived))
    assert mixed == code(*left) or (mixed is Exit.WAIVED and code(*left) is Exit.GO)


@pytest.mark.parametrize(
    ("rows", "expected"),
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
def test_the_exit_code_of_a_check_run(rows: list[tuple[State, bool]], expected: Exit) -> None:
    made = [verdict(f"c{n}", state, blocking=blocking) for n, (state, blocking) in enumerate(rows)]
    assert code(*made) is expected
