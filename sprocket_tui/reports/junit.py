"""Reports as JUnit XML, in what Jenkins and GitLab both read of it.

GitLab shows classname and name, passes over suites, properties and the `message` attribute, and of two cases of one
name and class keeps the first; so everything is in an element's text, and the class names the checklist.
Facts: https://docs.gitlab.com/ci/testing/unit_test_reports and the xunit plugin's junit-10.xsd.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from sprocket_tui.checks.observation import State
from sprocket_tui.reports import states
from sprocket_tui.reports.schema import CheckRow, Report
from sprocket_tui.terminal import clean, one_line

# What an XML 1.0 document cannot hold, escaped or not: https://www.w3.org/TR/xml/#charsets
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ELEMENTS = {State.FAIL: "failure", State.UNKNOWN: "error", State.SKIPPED: "skipped"}


def junit(reports: Sequence[Report]) -> str:
    """A suite for each checklist of each target. Unknown is an error; a warning, and what is waived, pass."""
    root = Element("testsuites", name="sprocket-tui check")
    for report in reports:
        for checklist, rows in groupby(report.checks, key=lambda row: row.checklist):
            _suite(root, report, checklist or "checks", list(rows), several=len(reports) > 1)
    cases = root.findall("testsuite/testcase")
    _count(root, cases)
    indent(root)
    return tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(root: Element, report: Report, checklist: str, rows: Sequence[CheckRow], *, several: bool) -> None:
    # A dot would make a package of it, and the address of a target has many.
    target = re.sub(r"[^\w-]+", "_", report.target)
    suite = SubElement(root, "testsuite", name=_text(f"{checklist} ({report.target})" if several else checklist))
    suite.set("timestamp", f"{report.started:%Y-%m-%dT%H:%M:%S}")
    properties = SubElement(suite, "properties")
    for name, value in _facts(report):
        SubElement(properties, "property", name=name, value=_text(value))
    for row in rows:
        classname = f"{target}.{checklist}" if several else checklist
        _case(SubElement(suite, "testcase", classname=_text(classname), time=f"{row.seconds:.3f}"), row)
    _count(suite, suite.findall("testcase"))


def _facts(report: Report) -> Iterator[tuple[str, str]]:
    yield "target", report.target
    yield "verdict", report.verdict
    yield "guide", f"{report.guide.name} {report.guide.version} {report.guide.digest}"
    if report.practice:
        yield "practice", "true"
    if not report.complete:
        yield "complete", "false"
    if report.left_out:
        yield "left_out", " ".join(report.left_out)


def _case(case: Element, row: CheckRow) -> None:
    case.set("name", _text(f"{row.id}: {one_line(row.title)}"))
    found = states.state(row)
    told = _text("\n".join(f"{label}: {text}" for label, text in _told(row) if text))
    if found in _ELEMENTS and not row.waiver:
        outcome = SubElement(case, _ELEMENTS[found], message=_text(one_line(row.observed)))
        if found is not State.SKIPPED:
            outcome.set("type", "fail" if found is State.FAIL else "unknown")
        outcome.text = told
    elif found is not State.PASS:
        SubElement(case, "system-out").text = told


def _told(row: CheckRow) -> Iterator[tuple[str, str]]:
    yield "state", row.state + ("" if row.blocking else ", does not block")
    yield "waived", states.waived(row)
    yield "observed", one_line(row.observed)
    yield "expected", one_line(row.expected)
    yield "why", one_line(row.why)
    if row.remedy:
        yield "do", one_line(row.remedy.text)
        yield f"run ({states.where(row)})", row.remedy.command
    yield "measured", states.measured(row) if row.measured_at else ""
    yield "re-check", row.recheck


def _count(element: Element, cases: Sequence[Element]) -> None:
    element.set("tests", str(len(cases)))
    for plural, name in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(plural, str(sum(case.find(name) is not None for case in cases)))
    element.set("time", f"{max((float(case.get('time', '0')) for case in cases), default=0.0):.3f}")


def _text(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", clean(text))
