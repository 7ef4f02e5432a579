"""The stand-ins of git, npm and node: a checkout, and the packages of its programs."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.practice.pulumi_world import (
    Droplet,
    bare,
)


@pytest.fixture
def fresh_droplet(tmp_path: Path) -> Droplet:
    return bare(tmp_path)


class TestPackagesAndCheckout:
    def test_a_clone_is_the_checkout_that_the_checks_look_for(self, fresh_droplet: Droplet) -> None:
        fresh_droplet.directory = "/root"
        url = "https://github.com/SprocketBot/sprocket-infra.git"
        refused = fresh_droplet.run("git", "clone", url, "/root/sprocket-infra")
        assert (refused.returncode, refused.stderr) == (
            128,
            "fatal: destination path '/root/sprocket-infra' already exists and is not an empty directory.\n",
        )
        assert fresh_droplet.run("git", "clone", url, "/root/other").stderr == "Cloning into '/root/other'...\n"
        other = fresh_droplet.root / "root/other"
        assert "name: layer_1\n" in (other / "layer_1/Pulumi.yaml").read_text()
        grep = ["grep", "-rqs", "--include=*.ts", "--exclude-dir=node_modules", "vault-s3-bucket", "layer_1", "global"]
        assert subprocess.run(grep, cwd=other, check=False).returncode == 0
        assert (other / "global/services/vault/scripts").is_dir()
        assert not (other / "global/services/vault/unseal-tokens").exists()

    def test_npm_ci_installs_what_the_lock_file_names(self, fresh_droplet: Droplet) -> None:
        done = fresh_droplet.run("npm", "ci", "--no-audit", "--no-fund")
        assert re.fullmatch(r"\nadded 3 packages in \d+s\n", done.stdout)
        program = fresh_droplet.root / "root/sprocket-infra/layer_1"
        hidden = program / "node_modules/.package-lock.json"
        assert hidden.stat().st_mtime >= (program / "package-lock.json").stat().st_mtime
        fresh_droplet.run("npm", "ci", "--prefix", "/root/sprocket-infra/global")
        fresh_droplet.pulumi("stack", "select", "--create")
        fresh_droplet.configure()
        assert fresh_droplet.pulumi("preview").returncode == 0

    def test_npm_ci_without_a_lock_file_and_git_puts_it_back(self, fresh_droplet: Droplet) -> None:
        (fresh_droplet.root / "root/sprocket-infra/layer_1/package-lock.json").unlink()
        done = fresh_droplet.run("npm", "ci")
        assert done.returncode == 1
        assert (
            "npm error code EUSAGE\nnpm error\nnpm error The `npm ci` command can only install with an existing"
            in done.stderr
        )
        back = fresh_droplet.run(
            "git", "-C", "/root/sprocket-infra", "checkout", "--", "layer_1/package.json", "layer_1/package-lock.json"
        )
        assert (back.returncode, back.stdout, back.stderr) == (0, "", "")
        assert fresh_droplet.run("npm", "ci").returncode == 0

    def test_an_old_node_is_warned_of(self, fresh_droplet: Droplet) -> None:
        fresh_droplet.change(lambda state: state["software"].update(node="16.20.2"))
        assert fresh_droplet.run("node", "--version").stdout == "v16.20.2\n"
        assert "npm warn EBADENGINE   required: { node: '>=20' }," in fresh_droplet.run("npm", "ci").stderr

    @pytest.mark.parametrize("program", ["node", "npm", "git", "pulumi"])
    def test_what_is_not_installed_is_not_found(self, fresh_droplet: Droplet, program: str) -> None:
        fresh_droplet.change(lambda state: state["software"].pop(program))
        done = fresh_droplet.run(program, "--version")
        assert (done.returncode, done.stderr) == (127, f"sh: 1: {program}: not found\n")
