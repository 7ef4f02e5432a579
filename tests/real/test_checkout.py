"""The installed program asks the real git, over a real OpenSSH server, what lies in a checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.lab.git import git, repository
from tests.lab.sshd import Sshd
from tests.real.dry_run import DryRun, Row

pytestmark = pytest.mark.lane("ssh")
CANARY = "canary-of-a-tracked-file-0009"
LOGIN = "ghp_" + "k" * 36


@dataclass
class Place:
    """A checkout on the host of the SSH server, and what the program says of it."""

    server: Sshd
    home: Path
    checkout: Path

    def rows(self, **given: str) -> dict[str, Row]:
        known = {"repository_ssh": str(self.checkout.parent / "upstream"), **given}
        run = DryRun(self.home, known, canaries=(CANARY, LOGIN)).with_profile(
            host="lab", ssh_config=str(self.server.ssh_config()), checkout=str(self.checkout)
        )
        only = ("repository.checkout", "repository.clean", "repository.secrets")
        rows = run.rows(*(word for check in only for word in ("--only", check)))
        return {id_.removeprefix("repository."): row for id_, row in rows.items()}

    def shell(self, line: str) -> None:
        """A fresh shell on that host."""
        config = self.server.ssh_config()
        subprocess.run(
            ["ssh", "-F", str(config), "lab", line], check=True, capture_output=True, stdin=subprocess.DEVNULL
        )


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    upstream = repository(tmp_path / "upstream", README="read me\n")
    git(tmp_path, "clone", "-q", str(upstream), str(tmp_path / "checkout"))
    with Sshd(tmp_path) as server:
        yield Place(server, tmp_path / "program", tmp_path / "checkout")


def test_a_clean_checkout_passes_with_branch_commit_and_address(place: Place) -> None:
    rows = place.rows()
    assert {rows[name]["state"] for name in ("checkout", "clean", "secrets")} == {"pass"}
    value = rows["checkout"]["value"]
    assert value["branch"] == "main"
    assert value["commit"] == git(place.checkout, "rev-parse", "HEAD")
    assert value["remote"] == str(place.checkout.parent / "upstream")
    assert (value["changed"], value["untracked"], value["credentials"]) == (0, 0, False)


def test_what_differs_is_counted_and_named_until_it_is_taken_back(place: Place) -> None:
    (place.checkout / "README").write_text("changed\n")
    git(place.checkout, "mv", "layer_1/Pulumi.yaml", "layer_1/Moved to.yaml")
    (place.checkout / "layer_1" / "Pulumi.yaml").write_text("name: layer_1\n")
    row = place.rows()["clean"]
    assert row["state"] == "warn"
    assert (row["value"]["changed"], row["value"]["untracked"]) == (2, 1)
    assert row["value"]["files"] == ["README", "layer_1/Moved to.yaml"]
    place.shell(row["remedy"]["command"])
    git(place.checkout, "reset", "-q", "--hard")
    assert place.rows()["clean"]["state"] == "pass"


def test_tracked_and_untracked_secrets_are_named_and_never_opened(place: Place) -> None:
    for name in ("scripts/.env", "layer_1/stack.json", "layer_1/.env.example", "node_modules/x/.env", "new/.env.prod"):
        file = place.checkout / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(CANARY)
        # Whoever reads it is seen by the time of the last access, where the file system keeps that.
        os.utime(file, (1, file.stat().st_mtime))
    git(place.checkout, "add", "-f", "scripts/.env", "layer_1/stack.json", "layer_1/.env.example")
    git(place.checkout, "commit", "-q", "-m", "a mistake")
    control = place.checkout / "node_modules/x/.env"
    control.read_text()
    row = place.rows()["secrets"]
    assert row["state"] == "warn"
    assert row["observed"] == "tracked: layer_1/stack.json,scripts/.env"
    assert row["value"]["untracked_secrets"] == ["new/.env.prod"]
    if control.stat().st_atime == 1:
        pytest.skip("this file system does not note who reads a file")
    assert (place.checkout / "new/.env.prod").stat().st_atime == 1


def test_states_and_keys_of_other_tools_are_named_too(place: Place) -> None:
    secret = {".pulumi/stacks/layer_1/layer_1.json", "x/terraform.tfstate", "server.key", ".netrc", "x/vault-keys.json"}
    secret |= {".git-credentials", ".aws/credentials", "x/.docker/config.json", "x/prod.tfvars", "secrets.yaml"}
    secret |= {"platform/backup-platform-20261127.json"}
    harmless = {".pulumi/meta.yaml", "x/key.ts", "x/server.key.example", "x/keys.json", "x/config.json", "credentials"}
    for name in secret | harmless:
        file = place.checkout / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(CANARY)
    git(place.checkout, "add", "-f", *secret, *harmless)
    git(place.checkout, "commit", "-q", "-m", "a mistake")
    assert set(place.rows()["secrets"]["value"]["tracked_secrets"]) == secret


def test_a_checkout_of_another_login_is_told_apart_and_allowed_by_the_printed_command(place: Place) -> None:
    for path in (place.checkout, *place.checkout.rglob("*")):
        os.chown(path, 2001, 2001)
    rows = place.rows()
    assert (rows["checkout"]["state"], rows["checkout"]["value"]["state"]) == ("fail", "foreign")
    assert rows["clean"]["blocked_by"] == "repository.checkout"
    place.shell(rows["checkout"]["remedy"]["command"])
    assert place.rows()["checkout"]["state"] == "pass"


def test_a_login_in_the_address_of_origin_is_found_not_shown_and_removed_by_the_printed_command(place: Place) -> None:
    git(
        place.checkout,
        "remote",
        "set-url",
        "origin",
        f"https://x-access-token:{LOGIN}@github.com/SprocketBot/sprocket-infra.git",
    )
    row = place.rows()["checkout"]
    assert (row["state"], row["value"]["credentials"]) == ("warn", True)
    assert row["value"]["remote"] == "https://github.com/SprocketBot/sprocket-infra.git"
    place.shell(row["remedy"]["command"])
    assert LOGIN not in (place.checkout / ".git" / "config").read_text()
    assert place.rows()["checkout"]["state"] == "pass"


def test_a_password_in_an_address_for_ssh_is_found_too_and_its_user_stays(place: Place) -> None:
    git(place.checkout, "remote", "set-url", "origin", f"ssh://git:{LOGIN}@github.com/SprocketBot/sprocket-infra.git")
    row = place.rows()["checkout"]
    assert (row["state"], row["value"]["credentials"]) == ("warn", True)
    place.shell(row["remedy"]["command"])
    set_now = git(place.checkout, "remote", "get-url", "origin")
    assert set_now == "ssh://git@github.com/SprocketBot/sprocket-infra.git"
    assert place.rows()["checkout"]["state"] == "pass"


@pytest.mark.parametrize(
    ("origin", "state"),
    [
        ("https://github.com/SprocketBot/sprocket-infra", "pass"),
        ("git@github.com:SprocketBot/sprocket-infra.git", "pass"),
        ("ssh://git@github.com/SprocketBot/sprocket-infra.git", "pass"),
        ("https://github.com/somebody/sprocket-infra.git", "warn"),
        ("https://github.com.example/SprocketBot/sprocket-infra.git", "warn"),
    ],
)
def test_a_checkout_of_another_repository_is_told(place: Place, origin: str, state: str) -> None:
    git(place.checkout, "remote", "set-url", "origin", origin)
    row = place.rows()["checkout"]
    assert (row["state"], row["value"]["credentials"]) == (state, False)
    if state == "warn":
        assert f"It comes from {origin}" in row["why"]
        assert "repository_https, or, with a key, as repository_ssh" in row["remedy"]["text"]


FORK = "https://github.com/our/fork.git"
FORK_SSH = "ssh://git@github.com/our/fork.git"


@pytest.mark.parametrize(
    ("origin", "given", "state"),
    [
        (FORK, {"repository_https": FORK}, "pass"),
        (FORK.removesuffix(".git"), {"repository_https": FORK}, "pass"),
        (FORK, {"repository_https": FORK.removesuffix(".git") + "/"}, "pass"),
        ("git@github.com:our/fork", {"repository_ssh": "git@github.com:our/fork.git"}, "pass"),
        (FORK_SSH, {"repository_ssh": FORK_SSH}, "pass"),
        (FORK + "x", {"repository_https": FORK}, "warn"),
        ("https://github.com/SprocketBot/sprocket-infra.git", {"repository_https": FORK}, "warn"),
        ("git@github.com:SprocketBot/sprocket-infra.git", {"repository_https": FORK}, "warn"),
        (
            "git@github.com:SprocketBot/sprocket-infra.git",
            {"repository_https": FORK, "repository_ssh": "git@github.com:SprocketBot/sprocket-infra.git"},
            "warn",
        ),
    ],
)
def test_where_a_fork_is_to_be_deployed_only_its_own_address_passes(
    place: Place, origin: str, given: dict[str, str], state: str
) -> None:
    git(place.checkout, "remote", "set-url", "origin", origin)
    row = place.rows(**given)["checkout"]
    assert (row["state"], row["value"]["credentials"]) == (state, False), row


def test_a_submodule_that_is_absent_is_named(place: Place) -> None:
    module = repository(place.checkout.parent / "module")
    git(place.checkout, "submodule", "--quiet", "add", str(module), "parts/module")
    git(place.checkout, "commit", "-q", "-m", "a module")
    git(place.checkout, "submodule", "--quiet", "deinit", "-f", "parts/module")
    row = place.rows()["checkout"]
    assert (row["state"], row["value"]["submodules"]) == ("warn", ["parts/module"])


def test_a_copy_without_git_is_no_checkout(place: Place) -> None:
    shutil.rmtree(place.checkout / ".git")
    row = place.rows()["checkout"]
    assert (row["state"], row["value"]["state"]) == ("warn", "no-repository")


def test_escape_sequences_of_a_name_do_not_reach_the_report(place: Place) -> None:
    (place.checkout / "a\x1b[2Jb.env").write_text("x")
    git(place.checkout, "add", "-A")
    rows = place.rows()
    assert rows["clean"]["value"]["files"] == ["ab.env"]
    assert rows["secrets"]["value"]["tracked_secrets"] == ["ab.env"]
