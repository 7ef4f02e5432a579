"""What the world outside sees of the practice droplet: its names, and its two web ports. All of it on 127.0.0.1."""

from __future__ import annotations

import selectors
import socket
import socketserver
import threading
import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from enum import Enum

import dns.exception
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

from sprocket_tui.errors import SprocketError
from sprocket_tui.exits import Exit
from sprocket_tui.practice.inside import Inside
from sprocket_tui.practice.standins.network import listening
from sprocket_tui.practice.world import State, World

# Names that do not answer, and how; any other value of a name is its addresses.
_NO_NAME = "nxdomain"
_FAILS = "servfail"
_EVERY = 0.2
_TTL = 300
_CHUNK = 65536
_TRIED = 400


class Seen(Enum):
    """How a port looks from outside."""

    REFUSED = "refused"
    OPEN = "open"
    FILTERED = "filtered"


class Names:
    """A DNS server for the world's domain, by UDP and TCP on the same port.

    A name has the droplet's address unless the world says otherwise, for all resolvers ("fa") or the N-th ("fa@2").
    The port is the one that is wanted; unless `fixed`, the next that is free will do. Raises SprocketError.
    """

    def __init__(self, world: World, domain: str, number: int, wanted: int, *, fixed: bool = False) -> None:
        names = self

        class Datagram(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                data, plain = self.request
                if answer := names.answer(data):
                    plain.sendto(answer, self.client_address)

        class Stream(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                head = self.request.recv(2, socket.MSG_WAITALL)
                data = self.request.recv(int.from_bytes(head), socket.MSG_WAITALL)
                if answer := names.answer(data):
                    self.request.sendall(len(answer).to_bytes(2) + answer)

        self._world, self._domain, self._number = world, domain, number
        self._tcp, self._udp = _served(wanted, Stream, Datagram, fixed=fixed)
        self.port: int = self._tcp.server_address[1]

    def answer(self, query: bytes) -> bytes:
        """The answer to one query; nothing to what is none."""
        try:
            asked = dns.message.from_wire(query)
        except dns.exception.DNSException:
            return b""
        reply = dns.message.make_response(asked, recursion_available=True)
        question = asked.question[0]
        name = question.name.to_text(omit_final_dot=True).lower()
        try:
            held = self._held(name)
        except (OSError, ValueError):
            # Somebody inside took the world away; then nobody knows.
            held = [_FAILS]
        if held == [_NO_NAME]:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        elif held == [_FAILS]:
            reply.set_rcode(dns.rcode.SERVFAIL)
        elif question.rdtype == dns.rdatatype.A:
            try:
                reply.answer.append(dns.rrset.from_text_list(question.name, _TTL, "IN", "A", held))
            except (dns.exception.DNSException, ValueError):
                reply.set_rcode(dns.rcode.SERVFAIL)
        return reply.to_wire()

    def close(self) -> None:
        """Stops both."""
        for server in (self._tcp, self._udp):
            server.shutdown()
            server.server_close()

    def _held(self, name: str) -> list[str]:
        state = self._world.read()
        label = name.removesuffix(self._domain).rstrip(".")
        if not name.endswith(self._domain) or label not in {*_LABELS, *state["names"]}:
            return [_NO_NAME]
        names = state["names"]
        return names.get(f"{label}@{self._number}") or names.get(label) or [state["node"]["address"]]


class _Tcp(socketserver.ThreadingTCPServer):
    allow_reuse_address, daemon_threads = True, True


class _Udp(socketserver.ThreadingUDPServer):
    daemon_threads = True


def _served(
    wanted: int,
    stream: type[socketserver.BaseRequestHandler],
    datagram: type[socketserver.BaseRequestHandler],
    *,
    fixed: bool,
) -> tuple[_Tcp, _Udp]:
    """Serves both on one port. Raises SprocketError."""
    for port in _candidates(wanted, fixed=fixed):
        try:
            tcp = _Tcp(("127.0.0.1", port), stream)
        except OSError:
            continue
        try:
            udp = _Udp(("127.0.0.1", port), datagram)
        except OSError:
            tcp.server_close()
            continue
        for server in (tcp, udp):
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
        return tcp, udp
    raise _taken(wanted, fixed=fixed)


# The labels of the guide's names; "" is the domain itself.
_LABELS = {
    *("", "traefik", "fa", "vault", "api", "image-generation", "grafana", "influx", "status", "redis", "rabbitmq"),
    *("management.rabbitmq", "dgraph.prod", "gatus", "loki", "main", "image", "elo"),
}


class Ports:
    """The droplet's web ports as they are seen from outside: open while somebody listens, refused else, or filtered.

    `claims` are what `claim` gave for each of them.
    """

    def __init__(self, claims: Mapping[int, socket.socket], world: World, sandbox: Inside) -> None:
        self._world, self._sandbox, self._claims = world, sandbox, claims
        self._sockets: dict[int, list[socket.socket]] = {port: [] for port in claims}
        self._seen = dict.fromkeys(claims, Seen.REFUSED)
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Closes them all."""
        self._closed.set()
        self._thread.join()
        self._show(dict.fromkeys(self._seen, Seen.REFUSED))
        for each in self._claims.values():
            each.close()

    def _follow(self) -> None:
        while not self._closed.is_set():
            try:
                state = self._world.read()
            except (OSError, ValueError):
                # Somebody inside took the world away; then nothing listens either.
                self._show(dict.fromkeys(self._seen, Seen.REFUSED))
                return
            served = set(listening(state))
            self._show({port: _seen(state, port, port in served) for port in self._seen})
            time.sleep(_EVERY)

    def _show(self, wanted: Mapping[int, Seen]) -> None:
        for port, seen in wanted.items():
            if seen is not self._seen[port]:
                self._seen[port] = seen
                self._shut(port)
                if seen is Seen.OPEN:
                    listener = _bound(port)
                    listener.listen()
                    self._sockets[port] = [listener]
                    threading.Thread(target=self._accept, args=(listener, port), daemon=True).start()
                elif seen is Seen.FILTERED:
                    self._sockets[port] = _unanswering(port)

    def _shut(self, port: int) -> None:
        for each in self._sockets[port]:
            # A thread may be waiting in accept(): only a shutdown wakes it.
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self._sockets[port] = []

    def _accept(self, listener: socket.socket, port: int) -> None:
        with suppress(OSError):
            while True:
                outer, _ = listener.accept()
                threading.Thread(target=self._join, args=(outer, port), daemon=True).start()

    def _join(self, outer: socket.socket, port: int) -> None:
        inner = self._sandbox.connect(port)
        with outer, suppress(OSError):
            if inner is not None:
                with inner:
                    _relay(outer, inner)


def claim(wanted: int, besides: Collection[int], *, fixed: bool = False) -> socket.socket:
    """Claims the wanted port of 127.0.0.1, or (unless `fixed`) the next one that is free, until the socket is closed.

    The claim is the same port by UDP, which nobody can share: by TCP another could have it while nobody listens.
    Ports above are tried one by one: one that the system chose could be another program's the next time.
    Raises SprocketError.
    """
    for port in _candidates(wanted, fixed=fixed):
        claimed = socket.socket(type=socket.SOCK_DGRAM)
        try:
            if port not in besides:
                claimed.bind(("127.0.0.1", port))
                _bound(port).close()
                return claimed
        except OSError:
            pass
        claimed.close()
    raise _taken(wanted, fixed=fixed)


def _candidates(wanted: int, *, fixed: bool) -> range:
    return range(wanted, wanted + (1 if fixed else _TRIED))


def _taken(wanted: int, *, fixed: bool) -> SprocketError:
    if fixed:
        return SprocketError(
            f"port {wanted} of 127.0.0.1 is taken by another program, and the run on the droplet needs it",
            remedy=f"end that program (`ss -lntup | grep :{wanted}` names it), or `sprocket-tui practice reset`",
            code=Exit.UNKNOWN,
        )
    return SprocketError(f"no port from {wanted} to {wanted + _TRIED - 1} is free on 127.0.0.1", code=Exit.UNKNOWN)


def _bound(port: int) -> socket.socket:
    bound = socket.socket()
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(("127.0.0.1", port))
    except OSError:
        bound.close()
        raise
    return bound


def _seen(state: State, port: int, served: bool) -> Seen:
    if not {str(port), f"{port}/tcp"} & set(state["firewall"]):
        return Seen.FILTERED
    return Seen.OPEN if served else Seen.REFUSED


def _unanswering(port: int) -> list[socket.socket]:
    """A port from which nothing comes back: its queue is full, so that the system drops what more arrives."""
    listener = _bound(port)
    listener.listen(0)
    fillers = [socket.socket() for _ in range(2)]
    for each in fillers:
        each.setblocking(False)
        with suppress(BlockingIOError):
            each.connect(("127.0.0.1", port))
    return [listener, *fillers]


def _relay(one: socket.socket, other: socket.socket) -> None:
    with selectors.DefaultSelector() as selector:
        selector.register(one, selectors.EVENT_READ, other)
        selector.register(other, selectors.EVENT_READ, one)
        while True:
            for key, _ in selector.select():
                source: socket.socket = key.fileobj  # type: ignore[assignment]
                data = source.recv(_CHUNK)
                if not data:
                    return
                key.data.sendall(data)
