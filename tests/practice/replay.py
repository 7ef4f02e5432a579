"""Scenes played to the stand-ins: a world of its own, in which time goes by only when somebody waits."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, TextIO
from unittest import mock

from sprocket_tui.practice.standins.call import Become, Call
from sprocket_tui.practice.standins.first_day import fresh
from sprocket_tui.practice.standins.rehearsed import answer as answered
from sprocket_tui.practice.standins.repository import checkout
from sprocket_tui.practice.world import Service, State, Thing, World, identifier
from tests.practice.contract import HOME, Answer, Kept, Scene, substituted

KEY = "SWMKEY-1-" + "p" * 43


class StandIn:
    """A practice world in which the stand-ins answer, from files below `base`."""

    def __init__(self, base: Path, tool: str = "docker") -> None:
        # Ids of tasks follow from the moment, and by chance one contains what a filter looks for.
        self._base, self._now, self._kept = base, 1_795_000_000.0, Kept()
        # The others wait while they are called, and a world can be as fast as one likes.
        self._waits = tool != "docker"
        self.world = World(base / "world.json")
        with self._clock():
            self.world.make(manager() if tool == "docker" else droplet())
        for name in ("root", "dev/shm", "run/practice/real", "usr/bin"):
            (base / name).mkdir(parents=True, exist_ok=True)
        (base / "run/practice/launcher").touch()
        (base / "run/practice/real/date").symlink_to(shutil.which("date") or "date")

    def run(
        self, argv: Sequence[str], stdin: str = "", directory: str = HOME, environ: Mapping[str, str] | None = None
    ) -> Answer:
        """What a command line answers."""
        with self._clock(), _file(stdin) as given, _file() as out, _file() as err:
            told = {"HOME": HOME, "USER": "root", "LANG": "C.UTF-8", **(environ or {})}
            call = Call(argv[0], argv[1:], self.world, told, directory, given, out, err, self._base)
            try:
                status = answered(call)
            except Become as other:
                status = _became(other, call)
            return Answer(status, _text(out), _text(err))

    def docker(self, argv: Sequence[str], stdin: str = "") -> Answer:
        """What docker answers."""
        return self.run(["docker", *argv], stdin)

    def wait(self, seconds: float) -> None:
        """Time goes by, for docker alone."""
        self._now += seconds

    def step(self, step: dict[str, Any]) -> Answer | None:
        """Takes one step of a scene; the answer of a command line."""
        match step:
            case {"run": argv}:
                words = [self._kept.filled(word) for word in substituted(argv, self.run)]
                stdin = self._kept.filled(step.get("stdin", "").replace("<key>", KEY))
                answer = self.run(words, stdin, step.get("in", HOME), self._kept.environment(step))
                self._kept.keep(step.get("keep", {}), answer)
                # Somebody types the next one.
                self.wait(0.05)
                return answer
            case _:
                self._happens(step)
        return None

    def _happens(self, step: dict[str, Any]) -> None:
        """Something that is no command line."""
        match step:
            case {"export": wanted}:
                self._kept.export(wanted)
            case {"wait": seconds}:
                self.wait(seconds)
            case {"write": path, "text": text}:
                file = self._place(path)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text)
            case {"remove": path}:
                place = self._place(path)
                shutil.rmtree(place) if place.is_dir() else place.unlink()
            case {"checkout": directory}:
                checkout(self._place(directory))
            case {"listen": port, "process": name}:
                with self.world.change() as state:
                    state["listeners"].append({"port": port, "process": name, "pid": 1043})
            case {"without": name}:
                with self.world.change() as state:
                    del state["software"][name]
            case _:
                self._serves(step)

    def _serves(self, step: dict[str, Any]) -> None:
        """Something that a server comes to, or a thing of it."""
        match step:
            case {"daemon": what}:
                self.daemon(what)
            case {"make": kind, "name": name}:
                self.make(kind, name)
            case {"vault": what}:
                self.vault(what)
            case {"autolock": True}:
                with self.world.change() as state:
                    state["docker"]["unlock_key"] = KEY
            case {"addresses": 2}:
                pass
            case _:
                raise ValueError(f"an unknown step: {step}")

    def _place(self, path: str) -> Path:
        return self._base / path.lstrip("/")

    def daemon(self, what: str) -> None:
        """It ends or is there again; a Swarm with a key is locked then."""
        with self.world.change() as state:
            docker = state["docker"]
            docker["running"] = what == "restart"
            if what == "restart" and "unlock_key" in docker:
                docker["swarm"] = "locked"

    def vault(self, what: str) -> None:
        """Its server runs on port 8200, started a while ago; or it does not."""
        began = time.time() - 10
        server: Service = {
            "id": "v0" + "a" * 23,
            "name": "vault",
            "image": "vault:1.13.1",
            "created": began,
            "updated": began if what == "start" else began + 5,
            "begun": [int(what == "restart")],
            "replicas": 1,
            "ports": [8200],
            "labels": {},
            "networks": [],
            "mounts": [],
            "fate": "runs",
            "error": "",
        }
        with self.world.change() as state:
            state["docker"]["swarm"] = "active"
            state["docker"]["services"] = [] if what == "stop" else [server]

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
        if self._waits:
            yield
            return
        with mock.patch("time.time", lambda: self._now), mock.patch("time.sleep", self.wait):
            yield


@cache
def _played(tool: str, name: str) -> list[Answer | None]:
    with tempfile.TemporaryDirectory() as base:
        stand_in, scene = StandIn(Path(base), tool), Scene.read(tool, name)
        with stand_in.world.change() as state:
            if tool in state["software"]:
                state["software"][tool] = re.sub(r"^[a-z ]*", "", scene.document["version"])
        return [stand_in.step(step) for step in scene.steps]


def answer(scene: Scene, place: int) -> Answer:
    """What the stand-in answers at a place of a scene, which is played once from its beginning."""
    given = _played(scene.tool, scene.name)[place]
    assert given is not None, "no command line stands there"
    return given


def _became(other: Become, call: Call) -> int:
    """What a program comes to that a stand-in becomes: one of the system's own."""
    files = {"stdin": call.stdin, "stdout": call.stdout, "stderr": call.stderr}
    environ = {"PATH": "/usr/bin:/bin", **other.environ}
    try:
        return subprocess.run(other.argv, env=environ, check=False, **files).returncode
    except FileNotFoundError:
        return call.fail(other.missing)


@contextmanager
def _file(text: str = "") -> Iterator[TextIO]:
    """A real file, because a stand-in may hand it to another program."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as file:
        file.write(text)
        file.seek(0)
        yield file


def _text(file: TextIO) -> str:
    file.seek(0)
    return file.read()


def droplet() -> State:
    """A droplet as on the day of a first deployment."""
    return fresh(11, 1000.0)


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
