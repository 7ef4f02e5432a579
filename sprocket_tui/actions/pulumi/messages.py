"""What pulumi's messages mean: the true cause of an error, a lock's holder, a missing key, operations cut off.

Pure functions over cleaned text. After a true error the Node.js host often reports others that only follow from it, so
the first error that explains something is the one to show.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

# Errors that follow from another one and explain nothing.
_FOLLOWS = re.compile(
    r"RangeError: Invalid string length|an unhandled error occurred: Program exited with non-zero exit code"
    r"|(?:update|preview|refresh|destroy) (?:failed|cancell?ed)$|error reading from server: EOF"
    r"|Running program .* failed with an unhandled exception:$|rpc error: code = Unavailable"
    r"|resource monitor shut down|.*: BAIL: "
)
_PROGRAM = re.compile(r"Running program '.*' failed with an unhandled exception:$")
_OCCURRED = re.compile(r"errors? occurred:$")
_MISSING = re.compile(r"Missing required configuration variable '(?P<key>[^'\s]+)'")
_LOCK = re.compile(r"created by (?P<user>[^@\s]*)@(?P<host>\S+) \(pid (?P<pid>\d+)\) at (?P<since>\S+)")
_PENDING = re.compile(r"Attempting to deploy or update resources with (?P<count>\d+) pending operations")
_CUT_OFF = re.compile(r"\* (?P<urn>urn:pulumi:\S+), interrupted while (?P<doing>\w+)")
# The call may have done its work although its answer never came.
_UNANSWERED = re.compile(
    r"socket hang up|ECONNRESET|EPIPE|connection reset|unexpected EOF|\bEOF$|context (?:canceled|deadline exceeded)"
    r"|i/o timeout|ETIMEDOUT",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Lock:
    """Who holds a stack's lock: the pid on `host`, since an RFC 3339 time."""

    user: str
    host: str
    pid: int
    since: str


def cause(message: str) -> str:
    """The line of an error message that says what is wrong; stack traces and frames around it are left out."""
    lines = [line.strip() for line in message.strip().splitlines() if line.strip()]
    if not lines:
        return ""
    if _PROGRAM.match(lines[0]) and len(lines) > 1 and not lines[1].startswith("at "):
        del lines[0]
    for number, line in enumerate(lines[:-1]):
        if _OCCURRED.search(line) and lines[number + 1].startswith("* "):
            return lines[number + 1].removeprefix("* ")
    return lines[0].removeprefix("Error: ")


def first_true(messages: Iterable[str]) -> str:
    """The cause in the first message that explains something; in the first at all where none does; "" for none."""
    causes = [cause(message) for message in messages]
    explaining = (each for each in causes if each and not _FOLLOWS.match(each))
    return next(explaining, causes[0] if causes else "")


def explains(message: str) -> bool:
    """Whether an error message says something that does not merely follow from another error."""
    return not _FOLLOWS.match(cause(message))


def missing_keys(text: str) -> tuple[str, ...]:
    """The configuration keys ("project:key") that the program asked for in vain."""
    return tuple(found["key"] for found in _MISSING.finditer(text))


def locks(text: str) -> tuple[Lock, ...]:
    """The holders named in a refusal because of a lock."""
    return tuple(Lock(f["user"], f["host"], int(f["pid"]), f["since"]) for f in _LOCK.finditer(text))


def pending(text: str) -> int:
    """How many operations of an earlier update were cut off, as the engine warns; 0 when it does not."""
    found = _PENDING.search(text)
    return int(found["count"]) if found else 0


def cut_off(text: str) -> tuple[tuple[str, str], ...]:
    """The operations in that warning, as (what was being done, urn)."""
    return tuple((found["doing"], found["urn"]) for found in _CUT_OFF.finditer(text))


def unanswered(message: str) -> bool:
    """Whether a failed call may have had its effect all the same."""
    return _UNANSWERED.search(message) is not None
