"""A real ufw inside a droplet of the lab: the machine's own rules and settings stay as they are."""

from __future__ import annotations

from pathlib import Path

from tests.lab import droplet
from tests.lab.droplet import Droplet
from tests.lab.tools import missing_files, missing_programs

# sed replaces a file by renaming, which a file mounted by itself does not allow: the whole directory is lent.
_DIRECTORIES = ("/etc/ufw", "/etc/default")


class Ufw:
    """ufw on a droplet, as it is after it was installed: off, without rules, its settings the package's."""

    def __init__(self, machine: Droplet) -> None:
        self._machine = machine
        for directory in _DIRECTORIES:
            own = str(machine.base / directory.replace("/", "-"))
            machine.run(["sh", "-c", 'cp -a "$1" "$2" && mount --bind "$2" "$1"', "sh", directory, own])
        self.clear()

    def clear(self) -> None:
        """Takes it back to where it was: off, without rules, for both families of addresses."""
        # A reset keeps what was by the second, and refuses a second one in it.
        self._machine.run(["sh", "-c", "rm -f /etc/ufw/*.rules.2*"])
        self("--force", "reset")
        self.set("IPV6=yes")

    def __call__(self, *words: str) -> str:
        """What a command line of ufw prints."""
        return self._machine.run(["ufw", *words], env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}).stdout

    def set(self, line: str) -> None:
        """A line of /etc/default/ufw in place of the one for the same name."""
        name = line.partition("=")[0]
        self._machine.run(["sed", "-i", f"s/^{name}=.*/{line}/", "/etc/default/ufw"])


def missing() -> str:
    """Why ufw cannot be had here; "" when it can."""
    return droplet.missing() or missing_programs("ufw", "iptables") or missing_files(Path("/etc/ufw/user.rules"))
