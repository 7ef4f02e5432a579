"""A YAML file that a person wrote for this program, outside of a guide: profiles, answers."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sprocket_tui.errors import SprocketError
from sprocket_tui.files import whole
from sprocket_tui.guide.marks import Document, read
from sprocket_tui.guide.problems import Problem

_MEND = "mend the file or move it away"


def opened(path: Path, *, remedy: str = _MEND) -> Document | None:
    """The file with its lines, None where nothing stands in it. Raises SprocketError; `remedy` is for a wrong path."""
    try:
        content = whole(path)
    except IsADirectoryError as error:
        raise SprocketError(f"{path} is a directory, not a file", remedy=remedy) from error
    except OSError as error:
        raise SprocketError(f"{path} cannot be read: {error.strerror}", remedy=remedy) from error
    if all(line.split(b"#")[0].strip() in (b"", b"---") for line in content.splitlines()):
        return None
    document = read(str(path), content)
    if isinstance(document, Document):
        return document
    raise faulty(document)


def faulty(problems: Iterable[Problem]) -> SprocketError:
    """The error that carries all that is wrong with such a file."""
    return SprocketError("\n".join(str(problem) for problem in sorted(set(problems))), remedy=_MEND)
