"""Recordings of real programs: what one printed, how it ended, and what our readers make of it."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sprocket_tui.actions.base import Conclusion
from sprocket_tui.actions.command import CommandReader
from sprocket_tui.checks import judge
from sprocket_tui.checks.observation import Observation, Verdict
from sprocket_tui.diagnosis.diagnose import diagnose
from sprocket_tui.guide.loader import load_guide
from sprocket_tui.target.batch import Answer
from tests.unit.checks_kit import answered, probe

HERE = Path(__file__).parent.parent / "recordings"
GUIDE = load_guide()


@dataclass(frozen=True)
class Recording:
    """One recorded command. `exit` is negative when a signal ended it."""

    name: str
    argv: tuple[str, ...]
    exit: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    def observed(self, **words: Any) -> Observation:
        """What the command probe sees; `words` are its parameters beside the argv."""
        asked = probe("command", argv=list(self.argv), **words)
        return answered(asked, Answer(self.exit, self.out.encode(), self.err.encode()))

    def value(self, **words: Any) -> dict[str, Any]:
        found = self.observed(**words)
        assert isinstance(found.value, dict), found.reason
        return found.value

    def judged(self, check: str, out: str | None = None) -> Verdict:
        """The verdict of a check of the bundled guide on it, or on the part of it that the check asks for."""
        answer = Answer(self.exit, (self.out if out is None else out).encode(), self.err.encode())
        asked = GUIDE.checks()[check]
        return judge.judge(asked, answered(asked.probe, answer), {})

    def concluded(self) -> Conclusion:
        """What a job that ran it ends with."""
        reader = CommandReader()
        for stream, text in (("out", self.out), ("err", self.err)):
            for line in text.splitlines():
                if (kept := reader.reduce(stream, line)) is not None:
                    reader.feed(stream, kept)
        return reader.conclude(self.exit if self.exit >= 0 else None)

    def hints(self) -> list[str]:
        """The hints that the bundled guide gives for its output, the likeliest first."""
        return [found.hint.id for found in diagnose(f"{self.out}\n{self.err}", GUIDE.hints)]


def recordings(directory: str) -> dict[str, Recording]:
    """Every recording of a directory, by name."""
    found: dict[str, Recording] = {}
    for meta in sorted((HERE / directory).glob("*.meta.json")):
        name, told = meta.name.removesuffix(".meta.json"), json.loads(meta.read_text())
        out, err = (_text(meta.with_name(f"{name}.{stream}")) for stream in ("out", "err"))
        found[name] = Recording(name, tuple(told["command"]), told["exit"], out, err)
    return found


def _text(path: Path) -> str:
    packed = path.with_name(f"{path.name}.gz")
    if packed.exists():
        return gzip.decompress(packed.read_bytes()).decode()
    return path.read_text(encoding="utf-8") if path.exists() else ""
