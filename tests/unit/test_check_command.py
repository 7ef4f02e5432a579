"""The command of a report that measures a check again."""

from __future__ import annotations

import pytest

from sprocket_tui import cli
from sprocket_tui.commands import checking
from sprocket_tui.exits import Exit

# What says where documents go, how long to go on, who answers for what; target and check are put behind the command,
# and the look of the first screen stands where there is none.
FIRST = {"first_theme", "first_low_bandwidth"}
ELSEWHERE = {
    "documents",
    "watch",
    "waive",
    "reason",
    "until",
    "target",
    "only",
    "checklist",
    "act",
    "keeps_run",
    *FIRST,
}
GIVEN = {
    "--profile": "staging",
    "--ssh-config": "my config",
    "--given": "given.yaml",
    "--guide": "our guide",
    "--trust-guide": "ab" * 32,
    "--skip": "services.registry",
}


def test_the_command_that_measures_a_check_again_has_every_option_that_decides_what_is_measured() -> None:
    options = cli.parser().parse_args(["check", *(word for pair in GIVEN.items() for word in pair)])
    again = checking._again(options)
    assert again[0] == "sprocket-tui"
    once_more = vars(cli.parser().parse_args(again[1:]))
    assert once_more | {"act": None} == vars(options) | {"act": None}
    # An option that comes to `check` is either of those or is given here.
    decides = {name.removeprefix("--").replace("-", "_") for name in GIVEN}
    assert set(once_more) - ELSEWHERE == decides
    assert all(once_more[name] for name in decides)


def test_without_options_it_is_the_command_alone() -> None:
    assert checking._again(cli.parser().parse_args(["check"])) == ["sprocket-tui", "check"]


def test_a_check_of_another_checklist_than_the_one_beside_it_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["check", "node", "--only", "dns.layer-1.fa", "--target", "local"]) == Exit.USAGE
    assert "dns.layer-1 is not of node" in capsys.readouterr().err
