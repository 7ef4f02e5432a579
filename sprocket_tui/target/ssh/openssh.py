"""Asks the installed OpenSSH client what its configuration says (`ssh -G`), with `~` and Includes following $HOME.

The client takes the home from the password database. Where $HOME is another directory, it reads rewritten copies
of the files, in a directory that is removed at once.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path

from sprocket_tui.errors import SprocketError
from sprocket_tui.person import listed_home, login
from sprocket_tui.target.ssh.address import SshTarget
from sprocket_tui.target.ssh.config import Settings
from sprocket_tui.target.ssh.files import MAX_INCLUDES, included, read
from sprocket_tui.terminal import clean_bytes, one_line

_SYSTEM = Path("/etc/ssh/ssh_config")
_TIMEOUT = 10
_WORD = re.compile(r'"[^"]*"|[^\s"=]+')
_INCLUDE = re.compile(r"\s*include(?:\s*=\s*|\s+)(.*)", re.IGNORECASE)


def settings(target: SshTarget) -> Settings:
    """What `ssh -G` prints for `target`. Raises SprocketError (usage) with the client's own words."""
    home, listed = Path.home(), listed_home()
    if listed is None:
        raise SprocketError(
            f"the login {login()} of this machine is in no list of users, and ssh does not work without that",
            remedy="add it to /etc/passwd, or run this as a user who is listed there",
        )
    if home == listed:
        return _ask(target, target.config, {})
    with tempfile.TemporaryDirectory(prefix="sprocket-tui-") as directory:
        copies = _Copies(Path(directory), home)
        return _ask(target, copies.root(target.config), copies.originals)


def _ask(target: SshTarget, config: Path | None, originals: dict[str, str]) -> Settings:
    argv = ["ssh", "-G"]
    argv += ["-F", str(config)] if config else []
    argv += ["-p", str(target.port)] if target.port else []
    argv += ["-l", target.user] if target.user else []
    try:
        answer = subprocess.run(  # noqa: S603 (a fixed program; the address was checked)
            [*argv, "--", target.host], stdin=subprocess.DEVNULL, capture_output=True, timeout=_TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired:
        raise SprocketError(
            f"the SSH configuration did not answer within {_TIMEOUT} s", remedy="look for a `Match exec` that waits"
        ) from None
    if answer.returncode != 0:
        said = clean_bytes(answer.stderr)
        for copy, original in originals.items():
            said = said.replace(copy, original)
        lines = [line for line in said.splitlines() if line and not line.startswith("Pseudo-terminal")]
        raise SprocketError(
            f"the SSH configuration is not accepted: {one_line(' / '.join(lines))}",
            remedy=f"correct the file; `ssh -G {target.host}` shows the same",
        )
    found: dict[str, list[str]] = {}
    for line in answer.stdout.decode("utf-8", "surrogateescape").splitlines():
        key, _, value = line.partition(" ")
        found.setdefault(key.lower(), []).append(value)
    return found


class _Copies:
    """Copies of configuration files in which `~`, `%d` and relative Includes mean another home."""

    def __init__(self, directory: Path, home: Path) -> None:
        self.originals: dict[str, str] = {}
        self._directory = directory
        self._home = home

    def root(self, config: Path | None) -> Path:
        lines: list[str] = []
        if config is not None:
            lines.append(self._include(config, self._home / ".ssh", 0))
        else:
            lines.append(self._include(self._home / ".ssh" / "config", self._home / ".ssh", 0))
            lines.append(self._include(_SYSTEM, _SYSTEM.parent, 0))
        # The first value that is found counts, so the last lines are the defaults.
        known = self._home / ".ssh" / "known_hosts"
        lines += ["Match all", f'UserKnownHostsFile "{known}" "{known}2"']
        return self._write("\n".join(lines), "the SSH configuration")

    def _include(self, path: Path, base: Path, depth: int) -> str:
        raw = read(path)
        if raw is None:
            return ""
        if depth > MAX_INCLUDES:
            raise SprocketError(f"{path} is included in a circle", remedy="look at the Include lines")
        lines = [self._line(line, base, depth) for line in raw.decode("utf-8", "surrogateescape").splitlines()]
        return f'Include "{self._write(chr(10).join(lines), str(path))}"'

    def _line(self, line: str, base: Path, depth: int) -> str:
        include = _INCLUDE.match(line)
        if include is None:
            return _WORD.sub(lambda found: self._at_home(found[0]), line)
        copies = [self._include(path, base, depth + 1) for path in included(include[1], base)]
        # One line must stay one line, so that the client's line numbers are those of the original.
        return "Include " + " ".join(copy.removeprefix("Include ") for copy in copies if copy) if any(copies) else ""

    def _at_home(self, word: str) -> str:
        bare = word.strip('"')
        moved = re.sub(r"^~(?=/)|(?<!%)%d", lambda _: str(self._home), bare)
        return word if moved == bare else f'"{moved}"'

    def _write(self, text: str, original: str) -> Path:
        copy = self._directory / str(len(self.originals))
        copy.write_text(text + "\n", encoding="utf-8", errors="surrogateescape")
        self.originals[str(copy)] = original
        return copy
