"""The texts of the droplet's /etc."""

from __future__ import annotations

from collections.abc import Iterable

# Where the sites outside seem to be.
OUTSIDE = "127.0.0.2"


def texts(release: str, sites: Iterable[str]) -> dict[str, str]:
    """By file, for a release like "Ubuntu 24.04.3 LTS"."""
    name, number, *_ = release.split()
    return {
        "passwd": "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
        "group": "root:x:0:\nnogroup:x:65534:\n",
        "hosts": f"127.0.0.1 localhost\n{OUTSIDE} {' '.join(sites)}\n",
        "resolv.conf": "",
        "os-release": f'PRETTY_NAME="{release}"\nNAME="{name}"\nVERSION_ID="{number[:5]}"\nID={name.lower()}\n',
        "motd": "This is a practice droplet. Nothing here is real.\n",
    }
