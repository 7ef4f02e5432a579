"""`curl` and what it says, for the few options that our scripts give it."""

from __future__ import annotations

import http.client
import os
import re
import socket
import ssl
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from sprocket_tui.practice.interpreter import options
from sprocket_tui.practice.interpreter.system import Run
from sprocket_tui.practice.interpreter.unknown import NotKnown

_LONG = ("http1.1", "noproxy=", "max-redirs=", "connect-to=")
_NAME, _CONNECT, _NOT_FOUND, _WRITE, _EMPTY, _CERTIFICATE = 6, 7, 22, 23, 52, 60
_ADDRESS = "%{remote_ip}"
_VERSION = "curl 8.5.0 (interpreted)\nProtocols: http https\n"


@dataclass(frozen=True)
class _Asked:
    """`to` is where the connection goes instead, as "host:port"."""

    url: SplitResult
    given: dict[str, str]
    headers: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def port(self) -> int:
        return self.url.port or (443 if self.url.scheme == "https" else 80)

    @property
    def to(self) -> tuple[str, int]:
        host, _, port = self.given.get("connect-to", "").removeprefix("::").rpartition(":")
        return (host.strip("[]"), int(port)) if host else (self.url.hostname or "", self.port)


class _Failed(Exception):
    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


def curl(run: Run) -> int:
    """One request by HTTP/1.1, without proxies and redirects."""
    if run.words == ["--version"]:
        run.out(_VERSION)
        return 0
    pairs, rest = options.pairs(run, "qsSifkILOm:H:w:", _LONG)
    given = dict(pairs)
    if len(rest) != 1 or not {"s", "S"} <= set(given):
        raise NotKnown(" ".join(run.argv))
    url = urlsplit(rest[0])
    if url.scheme not in ("http", "https") or not url.hostname:
        raise NotKnown(" ".join(run.argv))
    headers = dict(value.split(": ", 1) for name, value in pairs if name == "H" and ": " in value)
    asked = _Asked(url, given, headers)
    written, address = _written(run, given.get("w", "")), ""
    try:
        with _connected(run, asked) as plain:
            address = str(run.system.web.address(asked.to[0]))
            shown, body = _answered(run, asked, plain)
    except _Failed as error:
        status = run.complain_in_full(f"curl: ({error.status}) {error}", error.status)
    else:
        status = 0
        if "O" in given:
            status = _kept(run, url.path.rpartition("/")[2], body)
        else:
            run.out((shown if {"i", "I"} & set(given) else b"") + body)
    run.out(written.replace(_ADDRESS, address))
    return status


def _written(run: Run, text: str) -> str:
    """What is to be written when all is over. Raises NotKnown for anything but lines and the address."""
    text = text.replace(r"\n", "\n")
    # A file of it has an @ before its name.
    if re.search(r"^@|[%\\]", text.replace(_ADDRESS, "")):
        raise NotKnown(" ".join(run.argv))
    return text


def _connected(run: Run, asked: _Asked) -> socket.socket:
    """A connection. Raises _Failed as curl does."""
    host, port = asked.to
    try:
        return run.system.web.reach(host, port)
    except socket.gaierror as error:
        raise _Failed(_NAME, f"Could not resolve host: {host}") from error
    except OSError as error:
        said = "Couldn't connect to server" if isinstance(error, ConnectionRefusedError) else error.strerror
        raise _Failed(_CONNECT, f"Failed to connect to {host} port {port} after 0 ms: {said}") from error


def _answered(run: Run, asked: _Asked, plain: socket.socket) -> tuple[bytes, bytes]:
    """The head and the body. Raises _Failed as curl does."""
    # A first deadline for everything, since nothing outside of this process is waited for.
    plain.settimeout(options.seconds(run, asked.given.get("m", "30")))
    connection = http.client.HTTPConnection(asked.url.hostname or "", asked.port)
    connection.sock = _secured(run, asked, plain) if asked.url.scheme == "https" else plain
    path = (asked.url.path or "/") + (f"?{asked.url.query}" if asked.url.query else "")
    try:
        connection.request("HEAD" if "I" in asked.given else "GET", path, headers={"Accept": "*/*", **asked.headers})
        response = connection.getresponse()
        body = response.read()
    except (OSError, http.client.HTTPException) as error:
        raise _Failed(_EMPTY, "Empty reply from server") from error
    if "f" in asked.given and response.status >= 400:
        raise _Failed(_NOT_FOUND, f"The requested URL returned error: {response.status}")
    head = [
        f"HTTP/1.1 {response.status} {response.reason}",
        *(f"{name}: {value}" for name, value in response.getheaders()),
    ]
    return "".join(f"{line}\r\n" for line in [*head, ""]).encode(), body


def _secured(run: Run, asked: _Asked, plain: socket.socket) -> ssl.SSLSocket:
    # The only authority that is trusted here is the one that signed the sites of the rehearsal.
    context = ssl.create_default_context(cafile=str(run.system.web.authority))
    if "k" in asked.given:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        return context.wrap_socket(plain, server_hostname=asked.url.hostname)
    except ssl.SSLCertVerificationError as error:
        raise _Failed(_CERTIFICATE, f"SSL certificate problem: {error.verify_message}") from error
    except OSError as error:
        raise _Failed(35, "TLS connect error") from error


def _kept(run: Run, name: str, body: bytes) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    try:
        stream = run.files.open(name, run.directory, flags, run.process.umask).held()
    except OSError as error:
        return run.complain_in_full(f"curl: ({_WRITE}) Failure writing output to destination: {error.strerror}", _WRITE)
    stream.write(body, run.process.alive)
    stream.released()
    return 0
