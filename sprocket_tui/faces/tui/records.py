"""The records of an `output.jsonl` as bytes: which of them are shown, where their lines begin, and what these say.

Only whole records of a job's own two streams are shown. One that holds line breaks (a progress bar drawn by carriage
returns) is as many lines, all at the same offset; one beyond `LONG` bytes is a single line, shown by its beginning.
"""

from __future__ import annotations

import json
import re
from array import array
from dataclasses import dataclass, field
from itertools import repeat

from sprocket_tui.terminal import clean

LONG = 1 << 16
# What a terminal shows of one line, in characters, and how much of a long record is read for that, in bytes.
WIDEST, HEAD = 10_000, 1 << 16

_SHOWN = (b'{"s": "out"', b'{"s": "err"')
_NOTHING = b'"line": null}\n'
# A preview writes its events to the job's output; they are the engine's, and a person reads the notes made of them.
_EVENT = b'"line": "{\\"kind\\": \\"'
_HEADER = 120
_BEGIN, _END = b'"line": "', b'"}\n'
_TIME = re.compile(rb'"t": ([0-9.]+), "line"')
# An escape that was cut is at most "\u00e" of a "\u00e4".
_ESCAPE = 6


@dataclass
class Index:
    """Where lines begin, in bytes of the file and in order; `long` has the size of every long record by its offset."""

    offsets: array[int] = field(default_factory=lambda: array("Q"))
    long: dict[int, int] = field(default_factory=dict[int, int])

    def extend(self, other: Index) -> None:
        """Puts what stands further on in the file behind."""
        self.offsets.extend(other.offsets)
        self.long.update(other.long)


def index(data: bytes, base: int) -> Index:
    """The lines of whole records that begin at `base` in the file."""
    found = Index()
    breaks = b"\\n" in data
    at = 0
    while (end := data.find(b"\n", at)) >= 0:
        event = data.find(_EVENT, at, min(at + _HEADER, end)) >= 0
        if data.startswith(_SHOWN, at) and not event and not data.endswith(_NOTHING, at, end + 1):
            found.offsets.append(base + at)
            if end - at > LONG:
                found.long[base + at] = end - at
            elif breaks and data.find(b"\\n", at, end) >= 0:
                found.offsets.extend(repeat(base + at, text(data[at : end + 1]).count("\n")))
        at = end + 1
    return found


def text(record: bytes) -> str:
    """What a whole record says; where it is no JSON, what stands there."""
    body = record[record.find(_BEGIN) + len(_BEGIN) : -len(_END)]
    if b"\\" not in body:
        return body.decode("utf-8", "replace")
    try:
        return str(json.loads(b'"' + body + b'"'))
    except ValueError:
        return body.decode("utf-8", "replace")


def beginning(head: bytes, size: int, most: int = WIDEST) -> str:
    """What the first bytes of a long record say, at most `most` characters of its first line, and the size in bytes."""
    body = head[head.find(_BEGIN) + len(_BEGIN) :].decode("utf-8", "ignore")
    said = next((found for cut in range(_ESCAPE) if (found := _unescaped(body, cut)) is not None), body)
    return _cut(said.partition("\n")[0], size, most)


def lines(record: bytes) -> list[str]:
    """The lines of a whole record as they are shown; very wide ones are cut."""
    return [part if len(part) <= WIDEST else _cut(part, len(part.encode())) for part in text(record).split("\n")]


def time(record: bytes) -> float | None:
    """When the record was made, in seconds since the epoch; None where it does not say."""
    found = _TIME.search(record, 0, 120)
    return float(found[1]) if found else None


def literal(shown: str) -> str:
    """Text that a terminal takes as nothing but text; it was cleaned where it entered, and is once more here."""
    return shown if shown.isprintable() else clean(shown).replace("\n", " ").expandtabs()


def size(count: int) -> str:
    """A number of bytes for a person: 812 B, 64.0 kB, 9.8 MB."""
    if count < 1000:
        return f"{count} B"
    return f"{count / 1e3:.1f} kB" if count < 999_950 else f"{count / 1e6:.1f} MB"


def _cut(said: str, count: int, most: int = WIDEST) -> str:
    return f"{said[:most]}… ({size(count)})"


def _unescaped(body: str, cut: int) -> str | None:
    try:
        return str(json.loads(f'"{body[: len(body) - cut]}"'))
    except ValueError:
        return None
