"""A practice droplet, whole: a world, a sandbox over it, and servers on loopback that make it reachable."""

from __future__ import annotations

import os
import socket
import zlib
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import yaml

from sprocket_tui.errors import SprocketError
from sprocket_tui.exits import Exit
from sprocket_tui.practice import certificates, keeping, kept_runs, removal
from sprocket_tui.practice.faults import Fault, announce
from sprocket_tui.practice.faults.change import Change, apply, script
from sprocket_tui.practice.faults.change import places as touched
from sprocket_tui.practice.faults.present import Present, draw, found, present
from sprocket_tui.practice.inside import Inside, Process
from sprocket_tui.practice.interpreter.interpreter import Interpreter
from sprocket_tui.practice.keeping import KeptWorld
from sprocket_tui.practice.moments import Moments
from sprocket_tui.practice.outside import Names, Ports, claim
from sprocket_tui.practice.sandbox import NoSandbox, Places, Sandbox, give_away, places
from sprocket_tui.practice.server import ENVIRONMENT, USER, SshServer
from sprocket_tui.practice.standins import INTERNAL, kernel
from sprocket_tui.practice.standins.first_day import fresh
from sprocket_tui.practice.world import State, World

DOMAIN = "sprocket.practice.test"
CHECKOUT = "/root/sprocket-infra"
BACKEND = "file:///root/pulumi-state"
SITES = (
    *("hub.docker.com", "registry-1.docker.io", "auth.docker.io", "registry.npmjs.org"),
    *("api.pulumi.com", "get.pulumi.com", "acme-v02.api.letsencrypt.org", "github.com"),
)
_REPOSITORY = "https://github.com/SprocketBot/sprocket-infra.git"
_AT_ONCE = 1e6
_PREPARING = 20.0
_SEED = 1
# How many places have ports of their own.
_PLACES = 300


@dataclass(frozen=True)
class Address:
    """How any SSH client gets in."""

    host: str
    port: int
    user: str
    key: str
    known_hosts: str


class Droplet:
    """Made in `base`, or found there as it was left. `refused` says why it is not a sandbox, where it is none.

    `drawn` of its faults are chosen by the seed; those that were chosen before count. Raises SprocketError where it
    cannot be made, and where it was made with another seed.
    """

    def __init__(
        self,
        base: Path,
        *,
        seed: int | None = None,
        speed: float | None = None,
        faults: Sequence[Fault] = (),
        drawn: int = 0,
    ) -> None:
        self._base = base
        there = places(base)
        self._use = keeping.hold(base)
        try:
            self._begin(there, seed, speed, faults, drawn)
        except BaseException:
            os.close(self._use)
            raise

    def _begin(self, there: Places, seed: int | None, speed: float | None, faults: Sequence[Fault], drawn: int) -> None:
        keeping.plain(there.world)
        self.world = KeptWorld(self._base)
        state = self._kept(there, seed, speed)
        new = "preparing" in state
        # Each place has ports of its own: two droplets seldom want the same ones, and keep theirs from walk to walk.
        ahead = zlib.crc32(str(self._base).encode()) % _PLACES if new else 0
        # A run goes on with the ports that it began with: on others it would wait for nobody, or ask another droplet.
        fixed = not new and kept_runs.under_way(there.home)
        claims = _claim_ports(state, ahead, fixed=fixed)
        self._names = _served_names(self.world, state, ahead, fixed=fixed)
        struck, before = list(state["faults"]), present(state, there.home)
        faults = [*faults, *draw(state, faults, drawn)]
        for fault in faults:
            announce(state, fault)
        self.world.make(state)
        certificates.make(there.world / "tls", SITES)
        for name, text in kernel.texts(state).items():
            (there.world / name).write_text(text, encoding="utf-8")
        _give_away(there.world)
        self.refused = ""
        self.sandbox = self._inside(state)
        if new:
            self._prepare()
        else:
            self._free()
        for fault in faults:
            if fault.id in state["faults"] and fault.id not in struck:
                self._touch(fault)
        if new:
            self._ready()
        self.faults = found(self.world.read(), before, faults, there.home)
        moments = Moments(self.world, there.home, self._cut, self._touch)
        self.ssh = SshServer(self.sandbox, self._base / "ssh", moments.look)
        # Where somebody inside keeps hold of the state, that is said now and not in the middle of a walk.
        with self.world.change() as state:
            state["ports"]["resolvers"] = [each.port for each in self._names]
        self._ports = Ports(claims, self.world, self.sandbox)

    @property
    def address(self) -> Address:
        """Host, port, user, and the files an SSH client needs."""
        return Address("127.0.0.1", self.ssh.port, USER, str(self.ssh.key), str(self.ssh.known_hosts))

    def cut_off(self, own: set[str]) -> str:
        """The newest run that was begun here from elsewhere and cut off in the middle of something; "" for none."""
        return kept_runs.cut_off(places(self._base).home, own)

    def write_profile(self, name: str) -> Path:
        """Writes settings of its own with one profile, which is this droplet; the directory to find them in."""
        ssh = self.ssh_configuration()
        state = self.world.read()
        profile = {
            "practice": True,
            "environment": "staging",
            "host": "127.0.0.1",
            "port": self.ssh.port,
            "user": USER,
            "ssh_config": str(ssh),
            "domain": DOMAIN,
            "address": state["node"]["address"],
            "resolvers": [f"127.0.0.1:{each.port}" for each in self._names],
            "http_port": state["ports"]["http"],
            "https_port": state["ports"]["https"],
            "backend": BACKEND,
            "checkout": CHECKOUT,
        }
        (ssh.parent / "profiles.yaml").write_text(yaml.safe_dump({name: profile}), encoding="utf-8")
        return ssh.parent.parent

    def ssh_configuration(self) -> Path:
        """Writes what an SSH client needs to get in, and nothing of the person's own configuration; where it is."""
        ssh = self._base / "config" / "sprocket-tui" / "ssh_config"
        ssh.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        ssh.write_text(
            "Host *\n  IdentitiesOnly yes\n"
            f'  IdentityFile "{_plain(self.ssh.key)}"\n  UserKnownHostsFile "{_plain(self.ssh.known_hosts)}"\n',
            encoding="utf-8",
        )
        return ssh

    def close(self) -> None:
        """Ends it; its world, home and /mnt stay as they are."""
        self._ports.close()
        for each in self._names:
            each.close()
        self.ssh.close()
        self.sandbox.close()
        os.close(self._use)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _kept(self, there: Places, seed: int | None, speed: float | None) -> State:
        """The state as it was left; a new one where nothing was, or where it was left before it was ready."""
        if not self.world.there():
            return _new(seed, speed)
        state = self.world.read()
        if "preparing" in state:
            # Whoever made it was killed meanwhile, and nobody can tell how far it had come.
            keeping.start_over(there.home, there.mnt, there.world)
            return _new(state["seed"] if seed is None else seed, speed or state["preparing"])
        if seed not in (None, state["seed"]):
            raise SprocketError(
                f"the practice droplet in {self._base} was made with seed {state['seed']}",
                remedy="`sprocket-tui practice reset` first, or leave --seed out",
                code=Exit.USAGE,
            )
        state["speed"] = speed or state["speed"]
        return state

    def _inside(self, state: State) -> Inside:
        """A sandbox; where none can be made an interpreter, which starts nothing."""
        try:
            self.sandbox = Sandbox(self._base, state, SITES)
        except NoSandbox as error:
            self.refused = error.message
            return Interpreter(self._base, state, SITES)
        for name in INTERNAL:
            self._run(["/run/practice/launcher", name])
        return self.sandbox

    def _prepare(self) -> None:
        """What somebody has done before a first deployment: the repository is there, and a place for Pulumi's state."""
        script = f'git clone {_REPOSITORY} "$1" && mkdir -p "$2"'
        argv = ["/bin/sh", "-c", script, "sh", CHECKOUT, BACKEND.removeprefix("file://")]
        status = self._run(argv).ended.result(_PREPARING)
        if status:
            raise SprocketError(f"the practice droplet could not be prepared (status {status})")

    def _ready(self) -> None:
        """From now on it is somebody's: taken up again as it was left, and as fast as was asked for."""
        with self.world.change() as state:
            state["speed"] = state.pop("preparing", state["speed"])

    def _free(self) -> None:
        """Whoever held the droplet from elsewhere lost it when it ended, and can find it under no address any more."""
        self._run(["/bin/rm", "-rf", "/root/.sprocket/lock"]).ended.result(_PREPARING)

    def _cut(self) -> None:
        self.ssh.cut()

    def _touch(self, change: Change) -> None:
        """Changes files from inside: what lies there may be anything, and must not lead outside."""
        if text := script(change):
            self._run(["/bin/sh", "-c", text]).ended.result(_PREPARING)

    def _run(self, argv: Sequence[str]) -> Process:
        with Path(os.devnull).open("r+b") as nothing:
            return self.sandbox.start(argv, ENVIRONMENT, [nothing.fileno()] * 3)


def _new(seed: int | None, speed: float | None) -> State:
    """A world to be prepared: what was done long ago before a first deployment, nobody waits for now."""
    state = fresh(_SEED if seed is None else seed, _AT_ONCE)
    state["preparing"] = speed or 1.0
    return state


def _plain(path: Path) -> str:
    """A path for an SSH configuration, where a percent sign begins a token."""
    return str(path).replace("%", "%%")


def base_directory() -> Path:
    """Where the person's practice droplet is kept (XDG base directories)."""
    given = os.environ.get("XDG_STATE_HOME") or ""
    state = Path(given) if given.startswith("/") else Path.home() / ".local" / "state"
    return state / "sprocket-tui" / "practice"


def there(base: Path) -> bool:
    """Whether a droplet was made there."""
    return KeptWorld(base).there()


def remove(base: Path) -> bool:
    """Throws the droplet away, with its runs; False when there was none. Raises SprocketError where it is in use."""
    if not base.exists():
        return False
    held = keeping.hold(base)
    try:
        removal.remove(base)
    finally:
        os.close(held)
    return True


def faults_in(base: Path) -> dict[str, Present]:
    """The faults in the droplet there, by id; none without a droplet. Raises SprocketError for a damaged one."""
    world = KeptWorld(base)
    return present(world.read(), base / "root" / "root") if world.there() else {}


def mend(base: Path, fault: Fault) -> str:
    """Does in the droplet there, served or not, what is done elsewhere about a fault, and tells what was done.

    Nothing is, where the fault is not in it or has not struck yet. Raises SprocketError without a droplet, and for a
    fault that nobody mends elsewhere.
    """
    elsewhere, world = fault.elsewhere, KeptWorld(base)
    if elsewhere is None:
        raise SprocketError(
            f"{fault.id} is mended {fault.mended}", remedy="do what the walk or the check says", code=Exit.USAGE
        )
    if not world.there():
        raise SprocketError(f"there is no practice droplet in {base}", remedy="sprocket-tui practice", code=Exit.USAGE)
    with world.change() as state:
        if step := state.get("coming", {}).get(fault.id):
            return f"{fault.id} waits for {step} in this droplet and has not struck yet: nothing was done."
        # What somebody only says can be asked of them again, whatever was made of the droplet since.
        said = fault.id in state["faults"] and not touched(elsewhere)
        if not said and fault.id not in present(state, base / "root" / "root"):
            return f"{fault.id} is not in this droplet, or no longer: nothing was done."
        apply(state, elsewhere)
        return elsewhere.says


def _give_away(directory: Path) -> None:
    """As root: lets the sandbox's user own the world's files too."""
    for path in directory.rglob("*"):
        give_away(path)


def _claim_ports(state: State, ahead: int, *, fixed: bool) -> dict[int, socket.socket]:
    """Claims web ports, the old ones or (unless `fixed`) such as are free, and moves what was published on those."""
    claims: dict[int, socket.socket] = {}
    for name in ("http", "https"):
        old = state["ports"][name]
        claimed = claim(old + ahead, claims, fixed=fixed)
        new = state["ports"][name] = int(claimed.getsockname()[1])
        claims[new] = claimed
        for service in state["docker"]["services"]:
            service["ports"] = [new if port == old else port for port in service["ports"]]
        state["firewall"] = [f"{new}/tcp" if rule == f"{old}/tcp" else rule for rule in state["firewall"]]
    return claims


def _served_names(world: World, state: State, ahead: int, *, fixed: bool) -> list[Names]:
    """The resolvers outside, where they were or (unless `fixed`) on ports that are free. Raises SprocketError."""
    with ExitStack() as undone:
        served = list[Names]()
        for number, port in enumerate(state["ports"]["resolvers"], start=1):
            served.append(undone.enter_context(closing(Names(world, DOMAIN, number, port + ahead, fixed=fixed))))
        undone.pop_all()
    return served
