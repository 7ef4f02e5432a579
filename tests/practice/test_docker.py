"""What Docker's stand-in does beyond single answers: services over time, what mends them, how the program reads it."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from sprocket_tui.actions.pulumi import orphans
from sprocket_tui.practice.standins.docker import specification
from sprocket_tui.practice.standins.docker.tasks import tasks
from sprocket_tui.practice.world import identifier
from tests.practice.conftest import Shell
from tests.practice.docker_world import Node, decided, ok, service
from tests.practice.replay import StandIn, manager
from tests.unit.checks_kit import probe


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return Node(tmp_path)


@pytest.fixture
def stand_in(tmp_path: Path) -> StandIn:
    return StandIn(tmp_path)


class TestTheProgramsOwnProbes:
    def state(self, node: Node, name: str = "web") -> tuple[str, str]:
        value: Any = node.observe(probe("swarm-service", name=name)).value
        return value["state"], value["error"]

    def test_a_service_that_runs_has_converged(self, node: Node) -> None:
        with node.change() as state:
            service(state, "web")
        assert self.state(node) == ("converged", "")

    def test_a_service_of_a_second_ago_starts(self, node: Node) -> None:
        with node.change() as state:
            service(state, "web", age=0.1)
            state["speed"] = 0.1
        assert self.state(node) == ("starting", "")

    @pytest.mark.parametrize(
        ("fields", "error"),
        [
            ({"image": "lab/missing:1"}, "No such image: lab/missing:1"),
            ({"image": "lab/exits:1"}, "task: non-zero exit (1)"),
            ({"image": "lab/unhealthy:1"}, "task: non-zero exit (137): dockerexec: unhealthy container"),
            (
                {"mounts": ["/nowhere"]},
                'invalid mount config for type "bind": bind source path does not exist: /nowhere',
            ),
        ],
    )
    def test_a_service_that_cannot_run_fails_with_its_own_words(
        self, node: Node, fields: dict[str, Any], error: str
    ) -> None:
        with node.change() as state:
            decided(state, "web", **fields)
        assert self.state(node) == ("failing", error)

    def test_a_service_without_a_node_says_why(self, node: Node) -> None:
        with node.change() as state:
            service(state, "holder", ports=[80])
            decided(state, "web", ports=[80])
        assert self.state(node) == ("failing", "no suitable node (host-mode port already in use on 1 node)")

    def test_what_is_not_there_is_absent(self, node: Node) -> None:
        with node.change() as state:
            service(state, "website")
        assert self.state(node) == ("absent", "")

    def test_a_service_scaled_to_none_is_stopped(self, node: Node) -> None:
        with node.change() as state:
            service(state, "web")
        assert node.shell("docker service scale --detach web=0").status == 0
        assert self.state(node) == ("stopped", "")

    def test_a_generated_name_is_found_by_its_prefix(self, node: Node) -> None:
        with node.change() as state:
            service(state, "traefik-0a1b2c3")
            service(state, "traefik-fa-service-0a1b2c3")
        value: Any = node.observe(probe("swarm-service", prefix="traefik")).value
        assert (value["name"], value["count"]) == ("traefik-0a1b2c3", 1)

    def test_without_a_daemon_the_probe_says_so(self, node: Node) -> None:
        with node.change() as state:
            state["docker"]["running"] = False
        assert "Is the docker daemon running?" in str(node.observe(probe("swarm-service", name="web")).reason)

    def test_a_port_in_host_mode_is_held_by_its_service(self, node: Node) -> None:
        with node.change() as state:
            service(state, "squatter", ports=[8080])
        value: Any = node.observe(probe("port", port="8080", holder=True)).value
        assert (value["free"], value["container"], value["name"]) == (False, "service squatter", "squatter")

    def test_a_port_that_nobody_holds_is_free(self, node: Node) -> None:
        with node.change() as state:
            service(state, "web", ports=[8080])
        assert node.observe(probe("port", port="8443", holder=True)).value["free"] is True  # type: ignore[index]

    def test_what_an_update_left_behind_is_found_with_the_time_it_was_made(self, node: Node) -> None:
        with node.change() as state:
            service(state, "web")
            for kind in ("networks", "volumes", "configs"):
                made = {"id": identifier(state), "name": f"{kind}-0a1b2c3", "created": time.time(), "detail": {}}
                state["docker"][kind].append(made)  # type: ignore[literal-required]
        listed = node.shell(f"{orphans.LISTING}\nlisting")
        found = {(each.kind, each.name) for each in orphans.parse_listing(listed.stdout)}
        assert {("service", "web"), ("config", "configs-0a1b2c3"), ("volume", "volumes-0a1b2c3")} < found
        assert {name for kind, name in found if kind == "network"} >= {"ingress", "docker_gwbridge", "networks-0a1b2c3"}
        assert all(each.created for each in orphans.parse_listing(listed.stdout))


class TestWhatBecomesOfAService:
    def test_a_name_of_the_registry_holds_for_every_tag(self) -> None:
        state = manager()
        state["registry"] = {"vault": "missing", "web:2": "crashes"}
        assert decided(state, "one", image="vault:1.10.0") == ("rejected", "No such image: vault:1.10.0")
        assert decided(state, "two", image="web:2") == ("fails", "task: non-zero exit (1)")
        assert decided(state, "three", image="web:1") == ("runs", "")

    def test_a_node_that_takes_no_tasks_is_told_before_anything_else(self) -> None:
        state = manager()
        state["docker"]["availability"] = "drain"
        fate = ("pending", "no suitable node (1 node not available for new tasks)")
        assert decided(state, "web", image="lab/missing:1", mounts=["/nowhere"]) == fate

    def test_a_program_that_holds_the_port_lets_the_container_fail(self) -> None:
        state = manager()
        state["listeners"].append({"port": 80, "process": "nginx", "pid": 1043})
        fate, error = decided(state, "web", ports=[80])
        assert fate == "fails"
        assert error.endswith("Error starting userland proxy: listen tcp4 0.0.0.0:80: bind: address already in use")
        task = next(each for each in tasks(state, state["docker"]["services"][0]) if each.current == "Failed")
        assert f"on endpoint web.1.{task.id} ({task.container})" in task.error

    def test_what_is_there_lets_it_run(self) -> None:
        assert decided(manager(), "web", mounts=["/here", "data"]) == ("runs", "")

    def test_the_swarm_remembers_five_tasks_of_a_slot(self) -> None:
        for fate in ("rejected", "fails", "unhealthy"):
            state = manager()
            made = service(state, "web", age=1e6, fate=fate, error="x")
            assert len(tasks(state, made)) == 5
            assert len({task.id for task in tasks(state, made)}) == 5

    @pytest.mark.parametrize("age", [0, 0.2, 0.4, 0.9, 1.1, 1.9, 2.1, 5.5, 11, 13.5, 18.2, 40, 3600])
    @pytest.mark.parametrize("fate", ["runs", "rejected", "fails", "pending", "unhealthy"])
    def test_at_every_moment_one_task_of_a_slot_is_wanted(self, fate: str, age: float) -> None:
        state = manager()
        made = service(state, "web", age=age, fate=fate, error="x")
        shown = tasks(state, made)
        assert [task.desired in ("Running", "Ready") for task in shown] == [True] + [False] * (len(shown) - 1)
        assert [task.since for task in shown] == sorted(task.since for task in shown)

    def test_the_same_world_shows_the_same_tasks(self) -> None:
        state = manager()
        made = service(state, "web")
        assert [task.id for task in tasks(state, made)] == [task.id for task in tasks(state, made)]

    def test_time_runs_as_fast_as_the_world(self) -> None:
        state = manager()
        made = service(state, "web", age=0.1)
        assert tasks(state, made)[0].current == "Preparing"
        state["speed"] = 100
        assert tasks(state, made)[0].current == "Running"


class TestLogs:
    def make(self, stand_in: StandIn) -> None:
        ok(stand_in.docker(["service", "create", "--quiet", "--detach", "--name", "web", "lab/exits:1"]))
        # It has failed after 1, 7 and 13 seconds.
        stand_in.wait(16)

    def exited(self, stand_in: StandIn) -> list[str]:
        return ok(stand_in.docker(["ps", "-q", "--filter", "status=exited"])).split()

    @pytest.mark.parametrize(
        ("since", "lines"), [("1m", 3), ("12.5s", 2), ("0m6500ms", 1), ("1s", 0), ("0", 0), ("-1m", 0)]
    )
    def test_of_a_service_are_no_older_than_was_asked(self, since: str, lines: int, stand_in: StandIn) -> None:
        self.make(stand_in)
        given = stand_in.docker(["service", "logs", "--since", since, "web"])
        assert (given.status, given.err.count("cannot read")) == (0, lines)

    def test_a_span_is_one_of_the_worlds_time(self, stand_in: StandIn) -> None:
        self.make(stand_in)
        with stand_in.world.change() as state:
            state["speed"] = 1000
        assert "cannot read" not in stand_in.docker(["service", "logs", "--since", "1ms", "web"]).err

    def test_since_the_moment_when_a_container_was_made_are_those_from_then_on(self, stand_in: StandIn) -> None:
        self.make(stand_in)
        newest, *_ = self.exited(stand_in)
        made = ok(stand_in.docker(["inspect", "-f", "{{.Created}}", newest])).strip()
        given = stand_in.docker(["service", "logs", "--since", made, "web"])
        assert given.err.count("cannot read") == 1
        assert stand_in.docker(["logs", "--since", made, newest]).err == "cannot read /vault.hcl\n"

    def test_of_a_container_are_its_own_alone(self, stand_in: StandIn) -> None:
        self.make(stand_in)
        assert [stand_in.docker(["logs", each]).err for each in self.exited(stand_in)] == [
            "cannot read /vault.hcl\n"
        ] * 3

    def test_a_filter_that_only_the_daemon_knows_is_not_called_invalid(self, stand_in: StandIn) -> None:
        given = stand_in.docker(["ps", "--filter", "ancestor=lab/web"])
        said = "practice: docker ps --filter ancestor is not in this rehearsal; a real droplet has it\n"
        assert (given.status, given.err) == (126, said)


class TestWhatMendsAService:
    def make(self, stand_in: StandIn, *argv: str) -> None:
        ok(stand_in.docker(["service", "create", "--quiet", "--detach", "--name", *argv]))
        stand_in.wait(20)

    def current(self, stand_in: StandIn, name: str = "web") -> list[str]:
        listed = ok(stand_in.docker(["service", "ps", "--format", "{{.CurrentState}}", name]))
        return [line.split()[0] for line in listed.splitlines()]

    def test_a_directory_that_was_missing(self, stand_in: StandIn, tmp_path: Path) -> None:
        self.make(stand_in, "web", "--mount", "type=bind,source=/data,target=/data", "lab/web:1")
        assert self.current(stand_in) == ["Rejected"] * 5
        (tmp_path / "data").mkdir()
        self.current(stand_in)
        stand_in.wait(5)
        assert self.current(stand_in) == ["Running", *["Rejected"] * 4]

    def test_a_service_that_gives_up_the_port(self, stand_in: StandIn) -> None:
        port = ("--publish", "mode=host,published=80,target=8200")
        self.make(stand_in, "other", *port, "lab/web:1")
        self.make(stand_in, "web", *port, "lab/web:1")
        assert self.current(stand_in) == ["Pending"]
        ok(stand_in.docker(["service", "scale", "other=0"]))
        assert self.current(stand_in) == ["Running"]

    def test_a_node_that_takes_tasks_again(self, stand_in: StandIn) -> None:
        self.make(stand_in, "web", "lab/web:1")
        ok(stand_in.docker(["node", "update", "--availability", "drain", "sprocketbot-manager"]))
        assert self.current(stand_in) == ["Pending", "Shutdown"]
        ok(stand_in.docker(["node", "update", "--availability", "active", "sprocketbot-manager"]))
        stand_in.wait(3)
        assert self.current(stand_in) == ["Running", "Shutdown"]

    def test_an_update_by_force_that_fails_is_paused(self, stand_in: StandIn) -> None:
        self.make(stand_in, "web", "lab/exits:1")
        said = stand_in.docker(["service", "update", "--force", "web"])
        assert said.status == 1
        assert said.err.startswith("service update paused: update paused due to failure or early termination of task ")
        shown = json.loads(ok(stand_in.docker(["service", "inspect", "-f", "{{json .UpdateStatus}}", "web"])))
        assert shown["State"] == "paused"

    def test_a_stopped_container_is_followed_by_another_one(self, stand_in: StandIn) -> None:
        self.make(stand_in, "web", "lab/web:1")
        ok(stand_in.docker(["stop", ok(stand_in.docker(["ps", "-q"])).strip()]))
        assert self.current(stand_in) == ["Ready", "Failed"]
        stand_in.wait(8)
        assert self.current(stand_in) == ["Running", "Failed"]

    def test_images_that_nothing_uses_make_room(self, stand_in: StandIn) -> None:
        with stand_in.world.change() as state:
            state["node"]["free_gib"] = 3.1
            state["node"]["disk_gib"] = 58.4
            image = {"id": "a" * 64, "name": "old:1", "created": time.time(), "size": 40 * 2**30, "command": ["/old"]}
            state["docker"]["images"] = [image]  # type: ignore[list-item]
        self.make(stand_in, "web", "lab/web:1")
        assert "untagged: old:1" in ok(stand_in.docker(["image", "prune", "--all", "--force"]))
        assert stand_in.world.read()["node"]["free_gib"] == pytest.approx(43, abs=0.2)
        assert ok(stand_in.docker(["image", "ls", "--format", "{{.Repository}}:{{.Tag}}"])) == "lab/web:1\n"

    def test_layers_of_a_restart_loop_make_room(self, stand_in: StandIn) -> None:
        with stand_in.world.change() as state:
            before = state["node"]["free_gib"]
            state["node"].update(free_gib=3.1, free_inodes=1200)
        assert "<none>" in ok(stand_in.docker(["image", "ls"]))
        assert "(100%)" in ok(stand_in.docker(["system", "df"]))
        ok(stand_in.docker(["image", "prune", "--force"]))
        state = stand_in.world.read()
        assert state["node"]["free_gib"] == pytest.approx(before, abs=0.1)
        assert state["node"]["free_inodes"] > 10**6
        assert ok(stand_in.docker(["image", "prune", "--force"])) == "Total reclaimed space: 0B\n"

    def test_the_hint_about_health_shows_what_the_check_said(self, node: Node) -> None:
        with node.change() as state:
            decided(state, "web", age=10.0, image="lab/unhealthy:1")
        hint = "docker ps -aq --filter health=unhealthy | xargs -r docker inspect --format "
        shown = node.shell(f"{hint}'{{{{.Name}}}} {{{{json .State.Health}}}}'").stdout.decode()
        assert shown.startswith("/web.1.")
        assert "404 Not Found" in shown

    def test_a_container_that_its_health_check_ended_stays_unhealthy(self, node: Node) -> None:
        with node.change() as state:
            decided(state, "web", age=15.0, image="lab/unhealthy:1")
        sick = "docker ps -a --filter health=unhealthy"
        assert node.shell(f"{sick} --format '{{{{.Status}}}}'").stdout.startswith(b"Exited (137)")
        shown = node.shell(f"{sick} -q | xargs docker inspect --format '{{{{json .State.Health}}}}'").stdout
        health = json.loads(shown)
        assert health["Status"] == "unhealthy"
        assert "404 Not Found" in health["Log"][-1]["Output"]

    def test_traefik_is_shown_on_its_own_ports_inside(self) -> None:
        state = manager()
        assert specification.ports(state, service(state, "traefik", ports=[8080, 8443])) == [(8080, 80), (8443, 443)]


def test_in_a_practice_droplet_docker_is_this_one(shell: Shell) -> None:
    done = shell("docker info --format '{{.Swarm.LocalNodeState}}'; docker run hello-world; command -v docker")
    assert done.stdout.splitlines()[-1].endswith("/docker")
    assert done.stdout.splitlines()[0] in ("active", "inactive")
    assert done.stderr == "practice: docker run is not in this rehearsal; a real droplet has it\n"
