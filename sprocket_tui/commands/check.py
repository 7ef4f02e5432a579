"""`check`: a checklist-only dry run. It asks nothing, changes nothing, and says why when it cannot measure.

Here stands what needs no guide. Once the options fit, the way to each target is begun, and what takes longer to load is
loaded meanwhile.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from sprocket_tui.commands import delivery, targets
from sprocket_tui.commands.delivery import Wanted
from sprocket_tui.errors import SprocketError
from sprocket_tui.uncollected import loading


def check(options: argparse.Namespace) -> int:
    """Measures, writes the documents, returns the verdict's exit code; the worst one of several targets."""
    documents = delivery.wanted(options)
    if options.watch:
        _fit_to_watch(documents, waives=bool(options.waive))
    with loading("commands.checking"):
        goals = targets.goals(options)
        from sprocket_tui.commands.checking import checked  # noqa: PLC0415 most of what a start costs

    return checked(options, documents, goals)


def _fit_to_watch(documents: Sequence[Wanted], *, waives: bool) -> None:
    """Raises SprocketError for what cannot be had while one watches."""
    if waives:
        raise SprocketError(
            "--watch gives no waivers", remedy="waive with a `check` of its own; --watch shows what is waived"
        )
    for each in documents:
        if each.output is None and each.format != "table":
            raise SprocketError(
                f"--watch prints what changes, and {each.format} is one document",
                remedy=f"--format {each.format} --output FILE; the file is written anew each time",
            )
        if each.output is not None and Path(each.output).exists() and not Path(each.output).is_file():
            raise SprocketError(
                f"{each.output} is no file, and --watch writes a document anew each time",
                remedy="give --output a file",
            )
