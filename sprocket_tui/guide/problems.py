"""What is wrong with a guide, as `FILE:LINE: field: message`, and the error that carries all of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from sprocket_tui.errors import SprocketError


@dataclass(frozen=True, order=True)
class Problem:
    """One fault. `line` counts from 1; `field` is the path inside the file, empty for the file as a whole."""

    file: str
    line: int
    field: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: "
        return where + (f"{self.field}: {self.message}" if self.field else self.message)


class GuideError(SprocketError):
    """A guide that does not load; `problems` holds every fault of every file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems), remedy="mend the guide's files")


def unknown(what: str, name: str, valid: Iterable[str]) -> str:
    """The sentence for a name that is not one of `valid`: with the nearest one, or with all of them."""
    known = sorted(valid)
    near = get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}" if known else "none is known"
    return f"unknown {what} {name!r}; {hint}"
