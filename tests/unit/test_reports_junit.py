"""The JUnit report, as Jenkins and GitLab read it."""

from __future__ import annotations

from datetime import date
from xml.etree.ElementTree import Element, fromstring

from sprocket_tui.checks.observation import State
from sprocket_tui.reports.junit import junit
from sprocket_tui.reports.schema import Report, WaiverRow
from tests.unit.checks_kit import verdict
from tests.unit.reports_kit import HOSTILE, ONE_OF_EACH, hostile, made


def cases(*reports: Report) -> dict[str, Element]:
    return {case.get("name", "").partition(":")[0]: case for case in fromstring(junit(reports)).iter("testcase")}


def outcome(case: Element) -> str:
    return " ".join(child.tag for child in case)


def test_each_state_is_the_outcome_that_a_reader_of_junit_knows() -> None:
    assert {id_: outcome(case) for id_, case in cases(made(ONE_OF_EACH)).items()} == {
        "node.cpus": "",
        "node.swap": "system-out",
        "ports.http": "failure",
        "swarm.active": "error",
        "swarm.vault": "skipped",
    }


def test_a_failure_says_observed_expected_why_what_to_do_and_how_to_check_again() -> None:
    failure = cases(made(ONE_OF_EACH))["ports.http"].find("failure")
    assert failure is not None
    assert failure.get("message") == "what was seen"
    assert (failure.text or "").splitlines() == [
        "state: fail",
        "observed: what was seen",
        "expected: what should be",
        "why: it matters",
        "do: mend it",
        "run (on the droplet): systemctl stop 'a b'",
        "re-check: sprocket-tui check --only ports.http",
    ]


def test_what_is_waived_passes_and_says_so() -> None:
    waiver = WaiverRow(reason="moves on Friday", until=date(2026, 12, 1))
    case = cases(made(ONE_OF_EACH, waived={"ports.http": waiver}))["ports.http"]
    assert outcome(case) == "system-out"
    assert "waived: until 2026-12-01: moves on Friday" in (case[0].text or "")


def test_every_suite_and_the_whole_count_what_they_hold() -> None:
    root = fromstring(junit([made(ONE_OF_EACH)]))
    (suite,) = root.findall("testsuite")
    for element in (root, suite):
        assert {name: element.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
            "tests": "5",
            "failures": "1",
            "errors": "1",
            "skipped": "1",
        }
    assert suite.get("timestamp") == "2026-11-24T00:00:00"
    assert {each.get("name"): each.get("value") for each in suite.iter("property")}["verdict"] == "no-go"


def test_a_suite_is_a_checklist() -> None:
    report = made([verdict("a.a", State.PASS), verdict("b.b", State.PASS), verdict("b.c", State.FAIL)])
    rows = [row.model_copy(update={"checklist": row.id[0]}) for row in report.checks]
    root = fromstring(junit([report.model_copy(update={"checks": tuple(rows)})]))
    assert {suite.get("name"): suite.get("tests") for suite in root.findall("testsuite")} == {"a": "1", "b": "2"}
    assert {case.get("classname") for case in root.iter("testcase")} == {"a", "b"}


def test_no_two_cases_of_several_targets_have_the_same_class_and_name() -> None:
    root = fromstring(junit([made(ONE_OF_EACH, "ssh://root@10.0.0.1"), made(ONE_OF_EACH, "ssh://root@10.0.0.2")]))
    assert len({(case.get("classname"), case.get("name")) for case in root.iter("testcase")}) == 10


def test_hostile_texts_stay_text() -> None:
    failure = fromstring(junit([hostile()])).find(".//failure")
    assert failure is not None
    assert f"observed: {HOSTILE}" in (failure.text or "")


def test_what_xml_forbids_is_not_in_it() -> None:
    text = junit([hostile("a\x00b\x0bc\ud800d\ufffee\x1b[31mf")])
    failure = fromstring(text.encode("utf-8")).find(".//failure")
    assert failure is not None
    assert "observed: abc\ufffdd\ufffdef" in (failure.text or "")
