"""A TLS server of the lab on a free port of 127.0.0.1, and certificates to show: `trustme`'s, in the form of others."""

import contextlib
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from typing import Self

import trustme

DAY = timedelta(days=1)


class Authorities:
    """Let's Encrypt, its staging authority, and somebody else's; `trusted` is what a machine of the lab knows."""

    def __init__(self) -> None:
        self.lets_encrypt = trustme.CA(organization_name="Let's Encrypt")
        self.staging = trustme.CA(organization_name="(STAGING) Let's Encrypt")
        self.other = trustme.CA(organization_name="Proxy Trust Ltd")
        self.trusted = b"".join(ca.cert_pem.bytes() for ca in (self.lets_encrypt, self.other))


def issued(ca: trustme.CA, *names: str, begins: int = -1, ends: float = 60) -> ssl.SSLContext:
    """A server's side with a certificate of that authority; `begins` and `ends` in days from now."""
    now = datetime.now(UTC)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(*names, not_before=now + begins * DAY, not_after=now + ends * DAY).configure_cert(context)
    return context


def signed_by_itself(ca: trustme.CA) -> ssl.SSLContext:
    """A server that shows the authority's own certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with ca.cert_pem.tempfile() as certificate, ca.private_key_pem.tempfile() as key:
        context.load_cert_chain(certificate, key)
    return context


class TlsServer:
    """Shakes hands with the certificate of `context`, which can be put in another's place, and leaves."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                plain, _ = self._listener.accept()
                threading.Thread(target=self._greet, args=(plain,), daemon=True).start()

    def _greet(self, plain: socket.socket) -> None:
        # The other side may refuse the certificate, and leave.
        with plain, contextlib.suppress(OSError), self.context.wrap_socket(plain, server_side=True) as secure:
            secure.recv(1)
