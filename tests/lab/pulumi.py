"""The real Pulumi inside a droplet: its tools, backends, a passphrase, and checkouts of the lab's Layer 1."""

import json
import secrets
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.lab.droplet import Droplet
from tests.lab.tools import PULUMI, missing_files, missing_programs, tool_cache

PROGRAM = Path(__file__).parent / "layer_1"
STACK = "layer_1"
PASSPHRASE = "correct-horse-lab-battery"
CONFIG = {
    "hostname": "sprocket.lab.test",
    "docker-username": "lab-hub-user",
    "vault-s3-bucket": "vault-secrets",
    "vault-s3-endpoint": "s3.lab.test",
}
SECRETS = {
    "docker-access-token": "dckr_pat_LabTokenNotReal0001",
    "discord-fa-client-secret": "lab-discord-secret-0002",
    "vault-s3-access-key": "LABS3ACCESSKEY000003",
    "vault-s3-secret-key": "lab/s3/secret/key/0000000000000000000004",
}
# Every service of the program by its prefix; the names that end in a dash go on with seven random digits.
SERVICES = ("traefik-fa-service-", "traefik-socket-sock-proxy", "traefik-", "vault")
RESOURCES = 16
_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class PulumiLab:
    """Pulumi for one droplet. `path` is what the PATH needs there; nothing is set up that the guide's steps set up.

    The lab's own commands, for preparing and for looking, run as root with the given backend. No other lab has the same
    `passphrase` and `secrets`: others' may stand in an argv or in shared memory while these are looked for.
    """

    def __init__(self, droplet: Droplet, backend: str = "", credentials: Path | None = None) -> None:
        self.droplet = droplet
        self.passphrase = _unlike_others(PASSPHRASE)
        self.secrets = {key: _unlike_others(value) for key, value in SECRETS.items()}
        self.path = [f"/run/lab/{PULUMI}/bin"]
        self._npm_cache = droplet.base / "npm"
        if not self._npm_cache.exists():
            shutil.copytree(npm_cache(), self._npm_cache)
            subprocess.run(["chmod", "-R", "a+rwX", str(self._npm_cache)], check=True)
        self.directory = _fresh(droplet.base, "pulumi")
        self.backend = backend or f"file://{_fresh(self.directory, 'state')}"
        passphrase = self.directory / "passphrase"
        passphrase.touch(mode=0o600)
        passphrase.write_text(self.passphrase)
        self.environment = {
            "PATH": ":".join([*self.path, _SYSTEM_PATH]),
            "HOME": str(_fresh(self.directory, "home")),
            "LANG": "C.UTF-8",
            "PULUMI_BACKEND_URL": self.backend,
            "PULUMI_CONFIG_PASSPHRASE_FILE": str(passphrase),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DEBUG_COMMANDS": "true",
        }
        if credentials:
            self.environment["AWS_SHARED_CREDENTIALS_FILE"] = str(credentials)

    def checkout(self, directory: Path | None = None, *, installed: bool = False) -> Path:
        """A checkout with layer_1/ in it, with its npm packages if asked; says where layer_1 lies.

        npm there takes its packages from the lab's cache alone, whoever runs it.
        """
        program = (directory or _fresh(self.directory, "checkout")) / "layer_1"
        shutil.copytree(PROGRAM, program, ignore=shutil.ignore_patterns("node_modules"))
        settings = {"offline": "true", "cache": self._npm_cache, "audit": "false", "fund": "false"}
        (program / ".npmrc").write_text("".join(f"{key}={value}\n" for key, value in settings.items()))
        if installed:
            self.install(program)
        return program

    def install(self, program: Path) -> None:
        """What `npm ci` makes; it is run once for a droplet, and its result linked into every later checkout."""
        kept = self.droplet.base / "node_modules"
        if not kept.exists():
            self.run(program, "npm", "ci", "--ignore-scripts")
            subprocess.run(["cp", "-al", str(program / "node_modules"), str(kept)], check=True)
        elif not (program / "node_modules").exists():
            subprocess.run(["cp", "-al", str(kept), str(program / "node_modules")], check=True)

    def configure(self, program: Path, config: Mapping[str, str] | None = None) -> None:
        """Make the stack and set every key that the guide's steps set, besides those given, in one go."""
        self.run(program, "pulumi", "stack", "select", "--create", STACK)
        plain = [word for pair in {**CONFIG, **(config or {})}.items() for word in ("--plaintext", "=".join(pair))]
        secret = [word for pair in self.secrets.items() for word in ("--secret", "=".join(pair))]
        self.run(program, "pulumi", "config", "set-all", "--stack", STACK, *plain, *secret)

    def up(self, program: Path, *options: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """A plain `pulumi up` of the lab's own."""
        command = ["pulumi", "up", "--yes", "--skip-preview", "--non-interactive", "--stack", STACK]
        return self.run(program, *command, *options, check=check)

    def state(self, program: Path) -> dict[str, Any]:
        """The exported deployment: resources and pending_operations (None or a list)."""
        return json.loads(self.run(program, "pulumi", "stack", "export", "--stack", STACK).stdout)["deployment"]

    def run(self, directory: Path, *argv: str, stdin: str = "", check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a program in a directory of the droplet, with Pulumi's environment."""
        return self.droplet.run(list(argv), env=self.environment, stdin=stdin, check=check, cwd=directory, timeout=300)


def npm_cache() -> Path:
    """Where `tests/lab/prepare` keeps the npm packages of the lab's program."""
    return tool_cache().parent / "npm"


def missing() -> str:
    """Why the real Pulumi cannot be had here; "" when it can."""
    # The provider's starter is laid last, so it stands for all three programs.
    starter = tool_cache() / PULUMI / "bin/pulumi-resource-pulumi-nodejs"
    return missing_programs("node", "npm") or missing_files(starter, npm_cache())


def _unlike_others(value: str) -> str:
    return f"{value}-{secrets.token_hex(8)}"


def _fresh(parent: Path, name: str) -> Path:
    """A new directory that every login may enter, named so that it can be told apart."""
    number = sum(1 for _ in parent.glob(f"{name}-*"))
    directory = parent / f"{name}-{number}"
    directory.mkdir()
    return directory
