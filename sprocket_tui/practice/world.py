"""The practice droplet's state: one file, changed under a lock, from which every stand-in answers.

What one stand-in makes the others show: a service that `pulumi up` created is in `docker service ls`, and its port
answers. Tasks are not simulated by anybody: what a service does follows from when it was made and what it is, so that
a world on disk needs no process to go on. Standard library alone, because stand-ins start in the time of a command.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import random
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, NotRequired, TypedDict, cast

from sprocket_tui.practice import reading

# A link is not followed, and a pipe not waited for.
_AS_IT_IS = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
# The bytes of the largest world; those of a rehearsal come to a hundredth.
MOST = 8 << 20
# How often somebody who waits for the lock looks again, in seconds.
_AGAIN = 0.02
# Where it lies on the droplet.
WORLD = Path("/run/practice/world/world.json")
# How long a machine had been up when its world was made.
_UP = 3600.0


class Node(TypedDict):
    """The machine. Sizes in MiB and GiB as `free` and `df` count; `clock` is how many seconds its clock is ahead.

    `load` is how many processes want a processor; with more of them than processors everything takes longer.
    """

    hostname: str
    address: str
    cpus: int
    memory_mib: int
    available_mib: int
    swap_mib: int
    disk_gib: float
    free_gib: float
    inodes: int
    free_inodes: int
    release: str
    kernel: str
    arch: str
    clock: int
    synchronised: bool
    load: float


class Listener(TypedDict):
    """A process that is not Docker's and holds a port."""

    port: int
    process: str
    pid: int


class Started(TypedDict):
    """When a unit was started again, in seconds since the epoch by the droplet's own clock, and its process."""

    at: float
    pid: int


class Ports(TypedDict):
    """Where Traefik listens: not 80 and 443, because the same ports must be free where the program runs.

    `resolvers` are the ports of the DNS servers outside.
    """

    http: int
    https: int
    resolvers: list[int]


Fate = Literal["runs", "rejected", "fails", "pending", "unhealthy"]


class Past(TypedDict):
    """A task that gave way to another one. `since` is when it came to its state, in seconds since the epoch."""

    id: str
    slot: int
    state: Literal["Shutdown", "Failed", "Rejected"]
    since: float
    error: str


class Update(TypedDict):
    """The newest update of a service. `state` is "" while it follows from the tasks; `task` is what paused it."""

    started: float
    ended: float
    state: Literal["", "completed", "paused"]
    task: str


class Service(TypedDict):
    """A Swarm service. `created` is in seconds since the epoch; `ports` are published in host mode.

    `fate` says what becomes of its tasks: they run, or fail as named; `error` is what a failing task says, with the
    task's own id as {task}, its container's as {container}. `targets` are the ports inside, in the order of `ports`;
    `mounted` tells where a mount's source is seen. `starts` is when each slot's tasks began, where that is not
    `updated`, `begun` how many times each slot began anew; `past` are the tasks before, newest first; `forced` counts
    the updates by force, `update` is the newest.
    """

    id: str
    name: str
    image: str
    created: float
    updated: float
    replicas: int
    ports: list[int]
    labels: dict[str, str]
    networks: list[str]
    mounts: list[str]
    fate: Literal["runs", "rejected", "fails", "pending", "unhealthy"]
    error: str
    targets: NotRequired[list[int]]
    mounted: NotRequired[dict[str, str]]
    configs: NotRequired[list[str]]
    endpoint: NotRequired[str]
    starts: NotRequired[list[float]]
    begun: NotRequired[list[int]]
    past: NotRequired[list[Past]]
    forced: NotRequired[int]
    update: NotRequired[Update]


class Image(TypedDict):
    """An image on the node. `created` is in seconds since the epoch, `size` in bytes."""

    id: str
    name: str
    created: float
    size: int
    command: list[str]


class Thing(TypedDict):
    """A network, volume, config or secret."""

    id: str
    name: str
    created: float
    detail: dict[str, Any]


class Docker(TypedDict):
    """The daemon. `swarm` is "inactive", "active" or "locked", until somebody gives the `unlock_key`."""

    version: str
    api: str
    oldest_api: str
    running: bool
    swarm: str
    node_id: str
    advertised: str
    availability: str
    services: list[Service]
    networks: list[Thing]
    volumes: list[Thing]
    configs: list[Thing]
    secrets: list[Thing]
    images: NotRequired[list[Image]]
    unlock_key: NotRequired[str]


class Resource(TypedDict):
    """A resource of a stack, secret properties sealed. `created` is in seconds since the epoch."""

    urn: str
    type: str
    id: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    parent: str
    created: float


class Stack(TypedDict):
    """A stack. Secret configuration is {"secure": TEXT}; `digest` tells its passphrase from another one.

    Keys of `config` are whole ("layer_1:hostname"). `pending` are operations that were begun and did not end:
    {"type": "creating", "resource": {...}}. `updated` is in seconds since the epoch.
    """

    digest: str
    updated: float
    config: dict[str, Any]
    resources: list[Resource]
    pending: list[dict[str, Any]]
    outputs: dict[str, Any]


class Doppler(TypedDict):
    """An account with Doppler: what its secrets are drawn from, its tokens, and how many were ever made."""

    mark: str
    tokens: list[str]
    made: int


class Mount(TypedDict):
    """A secrets engine of Vault: its type, the version of its keys and values, and the ids it is told apart by."""

    type: str
    version: str
    uuid: str
    accessor: str


class Value(TypedDict):
    """One version of what stands at a path. `created` and `deleted` are in seconds since the epoch, 0 for never."""

    created: float
    deleted: float
    data: dict[str, Any]


class Vault(TypedDict):
    """What Vault keeps in its storage, and how far it is from open.

    `shares` are the keys as hexadecimal; `opened` is the task in which it was opened, `tried` the one whose start
    script has done its work; `given` are the keys of an attempt that is under way, which `nonce` names. `drawn` counts
    what was drawn from `mark`. Values are by mount and path, their versions the oldest first.
    """

    mark: str
    drawn: int
    shares: list[str]
    threshold: int
    root: str
    accessor: str
    made: float
    cluster: str
    opened: str
    tried: str
    given: list[str]
    nonce: str
    mounts: dict[str, Mount]
    values: dict[str, list[Value]]


class State(TypedDict):
    """All of it. `speed` divides every wait; `faults` are the ids of those that have struck.

    `made` counts the ids that were made of the `seed`; `drawn` are the faults that the seed chose, in its order.

    `booted` is when the machine began, in seconds since the epoch, `started` what of the units began since then.

    `stopped` and `disabled` are the units of systemd that are so, besides Docker's.

    `preparing` is there until the droplet is ready for the first time: the speed that it has from then on.

    `coming` are faults by id with the step before which they strike. `midway` says what happens to an update when it
    has begun to make a resource; `line` is "cut" when the connections to the droplet are to be dropped.
    """

    schema: int
    seed: int
    made: int
    speed: float
    preparing: NotRequired[float]
    booted: NotRequired[float]
    started: NotRequired[dict[str, Started]]
    faults: list[str]
    node: Node
    ports: Ports
    software: dict[str, str]
    listeners: list[Listener]
    firewall: list[str]
    docker: Docker
    stacks: dict[str, Stack]
    backend: str
    registry: dict[str, str]
    names: dict[str, list[str]]
    packages: NotRequired[list[str]]
    stopped: NotRequired[list[str]]
    disabled: NotRequired[list[str]]
    drawn: NotRequired[list[str]]
    coming: NotRequired[dict[str, str]]
    midway: dict[str, Literal["killed", "cut"]]
    line: NotRequired[Literal["up", "cut"]]
    doppler: NotRequired[Doppler]
    vault: NotRequired[Vault]


class World:
    """The state in a file. Readers see a whole state; changes are made one after the other and are written whole.

    The directory can be written to from inside the droplet, so that nobody here follows a link that lies in it.
    `patience` is how many seconds a change waits for others; None is as long as it takes.
    """

    def __init__(self, path: Path, *, patience: float | None = None) -> None:
        self._path, self._patience = path, patience

    def read(self) -> State:
        """The state as it is now. Raises OSError or ValueError when the file cannot be read."""
        try:
            return cast("State", json.loads(reading.whole(self._path, MOST)))
        except RecursionError as error:
            raise ValueError("lists in lists without end") from error

    @contextmanager
    def change(self) -> Generator[State]:
        """The state, to be changed in place; written when the block ends without an exception.

        Raises TimeoutError where somebody holds it for longer than our patience.
        """
        flags = os.O_WRONLY | os.O_CREAT | _AS_IT_IS
        with os.fdopen(os.open(f"{self._path}.lock", flags, 0o600), "a", encoding="utf-8") as lock:
            self._belongs(lock.fileno())
            self._locked(lock.fileno())
            state = self.read()
            yield state
            self._write(state)

    def make(self, state: State) -> None:
        """Writes the first state. Its machine has been up for a while, and stays so whoever looks and whenever."""
        state.setdefault("booted", time.time() - _UP)
        self._write(state)

    def _write(self, state: State) -> None:
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=self._path.parent, delete=False) as file:
            json.dump(state, file)
            self._belongs(file.fileno())
        os.replace(file.name, self._path)  # noqa: PTH105 one system call, as short as it gets

    def _locked(self, file: int) -> None:
        if self._patience is None:
            fcntl.flock(file, fcntl.LOCK_EX)
            return
        end = time.monotonic() + self._patience
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > end:
                    raise TimeoutError(errno.ETIMEDOUT, "is held by another program", str(self._path)) from None
                time.sleep(_AGAIN)
            else:
                return

    def _belongs(self, file: int) -> None:
        """Whoever writes: the files belong to the one whose droplet it is."""
        owner = self._path.parent.stat()
        if os.geteuid() == 0:
            os.fchown(file, owner.st_uid, owner.st_gid)


def identifier(state: State, length: int = 25) -> str:
    """A new id as the Swarm makes them: the same sequence for the same seed, never one that is in use."""
    state["made"] += 1
    draw = random.Random(state["seed"] + state["made"])  # noqa: S311 ids of a rehearsal
    return "".join(draw.choice("0123456789abcdefghijklmnopqrstuvwxyz") for _ in range(length))


def uptime(state: State) -> float:
    """Seconds since the machine began; of a world that nobody has kept, none."""
    now = time.time()
    return now - state.get("booted", now)


def age(state: State, since: float) -> float:
    """Seconds of the world's time since a moment; time runs `speed` times as fast as ours."""
    return (time.time() - since) * state["speed"]


def pace(state: State) -> float:
    """How many seconds of work a program gets done in one of ours, on a host as busy as this one."""
    node = state["node"]
    return state["speed"] / max(1.0, node["load"] / node["cpus"])


def pause(state: State, seconds: float) -> None:
    """Waits as long as the real program would take."""
    time.sleep(seconds / pace(state))
