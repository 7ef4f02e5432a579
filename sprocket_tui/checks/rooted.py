"""A link whose scripts root runs through sudo, with the login's own home, as the jobs' are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sprocket_tui.errors import SprocketError
from sprocket_tui.exits import Exit
from sprocket_tui.target import shell
from sprocket_tui.target.link import Completed, Identity, Link, Privilege
from sprocket_tui.terminal import clean_bytes, one_line

# sudo gives root's home, but the login's software lies in the login's; SUDO_USER is set by sudo itself.
_HOME = """\
case "${SUDO_USER:-}" in ''|*[!A-Za-z0-9._-]*) ;; *) HOME=$(eval "echo ~$SUDO_USER"); export HOME ;; esac
"""


@dataclass(frozen=True)
class RootedLink:
    """`link`, with every script run by root. One refused by sudo raises SprocketError with sudo's words."""

    link: Link
    privilege: Privilege

    @property
    def identity(self) -> Identity:
        return self.link.identity

    def run(self, script: str, *, deadline: float, limit: int = 8 << 20) -> Completed:
        """See `Link.run`."""
        mark = shell.nonce()
        whole = shell.as_root(f"echo {mark}\n{_HOME}{script}", self.privilege)
        done = self.link.run(whole, deadline=deadline, limit=limit)
        _, found, body = done.stdout.partition(mark.encode() + b"\n")
        if not found:
            raise self._refused(done)
        return Completed(done.status, body, done.stderr)

    def follow(self, script: str, on_output: Callable[[bytes], None], *, silence: float) -> Completed:
        """See `Link.follow`."""
        after = shell.After(shell.nonce(), on_output)
        whole = shell.as_root(f"echo {after.mark}\n{_HOME}{script}", self.privilege)
        done = self.link.follow(whole, after.take, silence=silence)
        if not after.found:
            raise self._refused(done)
        return done

    def close(self) -> None:
        self.link.close()

    def _refused(self, done: Completed) -> SprocketError:
        said = one_line(clean_bytes(done.stderr)) or f"status {done.status}"
        return SprocketError(
            f"sudo was refused for {self.identity.user} on {self.identity.host}: {said}",
            remedy="give the sudo password, or let the login use sudo",
            code=Exit.UNKNOWN,
        )


def rooted(link: Link, privilege: Privilege) -> Link:
    """`link` itself where the login needs no sudo."""
    return RootedLink(link, privilege) if privilege.kind == "sudo" else link
