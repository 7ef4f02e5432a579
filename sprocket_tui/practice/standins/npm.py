"""`npm ci` and `npm install`, which make of a package no more than its manifest; `npm ls`, `npm --version`."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sprocket_tui.practice.standins.call import Call
from sprocket_tui.practice.standins.options import Line, flags, read
from sprocket_tui.practice.standins.rehearsed import NotRehearsed
from sprocket_tui.practice.world import State, pause

_SECONDS = 9.0
_FLAGS = flags("-v,--version --no-audit --no-fund --ignore-scripts --prefix= -a,--all --depth=")
TAKES = {"npm": {"": _FLAGS, **dict.fromkeys(("ci", "install", "i", "ls", "list"), ())}}
_USAGE = """
Clean install a project

Usage:
npm ci

Options:
[--install-strategy <hoisted|nested|shallow|linked>] [--legacy-bundling]
[--global-style] [--omit <dev|optional|peer> [--omit <dev|optional|peer> ...]]
[--include <prod|dev|optional|peer> [--include <prod|dev|optional|peer> ...]]
[--strict-peer-deps] [--foreground-scripts] [--ignore-scripts] [--no-audit]
[--no-bin-links] [--no-fund] [--dry-run]
[-w|--workspace <workspace-name> [-w|--workspace <workspace-name> ...]]
[-ws|--workspaces] [--include-workspace-root] [--install-links]

aliases: clean-install, ic, install-clean, isntall-clean

Run "npm help ci" for more info"""
_NO_LOCK = """
The `npm ci` command can only install with an existing package-lock.json or
npm-shrinkwrap.json with lockfileVersion >= 1. Run an install with npm@5 or
later to generate a package-lock.json file, then try again."""
_DIFFERS = """
`npm ci` can only install packages when your package.json and package-lock.json or npm-shrinkwrap.json are in sync. \
Please update your lock file with `npm install` before continuing.
"""


def main(call: Call) -> int:
    """Answers these commands; any other as npm answers an unknown one."""
    state = call.world.read()
    if "npm" not in state["software"]:
        return call.fail("sh: 1: npm: not found", 127)
    if "node" not in state["software"]:
        return call.fail("/usr/bin/env: 'node': No such file or directory", 127)
    line, odd = _read(call.argv)
    for flag in odd:
        _complain(call, f'warn Unknown cli config "{flag}". This will stop working in the next major version of npm.')
    if line.given.get("--prefix"):
        call = replace(call, directory="/" + str(call.path(line.given["--prefix"]).relative_to(call.root)))
    return _answer(call, state, line)


def _answer(call: Call, state: State, line: Line) -> int:
    match line.words:
        case _ if line.has("-v"):
            call.say(state["software"]["npm"])
            return 0
        case ["ci"]:
            return _clean(call, state, line)
        case ["install" | "i"]:
            return _install(call, state, line)
        case ["ls" | "list", *names]:
            return _list(call, line, names)
        case []:
            raise NotRehearsed("npm without a command")
        case words:
            call.say(f'Unknown command: "{words[0]}"')
            call.say("\nTo see a list of supported npm commands, run:\n  npm help")
            return 1


def _read(argv: Sequence[str]) -> tuple[Line, list[str]]:
    """The line, and options that npm has never heard of: it warns and goes on."""
    rest, odd = list(argv), list[str]()
    known = {name: flag for flag in _FLAGS for name in flag.names}
    kept = list[str]()
    while rest:
        word = rest.pop(0)
        if word.startswith("-") and word.partition("=")[0] not in known:
            odd.append(word)
        else:
            kept.append(word)
    return read(kept, _FLAGS), odd


def _clean(call: Call, state: State, line: Line) -> int:
    place = call.path(call.directory)
    try:
        manifest: dict[str, Any] = json.loads((place / "package.json").read_text(encoding="utf-8"))
        lock: dict[str, Any] = json.loads((place / "package-lock.json").read_text(encoding="utf-8"))
        packages: dict[str, dict[str, Any]] = lock["packages"]
    except (OSError, ValueError, KeyError):
        return _misuse(call, state, _NO_LOCK)
    wanted: dict[str, str] = manifest.get("dependencies", {})
    missing = [
        f"Missing: {name}@{version} from lock file" for name, version in wanted.items() if not _held(packages, name)
    ]
    stale = [
        f"Invalid: lock file's {name}@{held} does not satisfy {name}@{version}"
        for name, version in wanted.items()
        if (held := _held(packages, name)) and version[:1].isdigit() and held != version
    ]
    if missing or stale:
        return _misuse(call, state, "\n".join([_DIFFERS, *stale, *missing]))
    if (place / "node_modules").exists():
        shutil.rmtree(place / "node_modules")
    return _bring(call, state, line, lock)


def _install(call: Call, state: State, line: Line) -> int:
    """What is not there of the lock file's packages; without one, of those that the manifest names."""
    place = call.path(call.directory)
    try:
        manifest: dict[str, Any] = json.loads((place / "package.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        manifest = {}
    try:
        lock: dict[str, Any] = json.loads((place / "package-lock.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        wanted: dict[str, str] = manifest.get("dependencies", {})
        rows = {f"node_modules/{name}": {"version": version.lstrip("^~")} for name, version in wanted.items()}
        root = {"name": manifest.get("name", place.name), "dependencies": wanted}
        lock = {"name": root["name"], "lockfileVersion": 3, "requires": True, "packages": {"": root, **rows}}
        (place / "package-lock.json").write_text(json.dumps(lock, indent=2) + "\n", encoding="utf-8")
    return _bring(call, state, line, lock)


def _bring(call: Call, state: State, line: Line, lock: dict[str, Any]) -> int:
    began = time.monotonic()
    packages: dict[str, dict[str, Any]] = lock["packages"]
    _warn_of_engine(call, state, packages)
    new = [name for name in packages if name and not (call.path(call.directory) / name / "package.json").exists()]
    if new:
        pause(state, _SECONDS)
    _write(call.path(call.directory), lock, packages)
    seconds = max(1, round((time.monotonic() - began) * state["speed"]))
    audited = "" if line.has("--no-audit") else f"audited {len(packages)} packages"
    count = f"added {len(new)} package{'s' if len(new) != 1 else ''}" if new else "up to date"
    call.say(
        f"\n{count}{f', {audited}' if audited and not new else f', and {audited}' if audited else ''} in {seconds}s"
    )
    if audited:
        call.say("\nfound 0 vulnerabilities")
    return 0


def _list(call: Call, line: Line, names: Sequence[str]) -> int:
    from sprocket_tui.practice.standins import npm_tree  # noqa: PLC0415 only one command needs it

    place = call.path(call.directory)
    root, lacks = npm_tree.tree(place, f"/{place.relative_to(call.root)}")
    depth = 1000 if line.has("-a") or names else 0
    if line.given.get("--depth", "").isdecimal():
        depth = int(line.given["--depth"])
    shown = npm_tree.only(root, names) if names else root
    call.say(npm_tree.drawn(shown, depth))
    if not lacks or names:
        return 1 if names and not shown.below else 0
    call.stdout.flush()
    rows = ["code ELSPROBLEMS", *(f"missing: {each}" for each in lacks), _log(call, call.world.read())]
    for row in rows:
        _complain(call, f"error {row}")
    return 1


def _write(place: Path, lock: dict[str, Any], packages: dict[str, dict[str, Any]]) -> None:
    modules = place / "node_modules"
    modules.mkdir(exist_ok=True)
    held = {name: row for name, row in packages.items() if name}
    for name, row in held.items():
        (place / name).mkdir(parents=True, exist_ok=True)
        manifest = {"name": name.removeprefix("node_modules/"), "version": row["version"]}
        (place / name / "package.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    hidden = {**lock, "packages": held}
    (modules / ".package-lock.json").write_text(json.dumps(hidden, indent=2) + "\n", encoding="utf-8")


def _held(packages: dict[str, dict[str, Any]], name: str) -> str:
    return str(packages.get(f"node_modules/{name}", {}).get("version", ""))


def _warn_of_engine(call: Call, state: State, packages: dict[str, dict[str, Any]]) -> None:
    node, npm = state["software"]["node"], state["software"]["npm"]
    for name, row in packages.items():
        asked = str(row.get("engines", {}).get("node", ""))
        if asked.startswith(">=") and int(node.partition(".")[0]) < int(asked.removeprefix(">=").partition(".")[0]):
            package = f"{name.removeprefix('node_modules/')}@{row['version']}"
            rows = (
                "Unsupported engine {",
                f"  package: '{package}',",
                f"  required: {{ node: '{asked}' }},",
                f"  current: {{ node: 'v{node}', npm: '{npm}' }}",
                "}",
            )
            for text in rows:
                _complain(call, f"warn EBADENGINE {text}")


def _misuse(call: Call, state: State, why: str) -> int:
    for row in ("code EUSAGE", *f"{why}\n{_USAGE}".split("\n"), _log(call, state)):
        _complain(call, f"error {row}".rstrip())
    return 1


def _log(call: Call, state: State) -> str:
    stamp = time.strftime("%Y-%m-%dT%H_%M_%S", time.gmtime(time.time() + state["node"]["clock"]))
    home = call.environ.get("HOME", "/root")
    return f"A complete log of this run can be found in: {home}/.npm/_logs/{stamp}_000Z-debug-0.log"


def _complain(call: Call, text: str) -> None:
    call.stderr.write(f"npm {text}\n")
