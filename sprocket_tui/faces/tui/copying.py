"""Takes text out of the terminal, and says honestly where it went."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

# What terminals take by OSC 52 without a word differs; more than this, in bytes, many drop.
_OSC_52 = 70_000
# How long tmux may take, in seconds; the screen stands still meanwhile.
_PATIENCE = 2


def copy(text: str, file: Path, osc_52: Callable[[str], None]) -> str:
    """Copies by the best way there is, and keeps it in `file` too; the sentence says what happened."""
    saved = _saved(text, file)
    if os.environ.get("TMUX") and _to_tmux(text):
        return f"copied to tmux's buffer; {saved}"
    if len(text.encode()) > _OSC_52:
        return f"too long to copy; {saved}"
    osc_52(text)
    return f"copied by OSC 52, if your terminal allows it; {saved}"


def _to_tmux(text: str) -> bool:
    """Whether tmux took it; one that is not there, does not answer or refuses did not."""
    try:
        done = subprocess.run(
            ["tmux", "load-buffer", "-w", "-"],  # noqa: S607 the person's own
            input=text.encode(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _saved(text: str, file: Path) -> str:
    try:
        file.write_text(f"{text}\n", encoding="utf-8")
        file.chmod(0o600)
    except OSError as error:
        return f"not saved: {error.strerror}"
    return f"saved to {file}"
