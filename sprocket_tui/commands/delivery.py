"""Where documents go: pairs of --format and --output, each file whole or as it was before."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sprocket_tui.errors import SprocketError
from sprocket_tui.exits import Exit
from sprocket_tui.reports.style import Style, style_of

_PAIRS = "--format html --output r.html --format junit --output r.xml; a last --format without --output is printed"


@dataclass(frozen=True)
class Wanted:
    """A document: its format, and the file it goes to; stdout without one."""

    format: str
    output: str | None = None


def wanted(options: argparse.Namespace) -> tuple[Wanted, ...]:
    """The documents that the options ask for, in their order; a table on stdout when they say nothing.

    `options.documents` holds the pairs as they were typed: ("format" or "output", value). Raises SprocketError, before
    anything is measured, for what does not fit together and for a file that cannot be written.
    """
    found = _paired(options.documents or [])
    files = [each.output for each in found if each.output is not None]
    if "-" in files:
        raise SprocketError(
            "--output - is no file", remedy="a last --format without --output is printed; ./- is a file"
        )
    places = [os.path.realpath(file) for file in files]
    for at, place in enumerate(places):
        if place in places[:at]:
            raise SprocketError(f"two documents would go to {files[at]}", remedy="give each an --output of its own")
    for file in files:
        _writable(file)
    return tuple(found)


def deliver(documents: Sequence[Wanted], text: Callable[[str, Style], str]) -> None:
    """Writes what `text` makes of each format. A file is read anywhere and later; the terminal shows what it can.

    Raises SprocketError for all that could not be written, after the rest is.
    """
    lost: list[SprocketError] = []
    for each in documents:
        if each.output is None:
            style = style_of(sys.stdout)
            if each.format != "table" and (change := getattr(sys.stdout, "reconfigure", None)):
                # HTML and JUnit say of themselves that they are UTF-8, whatever a terminal shows.
                change(encoding="utf-8")
            sys.stdout.write(text(each.format, style))
        else:
            try:
                write(each.output, text(each.format, Style()))
            except SprocketError as error:
                lost.append(error)
    if lost:
        raise SprocketError("; ".join(each.message for each in lost), remedy=lost[0].remedy, code=lost[0].code)


def write(output: str, text: str) -> None:
    """Writes a file; it appears whole or stays as it was, and anything that is no file is written to as it is."""
    path = Path(output).resolve()
    try:
        if path.exists() and not path.is_file():
            path.write_text(text, encoding="utf-8")
        else:
            _replace(path, text)
    except OSError as error:
        raise _unwritable(output, error) from error


def _paired(given: Sequence[tuple[str, str]]) -> list[Wanted]:
    kinds = [kind for kind, _ in given]
    if kinds == ["output", "format"]:
        given = given[::-1]
    elif kinds == ["output"]:
        given = [("format", "table"), *given]
    found: list[Wanted] = []
    for at, (kind, value) in enumerate(given):
        before = given[at - 1][0] if at else ""
        if kind == "output" and before == "format":
            found[-1] = Wanted(found[-1].format, value)
        elif kind == "output":
            raise SprocketError(f"--output {value} has no --format before it", remedy=_PAIRS)
        elif before == "format":
            raise SprocketError(f"--format {found[-1].format} has no --output after it", remedy=_PAIRS)
        else:
            found.append(Wanted(value))
    return found or [Wanted("table")]


def _writable(output: str) -> None:
    """Tries what can be tried before there is anything to write; a full disk is found out later."""
    path = Path(output).resolve()
    try:
        if path.is_dir():
            raise IsADirectoryError(0, "it is a directory")
        if path.exists() and not path.is_file():
            if not os.access(path, os.W_OK):
                raise PermissionError(0, "Permission denied")
        else:
            tempfile.TemporaryFile(dir=path.parent).close()
    except OSError as error:
        raise _unwritable(output, error) from error


def _unwritable(output: str, error: OSError) -> SprocketError:
    return SprocketError(
        f"{output or 'the empty name'} cannot be written: {error.strerror}",
        remedy="give --output a file in a directory with room",
        code=Exit.USAGE,
    )


def _replace(path: Path, text: str) -> None:
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as temporary:
        try:
            temporary.write(text)
            temporary.flush()
            Path(temporary.name).chmod(mode)
            Path(temporary.name).replace(path)
        except OSError:
            Path(temporary.name).unlink()
            raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
