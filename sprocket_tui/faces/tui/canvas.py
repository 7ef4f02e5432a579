"""What the terminal shows, cell by cell, so that a frame is only what is different on it.

Textual paints whole regions, and a screen that comes or goes several times over; the line carries what changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from rich.cells import get_character_cell_size
from rich.color import ColorSystem
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.strip import Strip

# Attributes of a style, each with what sets it and what ends it.
_ATTRIBUTES = (
    ("bold", "1", "22"),
    ("dim", "2", "22"),
    ("italic", "3", "23"),
    ("underline", "4", "24"),
    ("blink", "5", "25"),
    ("reverse", "7", "27"),
    ("strike", "9", "29"),
)
_ON, _OFF = ({name: code for name, *codes in _ATTRIBUTES for code in [codes[at]]} for at in (0, 1))
# Those that are to be seen where there is no character.
_ON_BLANK = frozenset({"underline", "reverse", "strike"})
# So many cells that did not change are written again sooner than stepped over; so many blanks at the end of a line,
# or within it, sooner than erased.
_STEP, _FEW, _MANY = 4, 3, 9


class Look(NamedTuple):
    """How a cell is drawn: colours as parameters of SGR, attributes by name."""

    fore: str
    ground: str
    attributes: frozenset[str]


PLAIN = Look("39", "49", frozenset())
# The second cell of a wide character has no text.
Cell = tuple[str, Look]
Row = list[Cell | None]


class Erasing(NamedTuple):
    """How a terminal erases: with the colour that is set (bce), and so many cells within a line (ech)."""

    coloured: bool = False
    counted: bool = False


# What every terminal can.
_MODEST = Erasing()


class Canvas:
    """The cells of a terminal as far as they are known."""

    def __init__(self, erasing: Erasing = _MODEST) -> None:
        self._erasing = erasing
        self._rows: dict[int, Row] = {}

    def forget(self) -> None:
        """Nothing is known of the terminal any more: it was in other hands, or has another size."""
        self._rows.clear()

    def paint(self, update: CompositorUpdate, width: int, height: int, colours: ColorSystem) -> str:
        """What makes a terminal of that size, in cells, show what of the update it has room for.

        It is "" where it is there already.
        """
        before: dict[int, Row] = {}
        for y, x, strip in _pieces(update):
            # Right after a resize frames still come in the size before; one row too many would scroll the terminal.
            if y >= height or x >= width:
                continue
            row = self._rows.setdefault(y, [])
            before.setdefault(y, row.copy())
            cells = _cells(strip.crop(0, width - x), colours)
            row += [None] * (x + len(cells) - len(row))
            row[x : x + len(cells)] = cells
        rows = ((y, row, self._rows[y]) for y, row in sorted(before.items()) if row != self._rows[y])
        return _written([run for y, old, new in rows for run in _runs(y, old, new, width, self._erasing)])


class _Run(NamedTuple):
    """Cells of a row that are drawn alike, one after the other; where there is no text so many are erased.

    `whole` says that the row is written from its begin to its end, each run where the one before it ended.
    """

    y: int
    x: int
    look: Look
    text: str
    cells: int
    ends: bool = False
    whole: bool = False


class _Pen:
    """Writes runs, and knows where it is and how it draws."""

    def __init__(self) -> None:
        self._said: list[str] = []
        self._look = PLAIN
        self._at = (-1, -1)

    def text(self, runs: Iterable[_Run]) -> str:
        """What writes the runs in this order, with the look put back."""
        for run in runs:
            self._go(run.y, run.x)
            self._wear(run.look, blank=not run.text.strip(" "))
            if run.text:
                self._said.append(run.text)
                self._at = (run.y, run.x + run.cells)
            else:
                self._said.append("\x1b[K" if run.ends else f"\x1b[{run.cells}X")
        return "".join(self._said) + ("" if self._look == PLAIN else "\x1b[m")

    def _go(self, y: int, x: int) -> None:
        at_y, at_x = self._at
        if at_y == y and at_x <= x:
            self._said.append(f"\x1b[{x - at_x}C" if at_x < x else "")
        elif x == 0 and at_y == y - 1 and at_y >= 0:
            self._said.append("\r\n")
        else:
            self._said.append(f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H")
        self._at = (y, x)

    def _wear(self, look: Look, *, blank: bool) -> None:
        """Draws so from now on; of a blank only what is to be seen counts."""
        now = self._look
        if blank and not (look.attributes | now.attributes) & _ON_BLANK:
            look = Look(now.fore, look.ground, now.attributes)
        if look == now:
            return
        ends = list(dict.fromkeys(_OFF[each] for each in sorted(now.attributes - look.attributes)))
        # Bold and dim end together.
        kept = {each for each in now.attributes if _OFF[each] not in ends}
        codes = [*ends, *(_ON[each] for each in sorted(look.attributes - kept))]
        codes += [look.fore] if look.fore != now.fore else []
        codes += [look.ground] if look.ground != now.ground else []
        self._said.append(min(f"\x1b[{';'.join(codes)}m", _anew(look), key=len))
        self._look = look


def _written(runs: Sequence[_Run]) -> str:
    """What writes them in the shorter order: by their places, or those together that are drawn alike."""
    ranks: dict[tuple[Look, int], int] = {}
    for run in runs:
        ranks.setdefault(_together(run), len(ranks))
    alike = sorted(runs, key=lambda run: ranks[_together(run)])
    return min(_Pen().text(runs), _Pen().text(alike), key=len)


def _together(run: _Run) -> tuple[Look, int]:
    """A row that is written whole stays together."""
    return (PLAIN, run.y) if run.whole else (run.look, -1)


def _runs(y: int, before: Row, after: Row, width: int, erasing: Erasing) -> list[_Run]:
    """What of a row is different."""
    whole = _rough(before) or _rough(after)
    if whole:
        # Terminals differ in how wide they draw such characters: no cell behind one is where it was counted.
        before = []
    known = min(len(before), len(after))
    changed = [x for x, cell in enumerate(after) if cell is not None and (x >= known or cell != before[x])]
    blanks = dict(_blanks(after, changed, width, erasing))
    found: list[_Run] = []
    until = 0
    for x in changed:
        cell = after[x]
        if cell is None or x < until:
            continue
        until = blanks.get(x, x)
        if until > x:
            look = found[-1].look if found and _joins(found[-1], x, (" ", cell[1])) else cell[1]
            found.append(_Run(y, x, look, "", until - x, until == width, whole))
            continue
        if found and found[-1].text:
            found[-1] = _stepped(found[-1], x, after)
        if found and found[-1].text and _joins(found[-1], x, cell):
            run = found[-1]
            look = cell[1] if not run.text.strip(" ") else run.look
            found[-1] = run._replace(text=run.text + cell[0], cells=run.cells + 1, look=look)
        else:
            found.append(_Run(y, x, cell[1], cell[0], 1, whole=whole))
    return found


def _joins(run: _Run, x: int, cell: Cell) -> bool:
    """Whether a cell can be written in one with the run before it: of blanks only what is to be seen counts."""
    (text, look), there = cell, run.look
    if x != run.x + run.cells:
        return False
    seen = (look.attributes | there.attributes) & _ON_BLANK
    blank = text == " " or not run.text.strip(" ")
    return look == there or (blank and not seen and look.ground == there.ground)


def _stepped(run: _Run, x: int, row: Row) -> _Run:
    """The run with the few cells up to x, where they did not change and are sooner written again than stepped over."""
    gap = row[run.x + run.cells : x]
    cells = [cell for cell in gap if cell is not None]
    if not 0 < len(gap) <= _STEP or len(cells) < len(gap) or any(look != run.look for _, look in cells):
        return run
    return run._replace(text=run.text + "".join(text for text, _ in cells), cells=run.cells + len(gap))


def _anew(look: Look) -> str:
    """What draws so whatever was drawn before: sooner than what ends it where much of that ends."""
    codes = [_ON[each] for each in sorted(look.attributes)]
    codes += [colour for colour, usual in zip(look[:2], PLAIN[:2], strict=True) if colour != usual]
    return f"\x1b[{';'.join(['0', *codes] if codes else [])}m"


def _blanks(row: Row, changed: Iterable[int], width: int, erasing: Erasing) -> Iterator[tuple[int, int]]:
    """Where blanks begin and end that are written sooner by erasing them, from the first of `changed` on."""
    begin = end = -1
    for x in [*changed, len(row)]:
        if begin <= x < end:
            continue
        begin = end = x
        while end < len(row) and _erasable(row[end], row[begin], coloured=erasing.coloured):
            end += 1
        if end - begin > (_FEW if end == width else _MANY) and (end == width or erasing.counted):
            yield begin, end


def _erasable(cell: Cell | None, first: Cell | None, *, coloured: bool) -> bool:
    """Whether a cell is what an erased one is: a blank, in a colour that the terminal puts there."""
    if cell is None or first is None or cell[0] != " " or cell[1].attributes & _ON_BLANK:
        return False
    return cell[1].ground == first[1].ground and (coloured or cell[1].ground == PLAIN.ground)


def _rough(row: Row) -> bool:
    return any(cell is not None and len(cell[0]) != 1 for cell in row)


def _pieces(update: CompositorUpdate) -> Iterator[tuple[int, int, Strip]]:
    """The strips of an update with row and column."""
    match update:
        case LayoutUpdate():
            for y, strips in enumerate(update.strips, update.region.y):
                x = update.region.x
                for strip in strips:
                    yield y, x, strip
                    x += strip.cell_length
        case ChopsUpdate():
            for y, begin, until in update.spans:
                for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
                    if strip is not None and x <= until and end > begin:
                        yield y, x, strip if end <= until else strip.crop(0, until - x)
        case _:
            raise TypeError(f"no update of a screen: {type(update).__name__}")


def _cells(strip: Strip, colours: ColorSystem) -> list[Cell]:
    """One cell a column; what has no width of its own belongs to the character before it."""
    cells: list[Cell] = []
    for text, style, _control in strip:
        look = _look(style, colours)
        if text.isascii():
            cells += [(character, look) for character in text]
            continue
        for character in text:
            wide = get_character_cell_size(character)
            if wide or not cells:
                cells += [(character, look), *([("", look)] * (wide - 1))]
            else:
                cells[-1] = (cells[-1][0] + character, cells[-1][1])
    beyond = cells[strip.cell_length :]
    if beyond and strip.cell_length:
        # Characters that make up one sign together, which is not as wide as they are.
        last, look = cells[strip.cell_length - 1]
        cells[strip.cell_length - 1 :] = [(last + "".join(text for text, _ in beyond), look)]
    return cells


def erasing() -> Erasing:
    """What the terminal says of itself in the terminfo of $TERM; where that is not known, nothing."""
    try:
        import curses  # noqa: PLC0415 not every Python has it
    except ImportError:
        return _MODEST
    try:
        curses.setupterm(fd=1)
    except curses.error:
        return _MODEST
    return Erasing(curses.tigetflag("bce") > 0, curses.tigetstr("ech") is not None)


@lru_cache(4096)
def _look(style: Style | None, colours: ColorSystem) -> Look:
    if style is None:
        return PLAIN
    fore, ground = (
        ";".join(colour.downgrade(colours).get_ansi_codes(foreground)) if colour is not None else usual
        for colour, usual, foreground in ((style.color, PLAIN.fore, True), (style.bgcolor, PLAIN.ground, False))
    )
    return Look(fore, ground, frozenset(name for name, *_ in _ATTRIBUTES if getattr(style, name)))
