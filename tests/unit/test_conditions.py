"""The closed language of conditions: three answers, references, and operands that are variables."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sprocket_tui.guide.conditions import ABSENT, UNKNOWN, Condition, Missing, reach
from sprocket_tui.values import JSON

VALUES: dict[str, JSON | Missing] = {"yes": True, "no": None, "unknown": UNKNOWN, "absent": ABSENT}
LEAVES = st.sampled_from([{"exists": name} for name in VALUES])
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: (
        st.fixed_dictionaries({"not": inner})
        | st.fixed_dictionaries({"all": st.lists(inner, max_size=3)})
        | st.fixed_dictionaries({"any": st.lists(inner, max_size=3)})
    ),
    max_leaves=8,
)


def holds(condition: dict[str, Any], values: dict[str, JSON | Missing] | None = None) -> bool | None:
    known = VALUES if values is None else values
    return Condition.model_validate(condition).holds(lambda reference: known.get(reference, ABSENT))


@given(CONDITIONS)
def test_twice_not_changes_nothing(condition: dict[str, Any]) -> None:
    assert holds({"not": {"not": condition}}) is holds(condition)


@given(CONDITIONS, CONDITIONS)
def test_not_any_is_all_not(left: dict[str, Any], right: dict[str, Any]) -> None:
    assert holds({"not": {"any": [left, right]}}) is holds({"all": [{"not": left}, {"not": right}]})


@given(CONDITIONS)
def test_an_answer_stays_when_what_was_unknown_becomes_known(condition: dict[str, Any]) -> None:
    before = holds(condition)
    for known in (True, None):
        assert before is None or holds(condition, {**VALUES, "unknown": known}) is before


@given(CONDITIONS)
def test_every_reference_is_named(condition: dict[str, Any]) -> None:
    asked = set[str]()

    def look(reference: str) -> JSON | Missing:
        asked.add(reference)
        return VALUES[reference]

    parsed = Condition.model_validate(condition)
    parsed.holds(look)
    assert asked <= parsed.references()


@pytest.mark.parametrize(
    ("condition", "answer"),
    [
        ({"eq": ["seen", "${address}"]}, True),
        ({"eq": ["other", "${address}"]}, False),
        ({"eq": ["seen", "${nothing}"]}, None),
        ({"in": ["seen", ["x", "${address}"]]}, True),
        ({"in": ["other", ["x", "${nothing}"]]}, None),
        ({"eq": ["seen", "the ${address}"]}, False),
    ],
)
def test_an_operand_may_be_a_variable_as_a_whole(condition: dict[str, Any], answer: bool | None) -> None:
    values: dict[str, JSON | Missing] = {"seen": "192.0.2.1", "other": "192.0.2.2", "address": "192.0.2.1"}
    assert holds(condition, values) is answer


def test_a_variable_in_an_operand_is_a_reference_too() -> None:
    condition = Condition.model_validate({"all": [{"eq": ["a", "${b}"]}, {"in": ["c", ["${d}", "e"]]}]})
    assert condition.references() == {"a", "b", "c", "d"}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("value.addresses.1", "b"),
        ("value.addresses.2", ABSENT),
        ("value.addresses.x", ABSENT),
        ("value.count.more", ABSENT),
        ("value.nothing", None),
        ("value", {"addresses": ["a", "b"], "count": 2, "nothing": None}),
        ("other", ABSENT),
    ],
)
def test_a_path_enters_objects_by_name_and_lists_by_number(path: str, found: JSON | Missing) -> None:
    root: JSON = {"value": {"addresses": ["a", "b"], "count": 2, "nothing": None}}
    assert reach(root, path) == found


@pytest.mark.parametrize("condition", [{}, {"eq": ["a", 1], "ge": ["a", 1]}, {"all": {"exists": "a"}}, {"is": "a"}])
def test_a_condition_is_exactly_one_predicate(condition: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Condition.model_validate(condition)


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
