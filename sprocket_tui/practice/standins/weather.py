"""What goes on inside a droplet by itself: the web servers that run answer on their ports, and so do the sites outside.

Runs until the sandbox ends. The state is looked at a few times a second; nothing is decided here.
"""

from __future__ import annotations

import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from sprocket_tui.practice.standins import kernel, nginx, traefik
from sprocket_tui.practice.standins.call import Call
from sprocket_tui.practice.standins.network import serving
from sprocket_tui.practice.standins.vault import start
from sprocket_tui.practice.standins.vault import web as vault
from sprocket_tui.practice.world import WORLD, State, World

_EVERY = 0.2
_OUTSIDE = ("127.0.0.2", 443)
_TLS = WORLD.parent / "tls"


class Answers(BaseHTTPRequestHandler):
    """What the sites outside answer."""

    protocol_version = "HTTP/1.1"
    server_version, sys_version = "", ""

    def do_GET(self) -> None:
        status, kind, body = self.answer()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_GET  # noqa: N815 the library's name

    def answer(self) -> tuple[int, str, bytes]:
        """Status, content type and body."""
        return 200, "text/plain", b"This is a rehearsal; nothing outside was asked.\n"

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


class Traefik(Answers):
    """Answers as Traefik does: by the name that is asked for, and 404 for every other."""

    world = World(WORLD)

    def answer(self) -> tuple[int, str, bytes]:
        state = self.world.read()
        host = self.headers.get("Host", "").partition(":")[0]
        if traefik.refusal(state):
            # Nobody tells it of a route.
            return 404, "text/plain; charset=utf-8", b"404 page not found\n"
        if host.startswith("vault.") and not isinstance(self.connection, ssl.SSLSocket) and "vault" in serving(state):
            return vault.answer(state, self.path)
        return 404, "text/plain; charset=utf-8", b"404 page not found\n"


class Nginx(Answers):
    """Answers as nginx does that was installed and left alone: with one page, and 404 for every other."""

    server_version = nginx.SERVER

    def answer(self) -> tuple[int, str, bytes]:
        return nginx.page(self.path)

    def version_string(self) -> str:
        """Without the version of our own."""
        return self.server_version


class _Ports:
    """The web servers that are up, by port."""

    def __init__(self) -> None:
        self._up: dict[int, tuple[type[Answers], ThreadingHTTPServer]] = {}

    def follow(self, state: State) -> None:
        """Closes and opens ports until they are as the state says."""
        wanted = answering(state)
        for port in [each for each, (answers, _) in self._up.items() if wanted.get(each) is not answers]:
            _, server = self._up.pop(port)
            server.shutdown()
            server.server_close()
        for port in wanted.keys() - self._up:
            tls = wanted[port] is Traefik and port == state["ports"]["https"]
            self._up[port] = (wanted[port], _served(("0.0.0.0", port), wanted[port], tls=tls))  # noqa: S104


def main(call: Call) -> int:
    """Never returns by itself."""
    ports = _Ports()
    outside = None
    while True:
        start.settle(call)
        state = call.world.read()
        ports.follow(state)
        for name, text in kernel.texts(state).items():
            file = WORLD.parent / name
            if file.read_text(encoding="utf-8") != text:
                # In place: the file is mounted where the kernel shows its own.
                file.write_text(text, encoding="utf-8")
        if outside is None:
            outside = _served(_OUTSIDE, Answers, tls=True)
        time.sleep(_EVERY)


def answering(state: State) -> dict[int, type[Answers]]:
    """The ports on which a web server answers now, and as what."""
    found: dict[int, type[Answers]] = {
        each["port"]: Nginx for each in state["listeners"] if each["process"] == nginx.NAME
    }
    for name, ports in serving(state).items():
        if name.startswith("traefik-"):
            found |= dict.fromkeys(ports, Traefik)
    return found


def context(name: str, directory: Path = _TLS) -> ssl.SSLContext:
    """What the server "traefik" or "outside" shows who it is with."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(directory / f"{name}.pem")
    return made


def _served(address: tuple[str, int], answers: type[Answers], *, tls: bool) -> ThreadingHTTPServer:
    server = ThreadingHTTPServer(address, answers)
    if tls:
        certificate = context("outside" if address == _OUTSIDE else "traefik")
        # The handshake belongs to the connection's own thread.
        server.socket = certificate.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
    return server
