"""Finds a program where a non-login shell would not look, and asks it for its version.

Value {found, path, version, major, minor}: the absolute path; version, major and minor are null where there is none.
With `engines` also {asks, unmet, fits}: the ranges that package.json and its lock file give for the program, those
that the version is not in, and whether it is in all of them; `fits` is null where there is no range or no version.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from sprocket_tui.checks.excerpt import excerpt
from sprocket_tui.checks.observation import Observation
from sprocket_tui.checks.probes import engines
from sprocket_tui.checks.probes.base import Answers, Probe, unreadable
from sprocket_tui.checks.probes.ranges import Version
from sprocket_tui.guide.words.probes import SoftwareProbe
from sprocket_tui.target.batch import Command
from sprocket_tui.values import JSON

# $PATH already begins with the profile's path. Of several Node versions the newest is taken, as `nvm` would.
_FIND = """\
name={name}
nvm=$(ls -d "$HOME"/.nvm/versions/node/*/bin 2>/dev/null | sort -t v -k 3 -V 2>/dev/null | tail -n 1)
PATH="$PATH:/usr/local/bin:/usr/local/sbin:/usr/bin:/bin:/usr/sbin:/sbin:/snap/bin"
PATH="$PATH:$HOME/.pulumi/bin:$HOME/.local/bin:$HOME/bin:/usr/local/go/bin${{nvm:+:$nvm}}"
export PATH
found=
case "$name" in
    /*) if [ -f "$name" ] && [ -x "$name" ]; then found=$name; fi ;;
    *)
        rest=$PATH:
        while [ -n "$rest" ]; do
            directory=${{rest%%:*}} rest=${{rest#*:}}
            case "$directory" in /*) ;; *) continue ;; esac
            if [ -f "$directory/$name" ] && [ -x "$directory/$name" ]; then found=$directory/$name; break; fi
        done ;;
esac
if [ -z "$found" ]; then echo absent; exit 0; fi
printf 'at %s\\n' "$found"
"""


def commands(words: SoftwareProbe) -> tuple[Command, ...]:
    """A search of the path, then the version question to what was found; and what the programs ask for."""
    script = _FIND.format(name=shlex.quote(words.name))
    if words.version:
        script += f'"$found" {shlex.join(words.version)} 2>&1\nexit 0\n'
    find = Command("find", script, words.timeout)
    if not words.engines:
        return (find,)
    return (find, engines.command(words.name, words.engines, words.timeout))


def read(words: SoftwareProbe, answers: Answers) -> Observation:
    """Where it is and which version; raises ProbeError when the search itself did not answer."""
    text = answers.text("find")
    first, _, said = text.partition("\n")
    if first == "absent":
        absent: dict[str, JSON] = {"found": False, "path": None, "version": None, "major": None, "minor": None}
        seen = f"{words.name} was not found"
        return Observation(value=absent | _asked(words, None, answers), seen=seen, evidence=text)
    if not re.fullmatch(r"at /.+", first):
        raise unreadable(text)
    path = first.removeprefix("at ")
    match = re.search(words.pattern, said)
    numbers = [int(part) if part and part.isdecimal() else None for part in (match.groups() if match else ())]
    major, minor = (*numbers, None, None)[:2]
    version = match.group() if match else None
    seen = f"{path}, version {version}" if version else f"{path}; {_no_version(words, said)}"
    value: dict[str, JSON] = {"found": True, "path": path, "version": version, "major": major, "minor": minor}
    whole = _release(numbers) if numbers else None
    return Observation(value=value | _asked(words, whole, answers), seen=seen, evidence=text)


def _release(numbers: Sequence[int | None]) -> Version:
    first, second, third = [*(number or 0 for number in numbers), 0, 0, 0][:3]
    return first, second, third


def _asked(words: SoftwareProbe, version: Version | None, answers: Answers) -> dict[str, JSON]:
    return engines.read(words.name, version, answers) if words.engines else {}


def _no_version(words: SoftwareProbe, said: str) -> str:
    if not words.version:
        return "its version was not asked for"
    return f"no version in its answer: {excerpt(said, 120) or 'it said nothing'}"


PROBE = Probe[SoftwareProbe](kind="software", commands=commands, read=read)
