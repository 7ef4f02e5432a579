"""A real registry of the lab, with its own login or with tokens as Docker Hub's; what gives those out is a fake."""

import base64
import hashlib
import json
import secrets
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit
from urllib.request import Request, urlopen

import bcrypt
import trustme
import yaml
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.lab.sshd import free_port, wait_until
from tests.lab.tools import find_program, missing_programs

USER = "asaxplayinghorse"
_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
_ISSUER, _SERVICE = "lab issuer", "registry.lab.test"


class FakeTokenServer:
    """Gives out tokens as auth.docker.io does, for the repositories that `visible` allows; signed by its own key."""

    def __init__(self, password: str, directory: Path) -> None:
        self.password = password
        # None: all of them. Docker Hub answers with a token that allows nothing for a repository that it does not show.
        self.visible: set[str] | None = None
        self.limited = False
        self.asked = 0
        self.bundle = directory / "ca.pem"
        authority = trustme.CA()
        authority.cert_pem.write_to_path(self.bundle)
        leaf = authority.issue_cert("tokens.lab.test", key_type=trustme.KeyType.RSA)
        key = serialization.load_pem_private_key(leaf.private_key_pem.bytes(), None)
        assert isinstance(key, rsa.RSAPrivateKey)
        self._key = key
        chain = [pem.bytes().decode() for pem in leaf.cert_chain_pems]
        self._chain = ["".join(pem.strip().splitlines()[1:-1]) for pem in chain]
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.realm = f"http://127.0.0.1:{self._server.server_address[1]}/token"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def token(self, scope: str, *, actions: str = "") -> str:
        """A token for one scope, "repository:NAME:ACTIONS"."""
        _, name, wanted = scope.split(":")
        allowed = (actions or wanted).split(",") if self.visible is None or name in self.visible else []
        now = int(time.time())
        claims = {
            "iss": _ISSUER,
            "sub": USER,
            "aud": _SERVICE,
            "exp": now + 300,
            "nbf": now - 10,
            "iat": now,
            "jti": secrets.token_hex(8),
            "access": [{"type": "repository", "name": name, "actions": allowed}] if allowed else [],
        }
        signed = ".".join(_encoded(part) for part in ({"typ": "JWT", "alg": "RS256", "x5c": self._chain}, claims))
        signature = self._key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signed}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"

    def _answer(self, query: str, authorization: str) -> tuple[int, Mapping[str, str], Mapping[str, Any]]:
        self.asked += 1
        if self.limited:
            return 429, {"ratelimit-limit": "100;w=21600", "ratelimit-remaining": "0;w=21600"}, {"details": "too many"}
        right = base64.b64encode(f"{USER}:{self.password}".encode()).decode()
        if authorization != f"Basic {right}":
            return 401, {}, {"details": "incorrect username or password"}
        return 200, {}, {"token": self.token(parse_qs(query)["scope"][0])}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        answer = self._answer

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, headers, document = answer(urlsplit(self.path).query, self.headers.get("Authorization", ""))
                body = json.dumps(document).encode()
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                return

        return Handler


class RegistryLab:
    """Debian's docker-registry on a free port of 127.0.0.1; with `tokens` it takes those of a token server alone."""

    def __init__(self, *, tokens: bool = False) -> None:
        self.password = secrets.token_urlsafe(18)
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._directory = Path(tempfile.mkdtemp(prefix="registry-", dir="/tmp"))
        self.tokens = FakeTokenServer(self.password, self._directory) if tokens else None
        config = self._directory / "config.yml"
        config.write_text(yaml.safe_dump(self._config()))
        with (self._directory / "log").open("wb") as log:
            argv = [find_program("docker-registry") or "docker-registry", "serve", str(config)]
            self._server = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            wait_until(self._serving, "the registry to answer", 30)
        except BaseException:
            self.close()
            raise

    def push(self, image: str) -> None:
        """Puts an image without content under "name:tag"."""
        name, _, tag = image.rpartition(":")
        blob = json.dumps(
            {"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": []}}
        ).encode()
        digest = f"sha256:{hashlib.sha256(blob).hexdigest()}"
        place = self._ask("POST", name, "blobs/uploads/").headers["Location"]
        joint = "&" if "?" in place else "?"
        self._ask("PUT", name, f"{place}{joint}digest={digest}", blob, "application/octet-stream")
        config = {"mediaType": "application/vnd.docker.container.image.v1+json", "size": len(blob), "digest": digest}
        manifest = {"schemaVersion": 2, "mediaType": _MANIFEST, "config": config, "layers": []}
        self._ask("PUT", name, f"manifests/{tag}", json.dumps(manifest).encode(), _MANIFEST)

    def untag(self, image: str) -> None:
        """Removes the tag, as a clean-up of the repository does."""
        name, _, tag = image.rpartition(":")
        shutil.rmtree(self._directory / "data/docker/registry/v2/repositories" / name / "_manifests/tags" / tag)

    def close(self) -> None:
        """End the servers and remove their files."""
        self._server.kill()
        self._server.wait()
        if self.tokens:
            self.tokens.close()
        shutil.rmtree(self._directory, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _config(self) -> dict[str, Any]:
        if self.tokens:
            places = {"realm": self.tokens.realm, "rootcertbundle": str(self.tokens.bundle)}
            auth: dict[str, Any] = {"token": {"service": _SERVICE, "issuer": _ISSUER, **places}}
        else:
            entries = self._directory / "htpasswd"
            hashed = bcrypt.hashpw(self.password.encode(), bcrypt.gensalt(4)).decode()
            entries.write_text(f"{USER}:{hashed}\n")
            auth = {"htpasswd": {"realm": "lab", "path": str(entries)}}
        return {
            "version": 0.1,
            "log": {"level": "error"},
            "storage": {"filesystem": {"rootdirectory": str(self._directory / "data")}},
            "http": {"addr": f"127.0.0.1:{self.port}"},
            "auth": auth,
        }

    def _ask(self, method: str, name: str, path: str, body: bytes = b"", kind: str = "") -> Any:
        url = path if path.startswith("http") else f"{self.address}/v2/{name}/{path}"
        if self.tokens:
            visible, self.tokens.visible = self.tokens.visible, None
            authorization = f"Bearer {self.tokens.token(f'repository:{name}:pull,push')}"
            self.tokens.visible = visible
        else:
            authorization = f"Basic {base64.b64encode(f'{USER}:{self.password}'.encode()).decode()}"
        headers = {"Authorization": authorization, **({"Content-Type": kind} if kind else {})}
        return urlopen(Request(url, data=body, method=method, headers=headers), timeout=10)

    def _serving(self) -> bool:
        if self._server.poll() is not None:
            raise RuntimeError(f"the registry ended: {(self._directory / 'log').read_text()[-2000:]}")
        try:
            urlopen(f"{self.address}/v2/", timeout=2).close()
        except OSError as error:
            return getattr(error, "code", 0) == 401
        return True


def _encoded(document: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=").decode()


def missing() -> str:
    """Why no registry can be had here; "" when it can."""
    return missing_programs("docker-registry")
