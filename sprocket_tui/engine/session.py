"""The connection of a run: made on demand, made again when it is lost, under the target's lock, mirrored to it."""

from __future__ import annotations

import contextlib
import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from shlex import quote
from typing import TypeVar

from sprocket_tui import going_on
from sprocket_tui.engine.desk import Desk, Left, Question
from sprocket_tui.errors import LinkLost, SprocketError, Unreachable
from sprocket_tui.exits import Exit
from sprocket_tui.journal.events import Connected, Fact, LinkDropped
from sprocket_tui.journal.file import Journal, longest_chain
from sprocket_tui.journal.runs import RunDirectory
from sprocket_tui.redaction import Redactor
from sprocket_tui.secret import Secret
from sprocket_tui.target import job, lock, shell
from sprocket_tui.target.link import Completed, Identity, Link, Privilege
from sprocket_tui.terminal import clean_bytes, one_line, shortened

T = TypeVar("T")

# How long a lost connection is tried again before the run is left to be resumed, in seconds.
PATIENCE = 90.0
# How often the lock is renewed while nothing else goes to the target, in seconds; `lock.STALE` is four times that.
_BEAT = 15.0
_PAUSES = (0.0, 1.0, 2.0, 4.0, 8.0)
_LONGEST_GREETING = 2000
_MIRROR_LIMIT = 256 << 20


@dataclass(frozen=True)
class Holding:
    """Under which name the target's lock is held; `machine` tells this machine's drivers from others'."""

    run: str
    who: str
    machine: str
    token: str = field(default_factory=lambda: secrets.token_hex(6))

    @property
    def key(self) -> str:
        return f"{self.machine}.{self.token}"


class Session:
    """Owns the link. Everything that reaches the target goes through `steady`, whose acts can be repeated safely."""

    def __init__(
        self,
        open_link: Callable[[], Link],
        holding: Holding,
        desk: Desk,
        record: Callable[[Fact], None],
        redactor: Redactor,
        *,
        sudo: bool,
        path: tuple[str, ...],
        host_key: str | None = None,
    ) -> None:
        """`host_key` is what the run's target proved itself with before; None when it was never connected.

        `entered` is whether this session has ever held the target's lock.
        """
        self._host_key = host_key
        self._open, self._desk, self._record, self._redactor = open_link, desk, record, redactor
        self._holding, self._sudo, self.path = holding, sudo, path
        self._link: Link | None = None
        self._privilege: Privilege | None = None
        self._locked = False
        self.entered = False
        self._mirrored = -1
        self._home = ""
        self._beaten = 0.0
        desk.idle = self._keep

    @property
    def identity(self) -> Identity:
        return self.link().identity

    @property
    def beat(self) -> str:
        """Shell text of our heartbeat file in the target's lock."""
        return lock.beat_file(self._holding.key)

    def link(self) -> Link:
        """The connection, made if need be, with the lock held."""
        if self._link is None:
            self._link = self._open()
            told = self._link.identity
            # Masked first and cut then, for half a secret goes unnoticed.
            greeting = shortened(self._redactor.text(told.greeting), _LONGEST_GREETING)
            self._record(
                Connected(
                    told.url, told.user, told.host, list(told.via), told.host_key, greeting, practice=told.practice
                )
            )
        if not self._locked:
            self._lock(self._link)
        return self._link

    def steady(self, act: Callable[[Link], T]) -> T:
        """`act` on the link; when that is lost, reconnects and acts again. Raises LinkLost when patience runs out."""
        end = time.monotonic() + PATIENCE
        tries = 0
        while True:
            self._desk.check()
            try:
                return act(self.link())
            except LinkLost as error:
                self._drop(error.message)
                if time.monotonic() > end:
                    raise
            except Unreachable as error:
                if tries == 0 and self._mirrored < 0:
                    raise
                if time.monotonic() > end:
                    raise LinkLost(f"{error.message}; given up after {PATIENCE:g} s") from error
            self._desk.pause(_PAUSES[min(tries, len(_PAUSES) - 1)])
            tries += 1

    def prove(self) -> None:
        """Proves that the lock is still ours, before something is begun. Raises SprocketError (LOCKED)."""
        self.steady(self._renew)

    def privilege(self) -> Privilege:
        """How jobs become root: not at all, by sudo without a password, or with one, asked for once and proven."""
        if self._privilege is None:
            self._privilege = self._find_privilege()
        return self._privilege

    def unasked(self) -> Privilege:
        """How something becomes root that is not worth a question: as far as that is known, or by sudo as it is."""
        return self._privilege or (Privilege("sudo") if self._sudo and self.identity.user != "root" else Privilege())

    def absolute(self, directory: str) -> str:
        """`directory` on the target with a leading ~ as the login's home."""
        return f"{self.home()}{directory[1:]}" if directory == "~" or directory.startswith("~/") else directory

    def home(self) -> str:
        """The login's home directory on the target."""
        if not self._home:
            done = self.steady(lambda link: shell.run(link, "cd && pwd -P", deadline=job.ASK_DEADLINE))
            self._home = done.stdout.decode(errors="replace").strip()
        return self._home

    def read(self, directory: str, script: str, timeout: float, files: Mapping[str, Secret]) -> Completed:
        """A read-only script in `directory`, with the job's privilege and path; see `actions.base.Read`."""
        privilege = self.privilege()
        return self.steady(
            lambda link: job.read(
                link, script, directory=directory, path=self.path, files=files, privilege=privilege, deadline=timeout
            )
        )

    def mirror(self, journal: Journal, directory: RunDirectory) -> None:
        """Brings the copy of the journal on the target up to date, with the guide the first time.

        Raises SprocketError where the target is another host than before, or where the run went on elsewhere meanwhile.
        """
        place = f'"$HOME/.sprocket/runs/{directory.id}"'
        if self._mirrored < 0:
            guide = json.dumps(directory.guide_files(), ensure_ascii=False)
            script = f"""umask 077; d={place}; mkdir -p "$d" || exit 1
[ -f "$d/guide.json" ] || {{ printf %s {quote(guide)} >"$d/guide.new" && mv "$d/guide.new" "$d/guide.json"; }} || exit 1
[ ! -f "$d/journal.jsonl" ] || cat "$d"/journal.jsonl"""
            done = self.steady(lambda link: shell.run(link, script, deadline=job.ASK_DEADLINE, limit=_MIRROR_LIMIT))
            if done.status != 0:
                said = one_line(clean_bytes(done.stderr))
                raise SprocketError(
                    f"the run cannot be mirrored to {self.identity.host}: {said}",
                    remedy="make room in the login's home there, then resume",
                    code=Exit.UNKNOWN,
                )
            self._mirrored = self._shared(longest_chain(done.stdout), journal, directory)
        lines = journal.lines_since(self._mirrored)
        if lines:
            append = f"umask 077; printf %s {quote(lines.decode())} >>{place}/journal.jsonl"
            self.steady(lambda link: shell.run(link, append, deadline=job.ASK_DEADLINE))
            self._mirrored = len(journal.since(0))

    def _shared(self, kept: bytes, journal: Journal, directory: RunDirectory) -> int:
        """How many events the target already has of exactly this history."""
        identity = self.identity
        if not kept and self._host_key not in (None, identity.host_key):
            raise SprocketError(
                f"{identity.url} is not the host that run {directory.id} began on: its key is another, "
                "and it keeps nothing of this run",
                remedy="resume with the target that the run began on (`sprocket-tui runs`), or begin a new run",
                code=Exit.FAILED,
            )
        if not journal.lines_since(0).startswith(kept):
            raise SprocketError(
                f"run {directory.id} went on from another machine since this one left it",
                remedy=f"sprocket-tui resume {directory.id} --target {identity.url} goes on with what was done there",
                code=Exit.FAILED,
            )
        return kept.count(b"\n")

    def mirror_quietly(self, journal: Journal, directory: RunDirectory) -> None:
        """Mirrors once more where the connection still stands; what could not be sent is sent on resume."""
        if self._link is not None and self._locked and self._mirrored >= 0:
            with contextlib.suppress(SprocketError, Left):
                self.mirror(journal, directory)

    def close(self) -> None:
        """Gives the lock back, if the link still stands, and closes it."""
        if self._link is None:
            return
        try:
            if self._locked:
                lock.release(self._link, self._holding.key)
        except SprocketError:
            pass  # the heartbeat ends, so the lock goes stale by itself
        finally:
            self._link.close()
            self._link = None

    def _keep(self) -> None:
        """Renews the lock while a person thinks. A connection that is lost then is made again when it is needed."""
        if self._link is None or not self._locked or time.monotonic() - self._beaten < _BEAT:
            return
        try:
            self._renew(self._link)
        except LinkLost as error:
            self._drop(error.message)

    def _renew(self, link: Link) -> None:
        if not lock.renew(link, self._holding.key):
            holder = lock.holder(link)
            self._locked = False
            raise SprocketError(
                f"the lock of {link.identity.host} was taken away from this run: now {holder or 'nobody holds it'}",
                remedy=f"ask there; `{going_on.command()}` goes on when that run has ended",
                code=Exit.LOCKED,
            )
        self._beaten = time.monotonic()

    def _drop(self, why: str) -> None:
        if self._link is not None:
            self._record(LinkDropped(why))
            self._link.close()
        self._link, self._locked = None, False

    def _lock(self, link: Link) -> None:
        mine = self._holding
        held = lock.acquire(link, mine.run, mine.who, mine.key)
        # The journal's own lock proves that no other driver of this run lives on this machine.
        if held and held.run == mine.run and held.token.startswith(f"{mine.machine}."):
            held = lock.take_over(link, held, mine.run, mine.who, mine.key)
        if held and (held.stale or held.run == "-"):
            consent = Question(
                "connection/take-over", "yes-no", f"The target is locked by {held}. Take it over?", default="no"
            )
            if self._desk.ask_text(consent) == "yes":
                held = lock.take_over(link, held, mine.run, mine.who, mine.key)
        if held:
            raise SprocketError(
                f"{link.identity.host} is locked by {held}",
                remedy=f"wait for it, resume it (`sprocket-tui resume {held.run}`), or `unlock` when it is dead",
                code=Exit.LOCKED,
            )
        self._locked, self._beaten = True, time.monotonic()
        self._alone(link)
        self.entered = True

    def _alone(self, link: Link) -> None:
        """Nothing is begun beside the job of another run: its driver has gone, and it goes on. Raises SprocketError."""
        for other in job.under_way(link):
            if other.run != self._holding.run:
                lock.release(link, self._holding.key)
                self._locked = False
                raise SprocketError(
                    f"{other.step} of run {other.run} is under way on {link.identity.host} (attempt {other.number})",
                    remedy=f"`sprocket-tui resume {other.run}` goes on with it, `abort {other.run}` ends it; "
                    f"on another machine than its own, with --target {link.identity.url}",
                    code=Exit.LOCKED,
                )

    def _find_privilege(self) -> Privilege:
        if not self._sudo or self.identity.user == "root":
            return Privilege()
        without = Privilege("sudo")
        if self._is_root(without):
            return without
        for _ in range(3):
            question = Question("connection/sudo.password", "secret", f"Password of {self.identity.user} for sudo")
            password: Secret = self._desk.ask_secret(question)
            self._redactor.add(password)
            privilege = Privilege("sudo", password)
            if self._is_root(privilege):
                return privilege
        raise SprocketError(
            f"sudo on {self.identity.host} refused {self.identity.user} three times",
            remedy="look at the password, and whether the login may use sudo at all",
            code=Exit.FAILED,
        )

    def _is_root(self, privilege: Privilege) -> bool:
        script = shell.as_root("id -u", privilege)
        done = self.steady(lambda link: shell.run(link, script, deadline=job.ASK_DEADLINE))
        return done.stdout.strip() == b"0"
