"""Questions to a JSON API that takes a token: the token goes to the host that was named, and nowhere else.

No redirect is followed and no proxy of the environment is used; plain HTTP is for this machine itself alone.
"""

from __future__ import annotations

import email.utils
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlencode

from sprocket_tui.checks.excerpt import excerpt
from sprocket_tui.checks.probes.base import ProbeError, as_object, as_text
from sprocket_tui.checks.probes.exchange import Response, ask, in_clear, printable, split
from sprocket_tui.secret import Secret
from sprocket_tui.values import JSON

_LARGEST = 8 << 20
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
        return excerpt(as_text(first), 200) or f"status {self.status}"


class Api:
    """One service, called `what` in reasons. All its questions together take no longer than `deadline` seconds."""

    def __init__(self, what: str, base: str, scheme: str, token: Secret, deadline: float) -> None:
        """`base` is https://HOST[:PORT][/PATH]; `scheme` the word before the token. Raises ProbeError for others."""
        self._what = what
        self._base = _base(what, base)
        other = f"no token of {what}"
        self._headers = {"Accept": "application/json", "Authorization": f"{scheme} {printable(token, other)}"}
        self._until = time.monotonic() + deadline

    def get(self, path: str, query: Mapping[str, str] | None = None, *, accept: str = "") -> Reply:
        """The answer to GET. Raises ProbeError when there is none, when it is not JSON, and for 3xx, 429 and 5xx."""
        url = self._base + path + (f"?{urlencode(query)}" if query else "")
        headers = {**self._headers, **({"Accept": accept} if accept else {})}
        response = ask("GET", url, headers, until=self._until, called=self._what, largest=_LARGEST)
        self._passable(response)
        return Reply(response.status, self._parsed(response.body))

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

    def _passable(self, response: Response) -> None:
        if response.status == 429:
            wait = _wait(response.headers.get("retry-after", ""))
            raise ProbeError(f"{self._what} answers 429, too many requests{f'; ask again in {wait} s' if wait else ''}")
        if 300 <= response.status < 400:
            raise ProbeError(f"{self._what} answers {response.status} and points elsewhere; a token is not sent there")
        if response.status >= 500:
            raise ProbeError(f"{self._what} answers {response.status}, an error of its own")

    def _parsed(self, body: bytes) -> Mapping[str, JSON]:
        try:
            document = cast("JSON", json.loads(body))
        except (ValueError, RecursionError) as error:
            raise ProbeError(f"the answer of {self._what} is not JSON") from error
        if not isinstance(document, dict):
            raise ProbeError(f"the answer of {self._what} is not a JSON object")
        return document


def _base(what: str, base: str) -> str:
    if in_clear(split(base)):
        raise ProbeError(f"the address of {what} is plain HTTP; a token is sent over HTTPS alone")
    return base.rstrip("/")


def _wait(retry_after: str) -> int | None:
    """The seconds of a Retry-After header, which holds them or a date."""
    if retry_after.strip().isdecimal():
        return int(retry_after)
    try:
        until = email.utils.parsedate_to_datetime(retry_after).timestamp()
    except ValueError:
        return None
    return max(0, round(until - time.time()))
