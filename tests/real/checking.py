"""The installed program checks a real droplet; a remedy is taken from its report and run in a fresh shell there."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.lab.sshd import Sshd
from tests.walk.program import Program

Row = dict[str, Any]


@dataclass
class Checker:
    """Somebody who checks the droplet behind that server and does what the report says."""

    server: Sshd
    home: Path
    user: str = "root"
    sudo: bool = True

    def rows(self, *words: str) -> dict[str, Row]:
        """The rows of `check WORDS` by id."""
        program = Program(self.home, None)
        done = program("check", *words, *self.target(), "--format", "json")
        assert done.stdout.startswith("{"), done.stdout + done.stderr
        return {row["id"]: row for row in json.loads(done.stdout)["checks"]}

    def target(self) -> tuple[str, ...]:
        """How the droplet is named; a login that is not root reaches it by a profile, with sudo or without."""
        config = str(self.server.ssh_config(user=self.user))
        if self.user == "root":
            return ("--target", "ssh://lab", "--ssh-config", config)
        file = self.home / ".config" / "sprocket-tui" / "profiles.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(yaml.safe_dump({"lab": {"host": "lab", "ssh_config": config, "sudo": self.sudo}}))
        return ("--profile", "lab")

    def row(self, check: str) -> Row:
        """That check's row."""
        return self.rows("--only", check)[check]

    def shell(self, command: str) -> str:
        """What a command prints in a fresh shell of the droplet."""
        argv = ["ssh", "-F", str(self.server.ssh_config(user=self.user)), "lab", command]
        done = subprocess.run(argv, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def mended(self, row: Row) -> Row:
        """The check's row after the command of its remedy was run on the droplet."""
        self.shell(row["remedy"]["command"])
        return self.row(row["id"])
