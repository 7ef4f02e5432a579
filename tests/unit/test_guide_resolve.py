"""Values meet the guide: templates, lists, and what an element means once values are known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from sprocket_tui.guide.conditions import ABSENT, Condition
from sprocket_tui.guide.model import Id, Var
from sprocket_tui.guide.resolve import applies, expand_for_each, measured, slug
from sprocket_tui.guide.templates import MissingVar, expand, expand_argv, names_in
from sprocket_tui.values import JSON
from tests.unit.checks_kit import check, probe

ASKED = probe("command", argv=["echo", "${name}"])


@given(st.text())
def test_a_value_is_put_in_as_it_is_and_never_read_again(value: str) -> None:
    assert expand("<${name}>", {"name": value, "value": "never"}) == f"<{value}>"
    assert expand_argv(("a", "${name}", "b"), {"name": value}) == ("a", value, "b")


@given(st.text())
def test_a_text_whose_dollars_are_doubled_is_that_text(text: str) -> None:
    assert expand(text.replace("$", "$$"), {}) == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("$HOME $1 $(id)", "$HOME $1 $(id)"),
        ("$${x} $$1", "${x} $1"),
        ("${list}", "a,b"),
        ("${yes} ${number} ${half}", "true 3 0.5"),
        ("${value.rows.0.name}", "first"),
        ("${empty}|", "|"),
    ],
)
def test_how_values_are_written(text: str, said: str) -> None:
    values: dict[str, JSON] = {
        "list": ["a", "b"],
        "yes": True,
        "number": 3,
        "half": 0.5,
        "empty": "",
        "value": {"rows": [{"name": "first"}]},
    }
    assert expand(text, values) == said


@pytest.mark.parametrize("name", ["gone", "none", "value.gone", "value.rows.4", "", "NOT VALID"])
def test_a_name_without_a_value_is_missing_by_its_whole_name(name: str) -> None:
    with pytest.raises(MissingVar) as missing:
        expand(f"a ${{{name}}}", {"none": None, "value": {"rows": []}})
    assert missing.value.name == name


def test_names_are_told_in_order_and_doubled_dollars_are_none() -> None:
    assert names_in("${b} $${c} ${a.x} $d") == ("b", "a.x")


def test_an_element_without_a_list_is_itself() -> None:
    (only,) = expand_for_each(check("a.b", ASKED), {"name": "x"})
    assert (only.element.id, only.base, only.missing) == ("a.b", "a.b", "")


def test_a_list_gives_each_item_its_id_and_its_value() -> None:
    listed = check("dns.name", ASKED, for_each={"name": "names"})
    found = expand_for_each(listed, {"names": ["api", "management.rabbitMq"], "other": 1})
    assert [each.element.id for each in found] == ["dns.name.api", "dns.name.management-rabbitmq"]
    assert {each.base for each in found} == {"dns.name"}
    assert [each.values["name"] for each in found] == ["api", "management.rabbitMq"]
    assert all(each.values["other"] == 1 and not each.element.for_each for each in found)


def test_a_list_may_stand_in_the_guide_itself() -> None:
    found = expand_for_each(check("dns.name", ASKED, for_each={"name": ["a", "b"]}), {})
    assert [each.element.id for each in found] == ["dns.name.a", "dns.name.b"]


def test_an_empty_list_makes_nothing() -> None:
    assert expand_for_each(check("dns.name", ASKED, for_each={"name": "names"}), {"names": []}) == ()


def test_a_list_without_a_value_is_one_element_that_names_it() -> None:
    (only,) = expand_for_each(check("dns.name", ASKED, for_each={"name": "names"}), {})
    assert (only.element.id, only.missing) == ("dns.name", "names")


@given(st.text())
def test_a_slug_always_makes_a_valid_id(item: str) -> None:
    assert TypeAdapter[str](Id).validate_python(f"a.{slug(item)}")


def test_items_that_read_alike_keep_ids_of_their_own() -> None:
    found = expand_for_each(check("a", ASKED, for_each={"name": ["x.y", "x-y", "z"]}), {})
    assert [each.element.id for each in found] == ["a.x-y", "a.x-y-2", "a.z"]


def test_what_has_no_condition_applies() -> None:
    assert applies(None, lambda _: ABSENT) is True
    unknown = Condition.model_validate({"eq": ["shape", "vault"]})
    assert applies(unknown, lambda _: ABSENT) is None
    assert applies(unknown, lambda _: "vault") is True


def test_a_measured_variable_is_the_stripped_text_its_reference_leads_to() -> None:
    var = Var(name="shape", title="Shape", measured_by="a.b", measured="value.out")
    assert measured(var, {"out": " vault\n"}, "seen") == "vault"
    assert measured(var, {"status": 0}, "seen") is None
