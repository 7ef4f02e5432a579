"""Servers of 127.0.0.1 that speak no protocol: what a probe may meet on the network instead of a service."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator

MANY = 10 * 1024 * 1024

# What a server does with a connection; what it returns is sent as it is, and then the connection is closed.
Manner = Callable[[socket.socket], bytes]


def _mute(sock: socket.socket) -> bytes:
    """Takes what comes, and says nothing until the other side leaves."""
    while sock.recv(65536):
        pass
    return b""


def _after_listening(said: bytes) -> Manner:
    """Says `said` after the first words of the other side, or at once to one that waits to be greeted."""

    def manner(sock: socket.socket) -> bytes:
        sock.settimeout(0.1)
        with contextlib.suppress(TimeoutError):
            sock.recv(65536)
        sock.settimeout(None)
        return said

    return manner


MANNERS: dict[str, Manner] = {
    "says nothing": _mute,
    "closes at once": lambda sock: b"",
    "says garbage": _after_listening(b"\x00\xff\xfe\x1b[31m\x07\r\n" * 50),
    "says blank lines": _after_listening(b"\r\n\r\n\n\n"),
    "denies permission": _after_listening(b"Permission denied.\r\n"),
    "complains in German": _after_listening("FEHLER: Verbindung verweigert, Gerät nicht verfügbar\r\n".encode()),
    "complains in Chinese": _after_listening("错误:连接被拒绝\r\n".encode("gb18030")),
    "sends 10 MB": _after_listening(b"x" * MANY),
    "says TLS garbage": _after_listening(b"\x16\x03\x03\x01\x00" + b"\x02\x00\x00\xfc" + b"\xff" * 252),
}
REFUSES = "refuses"


class _Tcp(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, manner: Manner, address: str = "127.0.0.1") -> None:
        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                # The other side may leave at any moment.
                with contextlib.suppress(OSError):
                    self.request.sendall(manner(self.request))

        super().__init__((address, 0), Handler)


class _Udp(socketserver.ThreadingUDPServer):
    daemon_threads = True

    def __init__(self, port: int, manner: str, address: str = "127.0.0.1") -> None:
        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                _, sock = self.request
                with contextlib.suppress(OSError):
                    sock.sendto(_in_one_packet(manner), self.client_address)

        super().__init__((address, port), Handler)


def _in_one_packet(manner: str) -> bytes:
    """What the manner says, as far as a packet holds it."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"?")
        theirs.shutdown(socket.SHUT_WR)
        return MANNERS[manner](ours)[:60000]


@contextlib.contextmanager
def hostile(manner: str, address: str = "127.0.0.1") -> Iterator[int]:
    """A port of that address, TCP and UDP, where a server of that manner answers; or nobody, when it REFUSES."""
    if manner == REFUSES:
        # Bound, so that nobody takes it, and refusing because nobody listens.
        with socket.socket() as tcp:
            tcp.bind((address, 0))
            yield tcp.getsockname()[1]
        return
    tcp_server = _Tcp(MANNERS[manner], address)
    with tcp_server, _Udp(tcp_server.server_address[1], manner, address) as udp_server:
        if manner == "says nothing":
            udp_server.verify_request = lambda request, client_address: False
        for server in (tcp_server, udp_server):
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield tcp_server.server_address[1]
        for server in (tcp_server, udp_server):
            server.shutdown()


@contextlib.contextmanager
def serving(manner: Manner) -> Iterator[int]:
    """A port of 127.0.0.1 where a server of a manner of one's own answers over TCP."""
    with _Tcp(manner) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()
