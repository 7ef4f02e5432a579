"""The small commands of the stand-in of pulumi answer as the real ones."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.practice.pulumi_world import (
    SECRETS,
    Droplet,
    bare,
    configured,
    recorded,
)


@pytest.fixture
def droplet(tmp_path: Path) -> Droplet:
    return configured(tmp_path)


@pytest.fixture
def fresh_droplet(tmp_path: Path) -> Droplet:
    return bare(tmp_path)


class TestStacks:
    def test_one_that_does_not_exist(self, fresh_droplet: Droplet) -> None:
        done = fresh_droplet.run("pulumi", "stack", "select", "layer_1")
        assert (done.returncode, done.stdout, done.stderr) == (255, "", recorded("layer_1-00-select-missing.err"))
        assert fresh_droplet.run("pulumi", "preview").stderr.startswith(
            "error: no stack selected; please use `pulumi stack select`"
        )

    def test_made_selected_and_listed(self, fresh_droplet: Droplet) -> None:
        assert fresh_droplet.run("pulumi", "stack", "init", "layer_1").stdout == recorded("layer_1-01-init.out")
        assert fresh_droplet.pulumi("stack", "select", "--create").stdout == ""
        again = fresh_droplet.run("pulumi", "stack", "init", "layer_1")
        assert again.stderr == "error: stack 'organization/layer_1/layer_1' already exists\n"
        listed, real = (
            json.loads(each)[0]
            for each in (
                fresh_droplet.run("pulumi", "stack", "ls", "--json").stdout,
                recorded("layer_1-21-stack-ls-json.out"),
            )
        )
        assert list(listed) == list(real)
        assert (listed["name"], listed["current"], listed["resourceCount"]) == ("layer_1", True, 0)

    def test_its_tree_and_its_outputs(self, droplet: Droplet) -> None:
        droplet.pulumi("up", "--yes", "--skip-preview")
        ours, real = droplet.pulumi("stack").stdout, recorded("layer_1-20-stack.out")
        names = re.compile(r"[├└│─ ]+")
        rows = [
            sorted(names.sub(" ", line) for line in text.splitlines() if ":" in line and "    " in line)
            for text in (ours, real)
        ]
        assert [row for row in rows[0] if "updated" not in row and "Managed" not in row] == [
            row for row in rows[1] if "updated" not in row and "Managed" not in row
        ]
        assert (
            json.loads(droplet.pulumi("stack", "output", "--json").stdout)["VaultAddress"]
            == "http://vault.sprocket.lab.test"
        )

    def test_removed_only_when_empty(self, droplet: Droplet) -> None:
        droplet.pulumi("up", "--yes", "--skip-preview")
        refused = droplet.run("pulumi", "stack", "rm", "layer_1", "--yes")
        assert refused.stderr == recorded("platform-64-stack-rm-refused.err").replace("prod", "layer_1")
        droplet.pulumi("destroy", "--yes", "--skip-preview")
        assert droplet.run("pulumi", "stack", "rm", "layer_1", "--yes").stdout == "Stack 'layer_1' has been removed!\n"


class TestConfiguration:
    def test_listed_as_the_real_one(self, droplet: Droplet) -> None:
        rows = dict(line.split() for line in droplet.pulumi("config").stdout.splitlines())
        real = dict(line.split() for line in recorded("layer_1-04-config-as-guide.out").splitlines())
        shared = {key: value for key, value in real.items() if not key.startswith("postgres")}
        assert {key: rows[key] for key in shared} == shared

    def test_secrets_stand_nowhere_in_clear_and_are_read_with_the_passphrase(self, droplet: Droplet) -> None:
        program = droplet.root / "root/sprocket-infra/layer_1"
        kept = (droplet.root / "world.json").read_text() + (program / "Pulumi.layer_1.yaml").read_text()
        assert not [secret for secret in SECRETS.values() if secret in kept]
        assert droplet.pulumi("config", "get", "--", "layer_1:vault-s3-secret-key").stdout == "key/not/real/0004\n"
        assert json.loads(droplet.pulumi("config", "--json").stdout)["layer_1:vault-s3-secret-key"] == {"secret": True}

    def test_with_another_passphrase(self, droplet: Droplet) -> None:
        (droplet.root / "root/passphrase").write_text("wrong")
        assert droplet.pulumi("config", "get", "hostname").returncode == 0
        refused = droplet.pulumi("config", "get", "docker-access-token")
        assert refused.stderr == "error: could not create a decrypter: incorrect passphrase\n"
        assert droplet.pulumi("config", "set", "--secret", "k", "v").stderr == "error: incorrect passphrase\n"
        done = droplet.pulumi("preview")
        assert (done.returncode, done.stdout, done.stderr) == (255, "", recorded("platform-45-passphrase-wrong.err"))

    def test_without_a_passphrase(self, droplet: Droplet) -> None:
        del droplet.environ["PULUMI_CONFIG_PASSPHRASE_FILE"]
        assert droplet.pulumi("preview").stderr == recorded("platform-46-passphrase-missing.err")

    def test_a_secret_of_another_stack(self, droplet: Droplet) -> None:
        droplet.pulumi("stack", "init", "other")
        other = droplet.state()["stacks"]["layer_1"]["config"]["layer_1:vault-s3-secret-key"]
        swapped = {"secure": other["secure"][:-4] + "AAA="}
        droplet.change(
            lambda state: state["stacks"]["layer_1"]["config"].update({"layer_1:vault-s3-secret-key": swapped})
        )
        done = droplet.pulumi("preview")
        assert done.stdout.rstrip() == recorded("layer_1-03-preview-shipped-secrets.out").rstrip()
        assert done.stderr == recorded("layer_1-03-preview-shipped-secrets.err")

    def test_a_key_that_is_not_there(self, droplet: Droplet) -> None:
        refused = droplet.pulumi("config", "get", "--", "layer_1:nothing")
        assert (refused.returncode, refused.stderr) == (
            255,
            "error: configuration key 'nothing' not found for stack 'layer_1'\n",
        )


class TestBackend:
    def test_login_and_whoami(self, fresh_droplet: Droplet) -> None:
        del fresh_droplet.environ["PULUMI_BACKEND_URL"]
        assert fresh_droplet.run("pulumi", "stack", "ls").stderr == recorded("platform-51-not-logged-in.err")
        done = fresh_droplet.run("pulumi", "login", "file:///root/state", "--non-interactive")
        assert done.stdout == "Logged in to sprocket-practice as root (file:///root/state)\n"
        answer = json.loads(fresh_droplet.run("pulumi", "whoami", "-v", "--json").stdout)
        assert answer == {"user": "root", "url": "file:///root/state"}
        assert fresh_droplet.run("pulumi", "logout").stdout == "Logged out of file:///root/state\n"

    def test_a_directory_that_is_not_there(self, fresh_droplet: Droplet) -> None:
        fresh_droplet.environ["PULUMI_BACKEND_URL"] = "file:///srv/nostate"
        assert fresh_droplet.run("pulumi", "stack", "ls").stderr == recorded("platform-49-backend-dir-missing.err")

    def test_the_home_of_the_login(self, fresh_droplet: Droplet) -> None:
        fresh_droplet.environ["PULUMI_BACKEND_URL"] = "file://~/state"
        assert fresh_droplet.run("pulumi", "stack", "ls", "--json").stdout == "[]\n"


class TestCommandLine:
    @pytest.mark.parametrize(
        ("argv", "said"),
        [
            (["up", "--bogus"], "unknown flag: --bogus"),
            (["--cwd", "/nowhere", "stack", "ls"], "chdir /nowhere: no such file or directory"),
            (["up", "--plan", "/nowhere", "--yes", "--skip-preview"], "open /nowhere: no such file or directory"),
        ],
    )
    def test_what_is_not_known_is_refused(self, droplet: Droplet, argv: list[str], said: str) -> None:
        done = droplet.run("pulumi", *argv)
        assert (done.returncode, done.stdout, done.stderr) == (255, "", f"error: {said}\n")

    def test_an_event_log_only_for_those_who_know(self, droplet: Droplet) -> None:
        del droplet.environ["PULUMI_DEBUG_COMMANDS"]
        assert droplet.pulumi("up", "--event-log", "x").stderr == "error: unknown flag: --event-log\n"

    def test_an_update_wants_a_yes(self, droplet: Droplet) -> None:
        assert droplet.pulumi("up").stderr == recorded("platform-47-up-no-yes-non-interactive.err")

    def test_version_and_directory(self, droplet: Droplet) -> None:
        assert droplet.run("pulumi", "version").stdout == "v3.190.0\n"
        droplet.directory = "/"
        where = ("--cwd", "/root/sprocket-infra/layer_1")
        assert (
            droplet.run("pulumi", *where, "config", "get", "--stack", "layer_1", "hostname").stdout
            == "sprocket.lab.test\n"
        )
