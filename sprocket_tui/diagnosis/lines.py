"""Which line of a failure's output is an error, which only follows from one, and which says nothing yet."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sprocket_tui.terminal import clean

# What a tool says because something else has already gone wrong; never a cause.
_CONSEQUENCES = re.compile(
    r"RangeError: Invalid string length"
    r"|error: (?:preview|update|destroy|refresh|deployment) (?:failed|canceled|cancelled)"
    r"|error reading from server: EOF"
    r"|an unhandled error occurred: Program exited with non-zero exit code"
    r"|^\s*\d+ errors?(?:; \d+ \w+)*\s*$"
    r"|npm (?:ERR!|error) A complete log"
    r"|^make(?:\[\d+\])?: \*\*\*"
)
# A heading: the error itself stands on the lines below it.
_HEADINGS = re.compile(
    r"(?:error: )?\d+ errors? occurred:\s*$|failed with an unhandled exception:\s*$|^\s*error:\s*$"
    r"|Error making API request\.\s*$",
    re.IGNORECASE,
)
_WARNINGS = re.compile(
    r"^\s*(?:npm warn|npm notice|warn(?:ing)?\b|\[warn|level=warn|debconf:)|\bwarning:", re.IGNORECASE
)
_ERRORS = re.compile(
    r"\b(?:error|fatal|panic|failed|failure|denied|refused|exception|cannot|can't|unable to|could not|unknown flag)\b"
    r"|\b(?:not found|no such|does not exist|timed out|already in use|bad value|must be|missing required)\b"
    r"|\b(?:no suitable node|unsupported|expired|too many|closed by remote|out of memory|in sync)\b"
    r"|\b\w+Error\b|\bE(?:CONN|ACCES|HOST|PERM|NO)\w*\b|\b[45]\d\d (?:[A-Z][a-z]+|page not found)\b|^\S+: line \d+: ",
    re.IGNORECASE,
)
# Not errors although the words occur: counts of zero, options, names of files and settings.
_HARMLESS = re.compile(
    r"\b(?:0|no) (?:errors?|failures?|vulnerabilities)\b|--[\w-]*error\b|on-error|error\.ts:\d|errors?=0\b"
    r"|npm (?:ERR!|error) (?:code|errno|syscall|path|command) .*",
)
_STACK = re.compile(r"^\s*(?:at |File \"|\^|-{3,}|Require stack:|- /|goroutine \d|requireStack)")
# The part of a row of the engine's progress before its message: operation, type, name, and what is being done.
_PROGRESS = re.compile(
    r"^\s*(?:[+~-]{1,2}|\+-|<=|>=)?\s*[\w-]+:[\w/.-]+:[\w/.-]+ [^\s(]\S* +"
    r"(?:(?:\*\*[^*]+\*\*|(?:creat|updat|delet|replac|refresh|read|import|discard|runn)\w*)(?: \([\d.]+m?s\))?(?: |$))?"
)
# What Vault's client puts between the heading and the answer: whom it asked, and the status.
_FRAMES = re.compile(r"URL: [A-Z]+ |Code: \d{3}\. ")
_LOOK_BELOW = 6


def plain_lines(text: str) -> list[str]:
    """The cleaned lines of an output, without the columns that the engine's progress puts before its messages."""
    return [_PROGRESS.sub("", line) for line in clean(text).split("\n")]


def is_consequence(line: str) -> bool:
    """Whether the line only follows from an earlier error, or repeats where it happened."""
    return bool(_CONSEQUENCES.search(line) or _STACK.match(line))


def is_warning(line: str) -> bool:
    """Whether the line calls itself a warning or a notice."""
    return bool(_WARNINGS.search(line))


def is_error(line: str) -> bool:
    """Whether the line tells of an error by itself: no heading, no warning, no consequence."""
    if not line.strip() or is_consequence(line) or is_warning(line) or _HEADINGS.search(line):
        return False
    return bool(_ERRORS.search(_HARMLESS.sub("", line)))


def first_error(lines: Iterable[str]) -> str:
    """The first true error of an output, on one line and without its "error:"; empty when there is none.

    Where a heading announces it, what it announces is the error. A consequence is told when there is nothing else.
    """
    raw = clean("\n".join(lines)).split("\n")
    rows = plain_lines("\n".join(raw))
    for number, line in enumerate(rows):
        if is_error(line):
            return _bare(line)
        # A heading in a row of progress has nothing of its own below it.
        if _HEADINGS.search(line) and line == raw[number] and (found := _announced(rows, number)):
            return found
    return next((_bare(line) for line in rows if re.match(r"\s*error: ", line)), "")


def _announced(rows: list[str], number: int) -> str:
    """What stands under a heading: the first bullet, else the first line; and what that announces, if it is one too."""
    near = range(number + 1, min(number + 1 + _LOOK_BELOW, len(rows)))
    below = [(at, rows[at]) for at in near if rows[at].strip() and not _FRAMES.match(rows[at])]
    if not below or is_consequence(below[0][1]):
        return ""
    at, line = next((each for each in below if each[1].lstrip().startswith("* ")), below[0])
    more = _announced(rows, at) if _HEADINGS.search(line) else ""
    return f"{_bare(line)} {more}" if more else _bare(line)


def _bare(line: str) -> str:
    return re.sub(r"^(?:\* |error: |Error: )+", "", " ".join(line.split()))
