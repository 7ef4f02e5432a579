"""What answers on the droplet's ports, and the sites outside: over pairs of sockets; nobody listens anywhere."""

from __future__ import annotations

import errno
import ipaddress
import os
import socket
import ssl
import threading
from collections.abc import Sequence
from http.server import ThreadingHTTPServer
from pathlib import Path

from sprocket_tui.practice.standins import weather
from sprocket_tui.practice.world import World

_OUTSIDE = ("127.0.0.2", 443)
_NOT_KNOWN = "Name or service not known"


class Web:
    """Connections within the droplet; none leaves this process."""

    def __init__(self, world: World, tls: Path, sites: Sequence[str]) -> None:
        class Traefik(weather.Traefik):
            pass

        Traefik.world = world
        self.authority = tls / "authority.pem"
        self._world, self._sites = world, frozenset(sites)
        self._traefik, self._nginx, self._outside = map(_Server, (Traefik, weather.Nginx, weather.Answers))
        self._certificates = {name: weather.context(name, tls) for name in ("traefik", "outside")}

    def connect(self, port: int) -> socket.socket | None:
        """A connection to that port of the droplet; None when nobody listens there."""
        try:
            state = self._world.read()
        except (OSError, ValueError):
            # Somebody inside took the world away; then nothing listens either.
            return None
        answers = weather.answering(state).get(port)
        if answers is None:
            return None
        if answers is weather.Nginx:
            return self._nginx.joined(None)
        certificate = self._certificates["traefik"] if port == state["ports"]["https"] else None
        return self._traefik.joined(certificate)

    def reach(self, host: str, port: int) -> socket.socket:
        """A connection as a program on the droplet makes it. Raises OSError, socket.gaierror for an unknown name."""
        address = self.address(host)
        if (str(address), port) == _OUTSIDE:
            return self._outside.joined(self._certificates["outside"])
        if not address.is_loopback:
            raise OSError(errno.ENETUNREACH, os.strerror(errno.ENETUNREACH))
        found = self.connect(port)
        if found is None:
            raise ConnectionRefusedError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED))
        return found

    def close(self) -> None:
        """Ends all of them."""
        for each in (self._traefik, self._nginx, self._outside):
            each.server_close()

    def address(self, host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
        """Where that name leads to. Raises socket.gaierror for an unknown one."""
        if host in self._sites:
            return ipaddress.ip_address(_OUTSIDE[0])
        try:
            return ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
        except ValueError:
            raise socket.gaierror(socket.EAI_NONAME, _NOT_KNOWN) from None


class _Server(ThreadingHTTPServer):
    """Answers on connections that are handed to it; it never listens."""

    def __init__(self, answers: type[weather.Answers]) -> None:
        super().__init__(("127.0.0.1", 0), answers, bind_and_activate=False)

    def joined(self, certificate: ssl.SSLContext | None) -> socket.socket:
        """The other end of a new connection."""
        ours, theirs = socket.socketpair()
        threading.Thread(target=self._answer, args=(theirs, certificate), daemon=True).start()
        return ours

    def _answer(self, theirs: socket.socket, certificate: ssl.SSLContext | None) -> None:
        try:
            inner = certificate.wrap_socket(theirs, server_side=True) if certificate else theirs
        except OSError:
            # Who connected says no more, or does not trust us.
            theirs.close()
            return
        self.process_request_thread(inner, ("127.0.0.1", 0))

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away early is nobody's matter."""
