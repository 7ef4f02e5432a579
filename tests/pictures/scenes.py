"""The screens that are drawn. To add one: how its app is made in a theme, and what a person did until it is shown."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textual.app import App
from textual.pilot import Pilot

from sprocket_tui.commands import forms
from sprocket_tui.faces.tui.app import WalkApp
from sprocket_tui.faces.tui.keys import keymap
from sprocket_tui.faces.tui.offer import Connecting, Found, Host, Offer
from sprocket_tui.faces.tui.setup import Setup
from sprocket_tui.faces.tui.views.connect import ConnectApp
from sprocket_tui.faces.tui.widgets.status import Status
from sprocket_tui.guide.loader import load_guide
from sprocket_tui.journal.events import Asked, AttemptEnded, DeploymentFound, Fact, Hinted, RepairFound, Waiting
from sprocket_tui.journal.runs import RunDirectory
from tests.tui.kit import (
    COMPLETE,
    ScriptedEngine,
    begun,
    connected,
    done,
    ended,
    judged,
    named,
    note,
    running,
    shown,
    started,
    what_now,
    yes_no,
)

UP = "layer-1.up"
GUIDE = load_guide()
# Removed when this process ends; a scene that is shown keeps its directory until then.
KEPT = tempfile.TemporaryDirectory(prefix="sprocket-tui-pictures-")


async def _nothing(_pilot: Pilot[Any]) -> None:
    """Shown as it starts."""


@dataclass(frozen=True)
class Scene:
    """`make` builds the app in a theme; `act` does what a person did, and waits until that is shown."""

    make: Callable[[str], App[Any]]
    act: Callable[[Pilot[Any]], Awaitable[None]] = _nothing


def walk_of(*facts: Fact, seen: int, notes: list[dict[str, Any]] | None = None) -> Callable[[str], WalkApp]:
    """A walk of the bundled guide of which these facts are known; the first `seen` of them were seen before."""

    def make(theme: str) -> WalkApp:
        directory = RunDirectory(Path(tempfile.mkdtemp(dir=KEPT.name)) / "7f3a19c2")
        attempt = directory.attempt(UP, 1)
        attempt.mkdir(parents=True)
        (attempt / "progress.jsonl").write_text("".join(f"{json.dumps(each)}\n" for each in notes or []))
        said = [{"s": "out", "at": 1, "t": time.time(), "line": each["text"]} for each in notes or [] if each["text"]]
        (attempt / "output.jsonl").write_text("".join(f"{json.dumps(each)}\n" for each in said))
        engine = ScriptedEngine()
        engine.tell(*facts)
        keys = keymap(directory.path / "keys.toml")
        resume = "sprocket-tui resume 7f3a19c2"
        setup = Setup(engine, directory, GUIDE, "ada@laptop", seen, lambda: ("true",), resume, keys)
        return WalkApp(setup, theme=theme)

    return make


@dataclass
class _Known:
    """A look whose result is known at once."""

    result: Found | None
    doing: str = "measuring what is deployed"

    def found(self) -> Found | None:
        return self.result

    def stop(self) -> None:
        """Nothing is under way."""


_DEPLOYED = Found(
    (
        "Run 7f3a19c2 came to its end there.",
        "A deployment is there already: traefik-1a2b3c4 converged, vault converged.",
        "Enter begins a walk that takes it over: every step is measured first, and what holds is passed over.",
    )
)
_CHECKS = ("check", "--profile", "production")


def _connect(theme: str) -> App[Any]:
    offers = [
        Offer("Practice droplet", "nothing real is touched", "A droplet of its own on this machine.", ("practice",)),
        Offer("This machine", "local", "The machine this program runs on.", ("run", "--target", "local")),
        Offer(
            "production",
            "ssh://root@203.0.113.10  sprocket.example",
            "Begins a walk. What is there already is measured first, and passed over where it holds.",
            ("run", "--profile", "production"),
            _CHECKS,
            lambda: _Known(_DEPLOYED),
            "production",
            production=True,
        ),
        Offer(
            "staging",
            "staging  ssh://deploy@203.0.113.24  run to resume",
            "Run 7f3a19c2 was left.",
            ("resume", "7f3a19c2"),
            _CHECKS,
            lambda: _Known(None),
            "staging",
        ),
    ]
    hosts = [Host("web1", "root@203.0.113.10"), Host("web2", "deploy@203.0.113.24"), Host("git", "git@192.0.2.7:2222")]
    return ConnectApp(
        Connecting("sprocket-infra 1.1", lambda: offers, lambda: hosts, forms.new, forms.edit, lambda name: name),
        keymap(Path("/nowhere")),
        theme=theme,
    )


def _pressing(*keys: str) -> Callable[[Pilot[Any]], Awaitable[None]]:
    async def act(pilot: Pilot[Any]) -> None:
        for key in keys:
            await pilot.press(key)
            await pilot.pause(0.15)

    return act


async def _until_asked(pilot: Pilot[Any]) -> None:
    """The question can be answered: its grace is over."""
    while pilot.app.focused is None:
        await pilot.pause(0.05)


async def _leave(pilot: Pilot[Any]) -> None:
    await pilot.press("q")
    await pilot.pause()


async def _log(pilot: Pilot[Any]) -> None:
    await pilot.press("l")
    await pilot.pause()
    # The line below the log follows once a second.
    while "8 lines" not in pilot.app.screen.query_one(Status).text:
        await pilot.pause(0.05)


async def _jump(pilot: Pilot[Any]) -> None:
    await _until_asked(pilot)
    await pilot.press("f")
    await pilot.pause()


def _began(step: str) -> tuple[Fact, ...]:
    return (started(), connected(), begun(step, GUIDE))


_NAMES = "network.names"
_LISTED = (
    judged("sprocket", "pass", of=_NAMES),
    judged("api", "pass", of=_NAMES),
    judged("vault", "fail", of=_NAMES),
    judged("traefik", "unknown", of=_NAMES, observed="timed out at 1 of 4 resolvers"),
    judged("status", "pass", of=_NAMES),
)
_CHANGES = ("Stack", "Traefik", "Vault", "SocketProxy", "Network", "Network", "Volume", "Service", "Service", "Service")
_PLAN = [{"op": "create", "kind": kind, "name": f"{kind.lower()}-{n}"} for n, kind in enumerate(_CHANGES)]
_CARD = shown(
    UP,
    argv=["pulumi", "up", "--stack", "layer_1", "--plan", "plan.json"],
    directory="/root/sprocket-infra/layer_1",
    changes=["the networks, configs, volumes and services of Layer 1 on this droplet"],
    plan=_PLAN,
    undo="compensable: pulumi destroy takes it down; the certificates are lost with it",
    minutes=[5, 30],
    proven_by=["layer-1.traefik", "layer-1.vault", "layer-1.http", "layer-1.https"],
)
_NOW = time.time()
_NOTES = [
    *(
        note(
            f"created {kind} {kind.lower()}-{n}", _NOW - 70, f"create {kind} {kind.lower()}-{n} done", done=n, total=10
        )
        for n, kind in enumerate(_CHANGES[:7])
    ),
    note("", _NOW - 60, "create Service service-7 started", done=7, total=10),
    note("", _NOW - 40, "create Service service-8 started", done=7, total=10),
    note("pulling image traefik:v2.11", _NOW - 30),
]
_HINT = Hinted(
    UP,
    "ports.taken",
    "Port 443 is held by another program",
    "A web server that was there before Traefik holds the port.",
    "Stop it, and keep it from starting again.",
    "systemctl disable --now nginx",
)
_ADOPTED = DeploymentFound(["traefik-1a2b3c4 converged", "traefik-socket-sock-proxy converged", "vault converged"])
RUNS = (*_began(UP), _CARD, running(UP))

_INTERRUPTED = AttemptEnded(UP, 1, "interrupted", None, "it ended without a word")
_REPAIR = RepairFound(
    UP,
    1,
    [
        "the stack's lock is held by a program that is gone (pid 4021 on this host)",
        "2 operations were under way and are recorded as pending: creating Service vault, creating Service traefik",
        "Service traefik-fa runs on the droplet and the stack does not know it",
    ],
)
_REPAIR_CARD = shown(
    UP,
    argv=["pulumi", "cancel", "--yes", "--stack", "layer_1"],
    commands=[
        ["pulumi", "cancel", "--yes", "--stack", "layer_1"],
        ["pulumi", "refresh", "--yes", "--clear-pending-creates", "--stack", "layer_1"],
        ["docker", "service", "rm", "traefik-fa"],
    ],
    directory="/root/sprocket-infra/layer_1",
    changes=["the lock is given up", "the stack's record matches what is there", "the orphan is removed"],
    undo="none is needed: what the stack records is read from the droplet",
    minutes=[1, 5],
    proven_by=["layer-1.no-lock", "layer-1.no-pending", "layer-1.no-orphans"],
)

SCENES: dict[str, Scene] = {
    "connect": Scene(_connect),
    "found": Scene(_connect, _pressing("down", "down", "l")),
    "looking": Scene(_connect, _pressing("down", "down", "down", "l")),
    "hosts": Scene(_connect, _pressing("up", "enter")),
    "new-target": Scene(_connect, _pressing("up", "enter", "enter", *"stageing", "enter")),
    "forget": Scene(_connect, _pressing("down", "down", "x")),
    "plan": Scene(walk_of(started(), connected(), seen=0)),
    "adopted": Scene(walk_of(started(), connected(), _ADOPTED, seen=0)),
    "checklist": Scene(walk_of(*_began(_NAMES), *_LISTED, seen=3)),
    "gate": Scene(walk_of(*_began(UP), _CARD, named(UP), seen=3), _until_asked),
    "jump": Scene(walk_of(*_began(UP), _CARD, yes_no(UP), seen=3), _jump),
    "search": Scene(walk_of(*_began(_NAMES), *_LISTED, seen=3), _pressing("/", *"swarm")),
    "ahead": Scene(walk_of(*_began(_NAMES), *_LISTED, seen=3), _pressing(*["right"] * 5)),
    "repair": Scene(
        walk_of(*RUNS, _INTERRUPTED, _REPAIR, _REPAIR_CARD, Asked(f"{UP}/repair", "yes-no", "Repair it", UP), seen=3),
        _until_asked,
    ),
    "running": Scene(walk_of(*RUNS, seen=3, notes=_NOTES)),
    "log": Scene(walk_of(*RUNS, seen=3, notes=_NOTES), _log),
    "failure": Scene(
        walk_of(
            *RUNS,
            done(UP),
            Waiting(UP, "waiting: Traefik runs"),
            judged("traefik", "fail", of=UP),
            _HINT,
            what_now(UP, "Traefik runs: host-mode port already in use on 1 node, after 65 s"),
            seen=3,
            notes=_NOTES,
        ),
        _until_asked,
    ),
    "leaving": Scene(walk_of(*RUNS, seen=3, notes=_NOTES), _leave),
    "secret": Scene(
        walk_of(
            *_began("credentials.passphrase"),
            Asked(
                "credentials.passphrase/pulumi_passphrase",
                "secret",
                "Passphrase of the stack",
                "credentials.passphrase",
                twice=True,
            ),
            seen=3,
        ),
        _until_asked,
    ),
    "complete": Scene(walk_of(*_began("layer-1.done"), ended("layer-1.done"), COMPLETE, seen=5)),
}
