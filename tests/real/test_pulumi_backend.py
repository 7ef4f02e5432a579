"""The installed program looks at the state of a real pulumi: fresh, in use, locked by a dead update, and cut off."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from tests.lab.droplet import Droplet
from tests.lab.pulumi import PulumiLab
from tests.lab.s3 import ACCESS_KEY, SECRET_KEY, S3Lab
from tests.lab.sshd import Sshd, wait_until
from tests.lab.swarm import SwarmLab
from tests.real.checking import Checker
from tests.real.dry_run import DryRun, Row
from tests.unit import hostile

pytestmark = [pytest.mark.lane("ssh"), pytest.mark.lane("swarm"), pytest.mark.lane("pulumi")]

# Stands in for the lab's own: one network that is being made for as long as anybody waits.
_PROGRAM = """
const { Network } = require("./resources");
new Network("held", { pauseMs: 0 });
"""
_MAKES_FOR_EVER = """
exports.create = () => {
    require("fs").writeFileSync("started", "");
    return new Promise(made => setTimeout(made, 3600000));
};
"""
HELD = "urn:pulumi:layer_1::layer_1::pulumi-nodejs:dynamic/docker:Network::held"
WHOLE = "organization/layer_1/layer_1"


@pytest.fixture
def machine(shared_swarm: SwarmLab) -> Droplet:
    """The Swarm's, which has the packages of the lab's program already."""
    return shared_swarm.droplet


@pytest.fixture
def pulumi(machine: Droplet) -> PulumiLab:
    return PulumiLab(machine)


@pytest.fixture
def server(machine: Droplet, pulumi: PulumiLab, tmp_path: Path) -> Iterator[Sshd]:
    """Sessions find pulumi, and the passphrase as somebody exports it who works by hand."""
    names = ("PATH", "PULUMI_CONFIG_PASSPHRASE_FILE", "PULUMI_SKIP_UPDATE_CHECK")
    environment = {name: pulumi.environment[name] for name in names}
    with Sshd(tmp_path, droplet=machine, environment=environment) as sshd:
        yield sshd


def checks(server: Sshd, pulumi: PulumiLab, home: Path, **values: str) -> dict[str, Row]:
    target = ("--target", "ssh://lab", "--ssh-config", str(server.ssh_config()))
    given = {"backend": pulumi.backend, **values}
    return DryRun(home, given, canaries=(pulumi.passphrase,), target=target).rows("backend")


def test_a_directory_without_a_state_is_read_and_nothing_is_put_into_it(
    server: Sshd, pulumi: PulumiLab, tmp_path: Path
) -> None:
    rows = checks(server, pulumi, tmp_path)
    assert {id_: row["state"] for id_, row in rows.items()} == {
        "backend.login": "pass",
        "backend.organisation": "warn",
        "backend.stacks": "pass",
        "backend.lock": "pass",
        "backend.pending": "pass",
    }
    assert rows["backend.login"]["observed"] == f"logged in to {pulumi.backend} as root"
    assert rows["backend.stacks"]["observed"] == "none of them yet"
    assert not list(Path(pulumi.backend.removeprefix("file://")).iterdir())


def test_a_backend_that_is_not_there_does_not_open(server: Sshd, pulumi: PulumiLab, tmp_path: Path) -> None:
    rows = checks(server, pulumi, tmp_path, backend="file:///nowhere/state")
    assert (rows["backend.login"]["state"], rows["backend.login"]["observed"]) == (
        "fail",
        "the backend does not open: there is no directory /nowhere/state",
    )
    assert rows["backend.lock"]["state"] == "skipped"


def test_stacks_of_an_old_layout_are_told_until_the_remedy_has_brought_them_to_todays(
    server: Sshd, pulumi: PulumiLab, tmp_path: Path
) -> None:
    layer_1 = pulumi.checkout()
    pulumi.run(layer_1, "env", "PULUMI_DIY_BACKEND_LEGACY_LAYOUT=true", "pulumi", "stack", "init", "layer_1")
    row = checks(server, pulumi, tmp_path)["backend.login"]
    assert (row["state"], row["observed"]) == ("fail", "its stacks are of the layout without projects: layer_1")
    # A stack that never held anything tells nobody its project.
    stack = "urn:pulumi:layer_1::layer_1::pulumi:pulumi:Stack::layer_1-layer_1"
    state = {"version": 3, "deployment": {"resources": [{"urn": stack, "type": "pulumi:pulumi:Stack"}]}}
    (layer_1 / "state.json").write_text(json.dumps(state))
    pulumi.run(layer_1, "pulumi", "stack", "import", "--stack", "layer_1", "--file", "state.json")
    Checker(server, tmp_path).shell(row["remedy"]["command"])
    rows = checks(server, pulumi, tmp_path)
    assert rows["backend.login"]["state"] == "pass"
    assert rows["backend.stacks"]["observed"].startswith(f"there: {WHOLE}; not yet: ")


@pytest.mark.lane("s3")
@pytest.mark.parametrize("manner", [*(each for each in hostile.MANNERS if each != "says nothing"), hostile.REFUSES])
def test_a_bucket_whose_server_gives_no_answer_is_unknown(
    server: Sshd, machine: Droplet, tmp_path: Path, manner: str
) -> None:
    keys = {"s3_backend_access_key": ACCESS_KEY, "s3_backend_secret_key": SECRET_KEY}
    target = ("--target", "ssh://lab", "--ssh-config", str(server.ssh_config()))
    with hostile.hostile(manner, machine.gateway) as port:
        backend = f"s3://state?endpoint=http://{machine.gateway}:{port}&region=us-east-1&s3ForcePathStyle=true&disableSSL=true"
        row = DryRun(tmp_path, {"backend": backend}, keys, target=target).row("backend.login")
    assert (row["state"], row["value"]) == ("unknown", None)
    assert row["observed"].startswith("the bucket gave no answer that can be judged: ")
    assert "make no new bucket" in row["remedy"]["text"]


def test_a_killed_update_leaves_a_lock_and_a_pending_operation_and_each_remedy_mends_its_own(
    server: Sshd, pulumi: PulumiLab, machine: Droplet, tmp_path: Path
) -> None:
    layer_1 = pulumi.checkout(installed=True)
    (layer_1 / "index.js").write_text(_PROGRAM)
    (layer_1 / "docker.js").write_text(_MAKES_FOR_EVER)
    pulumi.run(layer_1, "pulumi", "stack", "select", "--create", "layer_1")
    update = ["pulumi", "up", "--yes", "--skip-preview", "--non-interactive", "--stack", "layer_1"]
    running = machine.spawn(["sh", "-c", 'cd "$0" && exec "$@"', str(layer_1), *update], env=pulumi.environment)
    wait_until((layer_1 / "started").exists, "the network to be begun", 60)

    def looked() -> dict[str, Row]:
        return checks(server, pulumi, tmp_path, checkout=str(layer_1.parent))

    row = looked()["backend.lock"]
    assert row["state"] == "fail"
    assert re.match(rf"an update runs on the droplet: {WHOLE} by root@\S+ \(pid \d+\) since ", row["observed"])
    assert not row["remedy"].get("command")

    for pid, name in machine.processes().items():
        if name in {"pulumi", "node"} or name.startswith("pulumi-"):
            os.kill(pid, signal.SIGKILL)
    running.wait()
    rows = looked()
    assert rows["backend.stacks"]["observed"].startswith(f"there: {WHOLE}; not yet: ")
    assert (rows["backend.lock"]["state"], rows["backend.pending"]["state"]) == ("fail", "skipped")
    assert re.match(rf"{WHOLE} by root@\S+ \(pid \d+\) since ", rows["backend.lock"]["observed"])
    assert rows["backend.lock"]["value"]["running"] == 0

    shell = Checker(server, tmp_path).shell
    shell(rows["backend.lock"]["remedy"]["command"])
    rows = looked()
    assert (rows["backend.lock"]["state"], rows["backend.pending"]["state"]) == ("pass", "fail")
    assert rows["backend.pending"]["observed"] == f"1: creating {HELD}"
    assert rows["backend.pending"]["value"]["operations"] == [f"creating {HELD}"]

    shell(rows["backend.pending"]["remedy"]["command"])
    rows = looked()
    assert (rows["backend.pending"]["state"], rows["backend.pending"]["observed"]) == ("pass", "none is pending")
    assert not any(secret in repr(rows) for secret in pulumi.secrets.values())


@pytest.mark.lane("s3")
def test_a_lock_in_a_bucket_is_seen_from_here_and_lifted_on_the_droplet(machine: Droplet, tmp_path: Path) -> None:
    with S3Lab(machine.gateway) as bucket:
        credentials = bucket.credentials_file(machine.base / "keys")
        pulumi = PulumiLab(machine, bucket.backend, credentials)
        pulumi.run(pulumi.checkout(), "pulumi", "stack", "select", "--create", "layer_1")
        environment = {name: pulumi.environment[name] for name in ("PATH", "AWS_SHARED_CREDENTIALS_FILE")}
        held = {"pid": 7, "username": "grace", "hostname": "laptop", "timestamp": "2026-11-26T10:00:00Z"}
        name = f"{bucket.endpoint}/{bucket.bucket}/.pulumi/locks/{WHOLE}/0.json"
        put = Request(name, json.dumps(held).encode(), {"Content-Type": "application/json"}, method="PUT")
        with urlopen(put, timeout=10):
            pass
        with Sshd(tmp_path, droplet=machine, environment=environment) as server:
            target = ("--target", "ssh://lab", "--ssh-config", str(server.ssh_config()))
            keys = {"s3_backend_access_key": ACCESS_KEY, "s3_backend_secret_key": SECRET_KEY}
            asking = DryRun(tmp_path, {"backend": bucket.backend}, keys, target=target)
            row = asking.row("backend.lock")
            assert (row["state"], row["observed"]) == (
                "fail",
                f"{WHOLE} by grace@laptop (pid 7) since 2026-11-26T10:00:00Z",
            )
            Checker(server, tmp_path).shell(row["remedy"]["command"])
            row = asking.row("backend.lock")
    assert (row["state"], row["observed"]) == ("pass", "none is locked")
