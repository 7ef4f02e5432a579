"""`bundle`: a support archive of a run, of reports, or of both, to be given to somebody else."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from sprocket_tui import __version__
from sprocket_tui.errors import SprocketError
from sprocket_tui.exits import Exit
from sprocket_tui.journal import runs
from sprocket_tui.journal.file import events_in
from sprocket_tui.journal.replay import RunState, replay
from sprocket_tui.journal.runs import RunDirectory
from sprocket_tui.redaction import Redactor, called
from sprocket_tui.reports import support
from sprocket_tui.reports.document import as_json
from sprocket_tui.reports.reading import read
from sprocket_tui.reports.support import Part
from sprocket_tui.values import JSON

_TERMINAL = ("TERM", "COLORTERM", "TERM_PROGRAM", "NO_COLOR", "LANG", "LC_ALL", "LC_CTYPE")


def bundle(options: argparse.Namespace) -> int:
    """Writes the archive; it appears whole, or nothing does, and no file is replaced unless that is said."""
    # Who only checks and plans has reports, and no run.
    run = None if options.report and not options.run and not runs.every() else runs.find(options.run)
    reports = list(_reports(options.report))
    redactor = Redactor()

    def mask(text: str) -> str:
        return called(redactor.text(text))

    path = Path(options.output).resolve()
    if path.exists() and not options.force:
        raise SprocketError(
            f"{options.output} is there already", remedy="give another --output, or --force to replace it"
        )
    try:
        # Made for the owner alone, and never seen half-written.
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as temporary:
            try:
                parts = (*(support.parts_of(run) if run else ()), *reports)
                name = f"sprocket-support-{run.id if run else 'reports'}"
                count = support.write(temporary, parts, _about(run), mask, name)
                temporary.flush()
                Path(temporary.name).replace(path)
            except BaseException:
                Path(temporary.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        raise SprocketError(
            f"{options.output} cannot be written: {error.strerror}",
            remedy="give --output a file in a directory with room",
            code=Exit.USAGE,
        ) from error
    held = f"run {run.id}, {count} files" if run else "1 report" if count == 1 else f"{count} reports"
    sys.stdout.write(f"{options.output}: {held} and manifest.json, which says what was left out.\n")
    sys.stdout.write("Look through it before you give it away: names and addresses are in it, secrets are masked.\n")
    return Exit.GO


def _reports(files: Sequence[str]) -> Iterator[Part]:
    """Reports of `check`, read as such: no other file can get in by this way."""
    for number, file in enumerate(files, start=1):
        yield Part(f"reports/{number}.json", [as_json(read(file)).encode()])


def _about(run: RunDirectory | None) -> dict[str, JSON]:
    state = replay(events_in(run.journal)) if run else RunState()
    started = state.started
    return {
        "program": __version__,
        "python": platform.python_version(),
        "system": platform.platform(),
        "terminal": _terminal(os.environ),
        "run": run.id if run else None,
        "target": started.target if started else None,
        "guide": f"{started.guide} {started.version} {started.digest}" if started else None,
        "begun": state.started_at,
        "last": state.last_at,
    }


def _terminal(environ: Mapping[str, str]) -> dict[str, JSON]:
    return {name: environ[name] for name in _TERMINAL if name in environ}
