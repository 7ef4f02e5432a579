"""`npm --version` and `npm ci`, which makes the packages that a lock file names: no more of each than its manifest."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sprocket_tui.practice.standins.call import Call
from sprocket_tui.practice.world import State, pause

_SECONDS = 9.0
_QUIET = ("--no-audit", "--no-fund", "--ignore-scripts")
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
    """Answers the two; any other command as npm answers an unknown one."""
    state = call.world.read()
    if "npm" not in state["software"]:
        return call.fail("sh: 1: npm: not found", 127)
    if "node" not in state["software"]:
        return call.fail("/usr/bin/env: 'node': No such file or directory", 127)
    match list(call.argv):
        case ["--version"] | ["-v"]:
            call.say(state["software"]["npm"])
            return 0
        case ["ci", *flags]:
            return _install(call, state, flags)
        case words:
            call.say(f'Unknown command: "{words[0]}"' if words else "npm <command>")
            call.say("\nTo see a list of supported npm commands, run:\n  npm help")
            return 1


def _install(call: Call, state: State, flags: Sequence[str]) -> int:
    rest, directory = list(flags), call.directory
    quiet = set[str]()
    while rest:
        flag = rest.pop(0)
        name, given, value = flag.partition("=")
        if name == "--prefix" and (given or rest):
            directory = value if given else rest.pop(0)
        elif flag in _QUIET:
            quiet.add(flag)
        else:
            _complain(
                call, f'warn Unknown cli config "{flag}". This will stop working in the next major version of npm.'
            )
    place = call.path(directory)
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
    began = time.monotonic()
    _warn_of_engine(call, state, packages)
    pause(state, _SECONDS)
    count = _write(place, lock, packages)
    seconds = max(1, round((time.monotonic() - began) * state["speed"]))
    audited = "" if "--no-audit" in quiet else f", and audited {count + 1} packages"
    call.say(f"\nadded {count} packages{audited} in {seconds}s")
    if not audited:
        return 0
    call.say("\nfound 0 vulnerabilities")
    return 0


def _write(place: Path, lock: dict[str, Any], packages: dict[str, dict[str, Any]]) -> int:
    modules = place / "node_modules"
    if modules.exists():
        shutil.rmtree(modules)
    modules.mkdir()
    held = {name: row for name, row in packages.items() if name}
    for name, row in held.items():
        (place / name).mkdir(parents=True)
        manifest = {"name": name.removeprefix("node_modules/"), "version": row["version"]}
        (place / name / "package.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    hidden = {**lock, "packages": held}
    (modules / ".package-lock.json").write_text(json.dumps(hidden, indent=2) + "\n", encoding="utf-8")
    return len(held)


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
    stamp = time.strftime("%Y-%m-%dT%H_%M_%S", time.gmtime(time.time() + state["node"]["clock"]))
    log = f"{call.environ.get('HOME', '/root')}/.npm/_logs/{stamp}_000Z-debug-0.log"
    for row in ("code EUSAGE", *f"{why}\n{_USAGE}".split("\n"), f"A complete log of this run can be found in: {log}"):
        _complain(call, f"error {row}".rstrip())
    return 1


def _complain(call: Call, text: str) -> None:
    call.stderr.write(f"npm {text}\n")
