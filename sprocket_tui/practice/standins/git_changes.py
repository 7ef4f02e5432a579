"""`git status`, `git diff`, `git restore`: how a practice checkout differs from its commit."""

from __future__ import annotations

import difflib
import hashlib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from sprocket_tui.practice.standins.repository import IGNORED, files

if TYPE_CHECKING:
    from sprocket_tui.practice.standins.git import Request

_CHANGED = """
Changes not staged for commit:
  (use "git {}" to update what will be committed)
  (use "git restore <file>..." to discard changes in working directory)"""
_UNTRACKED = """
Untracked files:
  (use "git add <file>..." to include in what will be committed)"""
_NONE_ADDED = 'no changes added to commit (use "git add" and/or "git commit -a")'
_ONLY_UNTRACKED = 'nothing added to commit but untracked files present (use "git add" to track)'


def status(request: Request) -> int:
    """`git status [-s|--short|--porcelain]`; only --porcelain tells paths from the top."""
    line, call = request.line, request.call
    changed, untracked = changes(request.top), _untracked(request.top)
    if not line.has("--porcelain"):
        start = call.path(request.directory)
        changed, untracked = (
            {_seen(request.top, name, start): mark for name, mark in changed.items()},
            [_seen(request.top, name, start) for name in untracked],
        )
    if line.has("--porcelain") or line.has("-s"):
        for name, mark in changed.items():
            call.say(f" {mark} {name}")
        for name in untracked:
            call.say(f"?? {name}")
        return 0
    call.say("On branch main\nYour branch is up to date with 'origin/main'.")
    if changed:
        call.say(_CHANGED.format("add/rm <file>..." if "D" in changed.values() else "add <file>..."))
        for name, mark in changed.items():
            call.say(f"\t{'deleted:    ' if mark == 'D' else 'modified:   '}{name}")
    if untracked:
        call.say("\n".join([_UNTRACKED, *(f"\t{name}" for name in untracked)]))
    last = _NONE_ADDED if changed else _ONLY_UNTRACKED if untracked else "nothing to commit, working tree clean"
    call.say(f"\n{last}")
    return 0


def restore(request: Request) -> int:
    """`git checkout -- FILE...`, `git restore FILE...`."""
    known = files()
    names = [request.named(name) for name in request.line.words]
    wanted = {name: [each for each in known if _below(each, name)] for name in names}
    if unknown := next((name for name, found in wanted.items() if not found), ""):
        return request.call.fail(f"error: pathspec '{unknown}' did not match any file(s) known to git")
    for each in [each for found in wanted.values() for each in found]:
        (request.top / each).parent.mkdir(parents=True, exist_ok=True)
        (request.top / each).write_text(known[each], encoding="utf-8")
    return 0


def diff(request: Request) -> int:
    """`git diff [--stat] [FILE...]`."""
    names = [request.named(name) for name in request.line.words]
    changed = [name for name in changes(request.top) if not names or any(_below(name, each) for each in names)]
    if request.line.has("--stat"):
        _stat(request, changed)
        return 0
    for name in changed:
        request.call.stdout.write(_patch(request.top, name))
    return 0


def changes(top: Path) -> dict[str, str]:
    """What is changed (M) and what has gone (D), by path from the top."""
    marks = dict[str, str]()
    for name, text in sorted(files().items()):
        if not (top / name).is_file():
            marks[name] = "D"
        elif (top / name).read_text(encoding="utf-8", errors="replace") != text:
            marks[name] = "M"
    return marks


def _untracked(top: Path) -> list[str]:
    """Files that are not carried; a directory with no other files is told by its name and a slash."""
    known = files()
    found = list[str]()
    for directory, below, names in os.walk(top):
        at = os.path.relpath(directory, top)
        lead = "" if at == "." else f"{at}/"
        for name in sorted(below):
            path = f"{lead}{name}"
            if name == ".git" or path.endswith(IGNORED):
                below.remove(name)
            elif not any(_below(each, path) for each in known):
                below.remove(name)
                if any(files_ for _, _, files_ in os.walk(top / path)):
                    found.append(f"{path}/")
        found += [f"{lead}{name}" for name in names if f"{lead}{name}" not in known]
    return sorted(found)


def _below(name: str, path: str) -> bool:
    return path in (".", name) or name.startswith(f"{path}/")


def _seen(top: Path, name: str, start: Path) -> str:
    seen = os.path.relpath(top / name, start)
    return f"{seen}/" if name.endswith("/") else seen


def _sides(top: Path, name: str) -> tuple[str, str]:
    place = top / name
    return files()[name], place.read_text(encoding="utf-8", errors="replace") if place.is_file() else ""


def _patch(top: Path, name: str) -> str:
    old, new = _sides(top, name)
    mode = "100755" if name.endswith(".sh") else "100644"
    gone = not (top / name).is_file()
    head = f"diff --git a/{name} b/{name}\n"
    if gone:
        head += f"deleted file mode {mode}\nindex {_blob(old)}..0000000\n"
    else:
        head += f"index {_blob(old)}..{_blob(new)} {mode}\n"
    lines = list(
        difflib.unified_diff(
            old.splitlines(True), new.splitlines(True), f"a/{name}", "/dev/null" if gone else f"b/{name}"
        )
    )
    return head + "".join(_row(row, old) for row in lines)


def _row(row: str, old: str) -> str:
    """A row of a patch; a hunk names the last line before it that begins like a definition."""
    if found := re.match(r"@@ -(\d+)", row):
        before = old.splitlines()[: int(found[1]) - 1]
        named = next((each for each in reversed(before) if re.match(r"[A-Za-z_$]", each)), "")
        return f"{row.rstrip()} {named[:80]}".rstrip() + "\n"
    return row if row.endswith("\n") else f"{row}\n\\ No newline at end of file\n"


def _blob(text: str) -> str:
    whole = text.encode()
    return hashlib.sha1(b"blob %d\0" % len(whole) + whole, usedforsecurity=False).hexdigest()[:7]


def _stat(request: Request, changed: list[str]) -> None:
    rows = list[tuple[str, int, int]]()
    for name in changed:
        old, new = _sides(request.top, name)
        marks = [row[0] for row in list(difflib.ndiff(old.splitlines(), new.splitlines()))]
        rows.append((name, marks.count("+"), marks.count("-")))
    if not rows:
        return
    width = max(len(name) for name, _, _ in rows)
    digits = max(len(str(added + gone)) for _, added, gone in rows)
    for name, added, gone in rows:
        request.call.say(f" {name:<{width}} | {added + gone:>{digits}} {'+' * added}{'-' * gone}")
    added, gone = sum(row[1] for row in rows), sum(row[2] for row in rows)
    told = [f" {len(rows)} file{'s' if len(rows) > 1 else ''} changed"]
    told += [f"{added} insertion{'s' if added > 1 else ''}(+)"] if added or not gone else []
    told += [f"{gone} deletion{'s' if gone > 1 else ''}(-)"] if gone else []
    request.call.say(", ".join(told))
