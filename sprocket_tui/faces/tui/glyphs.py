"""The signs beside the words: those of Unicode, or of ASCII where the terminal's encoding has no others."""

from __future__ import annotations

import codecs
import locale
import unicodedata
from dataclasses import dataclass
from typing import TextIO

# The name of the error handler that keeps every cell's width: text that an encoding lacks is shown in ASCII.
ERRORS = "sprocket-tui-ascii"


@dataclass(frozen=True)
class Glyphs:
    """One cell each, but for `arrows`, which is a label of a key."""

    passed: str = "✓"
    failed: str = "✗"
    unknown: str = "?"
    warned: str = "!"
    skipped: str = "-"
    apart: str = "○"
    waiting: str = "•"
    cursor: str = "▸"
    rule: str = "─"
    filled: str = "█"
    empty: str = "░"
    more: str = "…"
    dot: str = "·"
    caret: str = "▏"
    arrows: str = "↑↓"

    def of(self, state: str) -> str:
        """The glyph beside a state's word; a blank where the word is none."""
        return str(getattr(self, _STATES.get(state, ""), " "))


_STATES = {
    **dict.fromkeys(("pass", "done", "already"), "passed"),
    **dict.fromkeys(("fail", "failed"), "failed"),
    "skipped": "skipped",
    "not-applicable": "apart",
    **dict.fromkeys(("running", "started"), "waiting"),
    "unknown": "unknown",
    "warn": "warned",
}
_ASCII = Glyphs(
    passed="+",
    failed="x",
    apart="o",
    waiting="*",
    cursor=">",
    rule="-",
    filled="#",
    empty=".",
    more="~",
    dot="-",
    caret="_",
    arrows="up/down",
)


def glyphs(encoding: str) -> Glyphs:
    """The glyphs that text in this encoding can hold."""
    return Glyphs() if _is_utf8(encoding) else _ASCII


def encoding(stream: TextIO) -> str:
    """What the terminal behind `stream` reads: its encoding, but never more than the locale promises."""
    if not _is_utf8(stream.encoding or ""):
        return stream.encoding or "ascii"
    # Python writes UTF-8 in the C locale too; the person who chose that locale asked for ASCII.
    return "utf-8" if _is_utf8(locale.nl_langinfo(locale.CODESET)) else "ascii"


def _is_utf8(name: str) -> bool:
    try:
        return codecs.lookup(name).name == "utf-8"
    except LookupError:
        return False


_DRAWN = str.maketrans(
    {
        **dict.fromkeys("─━╌╍┄┅┈┉—\u2010\u2011\u2013\u2212▔▁▂▃", "-"),
        **dict.fromkeys("│┃╎╏┆┇┊┋▏▎▍▌▐▕", "|"),
        **dict.fromkeys("┌┐└┘├┤┬┴┼╭╮╰╯╋┏┓┗┛", "+"),
        **dict.fromkeys("█▉▊▋▇▆▅▄▀■", "#"),
        **dict.fromkeys("░▒▓·…", "."),
        **dict.fromkeys("▸▶→\u203a", ">"),
        **dict.fromkeys("◂◀←\u2039", "<"),
        **dict.fromkeys("↑▲", "^"),
        **dict.fromkeys("↓▼▾", "v"),
        **dict.fromkeys("•●○", "*"),
        **dict.fromkeys("\u2018\u2019", "'"),
        **dict.fromkeys("\u201c\u201d", '"'),
        "✓": "+",
        "✗": "x",
    }
)


def _in_ascii(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    said = "".join(_cells(each) for each in error.object[error.start : error.end])
    return said, error.end


def _cells(character: str) -> str:
    drawn = character.translate(_DRAWN)
    if drawn != character:
        return drawn
    if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Mn", "Me"):
        return ""
    return "??" if unicodedata.east_asian_width(character) in "WF" else "?"


codecs.register_error(ERRORS, _in_ascii)
