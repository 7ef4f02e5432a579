"""Lines of text with a role for each part: what pages are made of, without a word of Textual.

A role is a name from `ROLES`; themes give it a look, and without one the words still say everything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise, zip_longest

from rich.cells import cell_len, chop_cells, set_cell_size

ROLES = (
    "plain",
    "title",
    "quiet",
    "accent",
    "pass",
    "warn",
    "fail",
    "unknown",
    "skipped",
    "production",
    "practice",
    "found",
)

Span = tuple[str, str]
Line = tuple[Span, ...]
BLANK: Line = ()
# Blanks between two columns.
_GAP = 2
_FLAT = str.maketrans("\n\t", "  ")
# A word, or what is between two; and the names of a path.
_PARTS = re.compile(r"\s+|\S+")
_NAMES = re.compile(r"[^/]*/+|[^/]+")


def line(*parts: str | Span) -> Line:
    """A line of parts; a bare string is plain, and what is empty is no part."""
    spans = (part if isinstance(part, tuple) else (part, "plain") for part in parts)
    return tuple((flat(text), role) for text, role in spans if text)


def flat(text: str) -> str:
    """`text` where there is one line for it: a break or a tab in it is a space."""
    return text.translate(_FLAT)


def text_of(shown: Line) -> str:
    """The words of a line alone."""
    return "".join(text for text, _ in shown)


def width_of(shown: Line) -> int:
    """Its width in terminal cells."""
    return cell_len(text_of(shown))


def paragraph(text: str, width: int, *, indent: int = 0, role: str = "plain") -> list[Line]:
    """`text` wrapped between words; a word that is wider than the line is cut, a path after a name."""
    return [line((" " * indent + part, role)) for part in wrap(text, width - indent)]


def wrap(text: str, width: int) -> list[str]:
    """The lines of `text` at `width` cells; line breaks in it stay."""
    wide = max(width, 8)
    return [part for each in text.splitlines() or [""] for part in _wrapped(each.expandtabs(), wide) or [""]]


def _wrapped(text: str, width: int) -> list[str]:
    kept: list[str] = []
    here = ""
    for piece in (piece for part in _PARTS.findall(text) for piece in _pieces(part, width)):
        if cell_len(here + piece) <= width:
            here += piece
            continue
        kept += [here.rstrip()] if here.strip() else []
        here = piece.lstrip()
    return [*kept, here.rstrip()] if here.strip() else kept


def _pieces(word: str, width: int) -> list[str]:
    """A word that is wider than a line in parts that are not: a path after its names, as far as these have room."""
    if cell_len(word) <= width:
        return [word]
    return [piece for name in _NAMES.findall(word) for piece in chop_cells(name, width)]


def labelled(
    label: str, text: str, width: int, *, indent: int = 1, column: int = 12, role: str = "plain"
) -> list[Line]:
    """A quiet label, and beside it the text, wrapped in its own column."""
    head = " " * indent + label.ljust(column)
    parts = wrap(text, width - len(head))
    return [
        line((head if first else " " * len(head), "quiet"), (part, role))
        for first, part in zip_longest([True], parts, fillvalue=False)
        if isinstance(part, str)
    ]


def columns(cells: Sequence[Span], widths: Sequence[int]) -> Line:
    """One row of a table: every cell at its width, with an ellipsis where it is longer.

    Each but the last ends in two blanks, whatever it holds, so that no two are read as one.
    """
    *before, end = zip(cells, widths, strict=True)
    kept = [(fitted(text.rstrip(), max(width - _GAP, 0)) + " " * _GAP, role) for (text, role), width in before]
    (text, role), width = end
    return (*kept, (fitted(text, width), role))


def fitted(text: str, width: int) -> str:
    """`text` at exactly `width` cells."""
    text = flat(text)
    if cell_len(text) <= width:
        return text + " " * (width - cell_len(text))
    return set_cell_size(text, max(width - 1, 0)) + "…"[: max(width, 0)]


def amid(text: str, width: int) -> str:
    """`text` in `width` cells at most; what there is no room for is missing in its middle."""
    text = flat(text)
    if cell_len(text) <= width or width < 3:
        return text
    end = (width - 1) // 2
    return f"{set_cell_size(text, width - 1 - end)}…{set_cell_size(text[::-1], end)[::-1]}"


def matches(text: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """Where the words stand in `text`, in any case and within other words too: begin and end of each.

    One letter stands everywhere, and is no word.
    """
    wanted = sorted((each for each in words if len(each) > 1), key=len, reverse=True)
    found = re.compile("|".join(map(re.escape, wanted)), re.IGNORECASE)
    return [each.span() for each in found.finditer(text)] if wanted else []


def marked(shown: Line, words: Sequence[str]) -> Line:
    """A line with the words in it drawn as found."""
    spans = matches(text_of(shown), words)
    cuts = sorted({at for span in spans for at in span})
    parts: list[Span] = []
    begin = 0
    for text, role in shown:
        end = begin + len(text)
        bounds = [begin, *(at for at in cuts if begin < at < end), end]
        for first, last in pairwise(bounds):
            hit = any(left <= first and last <= right for left, right in spans)
            parts.append((text[first - begin : last - begin], "found" if hit else role))
        begin = end
    return tuple(parts)


def around(text: str, words: Sequence[str], width: int) -> str:
    """`text` from so far on that the first of the words is to be seen in `width` cells."""
    found = matches(text, words)
    if not found or cell_len(text[: found[0][1]]) < width:
        return text
    return f"…{text[max(found[0][0] - width // 3, 0) :]}"


def spread(left: Line, right: Line, width: int) -> Line:
    """`left` and `right` at the two ends of a line; where both do not fit, the left is shortened."""
    room = width - width_of(right)
    if width_of(left) > room - 1:
        left = cut(left, max(room - 1, 0))
    return (*left, (" " * max(room - width_of(left), 0), "plain"), *right)


def cut(shown: Line, width: int) -> Line:
    """The first `width` cells, with an ellipsis where something is missing."""
    if width_of(shown) <= width:
        return shown
    kept: list[Span] = []
    room = width - 1
    for text, role in shown:
        part = text if cell_len(text) <= room else set_cell_size(text, room)
        kept.append((part, role))
        room -= cell_len(part)
        if room <= 0:
            break
    return (*kept, ("…", "quiet")) if width > 0 else ()


def joined(groups: Iterable[Sequence[Line]]) -> list[Line]:
    """Groups of lines with a blank line between those that have any."""
    found: list[Line] = []
    for group in groups:
        if group and found:
            found.append(BLANK)
        found += group
    return found


def sentence(text: str) -> str:
    """What an error or a measurement says, as a sentence by itself; a name that it begins with stays as it is."""
    named = "." in text.partition(" ")[0].rstrip(".,:")
    said = text if named else f"{text[:1].upper()}{text[1:]}"
    return said if said.endswith("?") else f"{said.rstrip('.')}."
