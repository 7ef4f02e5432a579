"""Nodes, networks, configs, secrets and all services of a Swarm, told from what docker prints."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from sprocket_tui.checks import judge
from sprocket_tui.checks.observation import Verdict
from sprocket_tui.checks.probes import PROBES
from sprocket_tui.checks.probes.base import documents
from sprocket_tui.guide.loader import load_guide
from sprocket_tui.target.batch import Answer
from tests.unit.checks_kit import answered, probe

RECORDINGS = Path(__file__).parent.parent / "recordings" / "swarm"
CHECKS = load_guide().checks()
HEALTH = "docker ps -aq --filter health=unhealthy | xargs -r docker inspect --format '{{.Name}} {{json .State.Health}}'"
COMPLETE = '{"complete": true}'


def recorded(name: str) -> list[Any]:
    return documents((RECORDINGS / f"{name}.out").read_text(encoding="utf-8"))


def lines(*found: Any) -> str:
    return "\n".join([*map(json.dumps, found), COMPLETE])


def judged(check: str, text: str) -> Verdict:
    return judge.judge(CHECKS[check], answered(CHECKS[check].probe, text), {})


def value(kind: str, text: str, **words: Any) -> dict[str, Any]:
    found = answered(probe(kind, **words), text)
    assert isinstance(found.value, dict), found.reason
    return found.value


def row(name: str, tasks: list[Any] | None = None, *, replicas: int = 1, **asked: Any) -> list[Any]:
    """A service's documents: its row, what it asks for, and its tasks, as of a recorded service."""
    spec = {
        "Name": name,
        "Mode": {"Replicated": {"Replicas": replicas}},
        "TaskTemplate": {
            "ContainerSpec": {"Image": asked.get("image", "lab/web:1@sha256:" + "0" * 64)},
            "Placement": {"Constraints": asked.get("constraints", [])},
        },
    }
    ports = [
        {"Protocol": "tcp", "TargetPort": port, "PublishedPort": port, "PublishMode": "host"}
        for port in asked.get("ports", [])
    ]
    about = {
        "Spec": spec,
        "Ports": ports or None,
        "UpdateStatus": asked.get("update"),
        "PreviousSpec": asked.get("previous", False),
    }
    own = tasks if tasks is not None else [task(name)]
    return [{"Name": name, "Mode": "replicated", "Replicas": f"0/{replicas}"}, about, *own]


def task(name: str, current: str = "Running 3 hours ago", error: str = "", desired: str = "Running") -> dict[str, str]:
    return {"Name": f"{name}.1", "DesiredState": desired, "CurrentState": current, "Error": error}


def waiting(name: str, error: str) -> list[dict[str, str]]:
    return [task(name, "Pending 2 minutes ago", f'"{error}"')]


def after_update(name: str, *errors: str) -> list[dict[str, str]]:
    return [
        task(name, "Ready 1 second ago", desired="Ready"),
        *(task(name, "Failed 2 seconds ago", f'"{error}"', "Shutdown") for error in errors),
    ]


def all_services(*rows: list[Any]) -> str:
    return lines(*(document for each in rows for document in each))


def recorded_service(name: str) -> list[Any]:
    return row(name, [{**each, "Name": f"{name}.1"} for each in recorded(f"state-{name}-ps-json")])


def test_the_errors_of_every_service_are_told_whole_the_worst_first() -> None:
    names = ("healthy", "no-command", "constraint")
    text = all_services(*map(recorded_service, names))
    found = value("swarm-services", text)
    assert found["services"] == {"healthy": "converged", "no-command": "failing", "constraint": "failing"}
    assert (found["count"], found["settled"], found["name"]) == (3, 1, "constraint")
    assert found["errors"]["no-command"].endswith(
        'exec: "/bin/absent": stat /bin/absent: no such file or directory: unknown'
    )
    seen = judged("running.services", text).observed
    assert seen.startswith("3 services, 1 as wanted; constraint is failing, 0 of 1 running: no suitable node (")
    assert found["errors"]["no-command"] in seen


@pytest.mark.parametrize(
    ("documents_of_it", "why", "command"),
    [
        (
            row(
                "influx",
                waiting("influx", "no suitable node (scheduling constraints not satisfied on 1 node)"),
                constraints=["node.platform.arch==amd64", "node.labels.role == storage"],
            ),
            "only on a node with the label role=storage",
            "role=storage",
        ),
        (
            row(
                "influx",
                waiting("influx", "no suitable node (scheduling constraints not satisfied on 1 node)"),
                constraints=["node.platform.arch==amd64"],
            ),
            "Swarm accepts a service that can never start",
            "influx",
        ),
        (
            row("web", waiting("web", "no suitable node (1 node not available for new tasks)")),
            "drained or paused",
            "docker node update --availability active \"$(docker info --format '{{.Swarm.NodeID}}')\"",
        ),
        (
            row("loki", waiting("loki", "no suitable node (insufficient resources on 1 node)")),
            "memory or the processors",
            "--no-stream",
        ),
        (
            row(
                "vault",
                after_update("vault", 'invalid mount config for type "bind": bind source path does not exist: /root/x'),
            ),
            "mounts /root/x, which is not there",
            "/root/x",
        ),
        (row("web", after_update("web", "No such image: a/b:c"), image="a/b:c"), "The node has no a/b:c", "web"),
        (row("web", after_update("web", "No such image: a/b:c"), previous=True), "what it was before", "web"),
        (row("web", after_update("web", "task: non-zero exit (1)")), "ends right after its start", "web"),
        (
            row("web", after_update("web", "task: non-zero exit (137): dockerexec: unhealthy container")),
            "health check of web fails",
            HEALTH,
        ),
        (
            row("web", after_update("web", "listen tcp4 0.0.0.0:80: bind: address already in use")),
            "A program beside Docker holds a port",
            "-ltnp",
        ),
        (row("web", update={"State": "rollback_completed"}), "took the last update of web back", "web"),
        (
            row("web", [*after_update("web"), task("web", "Complete 2 seconds ago", desired="Shutdown")]),
            "ends by itself",
            HEALTH,
        ),
    ],
)
def test_each_cause_has_its_reason_and_its_command(documents_of_it: list[Any], why: str, command: str) -> None:
    verdict = judged("running.services", all_services(documents_of_it, row("other")))
    assert why in verdict.why
    assert verdict.remedy
    assert verdict.remedy.command[-1] == command


def test_who_has_the_port_is_told_from_what_the_services_ask_for() -> None:
    error = "no suitable node (host-mode port already in use on 1 node)"
    old, new = (
        row("traefik-0a1b2c3", ports=[80]),
        row("traefik-4d5e6f7", waiting("traefik-4d5e6f7", error), ports=[80, 443]),
    )
    assert value("swarm-services", all_services(row("web", ports=[8080]), old, new))["holder"] == "traefik-0a1b2c3"
    assert value("swarm-services", all_services(row("web", ports=[8080]), new))["holder"] == ""
    # Another protocol is another port.
    old[1]["Ports"][0]["Protocol"] = "udp"
    assert value("swarm-services", all_services(old, new))["holder"] == ""


def test_a_rollback_that_somebody_asked_for_leaves_what_was_asked_for() -> None:
    back = {"State": "rollback_completed"}
    asked = value("swarm-services", all_services(row("web", update=back, previous=True)))
    alone = value("swarm-services", all_services(row("web", update=back)))
    assert (asked["services"], alone["services"]) == ({"web": "converged"}, {"web": "rolled-back"})


def test_what_was_rolled_back_a_moment_ago_is_not_to_be_rolled_back_again() -> None:
    tasks = [
        task("web", "Running 3 seconds ago"),
        task("web", "Failed 9 seconds ago", '"task: non-zero exit (1)"', "Shutdown"),
    ]
    text = all_services(row("web", tasks, update={"State": "rollback_completed"}, previous=True))
    verdict = judged("running.services", text)
    assert (verdict.state, verdict.remedy and verdict.remedy.command[:3]) == ("fail", ("docker", "service", "logs"))


@pytest.mark.parametrize(
    ("update", "why", "goes_back"),
    [
        ("updating", "is being updated", True),
        ("rollback_started", "is being taken back to, or updated to, fails", False),
    ],
)
def test_what_is_being_taken_back_is_not_to_be_rolled_back(update: str, why: str, goes_back: bool) -> None:
    tasks = [task("web", "Pending 2 minutes ago", '"no suitable node (x)"', "Ready"), task("web")]
    verdict = judged("running.services", all_services(row("web", tasks, update={"State": update}, previous=True)))
    assert (verdict.state, verdict.remedy and verdict.remedy.command[:3]) == ("warn", ("docker", "service", "ps"))
    assert why in verdict.why
    assert verdict.remedy
    assert ("docker service rollback" in verdict.remedy.text) is goes_back


@pytest.mark.parametrize(
    ("tasks", "unsteady", "failed"),
    [
        ([task("web")], [], {}),
        ([task("web", "Running 9 minutes ago")], ["web"], {}),
        ([task("web", "Running 10 minutes ago")], [], {}),
        (
            [task("web", "Running about a minute ago"), task("web", "Failed 2 minutes ago", '"x"', "Shutdown")],
            ["web"],
            {"web": 1},
        ),
        ([task("web", "Running 2 hours ago"), task("web", "Failed 2 hours ago", '"x"', "Shutdown")], [], {}),
        (
            [task("web", "Running 20 minutes ago"), task("web", "Failed 9 minutes ago", '"x"', "Shutdown")],
            ["web"],
            {"web": 1},
        ),
    ],
)
def test_steady_is_what_has_neither_begun_nor_failed_in_the_window(
    tasks: list[Any], unsteady: list[str], failed: dict[str, int]
) -> None:
    text = all_services(row("web", tasks))
    found = value("swarm-services", text, window=600)
    assert (found["unsteady"], found["failed"]) == (unsteady, failed)
    assert judged("running.steady", text).state == ("warn" if unsteady else "pass")


def test_a_swarm_without_services_has_nothing_deployed() -> None:
    assert value("swarm-services", COMPLETE)["state"] == "absent"
    assert judged("running.services", COMPLETE).observed == "no service at all"


def test_a_service_scaled_to_none_is_settled_and_named() -> None:
    text = all_services(row("web", [], replicas=0), row("vault"))
    assert judged("running.services", text).state == "pass"
    verdict = judged("running.stopped", text)
    assert (verdict.state, verdict.observed) == ("warn", "scaled to none: web")


def node(id_: str, host: str, *, availability: str = "active", state: str = "ready", **labels: str) -> dict[str, Any]:
    (real,) = recorded("node-inspect-json")[0]
    return {
        **real,
        "ID": id_,
        "Spec": {**real["Spec"], "Availability": availability, "Labels": labels},
        "Status": {**real["Status"], "State": state},
        "Description": {**real["Description"], "Hostname": host},
    }


def test_a_real_node_is_read() -> None:
    (real,) = recorded("node-inspect-json")[0]
    found = value("swarm-nodes", lines({"own": real["ID"]}, real))
    ((name, about),) = found["nodes"].items()
    assert (found["count"], found["managers"], found["own"], found["takers"]) == (1, 1, name, [name])
    assert (about["role"], about["leader"], about["state"], about["availability"]) == (
        "manager",
        True,
        "ready",
        "active",
    )
    assert about["labels"] == real["Spec"]["Labels"]
    assert about["engine"] == real["Description"]["Engine"]["EngineVersion"]


@pytest.mark.parametrize(
    ("nodes", "state", "command"),
    [
        ([node("a", "vm", role="storage")], "pass", None),
        ([node("a", "vm")], "fail", ("docker", "node", "update", "--label-add", "role=storage", "vm")),
        ([node("a", "vm", role="ingress")], "fail", ("docker", "node", "update", "--label-add", "role=storage", "vm")),
        (
            [node("a", "vm"), node("b", "disk", availability="drain", role="storage")],
            "fail",
            ("docker", "node", "update", "--availability", "active", "disk"),
        ),
        ([node("a", "vm"), node("b", "disk", role="storage")], "pass", None),
    ],
)
def test_the_label_counts_on_a_node_that_takes_tasks(
    nodes: list[Any], state: str, command: tuple[str, ...] | None
) -> None:
    verdict = judged("storage.label", lines({"own": "a"}, *nodes))
    assert (verdict.state, verdict.remedy and verdict.remedy.command) == (state, command)


def test_two_nodes_of_one_name_are_called_by_their_ids_as_docker_wants() -> None:
    found = value("swarm-nodes", lines({"own": "bbbbbbb"}, node("aaaaaaa", "vm"), node("bbbbbbb", "vm", state="down")))
    assert (found["takers"], found["away"], found["own"]) == (["aaaaaaa"], ["bbbbbbb"], "bbbbbbb")
    assert (
        judged("running.nodes", lines({"own": "b"}, node("a", "vm"), node("b", "other", state="down"))).state == "warn"
    )


def network(name: str, driver: str = "overlay", **more: Any) -> dict[str, Any]:
    scope = "swarm" if driver == "overlay" else "local"
    return {"network": name, "driver": driver, "scope": scope, "attachable": False, "options": None, **more}


def test_names_with_seven_hex_digits_stand_for_what_was_asked() -> None:
    listed = lines(
        network("ingress"),
        network("bridge", "bridge"),
        network("vault-network-0a1b2c3", options={"encrypted": ""}),
        {"config": "traefik-config-0a1b2c3"},
        {"config": "exact"},
        {"secret": "token-xyz"},
    )
    asked = {"networks": ["vault-network"], "configs": ["traefik-config", "exact"], "secret_names": ["token"]}
    found = value("swarm-objects", listed, **asked)
    assert found["missing"] == ["secret token"]
    assert list(found["networks"]) == ["vault-network-0a1b2c3"]
    assert found["networks"]["vault-network-0a1b2c3"]["encrypted"] is True


@pytest.mark.parametrize(
    ("there", "state"),
    [([network("traefik-ingress")], "pass"), ([network("traefik-ingress", "bridge")], "fail"), ([], "fail")],
)
def test_the_network_of_every_layer_is_an_overlay(there: list[Any], state: str) -> None:
    assert judged("running.network", lines(*there)).state == state


@pytest.mark.parametrize("kind", ["swarm-services", "swarm-nodes", "swarm-objects"])
def test_a_list_that_was_cut_short_and_a_node_that_is_no_manager_are_unknown(kind: str) -> None:
    assert "cut short" in answered(probe(kind), '{"own": "a"}').reason
    said = (
        b"Error response from daemon: This node is not a swarm manager. Use docker swarm init to connect this node.\n"
    )
    assert answered(probe(kind), Answer(1, b"", said)).reason.startswith(
        "Error response from daemon: This node is not a"
    )


def judged_api(oldest: str, pinned: str = "") -> Verdict:
    daemon = json.dumps({"Server": {"Version": "29.0.1", "ApiVersion": "1.52", "MinAPIVersion": oldest}})
    check = CHECKS["docker.api"]
    return judge.judge(check, answered(check.probe, daemon, pinned), {})


@pytest.mark.parametrize(
    ("oldest", "pinned", "state", "observed"),
    [
        ("1.12", "", "pass", "yes: from version 1.12 on; Traefik asks with 1.24"),
        ("1.24", "pinned traefik:v2.6.1\n", "pass", "yes: from version 1.24 on; Traefik asks with 1.24"),
        ("1.44", "", "warn", "from 1.44 on; Traefik asks with 1.24"),
        ("1.44", "pinned traefik:v2.6.1\n", "fail", "from 1.44 on; traefik:v2.6.1 asks with 1.24"),
        ("1.25", "pinned traefik:v2.11.30\n", "fail", "from 1.25 on; traefik:v2.11.30 asks with 1.24"),
        ("1.44", "pinned traefik:v3.6.0\n", "fail", "from 1.44 on; traefik:v3.6.0 asks with 1.24"),
        ("1.44", "pinned traefik:v3.5\n", "fail", "from 1.44 on; traefik:v3.5 asks with 1.24"),
        ("1.44", "pinned traefik:v2.11.31\n", "pass", "Traefik 2.11.31 takes a version that there is"),
        ("1.44", "pinned traefik:v3.6.1\n", "pass", "Traefik 3.6.1 takes a version that there is"),
        ("1.40", "pinned traefik:v3.10.0\n", "pass", "Traefik 3.10.0 takes a version that there is"),
        ("1.44", "pinned traefik:v2.11\n", "pass", "traefik:v2.11 is pulled in its newest release"),
        ("1.44", "pinned traefik:v2.11\nv2.11.31\n", "pass", "Traefik 2.11.31 takes a version that there is"),
        ("1.44", "pinned traefik:v2.11\nv2.11.29\n", "warn", "traefik:v2.11 lies there as v2.11.29"),
        ("1.44", "pinned traefik:latest\n", "pass", "traefik:latest is pulled in its newest release"),
    ],
)
def test_docker_accepts_what_the_pinned_traefik_asks_with(oldest: str, pinned: str, state: str, observed: str) -> None:
    verdict = judged_api(oldest, pinned)
    assert (verdict.state, observed in verdict.observed) == (state, True), verdict.observed


def test_the_pinned_traefik_is_found_in_the_programs_of_a_checkout(tmp_path: Path) -> None:
    traefik = tmp_path / "global/services/traefik/Traefik.ts"
    traefik.parent.mkdir(parents=True)
    traefik.write_text('// as traefik:v1.0 once\n  image: "traefik:v2.6.1",\n')
    modules = tmp_path / "layer_1/node_modules/other/index.js"
    modules.parent.mkdir(parents=True)
    modules.write_text('image: "traefik:v0.1.0"')
    asked = probe("docker-api", directory=str(tmp_path), image="traefik")
    _, pinned = PROBES[asked.kind].commands(asked)  # type: ignore[misc]
    done = subprocess.run(["sh", "-s"], input=pinned.script, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[0] == "pinned traefik:v2.6.1"


HUB_DENIED = "errors: denied: requested access to the resource is denied unauthorized: authentication required"
UNREACHABLE = 'Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io: network is unreachable'


def images(*said: str, login: bool = False, named: int = 1, unread: int = 0) -> str:
    return "\n".join([f"login {'yes' if login else 'no'}", f"named {named}", f"unread {unread}", *said, "complete"])


@pytest.mark.parametrize(
    ("text", "state", "observed"),
    [
        (
            images("present vault:1.10.0", "pullable traefik:v2.11"),
            "pass",
            "pullable: traefik:v2.11; present: vault:1.10.0",
        ),
        (
            images("present a:1", "refused b:2 no such manifest: docker.io/library/b:2"),
            "fail",
            "Docker Hub has no b:2",
        ),
        (images(f"refused a/b:2 {HUB_DENIED}", login=True), "fail", "not shown to the droplet's login: a/b:2"),
        (images(f"refused a/b:2 {HUB_DENIED}"), "unknown", "a/b:2: nobody is logged in there, and it is not shown"),
        (images(f"refused a:1 {UNREACHABLE}", "present b:2"), "unknown", "network is unreachable"),
        (images("refused a:1 "), "unknown", "its registry did not answer in time"),
        (
            images("refused 10.0.0.5:5000/a:1 no such manifest: 10.0.0.5:5000/a:1"),
            "unknown",
            "10.0.0.5:5000 has no such manifest, or does not speak TLS",
        ),
        (images("refused a:1 manifest unknown", f"refused b:2 {UNREACHABLE}"), "fail", "Docker Hub has no a:1"),
        (images(named=0), "unknown", "no image is named in the programs"),
        (images("present a:1", named=0, unread=2), "unknown", "2 are put together by the programs themselves"),
        (
            images("present a:1", unread=2),
            "pass",
            "present: a:1; 2 more are put together by the programs, and were not",
        ),
        ("login no\npresent a:1", "unknown", "cut short"),
        ("login no\npresent a:1\ncomplete", "unknown", "cut short"),
    ],
)
def test_an_image_is_missing_only_where_its_registry_says_so(text: str, state: str, observed: str) -> None:
    verdict = judged("images.layer-1", text)
    assert (verdict.state, observed in verdict.observed) == (state, True), verdict.observed


def test_the_images_that_programs_name_are_asked_for_once_each(tmp_path: Path) -> None:
    """With a docker that has one image, knows a second, and is used by a service that wants a third."""
    program = tmp_path / "src/index.ts"
    program.parent.mkdir()
    digest = f"sha256:{'0' * 64}"
    program.write_text(
        "image: 'vault:1.10.0', image: \"traefik:v2.11\"\nimage: `n8nio/n8n`, image: getImageSha('a')\n"
        f"image: 'grafana@{digest}', image: `loki:${{tag}}`, image: args.image }}\ninterface Args {{ image: string }}\n"
        f"image: 'vault:1.10.0@{digest}', image: pulumi.Input<string>\n"
    )
    docker = tmp_path / "docker"
    docker.write_text(
        '#!/bin/sh\ncase "$*" in\nversion*) echo 29;;\n"service ls"*) echo vault:1.10.0; echo a/core:main;;\n'
        '"image inspect vault:1.10.0") ;;\n"manifest inspect traefik:v2.11") ;;\n'
        '*) echo "no such manifest: $3" >&2; exit 1;;\nesac\n'
    )
    docker.chmod(0o755)
    asked = probe("images", directories=[str(tmp_path)])
    (command,) = PROBES[asked.kind].commands(asked)  # type: ignore[misc]
    env = {"PATH": f"{tmp_path}:/usr/bin:/bin", "HOME": str(tmp_path)}
    done = subprocess.run(["sh", "-s"], input=command.script, capture_output=True, text=True, check=True, env=env)
    found = value("images", done.stdout, directories=[str(tmp_path)])
    assert found["images"] == {
        "a/core:main": "missing",
        f"grafana@{digest}": "missing",
        "n8nio/n8n": "missing",
        "traefik:v2.11": "pullable",
        "vault:1.10.0": "present",
    }
    assert found["unread"] == 3
    assert found["login"] is False
