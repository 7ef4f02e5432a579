"""Questions to a JSON API that takes a token: the token goes to the host that was named, and nowhere else.

No redirect is followed and no proxy of the environment is used; plain HTTP is for this machine itself alone.
"""

from __future__ import annotations

import email.utils
import http.client
import ipaddress
import json
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast
from urllib.parse import SplitResult, urlencode, urlsplit

from sprocket_tui.checks.probes.base import ProbeError, as_object, as_text
from sprocket_tui.secret import Secret
from sprocket_tui.terminal import clean, one_line, shortened
from sprocket_tui.values import JSON

_LARGEST = 8 << 20
_CHUNK = 1 << 16
# More pages than any account here has: a list that links to itself must end too.
_PAGES = 50


@dataclass(frozen=True)
class Reply:
    """A status of 2xx or 4xx and the JSON object that came with it."""

    status: int
    document: Mapping[str, JSON]

    @property
    def ok(self) -> bool:
        return self.status < 300

    @property
    def message(self) -> str:
        """What the service says of a refusal, on one line: `message`, or the first of `messages`."""
        messages = self.document.get("messages")
        first = messages[0] if isinstance(messages, list) and messages else self.document.get("message")
        return shortened(one_line(clean(as_text(first))), 200) or f"status {self.status}"


class Api:
    """One service, called `what` in reasons. All its questions together take no longer than `deadline` seconds."""

    def __init__(self, what: str, base: str, scheme: str, token: Secret, deadline: float) -> None:
        """`base` is https://HOST[:PORT][/PATH]; `scheme` the word before the token. Raises ProbeError for others."""
        self._what = what
        self._base = _split(what, base)
        text = token.reveal().strip()
        # Checked here, since the library's own complaint would quote it.
        if not (text.isascii() and text.isprintable()) or " " in text:
            raise ProbeError(f"{token.name} holds characters that no token of {what} has; give it again")
        self._headers = {
            "Accept": "application/json",
            "Authorization": f"{scheme} {text}",
            "User-Agent": "sprocket-tui",
        }
        self._until = time.monotonic() + deadline

    def get(self, path: str, query: Mapping[str, str] | None = None, *, accept: str = "") -> Reply:
        """The answer to GET. Raises ProbeError when there is none, when it is not JSON, and for 3xx, 429 and 5xx."""
        target = self._base.path.rstrip("/") + path + (f"?{urlencode(query)}" if query else "")
        connection = self._connection()
        try:
            connection.request("GET", target, headers={**self._headers, **({"Accept": accept} if accept else {})})
            sock = connection.sock
            response = connection.getresponse()
            self._passable(response)
            body = b"".join(self._chunks(response, sock))
        except ssl.SSLCertVerificationError as error:
            raise ProbeError(f"{self._what}: the certificate was refused: {error.verify_message}") from error
        except TimeoutError as error:
            raise ProbeError(f"{self._what} did not answer in time") from error
        except (OSError, http.client.HTTPException, UnicodeError) as error:
            raise ProbeError(f"{self._what} gave no answer: {error or type(error).__name__}") from error
        finally:
            connection.close()
        return Reply(response.status, self._parsed(body))

    def pages(self, path: str, query: Mapping[str, str], name: str) -> Iterator[Reply]:
        """The answers page by page, as long as `links.pages.next` is there and a page holds a list called `name`.

        The next page is asked for by its number: an address in an answer is not trusted with the token. A refusal ends
        it. Raises ProbeError also for more pages than an account can have.
        """
        for number in range(1, _PAGES + 1):
            reply = self.get(path, {**query, "page": str(number)})
            yield reply
            links = as_object(as_object(reply.document.get("links")).get("pages"))
            if not reply.ok or not links.get("next") or not reply.document.get(name):
                return
        raise ProbeError(f"{self._what} lists more than {_PAGES} pages of {name}")

    def _connection(self) -> http.client.HTTPConnection:
        host, port, wait = self._base.hostname or "", self._base.port, self._left()
        if self._base.scheme == "http":
            return http.client.HTTPConnection(host, port, timeout=wait)
        return http.client.HTTPSConnection(host, port, timeout=wait, context=ssl.create_default_context())

    def _left(self) -> float:
        left = self._until - time.monotonic()
        if left <= 0:
            raise ProbeError(f"{self._what} did not answer in time")
        return left

    def _passable(self, response: http.client.HTTPResponse) -> None:
        if response.status == 429:
            wait = _wait(response.getheader("Retry-After", ""))
            raise ProbeError(f"{self._what} answers 429, too many requests{f'; ask again in {wait} s' if wait else ''}")
        if 300 <= response.status < 400:
            raise ProbeError(f"{self._what} answers {response.status} and points elsewhere; a token is not sent there")
        if response.status >= 500:
            raise ProbeError(f"{self._what} answers {response.status}, an error of its own")

    def _chunks(self, response: http.client.HTTPResponse, sock: socket.socket) -> Iterator[bytes]:
        size = 0
        while True:
            # A server that sends a byte now and then would otherwise never run out of time.
            sock.settimeout(self._left())
            chunk = response.read1(_CHUNK)
            if not chunk:
                return
            size += len(chunk)
            if size > _LARGEST:
                raise ProbeError(f"the answer of {self._what} was larger than {_LARGEST >> 20} MiB")
            yield chunk

    def _parsed(self, body: bytes) -> Mapping[str, JSON]:
        try:
            document = cast("JSON", json.loads(body))
        except (ValueError, RecursionError) as error:
            raise ProbeError(f"the answer of {self._what} is not JSON") from error
        if not isinstance(document, dict):
            raise ProbeError(f"the answer of {self._what} is not a JSON object")
        return document


def _split(what: str, base: str) -> SplitResult:
    try:
        url = urlsplit(base)
        usable = bool(url.hostname) and (url.port is None or url.port > 0) and not url.username
    except ValueError:
        usable, url = False, urlsplit("")
    if not usable or url.scheme not in {"http", "https"}:
        raise ProbeError(f"the address of {what} is not https://HOST: {one_line(base)}")
    if url.scheme == "http" and not _is_here(url.hostname or ""):
        raise ProbeError(f"the address of {what} is plain HTTP; a token is sent over HTTPS alone")
    return url


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _wait(retry_after: str) -> int | None:
    """The seconds of a Retry-After header, which holds them or a date."""
    if retry_after.strip().isdecimal():
        return int(retry_after)
    try:
        until = email.utils.parsedate_to_datetime(retry_after).timestamp()
    except ValueError:
        return None
    return max(0, round(until - time.time()))
