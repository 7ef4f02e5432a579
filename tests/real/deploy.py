"""A first deployment in the lab: the droplet, a profile, the answers, and the installed program on them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.lab.pulumi import CONFIG, PulumiLab
from tests.lab.sshd import PASSWORD, Sshd
from tests.lab.swarm import SwarmLab
from tests.real.terminal import Terminal
from tests.walk.program import Program

# A guide of tests: the bundled one, with the wait for what never comes shortened.
IMPATIENT = Path(__file__).resolve().parent.parent / "guides" / "impatient"


@dataclass
class Deployment:
    """Everything for one walk of Layer 1 on the lab's droplet; `user` is root, deploy (asked by sudo) or operator."""

    swarm: SwarmLab
    server: Sshd
    pulumi: PulumiLab
    directory: Path
    user: str = "root"
    backend: str = ""
    secrets: Mapping[str, str] = field(default_factory=dict[str, str])
    port: int = 0
    guide: Path | None = IMPATIENT
    environment: str = "development"
    resolvers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.layer_1 = self.pulumi.checkout(self.swarm.droplet.home / "sprocket-infra")
        home = self.directory / "home"
        self.answers_file = self.directory / "answers.yaml"
        self.temporary = self.directory / "tmp"
        self.temporary.mkdir()
        self.program = Program(home, self.guide, {"TMPDIR": str(self.temporary)}, self.answers_file)
        config = home / ".config" / "sprocket-tui" / "profiles.yaml"
        config.parent.mkdir(parents=True)
        profile = {
            "environment": self.environment,
            "host": "lab",
            "ssh_config": str(self.server.ssh_config("lab", user=self.user, port=self.port)),
            "sudo": "no" if self.user == "root" else "yes",
            "domain": CONFIG["hostname"],
            "address": self.swarm.droplet.address,
            "backend": self.backend or self.pulumi.backend,
            "path": self.pulumi.path,
            **({"resolvers": list(self.resolvers)} if self.resolvers else {}),
        }
        config.write_text(yaml.safe_dump({"lab": profile}))
        own = {key.replace("-", "_"): value for key, value in self.pulumi.secrets.items()}
        self.planted = {"pulumi_passphrase": self.pulumi.passphrase, **own, **self.secrets}
        if self.user == "deploy":
            self.planted["sudo.password"] = PASSWORD
        self.write_answers()

    def write_answers(self, **changed: Any) -> None:
        """The answers of a whole walk; `changed` replaces those of a step by its id, dots as underscores."""
        gates = {
            "access": {"access.production": {"confirm": CONFIG["hostname"]}, "access.moment": {"confirm": True}},
            "swarm": {"swarm.init": {"gate": True}},
            "checkout": {"checkout.npm-layer-1": {"gate": True}},
            "credentials": {
                "credentials.passphrase": self._files("pulumi_passphrase"),
                "credentials.state-bucket": self._files("s3_backend_access_key", "s3_backend_secret_key"),
                "credentials.images": {
                    "docker_username": CONFIG["docker-username"],
                    **self._files("docker_access_token", "discord_fa_client_secret"),
                },
                "credentials.vault": {
                    "vault_s3_bucket": CONFIG["vault-s3-bucket"],
                    "vault_s3_endpoint": f"https://{CONFIG['vault-s3-endpoint']}",
                    **self._files("vault_s3_access_key", "vault_s3_secret_key"),
                },
            },
            "layer-1": {
                **{f"layer-1.{step}": {"gate": True} for step in ("login", "stack", "config", "config-vault")},
                "layer-1.up": {"gate": True, "repair": True},
            },
            "connection": self._files("sudo.password"),
        }
        for steps in gates.values():
            for step in steps:
                if (name := step.replace(".", "_").replace("-", "_")) in changed:
                    steps[step] = changed[name]
        self.answers_file.write_text(yaml.safe_dump(gates))

    def configure(self, **config: str) -> None:
        """What the walk would do up to the update, done by the lab, so that a test begins there."""
        self.pulumi.install(self.layer_1)
        endpoint = {"vault-s3-endpoint": f"https://{CONFIG['vault-s3-endpoint']}"}
        self.pulumi.configure(
            self.layer_1, {**endpoint, **{key.replace("_", "-"): value for key, value in config.items()}}
        )

    def run(self, *words: str, **extra: str) -> subprocess.CompletedProcess[str]:
        """A new run on the profile."""
        return self.program(
            "run", "--plain", "--profile", "lab", *self.program.trusted(), *self.program.answered(), *words, **extra
        )

    def start(self, *words: str) -> subprocess.Popen[str]:
        """A new run that goes on while the test acts."""
        argv = ["run", "--plain", "--profile", "lab", *self.program.trusted(), *self.program.answered(), *words]
        return subprocess.Popen(
            self.program.argv(*argv),
            env=self.program.env(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def resume(self, **extra: str) -> subprocess.CompletedProcess[str]:
        return self.program.resume("--profile", "lab", **extra)

    def resume_at_terminal(self) -> Terminal:
        """`resume` without answers, to be answered by typing."""
        return Terminal(self.program.argv("resume", "--profile", "lab"), self.program.env())

    def report(self, *words: str) -> dict[str, Any]:
        """`check --format json` on the profile."""
        done = self.program("check", "--profile", "lab", "--format", "json", *words)
        return json.loads(done.stdout)

    def remedy(self, check: str) -> str:
        """The command that the report gives for a check that fails, as one line."""
        rows = self.report("--only", check)["checks"]
        row = next(row for row in rows if row["id"] == check)
        assert row["state"] == "fail", row
        return row["remedy"]["command"]

    def shell(self, line: str) -> str:
        """A fresh shell of root on the droplet, with the paths an administrator has there."""
        path = ":".join([*self.pulumi.path, "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"])
        env = {**self.pulumi.environment, "PATH": path, "HOME": "/root"}
        return self.swarm.droplet.run(["sh", "-c", line], env=env, cwd="/root").stdout

    def kept(self) -> tuple[Path, ...]:
        """Where this program may have left something: our home and TMPDIR, the target's directories, and its tmpfs."""
        root, login = self.swarm.droplet.home, self.server.home(self.user)
        own = (root / ".sprocket", root / ".pulumi", login / ".sprocket", login / ".pulumi")
        return (self.program.home, self.temporary, *own, Path("/dev/shm"))

    def pulumi_at(self, *argv: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """The lab's own pulumi, for looking and for breaking things."""
        return self.pulumi.run(self.layer_1, "pulumi", *argv, "--stack", "layer_1", check=check)

    def unchanged(self) -> bool:
        """Whether Pulumi itself sees nothing to do: empty preview, nothing pending, a refresh without changes."""
        preview = json.loads(self.pulumi_at("preview", "--json", "--non-interactive").stdout)
        refresh = self.pulumi_at("refresh", "--preview-only", "--non-interactive", "--color", "never").stdout
        pending = self.pulumi.state(self.layer_1).get("pending_operations")
        return set(preview["changeSummary"]) == {"same"} and not pending and "unchanged" in refresh

    def _files(self, *names: str) -> dict[str, dict[str, str]]:
        given = {}
        for name in names:
            if name in self.planted:
                file = self.directory / "secrets" / name
                file.parent.mkdir(exist_ok=True)
                file.write_text(self.planted[name])
                given[name] = {"file": str(file)}
        return given


def explained(output: str, title: str) -> dict[str, str]:
    """What the plain face said about a check that failed: observed, expected, why, do, and run if it gave a command."""
    return _block(output, f"  fail     {title}: ", "observed")


def hinted(output: str, hint: str) -> dict[str, str]:
    """What the plain face said when it gave a hint: title, cause, do, and run where it gave a command."""
    return _block(output, f"  hint {hint}: ", "title")


def _block(output: str, head: str, name: str) -> dict[str, str]:
    lines = output.splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith(head)]
    assert starts, output
    told = {name: lines[starts[-1]].removeprefix(head)}
    for line in lines[starts[-1] + 1 :]:
        if not line.startswith("    "):
            break
        label, _, text = line.strip().partition(" ")
        told[label] = text.strip()
    return told
