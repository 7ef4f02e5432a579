"""The texts of the droplet's /etc."""

from __future__ import annotations

from collections.abc import Iterable

from sprocket_tui.practice.standins import SOFTWARE

# Where the sites outside seem to be.
OUTSIDE = "127.0.0.2"
# Bash calls this for a program that it does not find. What a droplet may lack is missing there as anywhere; `sh`, which
# carries out the program's own scripts, reads none of it.
_NOT_FOUND = f"""\
command_not_found_handle() {{
    case "$1" in
        {"|".join(SOFTWARE)}) echo "bash: $1: command not found" >&2 ;;
        *) echo "practice: $1 is not in this rehearsal" >&2 ;;
    esac
    return 127
}}
"""


def texts(release: str, sites: Iterable[str]) -> dict[str, str]:
    """By file, for a release like "Ubuntu 24.04.3 LTS"."""
    name, number, *_ = release.split()
    return {
        "passwd": "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
        "group": "root:x:0:\nnogroup:x:65534:\n",
        "hosts": f"127.0.0.1 localhost\n{OUTSIDE} {' '.join(sites)}\n",
        "resolv.conf": "",
        "os-release": f'PRETTY_NAME="{release}"\nNAME="{name}"\nVERSION_ID="{number[:5]}"\nID={name.lower()}\n',
        "bash.bashrc": _NOT_FOUND,
        "profile": ". /etc/bash.bashrc\n",
        "motd": "This is a practice droplet. Nothing here is real.\n",
    }
