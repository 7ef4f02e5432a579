"""Where the real tools of the lab lie, and which are missing. `tests/lab/prepare` installs them."""

import os
import shutil
from pathlib import Path

PULUMI = "pulumi-v3.190.0"
TRAEFIK = "traefik-v3.5.3"
VAULT = "vault-v1.13.1"
DOPPLER = "doppler-v3.66.0"
VERSITYGW = "versitygw-v1.8.0"


def tool_cache() -> Path:
    """The cache of built tools, outside the repository."""
    if chosen := os.environ.get("SPROCKET_LAB_TOOLS"):
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sprocket-tui/tools"


def find_program(name: str) -> str | None:
    """A program on the PATH or in the system's own directories, which a plain user's PATH lacks."""
    return shutil.which(name) or shutil.which(name, path="/usr/local/sbin:/usr/sbin:/sbin:/usr/bin")


def missing_programs(*names: str) -> str:
    """The first program that this machine lacks, as a reason; "" when all are there."""
    return next((f"no {name}" for name in names if find_program(name) is None), "")


def missing_files(*files: Path) -> str:
    """The first file of the cache that is not there, as a reason; "" when all are."""
    return next((f"no {file.name} in the tool cache" for file in files if not file.exists()), "")
