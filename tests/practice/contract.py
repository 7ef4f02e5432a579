"""Scenes: command lines one after the other on a fresh droplet, with what the real tool answered; and their comparison.

A scene is a YAML file in a directory named after its tool: `version` of the tool, `date`, `recorder`, and `steps`. A
step is one of
  {run: [ARGV...], in: DIRECTORY, env: {NAME: TEXT}, stdin: TEXT, status: N, out: TEXT, err: TEXT}
                                   a command line, with the answer as it was recorded; with `keep: {MARK: PLACE}` what
                                   stands at that place of the JSON on stdout (at "" all of it, whatever it is) is put
                                   for the mark in later words, environments and input
  {export: {NAME: TEXT}}           the environment of every later command line
  {wait: SECONDS}                  time goes by
  {write: PATH, text: TEXT}        a file has these contents from now on
  {remove: PATH}                   a file or directory goes
  {checkout: DIRECTORY}            the practice checkout lies there, as a repository with one commit
  {listen: PORT, process: NAME}    a process of that name listens
  {without: NAME}                  that package is not installed
for vault
  {vault: start | stop | restart}  a server of its own on port 8200, on files that outlive it
and for docker
  {daemon: stop | restart}         it ends; or it is there again after it had ended
  {addresses: 2}                   the node has two addresses on one interface, as a droplet always has
  {make: volume | config | secret, name: NAME}    somebody makes one, with "hello" in it
  {autolock: yes}                  the Swarm wants a key from now on when its daemon starts: <key> in later input
A word "$(ARGV)" is what that command line prints, on one line; {shared} is the shortest beginning that two ids of
services have in common.
"""

from __future__ import annotations

import json
import shlex
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.practice.normal import normalised, ordered

SCENES = Path(__file__).parents[1] / "recordings/practice"
# Where a command line is typed that does not say where.
HOME = "/root"


@dataclass(frozen=True)
class Answer:
    """What a command line came to."""

    status: int
    out: str
    err: str

    def normalised(self, argv: Sequence[str]) -> Answer:
        """Without what is different every time; as sorted lines where their order is not told by anything."""
        out, err = (normalised(argv[0], text) for text in (self.out, self.err))
        return Answer(self.status, out if ordered(argv) else "".join(sorted(out.splitlines(True))), err)


@dataclass(frozen=True)
class Scene:
    """A file of steps: whose, and its name."""

    tool: str
    name: str
    document: dict[str, Any]

    @classmethod
    def read(cls, tool: str, name: str) -> Scene:
        """The scene of that name."""
        return cls(tool, name, _loaded(SCENES / tool / f"{name}.yaml"))

    @property
    def steps(self) -> list[dict[str, Any]]:
        return self.document["steps"]

    @property
    def file(self) -> Path:
        """Where it lies."""
        return SCENES / self.tool / f"{self.name}.yaml"

    @property
    def waits(self) -> float:
        """Seconds that go by in it, besides what its commands take."""
        return sum(step.get("wait", 0) for step in self.steps)

    def lines(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """The command lines with their places."""
        return ((place, step) for place, step in enumerate(self.steps) if "run" in step)

    def __str__(self) -> str:
        return f"{self.tool}-{self.name}"


@cache
def _loaded(file: Path) -> dict[str, Any]:
    # Much of the time of a test would go into YAML otherwise.
    return yaml.load(file.read_text(), yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader)


def scenes(tool: str = "*") -> list[Scene]:
    """All of a tool, or of all tools."""
    return [Scene.read(path.parent.name, path.stem) for path in sorted(SCENES.glob(f"{tool}/*.yaml"))]


def recorded(step: dict[str, Any]) -> Answer:
    """The answer that a step bears."""
    return Answer(step["status"], step.get("out", ""), step.get("err", "")).normalised(step["run"])


def difference(step: dict[str, Any], given: Answer) -> str:
    """Where an answer and the recorded one part, for people; "" where they are the same."""
    kept, now = recorded(step), given.normalised(step["run"])
    told = [
        f"{name}\n--- recorded\n{getattr(kept, name)}\n--- given\n{getattr(now, name)}"
        for name in ("status", "out", "err")
        if getattr(kept, name) != getattr(now, name)
    ]
    return "\n".join([shlex.join(step["run"]), *told]) if told else ""


@dataclass
class Kept:
    """What command lines printed for later ones, by mark; and what is in the environment of all of them."""

    marks: dict[str, str] = field(default_factory=dict[str, str])
    exported: dict[str, str] = field(default_factory=dict[str, str])

    def keep(self, wanted: Mapping[str, str], answer: Answer) -> None:
        """Keeps parts of an answer: a path of names and numbers with dots between, or "" for all of it."""
        for mark, path in wanted.items():
            value: Any = json.loads(answer.out) if path else answer.out.strip()
            for name in path.split(".") if path else ():
                value = value[int(name) if name.isdecimal() else name]
            self.marks[mark] = value

    def export(self, wanted: Mapping[str, str]) -> None:
        """Lets later command lines have these variables."""
        self.exported |= {name: self.filled(value) for name, value in wanted.items()}

    def filled(self, text: str) -> str:
        """The text with what was kept in place of the marks."""
        for mark, value in self.marks.items():
            text = text.replace(mark, value)
        return text

    def environment(self, step: Mapping[str, Any]) -> dict[str, str]:
        """What a step's command line has in its environment besides the usual."""
        return {**self.exported, **{name: self.filled(value) for name, value in step.get("env", {}).items()}}


Run = Callable[[Sequence[str]], Answer]


def substituted(argv: Sequence[str], run: Run) -> list[str]:
    """The words, with what other command lines print in their place."""
    words: list[str] = []
    for word in argv:
        if word.startswith("$(") and word.endswith(")"):
            words.append(run(shlex.split(word[2:-1])).out.strip())
        elif word == "{shared}":
            words.append(_shared(run(["docker", "service", "ls", "-q"]).out.split()))
        else:
            words.append(word)
    return words


def _shared(ids: Sequence[str]) -> str:
    for length in range(1, 5):
        # More than two would be told by another number.
        found = [begin for begin, count in Counter(each[:length] for each in ids).items() if count == 2]
        if found:
            return found[0]
    raise AssertionError("no two ids begin alike")
