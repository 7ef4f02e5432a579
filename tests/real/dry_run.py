"""The installed program's `check` with values and secrets given, read as its report says it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import yaml

from sprocket_tui.guide.loader import bundled_directory, load_guide
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
    guide: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict[str, str])

    def rows(self, *words: str) -> dict[str, Row]:
        """The rows of the report by id."""
        program = Program(self.home, self.guide, dict(self.environment))
        done = program(*self.words(*program.trusted(), *words))
        printed = done.stdout + done.stderr
        for hidden in (*self.secrets.values(), *self.canaries):
            assert hidden not in printed
        assert done.stdout.startswith("{"), printed
        return {row["id"]: row for row in json.loads(done.stdout)["checks"]}

    def words(self, *more: str) -> list[str]:
        """The command line of the check."""
        return ["check", *self.target, "--given", str(self._given()), "--format", "json", *more]

    def row(self, check: str) -> Row:
        """The row of one check, and in the report everything that it needs."""
        return self.rows("--only", check)[check]

    def with_profile(self, **fields: object) -> Self:
        """The same, on a host that a profile describes."""
        file = self.home / ".config" / "sprocket-tui" / "profiles.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(yaml.safe_dump({"lab": fields}))
        return replace(self, target=("--profile", "lab"))

    def _given(self) -> Path:
        directory = self.home / "given"
        directory.mkdir(parents=True, exist_ok=True)
        for name, text in self.secrets.items():
            (directory / name).touch(mode=0o600)
            (directory / name).write_text(f"{text}\n")
        files = {name: {"file": str(directory / name)} for name in self.secrets}
        (directory / "given.yaml").write_text(yaml.safe_dump({**self.values, **files}))
        return directory / "given.yaml"


def alone(directory: Path, checklist: str, check: str) -> Path:
    """A guide of the bundled one's check alone: what it needs is not there, and is not asked for."""
    bundled = bundled_directory()
    index = yaml.safe_load((bundled / "screens" / "index.yaml").read_text())
    found = yaml.safe_load((bundled / "checklists" / checklist).read_text())
    found["checks"] = [each | {"needs": []} for each in found["checks"] if each["id"] == check]
    for each in found["checks"]:
        each.pop("when", None)
    kept = [var for var in index["vars"] if not var.get("measured_by")]
    guide = directory / "guide"
    for file, text in (
        (
            guide / "screens" / "index.yaml",
            {**index, "vars": kept, "screens": [], "planning": [], "checklists": [checklist], "hints": []},
        ),
        (guide / "checklists" / checklist, found),
    ):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(yaml.safe_dump(text))
    return guide


def unconditional(directory: Path, checklist: str, *ids: str) -> Path:
    """The bundled guide, of whose checklist these checks apply whatever the checkout is."""
    found = next(each for each in load_guide().checklists if each.id == checklist)
    # All of the list, since the guide's planning names others of it.
    checks = [each.model_dump(mode="json", by_alias=True, exclude_defaults=True) for each in found.checks]
    for check in checks:
        if check["id"] in ids:
            check.pop("when")
    lists = {"id": checklist, "title": "t", "why": "w", "pause_point": "p", "checks": checks}
    index = {"schema": 1, "name": "lab", "version": "1", "extends": "bundled", "checklists": [f"{checklist}.yaml"]}
    for file, text in (("screens/index.yaml", index), (f"checklists/{checklist}.yaml", lists)):
        (directory / file).parent.mkdir(parents=True, exist_ok=True)
        (directory / file).write_text(yaml.safe_dump(text))
    return directory
