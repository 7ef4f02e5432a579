"""The real Vault for scenes: its command line, and a server of its own that keeps what it has in files."""

import subprocess
from typing import Any

from tests.lab.real_machine import RealMachine
from tests.lab.sshd import wait_until
from tests.lab.tools import VAULT

_PROGRAM = f"/run/lab/{VAULT}/bin/vault"
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
# A certificate among those that Vault carries is refused by a newer Go.
_GO = {"GODEBUG": "x509negativeserial=1"}


class RealVault(RealMachine):
    """A droplet with the Vault of the tool cache; its server starts when a scene says so."""

    def __init__(self) -> None:
        self._server: subprocess.Popen[bytes] | None = None
        super().__init__("vault")

    def step(self, step: dict[str, Any]) -> Any:
        match step:
            case {"vault": what}:
                self._stop()
                if what != "stop":
                    self._start()
                return None
            case _:
                return super().step(step)

    def close(self) -> None:
        self._stop()
        super().close()

    def _prepare(self) -> None:
        self.environment["PATH"] = f"/run/lab/{VAULT}/bin:{self.environment['PATH']}"
        self.environment |= _GO
        self.step({"write": "/run/vault/vault.hcl", "text": _SETTINGS})

    def _start(self) -> None:
        argv = [_PROGRAM, "server", "-config=/run/vault/vault.hcl"]
        self._server = self.droplet.spawn(argv, env=self.environment)
        wait_until(self._listens, "Vault to listen", 30)

    def _listens(self) -> bool:
        return ":8200 " in self.run(["ss", "-Hltn"]).out

    def _stop(self) -> None:
        if self._server is not None:
            self._server.kill()
            self._server.wait()
            # What was killed is the one who went into the droplet for it.
            wait_until(lambda: not self._listens(), "Vault to be gone", 10)
            self._server = None
