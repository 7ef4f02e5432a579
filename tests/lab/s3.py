"""An S3 server of the lab, reachable from a droplet, for Pulumi's state."""

import importlib.util
import logging
import secrets
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.request import Request, urlopen
from xml.etree import ElementTree

ACCESS_KEY = "LABSTATEKEY000005"
SECRET_KEY = "lab/state/secret/key/000000000000000005"


class S3Lab:
    """moto's S3 on one address, with one bucket. Any key is accepted, so tests of wrong keys do not belong here."""

    def __init__(self, address: str) -> None:
        from moto.server import ThreadedMotoServer  # slow to import, and needed by few tests

        logging.getLogger("werkzeug").setLevel(logging.WARNING)
        self._server = ThreadedMotoServer(ip_address=address, port=0, verbose=False)
        self._server.start()
        host, self.port = self._server.get_host_and_port()
        self.endpoint = f"http://{host}:{self.port}"
        # All servers of a process share one store, so each lab has a bucket that no other has.
        self.bucket = f"pulumi-state-{secrets.token_hex(4)}"
        with urlopen(Request(f"{self.endpoint}/{self.bucket}", method="PUT"), timeout=10):
            pass

    @property
    def backend(self) -> str:
        """The address of the bucket as `pulumi login` takes it."""
        return f"s3://{self.bucket}?endpoint={self.endpoint}&region=us-east-1&s3ForcePathStyle=true&disableSSL=true"

    def credentials_file(self, path: Path) -> Path:
        """Write the keys as AWS_SHARED_CREDENTIALS_FILE expects them, for their owner alone."""
        path.touch(mode=0o600)
        path.write_text(f"[default]\naws_access_key_id = {ACCESS_KEY}\naws_secret_access_key = {SECRET_KEY}\n")
        return path

    def keys(self) -> list[str]:
        """The names of all objects in the bucket."""
        with urlopen(f"{self.endpoint}/{self.bucket}?list-type=2", timeout=10) as answer:
            tree = ElementTree.fromstring(answer.read())
        return [key.text or "" for key in tree.iter("{http://s3.amazonaws.com/doc/2006-03-01/}Key")]

    def close(self) -> None:
        """Stop the server."""
        self._server.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def missing() -> str:
    """Why no S3 server can be had here; "" when it can."""
    return "" if importlib.util.find_spec("moto") and importlib.util.find_spec("flask") else "no moto[server]"
