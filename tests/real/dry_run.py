"""The installed program's `check` with values and secrets given, read as its report says it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.walk.program import Program

Row = dict[str, Any]


@dataclass
class DryRun:
    """One way to call `check`. Whatever it prints, on either stream, must hold none of `secrets` nor of `canaries`."""

    home: Path
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    secrets: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    canaries: tuple[str, ...] = field(default=(), repr=False)
    target: tuple[str, ...] = ("--target", "local")
    environment: Mapping[str, str] = field(default_factory=dict[str, str])

    def rows(self, *words: str) -> dict[str, Row]:
        """The rows of the report by id."""
        done = Program(self.home, None, dict(self.environment))(
            "check", *self.target, "--given", str(self._given()), "--format", "json", *words
        )
        printed = done.stdout + done.stderr
        for hidden in (*self.secrets.values(), *self.canaries):
            assert hidden not in printed
        assert done.stdout.startswith("{"), printed
        return {row["id"]: row for row in json.loads(done.stdout)["checks"]}

    def row(self, check: str) -> Row:
        """The row of one check, and in the report everything that it needs."""
        return self.rows("--only", check)[check]

    def _given(self) -> Path:
        directory = self.home / "given"
        directory.mkdir(parents=True, exist_ok=True)
        for name, text in self.secrets.items():
            (directory / name).touch(mode=0o600)
            (directory / name).write_text(f"{text}\n")
        files = {name: {"file": str(directory / name)} for name in self.secrets}
        (directory / "given.yaml").write_text(yaml.safe_dump({**self.values, **files}))
        return directory / "given.yaml"
