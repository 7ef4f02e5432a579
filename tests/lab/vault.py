"""The real Vault in a droplet, behind the real Traefik as a deployment has it: by name alone, over plain HTTP."""

import json
import subprocess
from types import TracebackType
from typing import Any, Self

from tests.lab.droplet import Droplet
from tests.lab.droplet import missing as no_droplet
from tests.lab.sshd import wait_until
from tests.lab.tools import TRAEFIK, VAULT, missing_files, tool_cache

DOMAIN = "sprocket.lab.test"
PORT = 8300
_SETTINGS = """
listener "tcp" {
  address     = "127.0.0.1:8200"
  tls_disable = 1
}
disable_mlock = true
storage "file" {
  path = "/run/vault/data"
}
"""
_ROUTES = f"""
http:
  routers:
    vault: {{rule: "Host(`vault.{DOMAIN}`)", service: vault}}
  services:
    vault: {{loadBalancer: {{servers: [{{url: "http://127.0.0.1:8200"}}]}}}}
"""
_ENVIRONMENT = {
    "PATH": f"/run/lab/{VAULT}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "VAULT_ADDR": "http://127.0.0.1:8200",
    # A certificate among those that Vault carries is refused by a newer Go.
    "GODEBUG": "x509negativeserial=1",
}


class VaultLab:
    """A droplet with Vault and Traefik running; Vault is not initialised. `keys` are what `initialize` was told."""

    def __init__(self) -> None:
        self.droplet = Droplet("vault")
        self.keys: list[str] = []
        try:
            for name, text in (("vault.hcl", _SETTINGS), ("routes.yaml", _ROUTES)):
                file = self.droplet.path(f"/run/vault/{name}")
                file.parent.mkdir(exist_ok=True)
                file.write_text(text)
            self.server = self.start()
            proxy = f"/run/lab/{TRAEFIK}/bin/traefik"
            entry = f"--entrypoints.web.address=127.0.0.1:{PORT}"
            self.droplet.spawn([proxy, entry, "--providers.file.filename=/run/vault/routes.yaml"])
            wait_until(self._routed, "Traefik to know its route", 30)
        except BaseException:
            self.close()
            raise

    def start(self) -> subprocess.Popen[bytes]:
        """Vault, started anew and so sealed."""
        program = f"/run/lab/{VAULT}/bin/vault"
        server = self.droplet.spawn([program, "server", "-config=/run/vault/vault.hcl"], env=_ENVIRONMENT)
        wait_until(lambda: self._listens(8200), "Vault to listen", 30)
        return server

    def stop(self) -> None:
        """Kills Vault; Traefik stays."""
        self.droplet.run(["pkill", "-KILL", "-x", "vault"])
        wait_until(lambda: not self._listens(8200), "Vault to be gone", 10)

    def vault(self, *words: str) -> dict[str, Any]:
        """What Vault's own command line answers in JSON."""
        done = self.droplet.run(["vault", *words], env=_ENVIRONMENT)
        return json.loads(done.stdout)

    def initialize(self) -> None:
        """Makes its keys: five, of which three open it."""
        self.keys = self.vault("operator", "init", "-format=json")["unseal_keys_b64"]

    def unseal(self, keys: int) -> None:
        """Gives it so many keys."""
        for key in self.keys[:keys]:
            self.vault("operator", "unseal", "-format=json", key)

    def _listens(self, port: int) -> bool:
        return f":{port} " in self.droplet.run(["ss", "-Hltn"]).stdout

    def _routed(self) -> bool:
        """Traefik listens before it has read its routes, and answers 404 until then."""
        url, name = f"http://127.0.0.1:{PORT}/v1/sys/seal-status", f"Host: vault.{DOMAIN}"
        asked = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-H", name, url]
        return self.droplet.run(asked, check=False).stdout.strip() == "200"

    def close(self) -> None:
        self.droplet.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def missing() -> str:
    """Why no Vault can be had here; "" when it can."""
    return no_droplet() or missing_files(tool_cache() / VAULT / "bin/vault", tool_cache() / TRAEFIK / "bin/traefik")
