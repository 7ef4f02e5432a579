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


def copy(what: str, text: str, file: Path, osc_52: Callable[[str], None]) -> str:
    """Copies by the best way there is, and keeps it in `file` too; the sentence about `what` says what happened."""
    failed = _save(text, file)
    kept = f"could not be saved: {failed}" if failed else f"saved to {shortened(file)}"
    also = "but" if failed else "and"
    if os.environ.get("TMUX") and _to_tmux(text):
        return f"{what} was copied to tmux's buffer, {also} {kept}."
    if len(text.encode()) > _OSC_52:
        return f"{what} was too long to be copied, {'and' if failed else 'but'} {kept}."
    osc_52(text)
    return f"{what} was copied, if your terminal allows it (OSC 52), {also} {kept}."


def shortened(file: Path) -> str:
    """A file as a person writes it: `~` for the home."""
    home = Path.home()
    return f"~/{file.relative_to(home)}" if file.is_relative_to(home) else str(file)


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


def _save(text: str, file: Path) -> str:
    """Why it could not be saved; empty where it was."""
    try:
        file.write_text(f"{text}\n", encoding="utf-8")
        file.chmod(0o600)
    except OSError as error:
        return error.strerror or str(error)
    return ""
