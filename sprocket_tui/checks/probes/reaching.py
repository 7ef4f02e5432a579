"""A TCP connection from this machine: how it went, and what the other side says first."""

from __future__ import annotations

import errno
import ipaddress
import socket
import threading
import time
from contextlib import closing, suppress
from dataclasses import dataclass

from sprocket_tui.checks.probes.base import ProbeError

_SERVERS = "Look at the name servers of this machine (/etc/resolv.conf), then check this again."
_FIRST = 512
# A service that waits to be greeted is asked a question that most of them answer, if only by a complaint.
_SHY = 1.5
_GREETING = b"HEAD / HTTP/1.0\r\n\r\n"


@dataclass(frozen=True)
class Address:
    """One address of a name, as `socket` takes it."""

    family: int
    place: tuple[object, ...]


@dataclass(frozen=True)
class Reached:
    """`state` is open, refused, filtered, or none without a network; `said` the bytes that came first."""

    state: str
    said: bytes = b""


def addresses(host: str, port: int) -> tuple[Address, ...]:
    """Every address of the name; raises ProbeError when it has none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise ProbeError(f"{host} does not resolve: {error}") from error
    return tuple(Address(family, place) for family, _, _, _, place in found)


def look_up(host: str, until: float) -> None:
    """Returns once the name is looked up, whatever it is; raises ProbeError when nobody says by `until`.

    The resolver has no end of its own that we could set, and whoever connects would wait for it for ever.
    """
    with suppress(ValueError):
        ipaddress.ip_address(host)
        return
    over = threading.Event()

    def ask() -> None:
        # That there is no such name is said by whoever connects.
        with suppress(OSError, UnicodeError):
            socket.getaddrinfo(host, None)
        over.set()

    threading.Thread(target=ask, name="sprocket-resolve", daemon=True).start()
    if not over.wait(max(0.0, until - time.monotonic())):
        raise ProbeError(f"no name server said in time where {host} is", _SERVERS)


def reached(host: str, port: int, wait: float) -> str:
    """The best state of the name's addresses within `wait` seconds; raises ProbeError without a network."""
    found = addresses(host, port)
    states = [reach(each, wait / len(found)).state for each in found]
    for state in ("open", "refused", "filtered"):
        if state in states:
            return state
    raise ProbeError(f"this machine has no network to reach {host}")


def reach(address: Address, wait: float, *, listen: bool = False) -> Reached:
    """How a connection goes within `wait` seconds; with `listen` also what the other side says."""
    until = time.monotonic() + wait
    with closing(socket.socket(address.family, socket.SOCK_STREAM)) as sock:
        sock.settimeout(wait)
        try:
            sock.connect(address.place)
        except ConnectionRefusedError:
            return Reached("refused")
        except TimeoutError:
            return Reached("filtered")
        except OSError as error:
            # A firewall that rejects by ICMP reads so; ENETUNREACH is this machine's own lack of a network.
            filtered = error.errno in (errno.EHOSTUNREACH, errno.EACCES, errno.ETIMEDOUT)
            return Reached("filtered" if filtered else "none")
        return Reached("open", _first_bytes(sock, until) if listen else b"")


def _first_bytes(sock: socket.socket, until: float) -> bytes:
    said, greeted = b"", False
    with suppress(OSError):
        while b"\n" not in said and len(said) < _FIRST and (left := until - time.monotonic()) > 0:
            sock.settimeout(left if greeted or said else min(left, _SHY))
            try:
                piece = sock.recv(_FIRST)
            except TimeoutError:
                if said or greeted:
                    break
                greeted = True
                sock.sendall(_GREETING)
                continue
            if not piece:
                break
            said += piece
    return said[:_FIRST]
