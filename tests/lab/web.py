"""HTTP servers of the lab that run beside a test, one handler class each."""

import ssl
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@contextmanager
def serving(
    handler: Callable[..., BaseHTTPRequestHandler], address: str = "127.0.0.1", tls: ssl.SSLContext | None = None
) -> Generator[str, None, None]:
    """The server's address, as `http://ADDRESS:PORT`, or `https` with a certificate to show."""
    with ThreadingHTTPServer((address, 0), handler) as server:
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield f"http{'s' if tls else ''}://{address}:{server.server_port}"
        finally:
            server.shutdown()
