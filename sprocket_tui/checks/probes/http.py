"""One HTTP request: value {status, location, server, body, json, redirects}.

`host` replaces the name in the request and in TLS while the address stays that of `url`. The body is its first 4096
characters as text, `json` the document it holds (null where it is none, or longer than 64 KiB). With `follow` the
status and the rest are those of the last answer, and `redirects` are the ones before it: [{status, location}], ten at
most; without it a redirect is an answer. A connection that fails is no answer of the web server, so that the reason
says how it failed. With `resolves` two of these are answers, with a status of null: a name that does not resolve
({resolves: false}), and a connection that does not come about ({resolves: true, connects: false}); every other value
has {resolves: true, connects: true}.
"""

from __future__ import annotations

import errno
import http.client
import json
import re
import socket
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass
from shlex import quote
from typing import cast
from urllib.parse import SplitResult, urljoin, urlsplit

from sprocket_tui.checks.excerpt import beginning, excerpt
from sprocket_tui.checks.observation import Observation
from sprocket_tui.checks.probes.base import Answers, Here, Probe, ProbeError, first_line, unreadable
from sprocket_tui.guide.words.probes import HttpProbe
from sprocket_tui.target.batch import Command
from sprocket_tui.terminal import clean_bytes, one_line
from sprocket_tui.values import JSON

_BODY = 4096
_READ = 64 * 1024
_MOST_REDIRECTS = 10
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# What curl, and wget of GNU and of BusyBox, say.
_UNRESOLVED = re.compile(
    r"could not resolve host|resolving timed out|unable to resolve|bad address|name resolution", re.IGNORECASE
)
# What is sent is dropped or refused. curl says that a connection timed out also where the other side took it up and
# says nothing of TLS: then it knows an address that it is connected with.
_UNREACHED = re.compile(
    r"(?<!ssl )\bconnection (?:timed out|timeout|refused)|failed to connect|couldn't connect|can't connect"
    r"|no route to host|network is unreachable",
    re.IGNORECASE,
)
_CONNECTED = "connected with "
_UNREACHED_ERRORS = frozenset({errno.ECONNREFUSED, errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ETIMEDOUT})
_GRAPHQL = {"Content-Type": "application/json", "Accept": "application/json"}

# What is beyond the cap is not read: a page of 10 MB is an answer too.
_ASK = """\
if command -v curl >/dev/null 2>&1; then
    echo curl
    curl {curl} 2>&1 | head -c {cap}
elif command -v wget >/dev/null 2>&1; then
    echo wget
    wget {wget} 2>&1 | head -c {cap}
else
    echo none
fi
printf '\\nend'
"""


@dataclass(frozen=True)
class _Response:
    status: int
    location: str
    server: str
    body: str = ""

    @property
    def leads_on(self) -> bool:
        return self.status in _REDIRECTS and bool(self.location)


def commands(words: HttpProbe) -> tuple[Command, ...]:
    """The request by curl, or by wget where there is no curl."""
    url = _split(words.url)
    wait = max(1, int(words.timeout) - 1)
    followed = str(_MOST_REDIRECTS if words.follow else 0)
    target, curl = words.url, ["-q", "-sS", "-i", "--http1.1", "--noproxy", "*", "-m", str(wait)]
    curl += ["--max-redirs", followed, *(["-L"] if words.follow else [])]
    wget = ["-q", "-S", "-O", "-", "--no-proxy", f"--max-redirect={followed}", "--content-on-error"]
    # wget takes a connection up again that the server may have closed after a redirect, and with one try gives up.
    wget += ["-T", str(wait), "-t", "1", "--no-http-keep-alive"]
    if words.insecure:
        curl.append("-k")
        wget.append("--no-check-certificate")
    if words.method == "HEAD":
        curl.append("-I")
        wget.append("--method=HEAD")
    if words.query:
        for name, text in _GRAPHQL.items():
            curl += ["-H", f"{name}: {text}"]
            wget.append(f"--header={name}: {text}")
        curl += ["--data-binary", _query(words)]
        wget.append(f"--post-data={_query(words)}")
    if words.resolves:
        curl += ["-w", rf"\n{_CONNECTED}%{{remote_ip}}"]
    if words.host:
        # curl takes the name for TLS from the URL, so the URL names the host and the connection goes to the address.
        curl += ["--connect-to", f"::{_bracketed(url)}:{_port(url)}"]
        target = f"{url.scheme}://{words.host}:{_port(url)}{_path(url)}"
        curl += ["-H", f"Host: {words.host}"]
        wget.append(f"--header=Host: {words.host}")
    script = _ASK.format(
        curl=" ".join(map(quote, [*curl, "--", target])),
        wget=" ".join(map(quote, [*wget, "--", words.url])),
        cap=_READ + 16 * 1024,
    )
    return (Command("ask", script, words.timeout),)


def read(words: HttpProbe, answers: Answers) -> Observation:
    """The response; raises ProbeError when there was none, or nothing to ask with."""
    text = clean_bytes(answers["ask"].stdout)
    match = re.fullmatch(r"(curl|wget|none)\n(.*)\nend", text, re.DOTALL)
    if not match:
        raise unreadable(text)
    if match[1] == "none":
        raise ProbeError("no tool on the droplet to ask with: curl and wget are both missing")
    said, address = _parted(match[2]) if words.resolves else (match[2], "")
    if words.resolves and not re.search(r"^ *HTTP/", said, re.MULTILINE):
        if _UNRESOLVED.search(said):
            return _unresolved(words, said)
        if not address and _UNREACHED.search(said):
            return _unreached(words, said)
    return _observed(words, _from_curl(words, said) if match[1] == "curl" else _from_wget(said))


def _parted(said: str) -> tuple[str, str]:
    """What was said, and the address that curl came to be connected with, where it tells one."""
    told = re.fullmatch(rf"(.*)\n{_CONNECTED}(\S*)", said, re.DOTALL)
    return (told[1], told[2]) if told else (said, "")


def _from_curl(words: HttpProbe, said: str) -> list[_Response]:
    """One head after another, and after the last the body; heads that only say to go on are not answers."""
    found: list[_Response] = []
    head, _, rest = said.lstrip("\n").partition("\n\n")
    while True:
        response = _response(head, rest)
        if response.status >= 200:
            found.append(response)
        going_on = response.status < 200 or (words.follow and response.leads_on)
        # A redirect that is followed may have a body of its own, which curl leaves out.
        if not going_on or not re.match(r"HTTP/\S+ \d{3}\b", rest):
            return found
        head, _, rest = rest.partition("\n\n")


def _from_wget(said: str) -> list[_Response]:
    """wget indents the headers by two spaces and prints the body after them."""
    lines = said.split("\n")
    headers = [line.strip() for line in lines if re.match(r"  (HTTP/|[\w-]+:)", line)]
    body = "\n".join(line for line in lines if not re.match(r"  (HTTP/|[\w-]+:)", line)).strip("\n")
    if not headers:
        raise ProbeError(excerpt(said, 200) or "the answer was empty")
    heads = re.split(r"\n(?=HTTP/)", "\n".join(headers))
    return [_response(head, body if head is heads[-1] else "") for head in heads]


def _response(head: str, body: str) -> _Response:
    status = re.match(r"HTTP/\S+ (\d{3})\b", head)
    if not status:
        raise ProbeError(excerpt(first_line(head), 200) or "the answer was empty")
    parts = [line.partition(":") for line in head.split("\n")]
    headers = {name.lower(): value.strip() for name, _, value in parts}
    return _Response(int(status[1]), headers.get("location", ""), headers.get("server", ""), body)


def measure(words: HttpProbe, here: Here, deadline: float) -> Observation:
    """The response as seen from this machine; raises ProbeError when there was none within the deadline."""
    url, until = _split(words.url), time.monotonic() + min(words.timeout, deadline)
    try:
        found = [_asked(words, url, until)]
    except ProbeError as error:
        if words.resolves and isinstance(error.__cause__, socket.gaierror):
            return _unresolved(words, str(error))
        if words.resolves and getattr(error.__cause__, "errno", None) in _UNREACHED_ERRORS:
            return _unreached(words, str(error))
        raise
    while words.follow and found[-1].leads_on and len(found) <= _MOST_REDIRECTS:
        url = _split(urljoin(url.geturl(), found[-1].location))
        found.append(_asked(words, url, until))
    return _observed(words, found)


def _asked(words: HttpProbe, url: SplitResult, until: float) -> _Response:
    connection = _connection(words, url, max(0.1, until - time.monotonic()))
    headers = {"Host": words.host or url.netloc.rpartition("@")[2], **(_GRAPHQL if words.query else {})}
    asked = url.geturl()
    try:
        connection.request(words.method, _path(url), body=_query(words) or None, headers=headers)
        response = connection.getresponse()
        body = clean_bytes(_read(response, until))
        location, server = response.getheader("Location", ""), response.getheader("Server", "")
    except ssl.SSLCertVerificationError as error:
        raise ProbeError(f"the certificate was refused: {error.verify_message}") from error
    except TimeoutError as error:
        raise ProbeError(f"{asked} did not answer in time") from error
    except (OSError, http.client.HTTPException, UnicodeError) as error:
        raise ProbeError(f"{asked} gave no answer: {error or type(error).__name__}") from error
    finally:
        connection.close()
    return _Response(response.status, location, server, body)


def _read(response: http.client.HTTPResponse, until: float) -> bytes:
    """The body up to the cap; one that comes drop by drop takes no longer than the rest."""
    found = b""
    while len(found) < _READ and (piece := response.read1(_READ - len(found))):
        found += piece
        if time.monotonic() > until:
            raise TimeoutError
    return found


class _NamedHttps(http.client.HTTPSConnection):
    """HTTPS to an address under another name."""

    def __init__(self, url: SplitResult, name: str, wait: float, context: ssl.SSLContext) -> None:
        super().__init__(url.hostname or "", _port(url), timeout=wait, context=context)
        self._name, self._tls = name, context

    def connect(self) -> None:
        http.client.HTTPConnection.connect(self)
        self.sock = self._tls.wrap_socket(self.sock, server_hostname=self._name)


def _connection(words: HttpProbe, url: SplitResult, wait: float) -> http.client.HTTPConnection:
    if url.scheme == "http":
        return http.client.HTTPConnection(url.hostname or "", _port(url), timeout=wait)
    context = ssl.create_default_context()
    if words.insecure:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return _NamedHttps(url, words.host or url.hostname or "", wait, context)


def _observed(words: HttpProbe, found: Sequence[_Response]) -> Observation:
    last = found[-1]
    if words.follow and last.leads_on:
        if len(found) > _MOST_REDIRECTS:
            raise ProbeError(f"{words.url} redirects more than {_MOST_REDIRECTS} times")
        raise ProbeError(f"{words.url} redirects to {last.location}, which gave no answer")
    value: dict[str, JSON] = {
        "status": last.status,
        "location": last.location,
        "server": last.server,
        "body": beginning(last.body, _BODY),
        "json": _document(last.body),
        "redirects": [{"status": each.status, "location": each.location} for each in found[:-1]],
    }
    if words.resolves:
        value |= {"resolves": True, "connects": True}
    under = f" as {words.host}" if words.host else ""
    way = "".join(f"{each.status} to {each.location}, then " for each in found[:-1])
    seen = f"{words.url}{under} answers {way}{last.status}" + (f" to {last.location}" if last.location else "")
    return Observation(value=value, seen=one_line(seen), evidence=last.body or _head(last))


def _unresolved(words: HttpProbe, said: str) -> Observation:
    value: dict[str, JSON] = {"status": None, "resolves": False}
    return Observation(value, f"the name {_split(words.url).hostname} does not resolve", evidence=said)


def _unreached(words: HttpProbe, said: str) -> Observation:
    value: dict[str, JSON] = {"status": None, "resolves": True, "connects": False}
    url = _split(words.url)
    return Observation(
        value, f"no connection to {url.hostname} port {_port(url)}: {excerpt(said.strip(), 160)}", evidence=said
    )


def _head(response: _Response) -> str:
    """What is kept of an answer's head, for one without a body."""
    named = {"location": response.location, "server": response.server}
    return "\n".join([f"status {response.status}", *(f"{name}: {text}" for name, text in named.items() if text)])


def _document(body: str) -> JSON:
    if not body.lstrip().startswith(("{", "[")):
        return None
    try:
        return cast("JSON", json.loads(body))
    except (ValueError, RecursionError):
        return None


def _query(words: HttpProbe) -> str:
    return json.dumps({"query": words.query}) if words.query else ""


def _split(address: str) -> SplitResult:
    try:
        url = urlsplit(address)
        if url.scheme in {"http", "https"} and url.hostname and _port(url):
            return url
    except ValueError:
        pass
    raise ProbeError(f"{address} is not an http or https address")


def _port(url: SplitResult) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


def _path(url: SplitResult) -> str:
    return (url.path or "/") + (f"?{url.query}" if url.query else "")


def _bracketed(url: SplitResult) -> str:
    host = url.hostname or ""
    return f"[{host}]" if ":" in host else host


PROBE = Probe[HttpProbe](kind="http", commands=commands, read=read, measure=measure)
