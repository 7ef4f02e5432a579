"""One HTTP request with its answer, for probes that speak HTTP to a service: no redirect, no proxy, a bounded body."""

from __future__ import annotations

import http.client
import ipaddress
import ssl
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from sprocket_tui.checks.probes.base import ProbeError
from sprocket_tui.checks.probes.reaching import look_up
from sprocket_tui.secret import Secret
from sprocket_tui.terminal import one_line

_LARGEST = 1 << 20
_CHUNK = 1 << 16


@dataclass(frozen=True)
class Response:
    """An answer; `headers` by their names in small letters, `body` whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def text(self) -> str:
        return self.body.decode("utf-8", errors="replace")


def ask(
    method: str,
    url: str,
    headers: Mapping[str, str],
    *,
    until: float,
    body: bytes = b"",
    called: str = "",
    largest: int = _LARGEST,
) -> Response:
    """The answer to one request, by `until` (time.monotonic). Raises ProbeError when there is none, or it is too long.

    The URL is sent as it is, since a signature may cover it. `called` names the service in reasons, else its host does;
    `largest` is in bytes.
    """
    address = split(url)
    name = called or address.netloc
    look_up(address.hostname or "", until)
    connection = _connection(address, _left(name, until))
    try:
        path = (address.path or "/") + (f"?{address.query}" if address.query else "")
        connection.request(method, path, body=body or None, headers={"User-Agent": "sprocket-tui", **headers})
        # The connection forgets its socket once the server says that it closes.
        sock = connection.sock
        response = connection.getresponse()

        def chunks() -> Iterator[bytes]:
            size = 0
            while not response.isclosed():
                # A server that sends a byte now and then would otherwise never run out of time.
                sock.settimeout(_left(name, until))
                chunk = response.read1(_CHUNK)
                size += len(chunk)
                if size > largest:
                    raise ProbeError(f"the answer of {name} was larger than {largest >> 20} MiB")
                if not chunk:
                    return
                yield chunk

        whole = b"".join(chunks())
    except ssl.SSLCertVerificationError as error:
        raise ProbeError(f"the certificate of {name} was refused: {error.verify_message}") from error
    except TimeoutError as error:
        raise ProbeError(f"{name} did not answer in time") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise ProbeError(f"{name} gave no answer: {error or type(error).__name__}") from error
    finally:
        connection.close()
    return Response(response.status, {key.lower(): value for key, value in response.getheaders()}, whole)


def split(url: str) -> SplitResult:
    """The parts of an http or https address; raises ProbeError for anything else."""
    try:
        found = urlsplit(url)
        if found.scheme in {"http", "https"} and found.hostname and not found.username and found.port != 0:
            return found
    except ValueError:
        pass
    raise ProbeError(f"{one_line(url)} is not an http or https address")


def in_clear(address: SplitResult) -> bool:
    """Whether others on the way could read what is sent there: plain HTTP to another machine."""
    if address.scheme != "http":
        return False
    try:
        return not ipaddress.ip_address(address.hostname or "").is_loopback
    except ValueError:
        return address.hostname != "localhost"


def printable(secret: Secret, other: str = "no such key") -> str:
    """The secret's text where it can stand in a header; raises ProbeError, which does not quote it, where it cannot.

    `other` is what never looks so, as in "no token of Doppler".
    """
    text = secret.reveal().strip()
    if not (text.isascii() and text.isprintable()) or " " in text:
        raise ProbeError(f"{secret.name} holds characters that {other} has; give it again")
    return text


def _connection(address: SplitResult, wait: float) -> http.client.HTTPConnection:
    host = address.hostname or ""
    if address.scheme == "http":
        return http.client.HTTPConnection(host, address.port, timeout=wait)
    return http.client.HTTPSConnection(host, address.port, timeout=wait, context=ssl.create_default_context())


def _left(name: str, until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise ProbeError(f"{name} did not answer in time")
    return left
