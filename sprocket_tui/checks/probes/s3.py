"""Signed requests to a bucket: list, and where the check says so, put, head and delete of an object of our own.

Without the name of a bucket the list of them all is asked for.

Value {state, endpoint, region, list, put, head, delete, left, skew, code, message}: each request is "ok", the error
code of the service, or null when it was not made; `endpoint` is the address that was asked, `region` the one that the
service names (null where it names none), `skew` the seconds that its clock is ahead of ours (null where it does not
tell), `left` the name of an object that could not be removed again.

The states: ok, no-such-bucket, access-denied, wrong-key (nobody has that access key), wrong-secret, wrong-region,
bucket-in-endpoint (the bucket's name stands before the host already), clock-skew, read-only (the list is allowed, the
put is not), not-deleted. Anything else raises ProbeError.

Requests are signed by botocore and sent as they are: nothing but the keys given is used, no configuration, no
environment, no redirect to another region.
"""

from __future__ import annotations

import html
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import quote, urlencode

from sprocket_tui.checks.excerpt import excerpt
from sprocket_tui.checks.observation import Observation
from sprocket_tui.checks.probes.base import Here, Probe, ProbeError
from sprocket_tui.checks.probes.exchange import Response, ask, printable, split
from sprocket_tui.checks.probes.signing import signer
from sprocket_tui.guide.words.probes import S3Probe
from sprocket_tui.terminal import one_line
from sprocket_tui.values import JSON

_BODY = b"written by a check of sprocket-tui, which removes it again\n"
# What is kept of the time for removing the object when the answer to the put never came.
_TIDYING = 0.25
# Nothing stands for the keys' own list of buckets.
_BUCKET = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9._-]{1,254})?")
_LISTS = re.compile(r"<(ListBucketResult|ListAllMyBucketsResult)\b")
_STATES = {
    "NoSuchBucket": "no-such-bucket",
    "AccessDenied": "access-denied",
    "AllAccessDisabled": "access-denied",
    "InvalidAccessKeyId": "wrong-key",
    "SignatureDoesNotMatch": "wrong-secret",
    "PermanentRedirect": "wrong-region",
    "TemporaryRedirect": "wrong-region",
    "IllegalLocationConstraintException": "wrong-region",
    "RequestTimeTooSkewed": "clock-skew",
}


@dataclass(frozen=True)
class _Answer:
    """What a request came to: `code` is "ok" or the service's error code."""

    code: str
    message: str = ""
    region: str = ""
    skew: int | None = None
    version: str = ""

    @property
    def state(self) -> str:
        """The word for an error; "" where the code is none of those that are told apart."""
        malformed = self.code == "AuthorizationHeaderMalformed" and "region" in f"{self.message}{self.region}".lower()
        return "wrong-region" if malformed else _STATES.get(self.code, "")


class _Bucket:
    """One bucket and the keys to it."""

    def __init__(self, words: S3Probe, access_key: str, secret_key: str) -> None:
        self._sign = signer(access_key, secret_key, words.region)
        self.endpoint = words.endpoint if "://" in words.endpoint else f"https://{words.endpoint}"
        address = split(self.endpoint)
        if address.path.strip("/") or address.query:
            raise ProbeError(f"{one_line(words.endpoint)} is not an endpoint: something stands behind the host")
        bucket = quote(words.bucket, safe="")
        virtual = words.addressing == "virtual" and bool(bucket)
        self._base = f"{address.scheme}://{f'{bucket}.' if virtual else ''}{address.netloc}/"
        self._prefix = "" if virtual else bucket

    def ask(
        self, method: str, name: str = "", *, until: float, body: bytes = b"", query: Mapping[str, str] | None = None
    ) -> _Answer:
        """One signed request, to the bucket or the object `name`. Raises ProbeError where the answer is not S3's."""
        path = "/".join(part for part in (self._prefix, quote(name)) if part)
        url = self._base + path + (f"?{urlencode(sorted((query or {}).items()), quote_via=quote)}" if query else "")
        answer = ask(method, url, self._sign(method, url, body), until=until, body=body)
        return _read(method, answer, split(url).netloc)


def measure(words: S3Probe, here: Here, deadline: float) -> Observation:
    """What the bucket allows; raises ProbeError when no S3 service answered, or in a way that is not told apart."""
    access_key, secret_key = here.secret(words.access_key), here.secret(words.secret_key)
    if not _BUCKET.fullmatch(words.bucket):
        raise ProbeError(f"{one_line(words.bucket)} is not the name of a bucket")
    bucket = _Bucket(words, printable(access_key), printable(secret_key))
    whole = min(words.timeout, deadline)
    began = time.monotonic()
    short = {"list-type": "2", "max-keys": "1"} if words.bucket else {}
    listed = bucket.ask("GET", until=began + whole * (1 - _TIDYING), query=short)
    asked = {"list": listed}
    left = ""
    if listed.code == "ok" and words.writes and words.bucket:
        left = _write(bucket, asked, began, whole)
    return _observed(words, bucket.endpoint, asked, left)


def _write(bucket: _Bucket, asked: dict[str, _Answer], began: float, whole: float) -> str:
    """Puts, looks at and removes an object of a random name; enters the answers. Returns its name where it stays."""
    name = f"sprocket-tui-probe-{secrets.token_hex(8)}"
    until, version = began + whole * (1 - _TIDYING), ""
    try:
        asked["put"] = bucket.ask("PUT", name, until=until, body=_BODY)
        if asked["put"].code != "ok":
            return ""
        version = asked["put"].version
        asked["head"] = bucket.ask("HEAD", name, until=until)
    except ProbeError as error:
        # The answer to the put may be lost and the object there all the same.
        gone = _removed(bucket, name, version, began + whole)
        raise ProbeError(f"{error}{'' if gone else f'; the object {name} may be left in the bucket'}") from error
    # Where versions are kept only the removal of that version removes it.
    told = {"versionId": version} if version else {}
    try:
        asked["delete"] = bucket.ask("DELETE", name, until=began + whole, query=told)
    except ProbeError as error:
        raise ProbeError(f"{error}; the object {name} may be left in the bucket") from error
    return "" if asked["delete"].code == "ok" else name


def _removed(bucket: _Bucket, name: str, version: str, until: float) -> bool:
    try:
        told = {"versionId": version} if version else {}
        return bucket.ask("DELETE", name, until=until, query=told).code == "ok"
    except ProbeError:
        return False


def _observed(words: S3Probe, endpoint: str, asked: dict[str, _Answer], left: str) -> Observation:
    failed = next(((what, answer) for what, answer in asked.items() if answer.code != "ok"), None)
    state = _state(*failed, twice=_twice(words, endpoint)) if failed else "ok"
    last = failed[1] if failed else asked["list"]
    value: dict[str, JSON] = {
        "state": state,
        "endpoint": endpoint,
        "region": last.region or None,
        **{what: asked[what].code if what in asked else None for what in ("list", "put", "head", "delete")},
        "left": left,
        "skew": last.skew,
        "code": "" if last.code == "ok" else last.code,
        "message": last.message,
    }
    where = f"{words.bucket or 'the list of buckets'} at {endpoint}"
    if failed:
        said = f"{last.code}{f' ({last.message})' if last.message else ''}"
        seen = f"{where} answers to {failed[0]}: {said}" + (f"; {left} is left there" if left else "")
    else:
        seen = f"{where}: {', '.join(asked)} allowed"
    return Observation(value=value, seen=one_line(seen))


def _twice(words: S3Probe, endpoint: str) -> bool:
    """Whether the endpoint is the bucket's own address, and the request so names the bucket a second time."""
    return words.addressing == "path" and (split(endpoint).hostname or "").startswith(f"{words.bucket.lower()}.")


def _state(what: str, answer: _Answer, *, twice: bool) -> str:
    state = answer.state
    # The bucket's name was taken for an object's.
    if twice and answer.code in {"NoSuchKey", "NoSuchBucket"}:
        return "bucket-in-endpoint"
    if what == "put" and state == "access-denied":
        return "read-only"
    if what == "delete":
        return "not-deleted"
    if state:
        return state
    raise ProbeError(f"the service answers to {what}: {answer.code} {answer.message}".strip())


def _read(method: str, response: Response, host: str) -> _Answer:
    text = response.text()
    skew, region = _skew(response), response.headers.get("x-amz-bucket-region", "")
    if 200 <= response.status < 300:
        if method == "GET" and not _LISTS.search(text):
            raise ProbeError(f"{host} answers {response.status}, and not as an S3 service does")
        return _Answer("ok", region=region, skew=skew, version=response.headers.get("x-amz-version-id", ""))
    code = _field(text, "Code")
    if not code and method == "HEAD":
        # An answer to HEAD has no body to say more in.
        code = {403: "AccessDenied", 404: "NoSuchKey"}.get(response.status, "")
    if not code:
        raise ProbeError(f"{host} answers {response.status}, without the error code of an S3 service")
    if response.status >= 500:
        raise ProbeError(f"{host} answers {response.status}: {code} {_field(text, 'Message')}".strip())
    return _Answer(code, _field(text, "Message"), region or _field(text, "Region"), skew)


def _field(text: str, name: str) -> str:
    found = re.search(rf"<{name}>([^<]*)</{name}>", text)
    return excerpt(html.unescape(found[1]), 200) if found else ""


def _skew(response: Response) -> int | None:
    try:
        return round(parsedate_to_datetime(response.headers.get("date", "")).timestamp() - time.time())
    except ValueError:
        return None


PROBE = Probe[S3Probe](kind="s3", measure=measure)
