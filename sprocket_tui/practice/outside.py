"""What the world outside sees of the practice droplet: its names, and its two web ports. All of it on 127.0.0.1."""

from __future__ import annotations

import selectors
import socket
import socketserver
import threading
import time
from contextlib import suppress

import dns.exception
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

from sprocket_tui.practice.inside import Inside
from sprocket_tui.practice.standins.network import listening
from sprocket_tui.practice.world import State, World

# Names that do not answer, and how; any other value of a name is its addresses.
_NO_NAME = "nxdomain"
_FAILS = "servfail"
_EVERY = 0.2
_TTL = 300
_CHUNK = 65536


class Names:
    """A DNS server for the world's domain, by UDP and TCP on the same port.

    A name has the droplet's address unless the world says otherwise, for all resolvers ("fa") or the N-th ("fa@2").
    """

    def __init__(self, world: World, domain: str, number: int) -> None:
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
        self._tcp = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Stream)
        self.port: int = self._tcp.server_address[1]
        self._udp = socketserver.ThreadingUDPServer(("127.0.0.1", self.port), Datagram)
        for server in (self._tcp, self._udp):
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()

    def answer(self, query: bytes) -> bytes:
        """The answer to one query; nothing to what is none."""
        try:
            asked = dns.message.from_wire(query)
        except dns.exception.DNSException:
            return b""
        reply = dns.message.make_response(asked, recursion_available=True)
        question = asked.question[0]
        name = question.name.to_text(omit_final_dot=True).lower()
        held = self._held(name)
        if held == [_NO_NAME]:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        elif held == [_FAILS]:
            reply.set_rcode(dns.rcode.SERVFAIL)
        elif question.rdtype == dns.rdatatype.A:
            reply.answer.append(dns.rrset.from_text_list(question.name, _TTL, "IN", "A", held))
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


# The labels of the guide's names; "" is the domain itself.
_LABELS = {"", *("traefik fa vault grafana influx gatus loki rabbitmq redis api main image elo".split())}  # noqa: SIM905


class Ports:
    """The droplet's web ports as they are seen from outside: open while somebody listens, refused else, or filtered."""

    def __init__(self, world: World, sandbox: Inside) -> None:
        self._world, self._sandbox = world, sandbox
        self._open: dict[int, socket.socket] = {}
        self._filtered: dict[int, list[socket.socket]] = {}
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Closes them all."""
        self._closed.set()
        self._thread.join()
        self._adjust(set(), set())

    def _follow(self) -> None:
        while not self._closed.is_set():
            try:
                state = self._world.read()
            except (OSError, ValueError):
                # Somebody inside took the world away; then nothing listens either.
                self._adjust(set(), set())
                return
            ports = {state["ports"]["http"], state["ports"]["https"]}
            blocked = {port for port in ports if not _let_in(state, port)}
            self._adjust({port for port in ports & set(listening(state)) if port not in blocked}, blocked)
            time.sleep(_EVERY)

    def _adjust(self, wanted: set[int], blocked: set[int]) -> None:
        for port in set(self._open) - wanted:
            with suppress(OSError):
                self._open[port].shutdown(socket.SHUT_RDWR)
            self._open.pop(port).close()
        for port in set(self._filtered) - blocked:
            for each in self._filtered.pop(port):
                each.close()
        for port in blocked - set(self._filtered):
            self._filtered[port] = _unanswering(port)
        for port in wanted - set(self._open):
            self._open[port] = socket.create_server(("127.0.0.1", port))
            threading.Thread(target=self._accept, args=(self._open[port], port), daemon=True).start()

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


def _let_in(state: State, port: int) -> bool:
    return {str(port), f"{port}/tcp"} & set(state["firewall"]) != set()


def _unanswering(port: int) -> list[socket.socket]:
    """A port from which nothing comes back: its queue is full, so that the system drops what more arrives."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
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
