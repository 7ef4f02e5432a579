"""The report for a ticket."""

from __future__ import annotations

import re
import shlex
from datetime import date

import pytest

from sprocket_tui.checks.observation import Observation, Remedy, State
from sprocket_tui.reports.markdown import markdown
from sprocket_tui.reports.schema import WaiverRow
from tests.unit.checks_kit import verdict
from tests.unit.reports_kit import ONE_OF_EACH, STARTED, hostile, made


def test_the_verdict_comes_first_and_ends_in_its_weakest_evidence() -> None:
    lines = markdown([made(ONE_OF_EACH)]).splitlines()
    assert lines[0] == "## `ssh://root@droplet:22`: No-go"
    assert lines[2] == (
        "5 checks: 1 pass, 1 warn, 1 fail, 1 unknown, 1 skipped. "
        "Its weakest evidence: Title of ports.http (fail): what was seen. Never measured."
    )


def test_a_table_holds_every_check_and_until_when_it_counts() -> None:
    report = made(ONE_OF_EACH)
    first = report.checks[0].model_copy(update={"valid_until": STARTED})
    text = markdown([report.model_copy(update={"checks": (first, *report.checks[1:])})])
    assert "| State | Check | Observed | Valid until |\n| --- | --- | --- | --- |\n" in text
    assert "| ✓ pass | Title of node.cpus | what was seen | 2026-11-24 00:00:00 UTC |\n" in text
    assert "| - skipped | Title of swarm.vault | blocked by swarm.active |  |\n" in text


def test_what_needs_attention_is_opened_below() -> None:
    text = markdown([made(ONE_OF_EACH)])
    assert re.findall(r"^### (.*)$", text, re.MULTILINE) == [
        "! warn: Title of node.swap",
        "✗ fail: Title of ports.http",
        "? unknown: Title of swarm.active",
    ]
    assert (
        "- Run on the droplet: `systemctl stop 'a b'`\n- Check again: `sprocket-tui check --only ports.http`\n" in text
    )


def test_what_was_printed_is_folded() -> None:
    seen = Observation(value=1, evidence="one\n\n```\n</pre> & two")
    text = markdown([made([verdict("a.b", State.FAIL, observation=seen)])])
    assert (
        "<details><summary>What was printed (4 lines)</summary>\n\n<pre>one\n\n```\n&lt;/pre&gt; &amp; two</pre>\n"
        in text
    )


def test_a_waiver_is_said() -> None:
    waiver = WaiverRow(reason="moves on Friday", until=date(2026, 12, 1))
    text = markdown([made(ONE_OF_EACH, waived={"ports.http": waiver})])
    assert "| ✗ fail (waived) | Title of ports.http |" in text
    assert "- Waived: until 2026-12-01: moves on Friday" in text


def test_several_targets_are_columns_of_one_table() -> None:
    text = markdown([made(ONE_OF_EACH[:3], "ssh://a"), made(ONE_OF_EACH[:1], "ssh://b")])
    assert "| Check | ssh:<!-- -->//a | ssh:<!-- -->//b |\n" in text
    assert "| Title of node.cpus | ✓ pass | ✓ pass |\n| Title of node.swap | ! warn |  |\n" in text
    assert re.findall(r"^### (.*)$", text, re.MULTILINE) == ["`ssh://a`"]


def test_what_differs_between_targets_is_told_in_its_column() -> None:
    seen = [[verdict("a.a", State.PASS, observed=text)] for text in ("2 CPUs", "4 CPUs")]
    text = markdown([made(each, f"ssh://{number}") for number, each in enumerate(seen)])
    assert "| Title of a.a | ✓ pass: 2 CPUs | ✓ pass: 4 CPUs |" in text


def test_no_text_is_markup() -> None:
    text = markdown([hostile()])
    cell = next(line for line in text.splitlines() if line.startswith("| ✗"))
    assert len(re.findall(r"(?<!\\)\|", cell)) == 5
    outside = re.sub(r"(`+).*?\1|<pre>.*?</pre>|<!-- -->|</?(details|summary)>", "", text, flags=re.DOTALL)
    assert not re.search(r"<[^ ]", outside)
    assert not re.search(r"(?<!\\)[*\[]", outside.replace("## ", ""))


@pytest.mark.parametrize("reference", ["@root", "#1", "http://evil.test", "www.evil.test"])
def test_no_text_calls_somebody_or_links(reference: str) -> None:
    told = markdown([made([verdict("a.b", State.PASS, observed=f"see {reference}")])])
    assert "<!-- -->" in told
    assert reference not in told.replace("\\", "")


@pytest.mark.parametrize("argument", ["two  spaces", "a\ttab", "one\n\n  two\nthree", "``` a fence\n```"])
def test_a_command_is_copied_exactly_whatever_space_it_has(argument: str) -> None:
    argv = ("printf", argument)
    text = markdown([made([verdict("a.b", State.FAIL, remedy=Remedy("Do it.", argv, where="here"))])])
    block = re.search(r"^- Run here:\n\n  (`{3,})sh\n(.*?)\n  \1$", text, re.MULTILINE | re.DOTALL)
    assert block
    # What a list's item is indented by is not its text.
    copied = "\n".join(line.removeprefix("  ") for line in block[2].split("\n"))
    assert shlex.split(copied) == list(argv)


def test_a_command_with_backticks_is_one_code_span() -> None:
    text = markdown([hostile("a `b` ``c``")])
    assert "- Run on the droplet: ```echo 'a `b` ``c``'```" in text
