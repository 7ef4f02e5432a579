"""What an interrupted update left on the host: processes that still run, and the lock with its holder."""

from __future__ import annotations

import json
from dataclasses import dataclass
from shlex import quote
from typing import cast

from sprocket_tui.actions.base import Context
from sprocket_tui.actions.pulumi import invoke
from sprocket_tui.actions.pulumi.messages import Lock
from sprocket_tui.errors import Unread
from sprocket_tui.guide.marks import Document, read
from sprocket_tui.terminal import clean_bytes, one_line
from sprocket_tui.values import JSON

# A shell function that prints the pids whose environment bears $1: an update of the stack, or a plugin it started.
MARKED = """marked() {
for f in $(grep -laF -e "$1" /proc/[0-9]*/environ 2>/dev/null); do f=${f%/environ}; echo "${f#/proc/}"; done
}"""


@dataclass(frozen=True)
class Process:
    """A process by pid and short name."""

    pid: int
    name: str


@dataclass(frozen=True)
class Seen:
    """`alive` are engines that still run, `survivors` plugins without one; locks with whether their holder lives.

    A lock's answer is None when it was taken on another host, where we cannot look.
    """

    alive: tuple[Process, ...]
    survivors: tuple[Process, ...]
    locks: tuple[tuple[Lock, bool | None], ...]


def look(context: Context, stack: invoke.Stack) -> Seen:
    """Looks at processes and, for a backend in files, at the lock. Raises Unread when that fails."""
    script = "\n".join(
        [
            MARKED,
            'echo "host $(uname -n)"',
            f"for p in $(marked {quote(stack.mark)}); do",
            'read -r c <"/proc/$p/comm" && echo "process $p $c"; done 2>/dev/null',
            *_lock_lines(context, stack),
            ":",
        ]
    )
    done = context.read(script, invoke.SLOW, {})
    if done.status:
        raise Unread(f"the processes on the host could not be read: {invoke.failure(done)}")
    rows = [line.split(" ", 2) for line in clean_bytes(done.stdout).splitlines()]
    host = next((row[1] for row in rows if row[0] == "host" and len(row) > 1), "")
    processes = [Process(int(row[1]), one_line(row[2])) for row in rows if row[0] == "process" and len(row) == 3]
    locks = [_lock(row[2], row[1], host) for row in rows if row[0] == "lock" and len(row) == 3]
    return Seen(
        alive=tuple(process for process in processes if process.name == "pulumi"),
        survivors=tuple(process for process in processes if process.name != "pulumi"),
        locks=tuple(lock for lock in locks if lock is not None),
    )


def _lock_lines(context: Context, stack: invoke.Stack) -> list[str]:
    """Script lines that print "lock COMM JSON" for every lock file; none for a backend whose locks are not files."""
    if not stack.backend.startswith("file://"):
        return []
    path = stack.backend.removeprefix("file://").partition("?")[0].rstrip("/")
    root = f'"$HOME"{quote(path[1:])}' if path.startswith("~") else quote(path)
    place = quote(f"/.pulumi/locks/organization/{_project(context)}/{stack.name}/")
    return [
        f'for f in {root}{place}*.json; do [ -f "$f" ] || continue',
        'pid=$(sed -n \'s/.*"pid": *\\([0-9]*\\).*/\\1/p\' "$f"); c=-',
        '[ -n "$pid" ] && { read -r c <"/proc/$pid/comm"; } 2>/dev/null',
        'echo "lock ${c:--} $(tr -d \'\\n\' <"$f")"; done',
    ]


def _project(context: Context) -> str:
    done = context.read("cat Pulumi.yaml", invoke.SLOW, {})
    document = read("Pulumi.yaml", clean_bytes(done.stdout).encode()) if done.status == 0 else None
    name = document.data.get("name") if isinstance(document, Document) else None
    if not isinstance(name, str):
        raise Unread(f"the name of the project could not be read from Pulumi.yaml in {context.directory}")
    return name


def _lock(text: str, holder: str, host: str) -> tuple[Lock, bool | None] | None:
    try:
        raw = cast("JSON", json.loads(text))
    except ValueError:
        return None
    if not isinstance(raw, dict) or not isinstance(pid := raw.get("pid"), int):
        return None
    user, where, since = (one_line(str(raw.get(name, ""))) for name in ("username", "hostname", "timestamp"))
    return Lock(user, where, pid, since), (holder == "pulumi" if where == host else None)
