"""Services in every state on one real Swarm: what the check says, and that its remedy's command mends it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sprocket_tui.checks.measure import observe
from sprocket_tui.checks.probes import PROBES
from sprocket_tui.checks.probes.base import Answers
from sprocket_tui.target.batch import Answer
from tests.lab.sshd import Sshd, wait_until
from tests.lab.swarm import SwarmLab
from tests.real.checking import Checker, Row
from tests.unit.checks_kit import probe

pytestmark = pytest.mark.lane("swarm")

SERVICES = probe("swarm-services")
NODE = "sprocketbot-manager"


class States:
    """One Swarm, somebody who checks it, and services that are made and broken there."""

    def __init__(self, swarm: SwarmLab, checker: Checker) -> None:
        self.swarm, self.checker = swarm, checker

    def make(self, name: str, *options: str, image: str = "lab/web:1") -> None:
        fixed = ("--detach", "--endpoint-mode", "dnsrr", "--no-resolve-image")
        quick = ("--restart-delay", "100ms", "--stop-grace-period", "1s")
        quick += ("--update-monitor", "1s", "--rollback-monitor", "1s")
        self.swarm.docker("service", "create", *fixed, *quick, "--name", name, *options, image)

    def change(self, name: str, image: str) -> None:
        """An update that its author lets go on whatever becomes of its tasks."""
        options = ("--detach", "--no-resolve-image", "--update-failure-action", "continue", "--image", image)
        self.swarm.docker("service", "update", *options, name)

    def measured(self) -> dict[str, Any]:
        """What the probe sees, without the program around it."""
        commands = PROBES[SERVICES.kind].commands
        assert commands
        answers: dict[str, Answer] = {}
        for command in commands(SERVICES):
            done = self.swarm.droplet.run(["sh", "-s"], stdin=command.script, check=False)
            answers[command.key] = Answer(done.returncode, done.stdout.encode(), done.stderr.encode())
        value = observe(SERVICES, Answers(answers)).value
        return value if isinstance(value, dict) else {}

    def becomes(self, name: str, state: str, error: str = "") -> None:
        """Waits until the service is in that state, with that in its newest error."""

        # Asking Docker costs more than waiting for it.
        pauses = iter((1, 2, 3))

        def is_so() -> bool:
            time.sleep(next(pauses, 5))
            value = self.measured()
            return value.get("services", {}).get(name) == state and error in value.get("errors", {}).get(name, "")

        wait_until(is_so, f"{name} to be {state}", 120)

    def fails(self, name: str) -> Row:
        """The row of the check, which names the service as the worst."""
        row = self.checker.row("running.services")
        assert (row["state"], row["value"]["name"]) == ("fail", name), row
        return row

    def mended(self, row: Row, name: str, *besides: str) -> Row:
        """The row after its remedy's command was run in a fresh shell; it passes, and so do the checks `besides`."""
        self.checker.shell(row["remedy"]["command"])
        self.becomes(name, "converged")
        again = self.rows(row["id"], *besides)
        assert {each["state"] for each in again} == {"pass"}, again
        return again[0]

    def rows(self, *checks: str) -> list[Row]:
        """The rows of these checks, measured together."""
        found = self.checker.rows(*(word for check in checks for word in ("--only", check)))
        return [found[check] for check in checks]


@pytest.fixture(scope="module")
def only_swarm(shared_swarm: SwarmLab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[States]:
    shared_swarm.reset()
    with Sshd(tmp_path_factory.mktemp("sshd"), droplet=shared_swarm.droplet) as server:
        yield States(shared_swarm, Checker(server, tmp_path_factory.mktemp("home")))


@pytest.fixture
def states(only_swarm: States) -> Iterator[States]:
    """The Swarm, in which the services of a test go with it."""
    yield only_swarm
    if names := only_swarm.swarm.services():
        only_swarm.swarm.docker("service", "rm", *names)


def test_services_that_run_pass_and_are_not_called_steady_before_ten_minutes(states: States) -> None:
    states.make("one")
    states.make("two", image="lab/healthy:1")
    for name in ("one", "two"):
        states.becomes(name, "converged")
    rows = states.checker.rows("running")
    assert rows["running.services"]["state"] == "pass"
    assert rows["running.services"]["observed"] == "all 2 as wanted"
    assert rows["running.services"]["value"]["services"] == {"one": "converged", "two": "converged"}
    assert rows["running.nodes"]["state"] == "pass"
    assert rows["running.stopped"]["state"] == "pass"
    assert rows["running.steady"]["state"] == "warn"
    assert rows["running.steady"]["value"]["unsteady"] == ["one", "two"]
    assert "Running" in states.checker.shell(rows["running.steady"]["remedy"]["command"])


def test_a_directory_that_is_missing_is_named_and_made(states: States) -> None:
    states.make("vault", "--mount", "type=bind,source=/root/unseal-tokens,target=/tokens")
    states.becomes("vault", "failing", error="bind source path does not exist")
    row = states.fails("vault")
    assert "vault is failing, 0 of 1 running" in row["observed"]
    assert (
        'invalid mount config for type "bind": bind source path does not exist: /root/unseal-tokens' in row["observed"]
    )
    assert row["value"]["path"] == "/root/unseal-tokens"
    states.mended(row, "vault")


def test_a_drained_node_takes_tasks_again(states: States) -> None:
    states.swarm.docker("node", "update", "--availability", "drain", NODE)
    states.make("web")
    states.becomes("web", "failing", error="no suitable node (1 node not available for new tasks)")
    row, nodes = states.rows("running.services", "running.nodes")
    assert (row["state"], nodes["state"]) == ("fail", "warn")
    assert "0 of 1 running: no suitable node (1 node not available for new tasks)" in row["observed"]
    assert nodes["value"]["away"] == [NODE]
    states.mended(row, "web", "running.nodes")


def test_an_address_that_others_cannot_reach_is_told_and_named_anew_with_what_runs_kept(
    states: States, tmp_path: Path
) -> None:
    states.make("web")
    states.becomes("web", "converged")
    given = tmp_path / "given.yaml"
    given.write_text(f"address: {states.swarm.droplet.address}\n")

    def address() -> Row:
        return states.checker.rows("--only", "swarm.address", "--given", str(given))["swarm.address"]

    row = address()
    assert (row["state"], row["observed"]) == ("warn", "127.0.0.1, which only this machine reaches")
    try:
        states.checker.shell(row["remedy"]["command"])
        row = address()
        assert (row["state"], row["observed"]) == ("pass", states.swarm.droplet.address)
        states.becomes("web", "converged")
        bridge = ("swarm", "init", "--force-new-cluster", "--advertise-addr", "10.97.0.1")
        states.swarm.docker(*bridge)
        row = address()
        assert (row["state"], row["observed"]) == (
            "warn",
            "10.97.0.1, which is Docker's own network on this machine",
        )
        # An address of the droplet in a network of its own, as the panel of Digital Ocean gives each of them one.
        states.swarm.droplet.run(["ip", "address", "add", "10.96.0.2/20", "dev", "eth0"])
        states.swarm.docker(*bridge[:-1], "10.96.0.2")
        row = address()
        assert (row["state"], row["observed"]) == ("pass", "10.96.0.2, which is the droplet's own too")
        states.swarm.droplet.run(["ip", "address", "delete", "10.96.0.2/20", "dev", "eth0"])
        row = address()
        assert (row["state"], row["observed"]) == ("warn", "10.96.0.2, which the droplet does not have")
    finally:
        states.swarm.docker("swarm", "init", "--force-new-cluster", "--advertise-addr", "127.0.0.1")


def test_a_service_that_wants_a_label_finds_it_on_the_node(states: States) -> None:
    states.make("influx", "--constraint", "node.labels.role==storage")
    states.becomes("influx", "failing", error="scheduling constraints not satisfied")
    row, label = states.rows("running.services", "storage.label")
    assert (row["state"], row["value"]["label"]) == ("fail", "role=storage")
    assert (label["state"], label["value"]["labelled"]) == ("fail", [])
    assert label["observed"] == f"{NODE} (leader) is ready and active, no label"
    states.mended(row, "influx", "storage.label")
    # The check that is asked before anything is deployed says the same in its own words.
    states.swarm.docker("node", "update", "--label-rm", "role", NODE)
    assert states.checker.mended(label)["value"]["labelled"] == [NODE]


def test_a_port_that_another_service_has_is_given_to_the_one_that_wants_it(states: States) -> None:
    port = ("--publish", "mode=host,target=8200,published=8081")
    states.make("traefik-0a1b2c3", *port)
    states.becomes("traefik-0a1b2c3", "converged")
    states.make("traefik-4d5e6f7", *port)
    states.becomes("traefik-4d5e6f7", "failing", error="host-mode port already in use on 1 node")
    row = states.fails("traefik-4d5e6f7")
    assert row["value"]["holder"] == "traefik-0a1b2c3"
    assert states.mended(row, "traefik-4d5e6f7")["value"]["stopped"] == ["traefik-0a1b2c3"]


def test_a_port_that_a_program_has_is_found_with_its_holder(states: States) -> None:
    holder = states.swarm.droplet.spawn(["socat", "TCP-LISTEN:80,fork,reuseaddr", "EXEC:true"])
    states.make("traefik-0a1b2c3", "--publish", "mode=host,target=8200,published=80")
    states.becomes("traefik-0a1b2c3", "failing", error="address already in use")
    row, port = states.rows("running.services", "ports.http")
    assert (row["state"], row["value"]["name"]) == ("fail", "traefik-0a1b2c3")
    assert ":80: bind: address already in use" in row["observed"]
    assert 'users:(("socat"' in states.checker.shell(row["remedy"]["command"])
    assert (port["state"], port["value"]["process"]) == ("fail", "socat")
    # What mends it depends on who holds the port, which is another check's question.
    states.mended(port, "traefik-0a1b2c3", "running.services")
    holder.wait()


def test_updates_to_what_does_not_run_are_taken_back_one_after_the_other(states: States) -> None:
    changed = {
        "crashes": ("lab/exits:1", "non-zero exit (1)", "task: non-zero exit (1)"),
        "ill": ("lab/unhealthy:1", "", "ill is failing"),
        "nowhere": ("lab/never-pushed:1", "No such image", "No such image: lab/never-pushed:1"),
    }
    for name in changed:
        states.make(name)
    for name in changed:
        states.becomes(name, "converged")
    for name, (image, _, _) in changed.items():
        states.change(name, image)
    for name, (_, error, _) in changed.items():
        states.becomes(name, "failing", error=error)
    for name, (image, _, observed) in changed.items():
        row = states.fails(name)
        assert observed in row["observed"]
        assert (row["value"]["image"], row["value"]["previous"]) == (image, True)
        states.checker.shell(row["remedy"]["command"])
        states.becomes(name, "converged")
    (row,) = states.rows("running.services")
    assert (row["state"], row["observed"], row["value"]["image"]) == ("pass", "all 3 as wanted", "lab/web:1")


def test_an_update_that_finds_no_node_fails_while_swarm_still_calls_it_an_update(states: States) -> None:
    states.make("web")
    states.becomes("web", "converged")
    states.swarm.docker("service", "update", "--detach", "--constraint-add", "node.labels.vault==true", "web")
    states.becomes("web", "failing", error="scheduling constraints not satisfied")
    row = states.fails("web")
    assert states.swarm.docker("service", "inspect", "web", "--format", "{{.UpdateStatus.State}}").strip() == "updating"
    assert row["value"]["label"] == "vault=true"
    states.mended(row, "web")
    states.swarm.docker("node", "update", "--label-rm", "vault", NODE)


def test_an_update_whose_program_ends_again_and_again_fails_while_swarm_waits_for_the_other_tasks(
    states: States,
) -> None:
    states.make("web", "--update-delay", "10m", "--replicas", "2")
    states.becomes("web", "converged")
    states.change("web", "lab/exits:1")
    states.becomes("web", "failing", error="non-zero exit (1)")
    assert states.swarm.docker("service", "inspect", "web", "--format", "{{.UpdateStatus.State}}").strip() == "updating"
    row = states.fails("web")
    # Between two tries the task that will end in a moment may just be running.
    assert re.search(
        r"web is failing, [12] of 2 running, \d+ failed lately: task: non-zero exit \(1\)", row["observed"]
    )
    assert states.mended(row, "web")["observed"] == "all 1 as wanted"


def test_a_service_for_every_node_that_fits_none_finds_its_node(states: States) -> None:
    states.make("agent", "--mode", "global", "--constraint", "node.labels.logs==yes")
    states.becomes("agent", "failing", error="scheduling constraints not satisfied")
    row = states.fails("agent")
    assert "agent is failing, 0 of 0 running: no node fits" in row["observed"]
    states.mended(row, "agent")
    states.swarm.docker("node", "update", "--label-rm", "logs", NODE)


def test_a_service_scaled_to_none_passes_as_running_and_is_named_where_nobody_may_forget_it(states: States) -> None:
    states.make("web", "--replicas", "0")
    services, row = states.rows("running.services", "running.stopped")
    assert (services["state"], services["value"]["services"]) == ("pass", {"web": "stopped"})
    assert (row["state"], row["observed"]) == ("warn", "scaled to none: web")
    states.mended(row, "web")


def test_networks_configs_and_secrets_are_told_by_name_alone(states: States) -> None:
    states.swarm.docker("network", "create", "traefik-ingress")
    states.swarm.docker("config", "create", "static-0a1b2c3", "-", stdin="c4nary-of-a-config")
    states.swarm.docker("secret", "create", "token-4d5e6f7", "-", stdin="c4nary-of-a-secret")
    row = states.checker.row("running.network")
    assert row["state"] == "fail"
    assert row["value"]["networks"] == {
        "traefik-ingress": {
            "driver": "bridge",
            "scope": "local",
            "attachable": False,
            "internal": False,
            "encrypted": False,
        }
    }
    assert (row["value"]["configs"], row["value"]["secrets"]) == (["static-0a1b2c3"], ["token-4d5e6f7"])
    assert "c4nary" not in str(row)
    gone = states.checker.mended(row)
    assert gone["observed"].startswith("there is no network traefik-ingress; ")
    # Nobody but Pulumi can make it so that the stack knows it.
    states.swarm.docker("network", "create", "--driver", "overlay", "--attachable", "traefik-ingress")
    there = states.checker.row("running.network")
    assert (there["state"], there["value"]["networks"]["traefik-ingress"]["attachable"]) == ("pass", True)


def test_the_images_and_the_traefik_of_a_checkout_are_judged_by_what_the_droplet_has(states: States) -> None:
    checkout = states.swarm.droplet.home / "sprocket-infra"
    traefik = checkout / "global/services/traefik/Traefik.ts"
    for directory in (checkout / "layer_1", traefik.parent):
        directory.mkdir(parents=True)
    (checkout / "layer_1/Pulumi.yaml").write_text("name: layer_1\n")
    traefik.write_text('image: "lab/web:1", image: "lab/healthy:1"\n')
    images, api = states.rows("images.layer-1", "docker.api")
    assert (images["state"], images["observed"]) == ("pass", "present: lab/healthy:1, lab/web:1")
    assert (api["state"], api["value"]["image"]) == ("pass", "")
    traefik.write_text('image: "lab/web:1", image: "traefik:v2.6.1"\n')
    images, api = states.rows("images.layer-1", "docker.api")
    # No registry can be reached from the lab, which says nothing of the image.
    assert images["state"] == "unknown"
    assert "nothing can be said of traefik:v2.6.1: " in images["observed"]
    assert "network is unreachable" in images["observed"]
    assert (api["state"], api["value"]["image"], api["value"]["oldest"]) == ("pass", "traefik:v2.6.1", "1.12")
