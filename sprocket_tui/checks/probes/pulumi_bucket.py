"""The locks of a Pulumi backend in a bucket, looked at from here: pulumi itself has no question that shows them."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from sprocket_tui.checks.probes.base import ProbeError
from sprocket_tui.checks.probes.exchange import Response, ask
from sprocket_tui.checks.probes.pulumi_seen import Lock, read_lock
from sprocket_tui.checks.probes.signing import Sign, signer

# One lock is the rule; more than a few are told by their number alone.
_READ = 5


class Bucket:
    """The bucket of s3://BUCKET/PREFIX?endpoint=..&region=.. and the keys to it; all ends by `until` (monotonic)."""

    def __init__(self, backend: str, access_key: str, secret_key: str, until: float) -> None:
        address = urlsplit(backend)
        options = {name: values[-1] for name, values in parse_qs(address.query).items()}
        region = options.get("region") or "us-east-1"
        endpoint = options.get("endpoint") or f"s3.{region}.amazonaws.com"
        plain = "true" in (options.get("disableSSL"), options.get("disable_https"))
        scheme = "" if "://" in endpoint else "http://" if plain else "https://"
        # By path: every service knows it, and one of one's own often nothing else.
        self._base = f"{scheme}{endpoint.rstrip('/')}/{quote(address.netloc)}"
        prefix = address.path.strip("/")
        self._root = f"{prefix}/" if prefix else ""
        self._sign: Sign = signer(access_key, secret_key, region)
        self._until = until

    def locks(self, stack: str) -> tuple[Lock, ...]:
        """Who holds the stack ORGANISATION/PROJECT/STACK; raises ProbeError where the bucket does not say."""
        place = f"{self._root}.pulumi/locks/{stack}/"
        listed = self._get("", {"list-type": "2", "prefix": place})
        if "<ListBucketResult" not in listed.text():
            raise ProbeError("the bucket's answer is no list")
        names = [html.unescape(name) for name in re.findall(r"<Key>([^<]*)</Key>", listed.text())]
        names = [name for name in names if name.startswith(place) and name.endswith(".json")]
        read = tuple(read_lock(self._get(name, {}).text()) for name in names[:_READ])
        return read + tuple(Lock("somebody else") for _ in names[_READ:])

    def _get(self, name: str, query: Mapping[str, str]) -> Response:
        asked = f"?{urlencode(sorted(query.items()), quote_via=quote, safe='')}" if query else ""
        url = f"{self._base}/{quote(name)}{asked}" if name else f"{self._base}{asked}"
        response = ask("GET", url, self._sign("GET", url, b""), until=self._until)
        if response.status != 200:
            raise ProbeError(f"the bucket answers {response.status}")
        return response
