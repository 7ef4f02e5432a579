"""Runs scripts over a link the way everything here needs it: framed, with the profile's path, as root where asked.

A login shell may print before our script starts (`.bashrc`), so every script first prints a nonce, and what stands
before it is dropped.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from shlex import quote

from sprocket_tui.errors import SprocketError
from sprocket_tui.exits import Exit
from sprocket_tui.target.link import Completed, Link, Privilege

_SUDO_REFUSED = 97

# Shell text for the login's own directory on tmpfs, and the lines that make it and refuse one that somebody else made.
MEMORY = "/dev/shm/sprocket-$(id -u)"
MEMORY_READY = f"""
case "$(stat -f -c %T /dev/shm 2>/dev/null)" in tmpfs|ramfs) ;; *) echo "/dev/shm is not a tmpfs" >&2; exit 1;; esac
mkdir -m 700 "{MEMORY}" 2>/dev/null
[ -O "{MEMORY}" ] && [ ! -L "{MEMORY}" ] && chmod 700 "{MEMORY}" || {{ echo "{MEMORY} is not ours" >&2; exit 1; }}
"""


def nonce() -> str:
    """A line that no output of a command can have guessed."""
    return f"sprocket-{secrets.token_hex(12)}"


def path_line(path: Iterable[str]) -> str:
    """The script line that puts the profile's directories before the shell's own; a leading ~ is the login's home."""
    parts = [f'"$HOME"{quote(part[1:])}' if part == "~" or part.startswith("~/") else quote(part) for part in path]
    return "PATH=" + ":".join([*parts, '"$PATH"']) + "; export PATH" if parts else ""


def as_root(script: str, privilege: Privilege) -> str:
    """`script`, to be run by root through sudo where the login is not root.

    The password is the first line of sudo's stdin; two empty lines answer sudo's further tries, and everything before
    the marker is skipped, so that a password sudo did not ask for is never taken for a command.
    """
    if privilege.kind != "sudo":
        return script
    if privilege.password is None:
        return f"printf '%s\\n' {quote(script)} | sudo -n -- sh -s"
    marker = nonce()
    lines = [privilege.password.reveal(), "", "", marker, script]
    return f"printf '%s\\n' {' '.join(map(quote, lines))} | sudo -S -p '' -- {skip_to(marker)}"


def skip_to(marker: str) -> str:
    """A command that skips its stdin up to `marker`, then runs the rest as a script."""
    loop = f'while IFS= read -r line; do [ "$line" = {marker} ] && exec sh -s; done; exit {_SUDO_REFUSED}'
    return f"sh -c {quote(loop)}"


def run(link: Link, script: str, *, deadline: float, path: Iterable[str] = (), limit: int = 8 << 20) -> Completed:
    """Runs `script` and returns what it printed, without what the login shell said before it.

    Raises SprocketError when the target has no working POSIX shell, and LinkLost like `Link.run`.
    """
    mark = nonce()
    done = link.run(_marked(mark, script, path), deadline=deadline, limit=limit)
    _, found, body = done.stdout.partition(mark.encode() + b"\n")
    if not found:
        raise _no_shell(link, done.status)
    return Completed(done.status, body, done.stderr)


def follow(
    link: Link, script: str, on_output: Callable[[bytes], None], *, silence: float, path: Iterable[str] = ()
) -> Completed:
    """Like `run`, with what it prints handed to `on_output` as it comes, as `Link.follow` does."""
    after = After(nonce(), on_output)
    done = link.follow(_marked(after.mark, script, path), after.take, silence=silence)
    if not after.found:
        raise _no_shell(link, done.status)
    return done


class After:
    """Passes on to `on_output` what comes after a line that is `mark`; `found` says whether it came."""

    def __init__(self, mark: str, on_output: Callable[[bytes], None]) -> None:
        self.mark, self.found = mark, False
        self._on_output, self._before = on_output, bytearray()

    def take(self, data: bytes) -> None:
        """The next piece of the stream."""
        if self.found:
            self._on_output(data)
            return
        self._before += data
        line = self.mark.encode() + b"\n"
        _, found, rest = bytes(self._before).partition(line)
        if found:
            self.found = True
            self._before.clear()
            if rest:
                self._on_output(rest)
        else:
            # Only the beginning of the mark can still be of use.
            del self._before[: -len(line)]


def _marked(mark: str, script: str, path: Iterable[str]) -> str:
    return f"printf '%s\\n' {mark}\n{path_line(path)}\n{script}\n"


def _no_shell(link: Link, status: int) -> SprocketError:
    return SprocketError(
        f"the shell of {link.identity.user} on {link.identity.host} did not run our script (status {status})",
        remedy="the login needs a POSIX sh: try `ssh HOST sh -c true` and look at what it prints",
        code=Exit.UNKNOWN,
    )
