"""One HTTP request, redirects not followed: value {status, location, server, body}.

`host` replaces the name in the request and in TLS while the address stays that of `url`. The body is its first 4096
characters as text. A connection that fails is no answer of the web server, so that the reason says how it failed.
"""

from __future__ import annotations

import http.client
import re
import ssl
from shlex import quote
from urllib.parse import SplitResult, urlsplit

from sprocket_tui.checks.observation import Observation
from sprocket_tui.checks.probes.base import Answers, Here, Probe, ProbeError, first_line, unreadable
from sprocket_tui.guide.words.probes import HttpProbe
from sprocket_tui.target.batch import Command
from sprocket_tui.terminal import clean_bytes, one_line, shortened
from sprocket_tui.values import JSON

_BODY = 4096

_ASK = """\
if command -v curl >/dev/null 2>&1; then
    echo curl
    curl {curl} 2>&1
elif command -v wget >/dev/null 2>&1; then
    echo wget
    wget {wget} 2>&1
else
    echo none
fi
code=$?
printf '\\nstatus %s' "$code"
"""


def commands(words: HttpProbe) -> tuple[Command, ...]:
    """The request by curl, or by wget where there is no curl."""
    url = _split(words)
    wait = max(1, int(words.timeout) - 1)
    target, curl = words.url, ["-q", "-sS", "-i", "--http1.1", "--noproxy", "*", "-m", str(wait), "--max-redirs", "0"]
    if words.insecure:
        curl.append("-k")
    if words.method == "HEAD":
        curl.append("-I")
    if words.host:
        # curl takes the name for TLS from the URL, so the URL names the host and the connection goes to the address.
        curl += ["--connect-to", f"::{_bracketed(url)}:{_port(url)}"]
        target = f"{url.scheme}://{words.host}:{_port(url)}{_path(url)}"
        curl += ["-H", f"Host: {words.host}"]
    wget = ["-q", "-S", "-O", "-", "--no-proxy", "--max-redirect=0", "--content-on-error", "-T", str(wait), "-t", "1"]
    wget += ["--no-check-certificate"] if words.insecure else []
    wget += ["--method=HEAD"] if words.method == "HEAD" else []
    wget += [f"--header=Host: {words.host}"] if words.host else []
    script = _ASK.format(
        curl=" ".join(map(quote, [*curl, "--", target])), wget=" ".join(map(quote, [*wget, "--", words.url]))
    )
    return (Command("ask", script, words.timeout),)


def read(words: HttpProbe, answers: Answers) -> Observation:
    """The response; raises ProbeError when there was none, or nothing to ask with."""
    text = clean_bytes(answers["ask"].stdout)
    match = re.fullmatch(r"(curl|wget|none)\n(.*)\nstatus (\d+)", text, re.DOTALL)
    if not match:
        raise unreadable(text)
    if match[1] == "none":
        raise ProbeError("no tool on the droplet to ask with: curl and wget are both missing")
    return _from_curl(words, match[2]) if match[1] == "curl" else _from_wget(words, match[2])


def _from_curl(words: HttpProbe, said: str) -> Observation:
    head, _, body = said.lstrip("\n").partition("\n\n")
    while re.match(r"HTTP/\S+ 1\d\d\b", head):
        head, _, body = body.partition("\n\n")
    return _response(words, head, body)


def _from_wget(words: HttpProbe, said: str) -> Observation:
    """wget indents the headers by two spaces and prints the body after them."""
    lines = said.split("\n")
    headers = [line.strip() for line in lines if re.match(r"  (HTTP/|[\w-]+:)", line)]
    body = [line for line in lines if not re.match(r"  (HTTP/|[\w-]+:)", line)]
    if not headers:
        raise ProbeError(shortened(one_line(said), 200) or "the answer was empty")
    return _response(words, "\n".join(headers), "\n".join(body).strip("\n"))


def _response(words: HttpProbe, head: str, body: str) -> Observation:
    status = re.match(r"HTTP/\S+ (\d{3})\b", head)
    if not status:
        raise ProbeError(shortened(one_line(first_line(head)), 200) or "the answer was empty")
    parts = [line.partition(":") for line in head.split("\n")]
    headers = {name.lower(): value.strip() for name, _, value in parts}
    return _observed(words, int(status[1]), headers.get("location", ""), headers.get("server", ""), body)


def measure(words: HttpProbe, here: Here, deadline: float) -> Observation:
    """The response as seen from this machine; raises ProbeError when there was none within the deadline."""
    url = _split(words)
    connection = _connection(words, url, min(words.timeout, deadline))
    try:
        connection.request(words.method, _path(url), headers={"Host": words.host or url.netloc.rpartition("@")[2]})
        response = connection.getresponse()
        body = clean_bytes(response.read(_BODY * 4))
        location, server = response.getheader("Location", ""), response.getheader("Server", "")
    except ssl.SSLCertVerificationError as error:
        raise ProbeError(f"the certificate was refused: {error.verify_message}") from error
    except TimeoutError as error:
        raise ProbeError(f"{words.url} did not answer in time") from error
    except (OSError, http.client.HTTPException, UnicodeError) as error:
        raise ProbeError(f"{words.url} gave no answer: {error or type(error).__name__}") from error
    finally:
        connection.close()
    return _observed(words, response.status, location, server, body)


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


def _observed(words: HttpProbe, status: int, location: str, server: str, body: str) -> Observation:
    value: dict[str, JSON] = {"status": status, "location": location, "server": server, "body": body[:_BODY]}
    under = f" as {words.host}" if words.host else ""
    seen = f"{words.url}{under} answers {status}" + (f" to {location}" if location else "")
    return Observation(value=value, seen=one_line(seen), evidence=body[:_BODY])


def _split(words: HttpProbe) -> SplitResult:
    try:
        url = urlsplit(words.url)
        if url.scheme in {"http", "https"} and url.hostname and _port(url):
            return url
    except ValueError:
        pass
    raise ProbeError(f"{words.url} is not an http or https address")


def _port(url: SplitResult) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


def _path(url: SplitResult) -> str:
    return (url.path or "/") + (f"?{url.query}" if url.query else "")


def _bracketed(url: SplitResult) -> str:
    host = url.hostname or ""
    return f"[{host}]" if ":" in host else host


PROBE = Probe[HttpProbe](kind="http", commands=commands, read=read, measure=measure)
