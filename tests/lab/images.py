"""Small images for the lab's Swarm, made of busybox and real programs of this machine; nothing is pulled."""

import json
import re
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.lab.tools import TRAEFIK, find_program, tool_cache


@dataclass(frozen=True)
class Image:
    """An image: its tag, files to add (path inside -> path here or text) and Dockerfile-like changes."""

    tag: str
    changes: Sequence[str]
    files: Mapping[str, Path | str] = field(default_factory=dict[str, "Path | str"])


_HEALTH = json.dumps({"initialized": True, "sealed": False, "standby": False, "version": "1.10.0"})
_SEAL = json.dumps({"initialized": True, "sealed": False, "t": 3, "n": 5, "progress": 0, "version": "1.10.0"})
_WEB = 'CMD ["httpd", "-f", "-p", "8200", "-h", "/www"]'
_CHECK = "HEALTHCHECK --interval=1s --timeout=1s --retries=2 CMD "


def images() -> list[Image]:
    """Traefik and the socket proxy as they are, a web service that answers as Vault does, and two that fail."""
    web = {"/www/v1/sys/health": _HEALTH, "/www/v1/sys/seal-status": _SEAL, "/www/index.html": "lab\n"}
    return [
        Image("lab/traefik:1", ['CMD ["/traefik"]'], {"/traefik": traefik()}),
        Image(
            "lab/socket-proxy:1",
            ['CMD ["/socat", "TCP-LISTEN:2375,fork,reuseaddr", "UNIX-CONNECT:/var/run/docker.sock"]'],
            with_libraries("/socat", "socat"),
        ),
        Image("lab/web:1", [_WEB], web),
        Image("lab/web:2", [_WEB], web),
        Image("lab/exits:1", ['CMD ["sh", "-c", "echo cannot read /vault.hcl >&2; exit 1"]']),
        Image("lab/unhealthy:1", [_WEB, _CHECK + "wget -q -O /dev/null http://127.0.0.1:8200/nothing-here"], web),
        Image("lab/healthy:1", [_WEB, _CHECK + "wget -q -O /dev/null http://127.0.0.1:8200/v1/sys/health"], web),
    ]


def traefik() -> Path:
    """The real Traefik, as `tests/lab/prepare` installs it."""
    return tool_cache() / TRAEFIK / "bin/traefik"


def build(image: Image, docker: Sequence[str]) -> None:
    """Import one image into the daemon that the docker command line reaches."""
    with tempfile.TemporaryFile() as archive:
        with tarfile.open(fileobj=archive, mode="w") as tar, tempfile.TemporaryDirectory() as scratch:
            root = Path(scratch)
            _install_busybox(root)
            for inside, source in image.files.items():
                destination = root / inside.lstrip("/")
                destination.parent.mkdir(parents=True, exist_ok=True)
                if isinstance(source, str):
                    destination.write_text(source)
                else:
                    destination.symlink_to(source.resolve())
            _add_followed(tar, root)
        archive.seek(0)
        changes = [part for change in image.changes for part in ("--change", change)]
        subprocess.run([*docker, "import", *changes, "-", image.tag], stdin=archive, check=True, capture_output=True)


def with_libraries(inside: str, program: str) -> dict[str, Path]:
    """A program of this machine with the shared libraries it needs, as files of an image."""
    binary = Path(find_program(program) or program).resolve()
    listed = subprocess.run(["ldd", str(binary)], check=True, capture_output=True, text=True).stdout
    return {inside: binary, **{path: Path(path) for path in re.findall(r"(/\S+) \(0x", listed)}}


def _install_busybox(root: Path) -> None:
    busybox = Path(find_program("busybox") or "/bin/busybox")
    for directory in ("bin", "etc", "tmp", "proc", "sys", "dev", "data"):
        (root / directory).mkdir()
    shutil.copy2(busybox, root / "bin/busybox")
    for applet in subprocess.run([busybox, "--list"], check=True, capture_output=True, text=True).stdout.split():
        if applet != "busybox":
            (root / "bin" / applet).symlink_to("busybox")
    (root / "etc/passwd").write_text("root:x:0:0:root:/:/bin/sh\n")
    (root / "etc/group").write_text("root:x:0:\n")


def _add_followed(tar: tarfile.TarFile, root: Path) -> None:
    """Every file under root; links out of it are stored as what they point to, so that nothing large is copied."""
    for path in sorted(root.rglob("*")):
        outward = path.is_symlink() and path.readlink().is_absolute()
        tar.add(path.resolve() if outward else path, arcname=str(path.relative_to(root)), recursive=False)
