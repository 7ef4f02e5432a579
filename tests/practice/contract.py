"""Scenes: command lines one after the other on a fresh manager, with what the real tool answered; and their comparison.

A scene is a YAML file: `docker` (versions of client and server), `date`, `recorder`, and `steps`. A step is one of
  {run: [ARGV...], stdin: TEXT, status: N, out: TEXT, err: TEXT}    a command line, with the answer as it was recorded
  {wait: SECONDS}                  time goes by
  {daemon: stop | restart}         it ends; or it is there again after it had ended
  {addresses: 2}                   the node has two addresses on one interface, as a droplet always has
  {make: volume | config | secret, name: NAME}    somebody makes one, with "hello" in it
  {autolock: yes}                  the Swarm wants a key from now on when its daemon starts: <key> in later input
A word "$(ARGV)" is what that command line prints, on one line; {shared} is the shortest beginning that two ids of
services have in common.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import yaml

from sprocket_tui.practice.standins.call import Call
from sprocket_tui.practice.standins.docker import main
from sprocket_tui.practice.world import State, Thing, World, fresh, identifier

SCENES = Path(__file__).parents[1] / "recordings/practice/docker"
KEY = "SWMKEY-1-" + "p" * 43
_ONCE_PER_SECOND = re.compile(r"^verify: Waiting \d+ seconds to verify that tasks are stable\.\.\. ?\n", re.M)
_AGO = re.compile(
    r"(?:less than a second|about an? (?:minute|hour)|\d+ (?:second|minute|hour|day|week|month|year)s?)", re.I
)
# What differs from machine to machine in `docker info` and the like: by its heading, and by its name in JSON.
_MACHINE_LINES = re.compile(
    r"^(?P<head> *(?:Kernel Version|Operating System|Architecture|CPUs|Total Memory|ID|Cgroup Driver|Cgroup Version|"
    r"Docker Root Dir|init version|Runtimes)): .*$",
    re.M,
)
_MACHINE_FIELDS = re.compile(
    r'"(?P<name>KernelVersion|OperatingSystem|OSVersion|NCPU|MemTotal|NanoCPUs|MemoryBytes|NFd|NGoroutines|SystemTime|'
    r"Index|Pid|CgroupDriver|CgroupVersion|TrustRoot|CertIssuerPublicKey|MacAddress|FailingStreak|"
    r'IPPrefixLen)":(?P<space> ?)'
    r'(?:"(?:[^"\\]|\\.)*"|\d+)'
)
_NOT_ON_A_DROPLET = (
    re.compile(r"^ Default Address Pools:\n   Base: .*\n", re.M),
    re.compile(r'"DefaultAddressPools":\[[^\]]*\],'),
)
_MARKS: tuple[tuple[str, str], ...] = (
    (r"/tmp/droplet-\w+/docker", "/var/lib/docker"),
    (r"SWMTKN-1-\w{50}-\w{25}", "<token>"),
    (r"SWMKEY-1-[A-Za-z0-9+/]{43}", "<key>"),
    (r"(?<![0-9A-Za-z])[A-Z2-7]{4}(?::[A-Z2-7]{4}){11}", "<identity>"),
    (r"(?<![0-9A-Za-z])[0-9a-f]{64}(?![0-9A-Za-z])", "<digest>"),
    (r"(?<![0-9A-Za-z])[0-9a-z]{25}(?![0-9A-Za-z])", "<id>"),
    (r"(?<![0-9A-Za-z])(?=[a-z]*\d)[0-9a-z]{12}(?![0-9A-Za-z])", "<short id>"),
    (r"^[0-9a-z]{12}(?=\s)", "<short id>"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z", "<moment>"),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)? \+0000 UTC", "<moment>"),
    (r"(?<![\d.])(?!0\.0\.0\.0|127\.0\.)\d+\.\d+\.\d+\.\d+(?:/\d+)?(?![\d.])", "<address>"),
    (r"(?<![\d.])\d+(?:\.\d+)?(?:GiB|MiB|KiB|kB|MB|GB|B)(?![a-z])", "<size>"),
    (r"\d+(?:\.\d+)?%", "<share>"),
    (r"(?<=service )\w{1,4}(?= is ambiguous)|(?<=provided prefix: )\w{1,4}$", "<shared>"),
    (r"(?<=on interface eth0 \()\S+ and [^)]+", "<address> and <address>"),
)


@dataclass(frozen=True)
class Answer:
    """What a command line came to."""

    status: int
    out: str
    err: str

    def normalised(self, *, ordered: bool = True) -> Answer:
        """Without what is different every time; as sorted lines where their order is not told by anything."""
        out = normalised(self.out)
        return Answer(self.status, out if ordered else "".join(sorted(out.splitlines(True))), normalised(self.err))


@dataclass(frozen=True)
class Scene:
    """A file of steps, and where it lies."""

    name: str
    document: dict[str, Any]

    @property
    def steps(self) -> list[dict[str, Any]]:
        return self.document["steps"]

    def lines(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """The command lines with their places."""
        return ((place, step) for place, step in enumerate(self.steps) if "run" in step)


def scenes() -> list[Scene]:
    """All of them."""
    return [Scene(path.stem, yaml.safe_load(path.read_text())) for path in sorted(SCENES.glob("*.yaml"))]


def normalised(text: str) -> str:
    """Ids, moments, spans, sizes and addresses as marks; the width of columns that hold a span is not compared."""
    text = _progress(text)
    for pattern in _NOT_ON_A_DROPLET:
        text = pattern.sub("", text)
    text = _MACHINE_LINES.sub(r"\g<head>: <machine>", text)
    text = _MACHINE_FIELDS.sub(r'"\g<name>":\g<space><machine>', text)
    for pattern, mark in _MARKS:
        text = re.sub(pattern, mark, text, flags=re.M)
    spanned = _AGO.sub("<span>", text)
    if spanned != text or "<size>" in spanned:
        spanned = re.sub(r" {3,}", "   ", spanned)
    return spanned


def _progress(text: str) -> str:
    """What is shown while one waits: how it began and the verdict; what came between depends on when one looks."""
    begin, *blocks = re.split(r"(?=^overall progress: )", _ONCE_PER_SECOND.sub("", text), flags=re.M)
    if not blocks:
        return begin
    verdict = re.search(r"^verify: .*\n", blocks[-1], flags=re.M)
    return begin + blocks[0].split("\n")[0] + "\n" + (verdict[0] if verdict else "")


def ordered(argv: Sequence[str]) -> bool:
    """Images and containers that were made in the same second come in any order."""
    return argv[1] not in ("image", "ps", "stats")


def recorded(step: dict[str, Any]) -> Answer:
    """The answer that a step bears."""
    answer = Answer(step["status"], step.get("out", ""), step.get("err", ""))
    return answer.normalised(ordered=ordered(step["run"]))


def difference(recorded: Answer, given: Answer) -> str:
    """Where two answers part, for people; "" where they are the same."""
    told = []
    for name in ("status", "out", "err"):
        one, other = getattr(recorded, name), getattr(given, name)
        if one != other:
            told.append(f"{name}\n--- recorded\n{one}\n--- given\n{other}")
    return "\n".join(told)


Run = Callable[[Sequence[str], str], Answer]


def substituted(argv: Sequence[str], run: Run) -> list[str]:
    """The words, with what other command lines print in their place."""
    words: list[str] = []
    for word in argv:
        if match := re.fullmatch(r"\$\((.*)\)", word):
            words.append(run(shlex.split(match[1])[1:], "").out.strip())
        elif word == "{shared}":
            words.append(_shared(run(["service", "ls", "-q"], "").out.split()))
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


class StandIn:
    """A practice world in which Docker's stand-in answers; time goes by only when somebody waits."""

    def __init__(self, base: Path) -> None:
        # Ids of tasks follow from the moment, and by chance one contains what a filter looks for.
        self._base, self._now = base, 1_795_000_000.0
        self.world = World(base / "world.json")
        with self._clock():
            self.world.make(manager())

    def docker(self, argv: Sequence[str], stdin: str = "") -> Answer:
        """What it answers."""
        out, err = io.StringIO(), io.StringIO()
        with self._clock():
            call = Call("docker", argv, self.world, {}, "/", io.StringIO(stdin), out, err, self._base)
            status = main(call)
        return Answer(status, out.getvalue(), err.getvalue())

    def wait(self, seconds: float) -> None:
        """Time goes by."""
        self._now += seconds

    def daemon(self, what: str) -> None:
        """It ends or is there again; a Swarm with a key is locked then."""
        with self.world.change() as state:
            docker = state["docker"]
            docker["running"] = what == "restart"
            if what == "restart" and "unlock_key" in docker:
                docker["swarm"] = "locked"

    def replay(self, scene: Scene, until: int) -> Answer:
        """Takes all steps of a scene up to that one; what that one answers."""
        answer = Answer(0, "", "")
        for step in scene.steps[: until + 1]:
            if "run" in step:
                argv = substituted(step["run"], self.docker)
                answer = self.docker(argv[1:], step.get("stdin", "").replace("<key>", KEY))
                # Somebody types the next one.
                self.wait(0.05)
            elif "wait" in step:
                self.wait(step["wait"])
            elif "daemon" in step:
                self.daemon(step["daemon"])
            elif "make" in step:
                self.make(step["make"], step["name"])
            elif "autolock" in step:
                with self.world.change() as state:
                    state["docker"]["unlock_key"] = KEY
        return answer

    def make(self, kind: str, name: str) -> None:
        """A thing comes to be."""
        with self.world.change() as state:
            mark = name if kind == "volume" else identifier(state)
            detail = {"Data": "aGVsbG8K"} if kind == "config" else {}
            made: Thing = {"id": mark, "name": name, "created": self._now, "detail": detail}
            held = {"volume": "volumes", "config": "configs", "secret": "secrets"}
            state["docker"][held[kind]].append(made)

    @contextmanager
    def _clock(self) -> Iterator[None]:
        with mock.patch("time.time", lambda: self._now), mock.patch("time.sleep", self.wait):
            yield


def manager() -> State:
    """A world like the lab's: its version of Docker, its images, the Swarm initialised."""
    state = fresh(11, 1.0)
    docker, now = state["docker"], time.time()
    docker.update({"version": "20.10.24+dfsg1", "api": "1.41", "oldest_api": "1.12"})
    docker.update({"swarm": "active", "advertised": "127.0.0.1", "node_id": "n0" + "d" * 23})
    state["node"].update({"hostname": "sprocketbot-manager", "address": "127.0.0.1"})
    state["registry"].update({"lab/missing": "missing", "lab/exits": "crashes", "lab/unhealthy": "unhealthy"})
    web = ["httpd", "-f", "-p", "8200", "-h", "/www"]
    commands = {
        "traefik:1": ["/traefik"],
        "socket-proxy:1": ["/socat"],
        "web:1": web,
        "web:2": web,
        "exits:1": ["sh", "-c", "echo cannot read /vault.hcl >&2; exit 1"],
        "unhealthy:1": web,
        "healthy:1": web,
    }
    docker["images"] = [
        {
            "id": f"{number:064x}",
            "name": f"lab/{name}",
            "created": now - 9 + number,
            "size": 1_984_000,
            "command": words,
        }
        for number, (name, words) in enumerate(commands.items(), 0x1A2B3C4D5E6F)
    ]
    return state


def environment() -> dict[str, str]:
    """What the real client runs with."""
    return {"PATH": os.environ["PATH"], "HOME": "/root"}
