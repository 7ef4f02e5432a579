"""Runs the program as its users do, in a home of its own, and kills it where a test says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sprocket_tui.guide.loader import load_guide

SMALL = Path(__file__).resolve().parent.parent / "guides" / "small"
DEATHS = Path(__file__).resolve().parent / "deaths"


@dataclass
class Program:
    """The installed command with its own HOME; `environment` is added to a minimal one."""

    home: Path
    guide: Path | None = SMALL
    environment: dict[str, str] = field(default_factory=dict[str, str])
    answers: Path | None = None

    def __call__(self, *words: str, stdin: str = "", **extra: str) -> subprocess.CompletedProcess[str]:
        """One command line to its end; `extra` are more environment variables."""
        return subprocess.run(
            self.argv(*words),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=240,
            env=self.env(**extra),
            check=False,
        )

    def argv(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "sprocket_tui", *words]

    def env(self, **extra: str) -> dict[str, str]:
        base = {"HOME": str(self.home), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TERM": "dumb"}
        paths = [str(Path(__file__).resolve().parents[2])] if "PYTHONPATH" in os.environ else []
        if "SPROCKET_TEST_DEATH" in extra:
            paths.append(str(DEATHS))
        return {**base, **({"PYTHONPATH": ":".join(paths)} if paths else {}), **self.environment, **extra}

    def trusted(self) -> list[str]:
        return (
            [] if self.guide is None else ["--guide", str(self.guide), "--trust-guide", load_guide(self.guide).digest]
        )

    def answered(self) -> list[str]:
        return [] if self.answers is None else ["--answers", str(self.answers)]

    def run(self, *words: str, target: str = "local", **extra: str) -> subprocess.CompletedProcess[str]:
        """`run --plain` with the guide and the answers."""
        return self("run", "--plain", "--target", target, *self.trusted(), *self.answered(), *words, **extra)

    def resume(self, *words: str, **extra: str) -> subprocess.CompletedProcess[str]:
        """`resume` with the answers."""
        return self("resume", *words, *self.answered(), **extra)

    def runs(self) -> list[Path]:
        return sorted((self.home / ".local" / "state" / "sprocket-tui" / "runs").glob("*"))

    def journal(self, run: Path | None = None) -> list[dict[str, Any]]:
        """The events of the only run."""
        (directory,) = [run] if run else self.runs()
        return [json.loads(line) for line in (directory / "journal.jsonl").read_text().splitlines()]

    def kinds(self) -> list[str]:
        return [event["kind"] for event in self.journal()]
