"""What pulumi's messages mean: the true cause of an error, a lock's holder, a missing key, operations cut off.

Pure functions over cleaned text. After a true error the Node.js host often reports others that only follow from it, so
the first error that explains something is the one to show.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# Errors that follow from another one and explain nothing.
_FOLLOWS = re.compile(
    r"RangeError: Invalid string length|an unhandled error occurred: Program exited with non-zero exit code"
    r"|(?:update|preview|refresh|destroy) (?:failed|cancell?ed)$|error reading from server: EOF"
    r"|Running program .* failed with an unhandled exception:$|rpc error: code = Unavailable"
    r"|resource monitor shut down|.*: BAIL: "
)
_PROGRAM = re.compile(r"Running program '.*' failed with an unhandled exception:$")
_CODE = re.compile(r"Code: (?P<code>\d{3})\. ")
_OCCURRED = re.compile(r"errors? occurred:$")
_MISSING = re.compile(r"Missing required configuration variable '(?P<key>[^'\s]+)'")
_LOCK = re.compile(r"created by (?P<user>[^@\s]*)@(?P<host>\S+) \(pid (?P<pid>\d+)\) at (?P<since>\S+)")
_PENDING = re.compile(r"Attempting to deploy or update resources with (?P<count>\d+) pending operations")
# The call may have done its work although its answer never came.
_CANCELLED = re.compile(r"^(?:\^C|SIG[A-Z]+) received; (?:cancelling|terminating)", re.MULTILINE)
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
            del lines[: number + 1]
            break
    return lines[0].removeprefix("* ").removeprefix("Error: ") + _vault_answer(lines)


def _vault_answer(lines: list[str]) -> str:
    """The status and first line of Vault's answer, which stand below the line that says that a request failed."""
    if not lines[0].endswith("Error making API request."):
        return ""
    codes = ((n, found) for n, line in enumerate(lines[:-1]) if (found := _CODE.match(line)))
    return next((f" {found['code']}: {lines[n + 1].removeprefix('* ')}" for n, found in codes), "")


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


def cancelled(said: str) -> bool:
    """Whether a signal asked it to stop, by its own words on the terminal."""
    return _CANCELLED.search(said) is not None


def unanswered(message: str) -> bool:
    """Whether a failed call may have had its effect all the same."""
    return _UNANSWERED.search(message) is not None
