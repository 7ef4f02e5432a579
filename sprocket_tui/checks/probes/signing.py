"""S3's signature (version 4) of a request, made by botocore: nothing but the keys given is used.

botocore has no types, so that all that is known of it stands here.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

Sign = Callable[[str, str, bytes], dict[str, str]]


def signer(access_key: str, secret_key: str, region: str) -> Sign:
    """A function from method, URL and body to the headers that the request must carry, signed at that moment."""
    auth: Any = import_module("botocore.auth")
    credentials: Any = import_module("botocore.credentials")
    requests: Any = import_module("botocore.awsrequest")
    scheme = auth.S3SigV4Auth(credentials.Credentials(access_key, secret_key), "s3", region)

    def sign(method: str, url: str, body: bytes) -> dict[str, str]:
        request = requests.AWSRequest(method=method, url=url, data=body, headers={"Content-Length": str(len(body))})
        scheme.add_auth(request)
        headers: dict[str, str | bytes] = dict(request.headers.items())
        return {name: value.decode() if isinstance(value, bytes) else value for name, value in headers.items()}

    return sign
