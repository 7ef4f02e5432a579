"""`guide lint`, `steps`, and which guide the options mean."""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sprocket_tui import settings
from sprocket_tui.errors import NeedsAnswer, SprocketError
from sprocket_tui.exits import Exit
from sprocket_tui.guide.loader import load_guide
from sprocket_tui.guide.model import Guide
from sprocket_tui.uncollected import loading

if TYPE_CHECKING:
    from sprocket_tui.engine.steps import Line


def chosen(options: argparse.Namespace, *, runs_commands: bool) -> Guide:
    """The guide the options name. A foreign one that runs commands must be trusted first, by its digest."""
    directory = Path(options.guide).expanduser() if options.guide else None
    if directory is not None and not directory.is_dir():
        raise SprocketError(f"{directory}: there is no such guide directory", remedy="give --guide a directory")
    with loading("guide"):
        guide = load_guide(directory)
    if directory is not None and runs_commands:
        _sound(guide)
        trusted(guide, str(directory), options.trust_guide or "")
    return guide


def _sound(guide: Guide) -> None:
    """Raises SprocketError for a guide that lint refuses: what it would run is not what it says."""
    from sprocket_tui.lint import lint  # noqa: PLC0415 only for guides that are not ours

    errors = [str(finding) for finding in lint(guide) if finding.severity == "error"]
    if errors:
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        raise SprocketError(f"{errors[0]}{more}", remedy="`sprocket-tui guide lint` lists them; nothing was run")


def trusted(guide: Guide, where: str, given: str) -> None:
    """Asks, once, whether the commands of a guide that is not ours may be run; `given` is a sha256 said before."""
    from sprocket_tui.lint import mutating_steps  # noqa: PLC0415

    if given == guide.digest or guide.digest == load_guide().digest:
        return
    if given:
        raise SprocketError(f"{where}: its sha256 is {guide.digest}, not {given}", remedy="look at what changed")
    changing = f"{mutating_steps(guide)} of its steps change something"
    said = f"{where} is not the bundled guide; sha256 {guide.digest}; {changing}"
    if not sys.stdin.isatty():
        raise NeedsAnswer("trust-guide", said, remedy=f"read it, then run with --trust-guide {guide.digest}")
    sys.stderr.write(f"{said}\nRun its commands? Type yes: ")
    sys.stderr.flush()
    if sys.stdin.readline().strip() != "yes":
        raise NeedsAnswer("trust-guide", "the guide was not trusted; nothing was run")


def lint(options: argparse.Namespace) -> int:
    """`guide lint`: every finding, then what the guide covers; exit 2 when something is wrong."""
    from sprocket_tui import lint as linter  # noqa: PLC0415

    guide = chosen(options, runs_commands=False)
    findings = linter.lint(guide)
    sys.stdout.write(linter.report(guide))
    return Exit.USAGE if any(finding.severity == "error" for finding in findings) else Exit.GO


def steps(options: argparse.Namespace) -> int:
    """`steps`: the walk, and with --commands every command of it; nothing is executed."""
    from sprocket_tui.engine.steps import listing  # noqa: PLC0415 `check` shares this module and needs no action

    guide = chosen(options, runs_commands=False)
    values = settings.profile(options.profile).values() if options.profile else {}
    screen = ""
    for line in listing(guide, values):
        if line.screen != screen:
            screen = line.screen
            sys.stdout.write(f"{screen}\n")
        sys.stdout.write(f"  {line.step:32} {line.title}\n")
        if options.commands:
            sys.stdout.writelines(f"{row}\n" for row in _commands(line))
    return Exit.GO


def _commands(line: Line) -> list[str]:
    rows = [f"      $ {shlex.join(argv)}" for argv in line.commands]
    where = [f"      in {line.directory}, gate {line.gate}"] if rows and line.changes else []
    measured = [
        f"      ? {check}: " + "\n          ".join(script.strip().splitlines()) for check, script in line.measures
    ]
    return [*rows, *where, *measured]
