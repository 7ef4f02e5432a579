"""The real apt-get for scenes: with packages, lists and a database of its own, in which git, jq and curl are there."""

import hashlib
import textwrap
from pathlib import Path

from tests.lab.real_machine import RealMachine

_ROOT = "/run/apt"
_INSTALLED, _OFFERED = ("curl", "docker.io", "git", "jq"), ("curl", "docker.io", "git", "jq", "nodejs", "npm")
_SETTINGS = f"""
Dir "{_ROOT}";
Dir::State::status "{_ROOT}/dpkg/status";
DPkg::Options {{ "--root={_ROOT}/root"; "--admindir={_ROOT}/dpkg"; "--force-not-root"; }};
APT::Sandbox::User "root";
APT::Architecture "amd64";
"""
_PACKAGE = """\
Package: {name}
Version: 1
Architecture: all
Maintainer: Lab <lab@sprocket.invalid>
Description: {name} for practice
"""


class RealApt(RealMachine):
    """A droplet whose packages are empty, and whose apt-get knows of no others."""

    def _prepare(self) -> None:
        root = self.droplet.path(_ROOT)
        for name in ("etc/apt/apt.conf.d", "etc/apt/preferences.d", "dpkg/info", "dpkg/updates", "repo", "root"):
            (root / name).mkdir(parents=True)
        for name in ("var/lib/apt/lists/partial", "var/cache/apt/archives/partial", "var/log/apt"):
            (root / name).mkdir(parents=True)
        (root / "etc/apt/sources.list").write_text(f"deb [trusted=yes] file:{_ROOT}/repo ./\n")
        (root / "apt.conf").write_text(_SETTINGS)
        (root / "var/lib/apt/extended_states").touch()
        self.environment["APT_CONFIG"] = f"{_ROOT}/apt.conf"
        offered = [_PACKAGE.format(name=name) + self._built(root, name) for name in _OFFERED]
        (root / "repo/Packages").write_text("\n".join(offered))
        installed = [_PACKAGE.format(name=name) + "Status: install ok installed\n" for name in _INSTALLED]
        (root / "dpkg/status").write_text("\n".join(installed))
        for name in _INSTALLED:
            (root / f"dpkg/info/{name}.list").write_text("")

    def _built(self, root: Path, name: str) -> str:
        """Makes an empty package; what the list of packages says of its file."""
        control = root / "made" / name / "DEBIAN/control"
        control.parent.mkdir(parents=True)
        control.write_text(_PACKAGE.format(name=name))
        self.droplet.run(["dpkg-deb", "-b", f"{_ROOT}/made/{name}", f"{_ROOT}/repo/{name}.deb"])
        whole = (root / f"repo/{name}.deb").read_bytes()
        return textwrap.dedent(f"""\
            Filename: ./{name}.deb
            Size: {len(whole)}
            SHA256: {hashlib.sha256(whole).hexdigest()}
            """)
