"""`SshLink`: a target reached over SSH, and `connect`, which makes one."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import paramiko

from sprocket_tui.errors import LinkLost, Unreachable
from sprocket_tui.target.link import Completed, Identity
from sprocket_tui.target.ssh.address import SshTarget
from sprocket_tui.target.ssh.approach import Approach, begin
from sprocket_tui.target.ssh.asking import Asker
from sprocket_tui.target.ssh.auth import Login
from sprocket_tui.target.ssh.channel import EndedError, NoAnswerError, Script
from sprocket_tui.target.ssh.config import HostConfig
from sprocket_tui.target.ssh.dial import dial
from sprocket_tui.target.ssh.host_key import HostKeys, OfferedKey
from sprocket_tui.target.ssh.transport import Wire, ending, handshake, offered_key
from sprocket_tui.terminal import one_line

KEEP = 8 << 20


@dataclass(frozen=True)
class Hop:
    """One connection of the chain to a target."""

    host: HostConfig
    wire: Wire = field(repr=False)
    key: OfferedKey


class SshLink:
    """A target over SSH (see `Link`). `warnings` are sentences about known_hosts lines and keys that were left out."""

    def __init__(self, hops: Sequence[Hop], warnings: Sequence[str]) -> None:
        self._hops = tuple(hops)
        self._closing = threading.Event()
        self.warnings = tuple(dict.fromkeys(warnings))
        last = self._hops[-1]
        self._identity = Identity(
            url=f"ssh://{last.host.user}@{last.host.where}",
            user=last.host.user,
            host=last.host.hostname,
            port=last.host.port,
            via=tuple(f"{hop.host.user}@{hop.host.where}" for hop in self._hops[:-1]),
            host_key=last.key.described,
            greeting=last.wire.greeting,
        )

    @property
    def identity(self) -> Identity:
        return self._identity

    @property
    def alive(self) -> bool:
        """Does every connection of the chain still stand, as far as is known?"""
        return not self._closing.is_set() and all(hop.wire.is_active() for hop in self._hops)

    def run(self, script: str, *, deadline: float, limit: int = KEEP) -> Completed:
        out, err = _Kept(limit), _Kept(limit)
        end = time.monotonic() + deadline
        running = Script(self._hops[-1].wire, out.take, err.take)
        status = self._await(running, script, lambda: end - time.monotonic(), deadline)
        return Completed(status, out.bytes, err.bytes)

    def follow(self, script: str, on_output: Callable[[bytes], None], *, silence: float) -> Completed:
        err = _Kept(KEEP)
        running = Script(self._hops[-1].wire, on_output, err.take)
        status = self._await(running, script, lambda: running.last_byte + silence - time.monotonic(), silence)
        return Completed(status, b"", err.bytes)

    def close(self) -> None:
        """Ends the connection from any thread; what waits in `run` or `follow` raises LinkLost at once."""
        self._closing.set()
        # The first hop carries the others: closing it first leaves nothing that could block.
        for hop in self._hops:
            hop.wire.shut()

    def _await(self, running: Script, script: str, allowance: Callable[[], float], limit: float) -> int:
        try:
            return running.run(script.encode("utf-8", "surrogateescape"), allowance, limit)
        except NoAnswerError as silent:
            raise LinkLost(f"no answer from {self._hops[-1].host.where} for {silent.seconds:g} s") from None
        except EndedError:
            raise LinkLost(self._reason()) from None

    def _reason(self) -> str:
        if self._closing.is_set():
            return "the connection was closed here"
        for hop in self._hops:
            if not hop.wire.is_active():
                jump = "" if hop is self._hops[-1] else "the jump host "
                return ending(hop.wire.cause, f"{jump}{hop.host.where}")
        return f"{self._hops[-1].host.where} ended the session without a result"


def connect(target: SshTarget, asker: Asker, approach: Approach | None = None) -> SshLink:
    """A link to `target`; `approach` is what `begin(target)` started earlier.

    Raises Unreachable, SprocketError (failed) for a changed or revoked host key, NeedsAnswer for a question nobody
    answered, SprocketError (usage) for the configuration.
    """
    approach = approach or begin(target)
    hops: list[Hop] = []
    warnings: list[str] = []
    try:
        for host in approach.route():
            hops.append(_enter(host, hops, asker, approach, warnings))
    except BaseException:
        if not hops:
            approach.abandon()
        for hop in hops:
            hop.wire.shut()
        raise
    return SshLink(hops, warnings)


def _enter(host: HostConfig, hops: Sequence[Hop], asker: Asker, approach: Approach, warnings: list[str]) -> Hop:
    """Connects and logs in to `host`, through the last of `hops` if there is one."""
    keys, ready = (HostKeys(host), None) if hops else approach.agreed()

    def checked(wire: Wire) -> Wire:
        try:
            keys.check(offered_key(wire), asker)
        except BaseException:
            wire.shut()
            raise
        return wire

    def agree() -> Wire:
        return checked(handshake(_tunnel(hops[-1], host) if hops else dial(host), host, keys.algorithms))

    # What was agreed early may be closed by now: a host waits for a login for so long.
    wire = checked(ready) if ready and ready.is_active() else agree()
    key = offered_key(wire)
    wire, notes = Login(host, asker, wire, agree).run()
    warnings += [*keys.warnings, *notes]
    return Hop(host, wire, key)


def _tunnel(jump: Hop, host: HostConfig) -> paramiko.Channel:
    try:
        return jump.wire.open_channel(
            "direct-tcpip", (host.hostname, host.port), ("127.0.0.1", 0), timeout=host.connect_timeout
        )
    except paramiko.ChannelException as refused:
        raise Unreachable(
            f"the jump host {jump.host.where} could not reach {host.where}: {one_line(refused.text)}",
            remedy="check name, port and firewall from the jump host, and AllowTcpForwarding in its sshd_config",
        ) from None
    except (paramiko.SSHException, OSError, EOFError):
        if jump.wire.is_active():
            why = f"no answer about {host.where} from the jump host {jump.host.where} in {host.connect_timeout:g} s"
        else:
            why = ending(jump.wire.cause, f"the jump host {jump.host.where}")
        raise Unreachable(why, remedy="check the jump host and the way from it to the target") from None


class _Kept:
    """The first `limit` bytes of a stream; the rest is drained and dropped."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._pieces = bytearray()

    def take(self, piece: bytes) -> None:
        room = self._limit - len(self._pieces)
        if room > 0:
            self._pieces += piece[:room]

    @property
    def bytes(self) -> bytes:
        return bytes(self._pieces)
