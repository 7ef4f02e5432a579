"""The few characters beyond letters that screens use, and what stands for them where the terminal has only ASCII."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Glyphs:
    """`states` maps a state's word to its glyph; every other name is a single character."""

    states: dict[str, str]
    cursor: str
    dot: str
    between: str
    rule: str
    full: str
    empty: str
    ellipsis: str

    def of(self, state: str) -> str:
        """The glyph beside a state's word."""
        return self.states.get(state, " ")


_UNICODE = Glyphs(
    states={
        "pass": "✓",
        "done": "✓",
        "already": "✓",
        "fail": "✗",
        "failed": "✗",
        "unknown": "?",
        "warn": "!",
        "skipped": "-",
        "not-applicable": "-",
        "running": "•",
        "started": "•",
    },
    cursor="▸",
    dot="•",
    between="·",
    rule="─",
    full="█",
    empty="░",
    ellipsis="…",
)
_ASCII = Glyphs(
    states={
        "pass": "+",
        "done": "+",
        "already": "+",
        "fail": "x",
        "failed": "x",
        "unknown": "?",
        "warn": "!",
        "skipped": "-",
        "not-applicable": "-",
        "running": "*",
        "started": "*",
    },
    cursor=">",
    dot="*",
    between="-",
    rule="-",
    full="#",
    empty=".",
    ellipsis="...",
)


def glyphs(encoding: str) -> Glyphs:
    """Those that a terminal with this encoding can show."""
    try:
        "✓✗•▸·─█░…".encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return _ASCII
    return _UNICODE
