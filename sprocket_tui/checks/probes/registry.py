"""Whether a registry (API v2) lets a user in, and has each of the images that will be pulled.

Value {state, login, images: {image: word}, missing, denied, limit, remaining, window}. The word of an image is ok,
missing, denied, rate-limited, or null when it was not asked for; `missing` and `denied` list the images of those
words. `login` is basic, token, or none where the registry asks for nothing. `limit` and `remaining` are the pulls
allowed in `window` seconds, null where the registry does not tell.

The state is the worst of unauthorized (user and token are refused), rate-limited, denied, missing, ok. A registry says
denied also of a private repository that it does not show to the user, or that does not exist. A manifest is asked for
by HEAD, which Docker Hub does not count as a pull. The first image is asked for alone: a wrong token is then refused
once, and not as often as there are images.
"""

from __future__ import annotations

import base64
import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlencode

from sprocket_tui.checks.excerpt import excerpt
from sprocket_tui.checks.observation import Observation
from sprocket_tui.checks.probes.base import Here, Probe, ProbeError, as_object, as_text
from sprocket_tui.checks.probes.exchange import Response, ask, in_clear, split
from sprocket_tui.guide.words.probes import RegistryProbe
from sprocket_tui.terminal import one_line
from sprocket_tui.values import JSON

_ACCEPT = ", ".join(
    (
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    )
)
_IMAGE = re.compile(
    r"(?P<name>[a-z0-9]+(?:[._/-]+[a-z0-9]+)*)(?::(?P<tag>\w[\w.-]{0,127})|@(?P<digest>sha256:[0-9a-f]{64}))"
)
_WORST_FIRST = ("unauthorized", "rate-limited", "denied", "missing")


@dataclass(frozen=True)
class _Login:
    """How the registry wants to be asked: `scheme` is none, basic or token."""

    scheme: str
    realm: str = ""
    service: str = ""


@dataclass(frozen=True)
class _Pull:
    """What an image came to, and the limit that the registry told with it."""

    word: str
    limit: str = ""
    remaining: str = ""


class _Registry:
    """One registry and a user of it; `basic` is the header's value, "" for nobody."""

    def __init__(self, base: str, basic: str, until: float) -> None:
        self.address = split(base)
        self._base = f"{self.address.scheme}://{self.address.netloc}/v2/"
        self._basic = basic
        self._until = until
        if basic and in_clear(self.address):
            raise ProbeError(f"{self.address.netloc} is asked over plain HTTP; a password is sent over HTTPS alone")
        self.login = self._asks()

    def pull(self, image: str) -> _Pull:
        """Whether the image could be pulled. Raises ProbeError where the answer is no registry's."""
        parts = _IMAGE.fullmatch(image)
        if not parts:
            raise ProbeError(f"{one_line(image)} is not an image with a tag")
        headers = {"Accept": _ACCEPT}
        if self.login.scheme == "token":
            token = self._token(parts["name"])
            if isinstance(token, _Pull):
                return token
            headers["Authorization"] = f"Bearer {token}"
        elif self._basic and self.login.scheme == "basic":
            headers["Authorization"] = self._basic
        url = f"{self._base}{parts['name']}/manifests/{parts['tag'] or parts['digest']}"
        answer = ask("HEAD", url, headers, until=self._until)
        if answer.status == 401 and self.login.scheme == "basic":
            return _Pull("unauthorized")
        words = {200: "ok", 401: "denied", 403: "denied", 404: "missing", 429: "rate-limited"}
        if answer.status not in words or (answer.status == 200 and not _is_manifest(answer)):
            raise ProbeError(f"{self.address.netloc} answers {answer.status} for {image}, and not as a registry does")
        return _Pull(words[answer.status], *_limits(answer))

    def _asks(self) -> _Login:
        """What the registry asks for before it answers."""
        answer = ask("GET", self._base, {}, until=self._until)
        if answer.status == 429:
            return _Login("rate-limited")
        challenge = answer.headers.get("www-authenticate", "")
        scheme, _, rest = challenge.partition(" ")
        fields = dict(re.findall(r'(\w+)="([^"]*)"', rest))
        if answer.status == 401 and scheme.lower() == "bearer" and fields.get("realm"):
            realm = split(fields["realm"])
            if (self.address.scheme == "https" and realm.scheme != "https") or (self._basic and in_clear(realm)):
                raise ProbeError(f"{self.address.netloc} asks for the login over plain HTTP; it is not sent there")
            return _Login("token", fields["realm"], fields.get("service", ""))
        if answer.status == 401 and scheme.lower() == "basic":
            return _Login("basic")
        if answer.status == 200 and "registry/2.0" in answer.headers.get("docker-distribution-api-version", ""):
            return _Login("none")
        raise ProbeError(f"{self.address.netloc} answers {answer.status}, and not as a registry does")

    def _token(self, name: str) -> str | _Pull:
        """A token to pull `name` with, or what keeps it from being given."""
        query = urlencode({"service": self.login.service, "scope": f"repository:{name}:pull"})
        joint = "&" if split(self.login.realm).query else "?"
        headers = {"Authorization": self._basic} if self._basic else {}
        answer = ask("GET", f"{self.login.realm}{joint}{query}", headers, until=self._until)
        words = {401: "unauthorized", 403: "denied", 429: "rate-limited"}
        if answer.status in words:
            return _Pull(words[answer.status], *_limits(answer))
        host = split(self.login.realm).netloc
        if answer.status != 200:
            raise ProbeError(f"{host}, which gives out the tokens, answers {answer.status}")
        try:
            document = as_object(cast("JSON", json.loads(answer.body)))
        except (ValueError, RecursionError) as error:
            raise ProbeError(f"the answer of {host}, which gives out the tokens, is not JSON") from error
        token = as_text(document.get("token")) or as_text(document.get("access_token"))
        if not token or not token.isascii() or not token.isprintable():
            raise ProbeError(f"{host}, which gives out the tokens, gave none")
        return token


def measure(words: RegistryProbe, here: Here, deadline: float) -> Observation:
    """What the registry says of each image; raises ProbeError when no registry answered."""
    basic = ""
    if words.password:
        pair = f"{words.user}:{here.secret(words.password).reveal().strip()}"
        basic = f"Basic {base64.b64encode(pair.encode()).decode()}"
    until = time.monotonic() + min(words.timeout, deadline) * 0.9
    registry = _Registry(words.registry if "://" in words.registry else f"https://{words.registry}", basic, until)
    if registry.login.scheme == "rate-limited":
        return _observed(words, registry, {})
    first, *others = dict.fromkeys(words.images)
    pulls = {first: registry.pull(first)}
    if pulls[first].word not in {"unauthorized", "rate-limited"} and others:
        with ThreadPoolExecutor(max_workers=min(4, len(others))) as pool:
            pulls |= dict(zip(others, pool.map(registry.pull, others), strict=True))
    return _observed(words, registry, pulls)


def _observed(words: RegistryProbe, registry: _Registry, pulls: dict[str, _Pull]) -> Observation:
    found = {pull.word for pull in pulls.values()} | ({registry.login.scheme} & {"rate-limited"})
    state = next((word for word in _WORST_FIRST if word in found), "ok")
    told = [pull for pull in pulls.values() if pull.limit or pull.remaining]
    limit, window = _count(told[-1].limit) if told else (None, None)
    remaining, own_window = _count(told[-1].remaining) if told else (None, None)
    value: dict[str, JSON] = {
        "state": state,
        "login": registry.login.scheme,
        "images": {image: pulls[image].word if image in pulls else None for image in words.images},
        "missing": [image for image, pull in pulls.items() if pull.word == "missing"],
        "denied": [image for image, pull in pulls.items() if pull.word == "denied"],
        "limit": limit,
        "remaining": remaining,
        "window": window or own_window,
    }
    return Observation(value=value, seen=excerpt(_told(words, registry, state, pulls), 400))


def _told(words: RegistryProbe, registry: _Registry, state: str, pulls: dict[str, _Pull]) -> str:
    host = registry.address.netloc
    if state == "ok":
        return f"{host} has {'the image' if len(pulls) == 1 else f'all {len(pulls)} images'}: {', '.join(pulls)}"
    if state == "unauthorized":
        return f"{host} refuses the login of {words.user or 'nobody'}"
    if state == "rate-limited":
        return f"{host} takes no more requests for now"
    parts = {word: [image for image, pull in pulls.items() if pull.word == word] for word in ("denied", "missing")}
    said = {"denied": "does not show", "missing": "has no"}
    return f"{host} " + " and ".join(f"{said[word]} {', '.join(images)}" for word, images in parts.items() if images)


def _is_manifest(answer: Response) -> bool:
    return "manifest" in answer.headers.get("content-type", "") or "index" in answer.headers.get("content-type", "")


def _limits(answer: Response) -> tuple[str, str]:
    return answer.headers.get("ratelimit-limit", ""), answer.headers.get("ratelimit-remaining", "")


def _count(header: str) -> tuple[int | None, int | None]:
    """The number and the window of "100;w=21600"."""
    match = re.fullmatch(r"(\d{1,9})(?:;w=(\d{1,9}))?", header.strip())
    return (int(match[1]), int(match[2]) if match[2] else None) if match else (None, None)


PROBE = Probe[RegistryProbe](kind="registry", measure=measure)
