"""The state of a service, told from what a real Swarm printed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from sprocket_tui.checks.observation import Observation
from sprocket_tui.checks.probes.base import documents
from sprocket_tui.checks.probes.swarm_tasks import services
from sprocket_tui.target.batch import Answer
from tests.unit.checks_kit import answered, probe

RECORDINGS = Path(__file__).parent.parent / "recordings" / "swarm"


def recorded(name: str) -> str:
    return (RECORDINGS / f"{name}.out").read_text(encoding="utf-8")


def specification(row: dict[str, Any], update: Any = None) -> str:
    """What inspect says of the service of a recorded row."""
    wanted = re.match(r"\d+/(\d+)", row["Replicas"])
    assert wanted
    mode = {"Global": {}} if row["Mode"] == "global" else {"Replicated": {"Replicas": int(wanted[1])}}
    return json.dumps({"Spec": {"Name": row["Name"], "Mode": mode}, "UpdateStatus": update})


def seen(stage: str, name: str, *, tasks: str, update: Any = None) -> Observation:
    """The probe's observation of the recorded service `name`, its tasks from the recording `tasks`."""
    rows: list[Any] = documents(recorded(f"{stage}-service-ls-json"))
    row = next(each for each in rows if each["Name"] == name)
    answer = "\n".join([json.dumps(row), specification(row, update), recorded(tasks), '{"complete": true}'])
    return answered(probe("swarm-service", name=name), answer)


def state(name: str, update: Any = None) -> dict[str, Any]:
    observation = seen("states", f"s-{name}", tasks=f"state-{name}-ps-json", update=update)
    assert isinstance(observation.value, dict), observation.reason
    return observation.value


@pytest.mark.parametrize(
    ("name", "word", "running", "failures", "error"),
    [
        ("healthy", "converged", 1, 0, ""),
        ("oom", "converged", 1, 0, ""),
        ("complete", "complete", 0, 0, ""),
        ("constraint", "failing", 0, 0, "no suitable node (scheduling constraints not satisfied on 1 node)"),
        ("memory", "failing", 0, 0, "no suitable node (insufficient resources on 1 node)"),
        ("gave-up", "failing", 0, 3, "task: non-zero exit (3)"),
        ("global", "failing", 0, 4, "task: non-zero exit (1)"),
        ("image-missing", "failing", 0, 5, "No such image: asaxplayinghorse/core:nope"),
        ("partial", "failing", 2, 0, "no suitable node (max replicas per node limit exceed)"),
        ("port-taken-by-service", "failing", 0, 0, "no suitable node (host-mode port already in use on 1 node)"),
        ("restart-loop", "failing", 1, 4, "task: non-zero exit (1)"),
        ("unhealthy", "failing", 0, 0, ""),
    ],
)
def test_every_recorded_state_has_its_word(name: str, word: str, running: int, failures: int, error: str) -> None:
    value = state(name)
    assert (value["state"], value["running"], value["failures"], value["error"]) == (word, running, failures, error)


@pytest.mark.parametrize(
    ("stage", "name", "word"),
    [
        ("layer_1-healthy", "vault", "converged"),
        ("layer_1-healthy", "traefik-socket-sock-proxy", "converged"),
        ("layer_1-port-80-taken", "traefik-fb9a472", "failing"),
        ("layer_1-vault-bind-missing", "vault", "failing"),
        ("layer_1-vault-no-bucket", "vault", "converged"),
        ("layer_2-after-up", "influx", "failing"),
        ("layer_2-after-up", "loki", "failing"),
        ("layer_2-global-failing", "fluent-service-e376b3f", "failing"),
        ("layer_2-volume-path-missing", "influx", "failing"),
        ("layer_2-volume-path-missing", "loki", "failing"),
        ("platform-healthy", "prod-datastores-rmq-service-9f3b4e6", "converged"),
        ("platform-healthy", "prod-sprocket-core-service-c36351a", "converged"),
        ("platform-rmq", "prod-datastores-rmq-service-9f3b4e6", "converged"),
    ],
)
def test_every_stage_of_the_deployment_is_read(stage: str, name: str, word: str) -> None:
    observation = seen(stage, name, tasks=f"{stage}-ps-{name}-json")
    assert isinstance(observation.value, dict)
    assert observation.value["state"] == word
    assert name in observation.seen


def test_the_error_of_the_last_failed_task_is_whole_while_the_newest_task_has_none() -> None:
    value = state("no-command")
    assert value["error"].startswith("starting container failed: failed to create shim task")
    assert value["error"].endswith('exec: "/bin/absent": stat /bin/absent: no such file or directory: unknown')


def test_a_port_held_by_a_process_is_named_in_the_error() -> None:
    assert state("port-taken-by-process")["error"].endswith("listen tcp4 0.0.0.0:18090: bind: address already in use")


def test_a_rolled_back_update_has_not_converged_although_all_replicas_run() -> None:
    value = state("rollback", json.loads(recorded("state-rollback-inspect-status")))
    assert (value["state"], value["running"], value["desired"]) == ("rolled-back", 1, 1)
    assert value["update"] == "rollback_completed"
    assert value["error"] == "task: non-zero exit (1)"


def test_a_paused_update_waits_for_a_person() -> None:
    assert state("update-paused", json.loads(recorded("state-update-paused-inspect-status")))["state"] == "paused"


def test_a_program_that_ends_by_itself_without_an_error_is_told_so() -> None:
    observation = seen("states", "s-unhealthy", tasks="state-unhealthy-ps-json")
    assert "health check fails" in observation.seen


def test_replicas_with_a_note_and_a_global_service_that_reads_zero_of_zero_are_counted() -> None:
    assert state("partial")["desired"] == 3
    row = '{"Name":"s-global","Mode":"global","Replicas":"0/0"}'
    spec = '{"Spec":{"Name":"s-global","Mode":{"Global":{}}}}'
    answer = "\n".join([row, spec, recorded("state-global-ps-json"), '{"complete": true}'])
    value = answered(probe("swarm-service", name="s-global"), answer).value
    assert isinstance(value, dict)
    assert (value["desired"], value["state"]) == (1, "failing")


def test_a_real_specification_is_read() -> None:
    (document,) = json.loads(recorded("service-inspect-vault"))
    tasks: list[Any] = documents(recorded("layer_1-healthy-ps-vault-json"))
    (vault,) = services([document, *tasks])
    assert (vault.name, vault.mode, vault.desired, vault.running) == ("vault", "replicated", 1, 1)
    assert (vault.state, vault.update, vault.error) == ("converged", "completed", "")


def test_two_services_of_one_prefix_are_counted_and_the_worst_decides() -> None:
    good, bad = "redis-0a1b2c3", "redis-4d5e6f7"
    rows = [{"Name": name, "Mode": "replicated", "Replicas": "1/1"} for name in (good, bad)]
    tasks = [
        {"Name": f"{good}.1", "DesiredState": "Running", "CurrentState": "Running 3 hours ago", "Error": ""},
        {"Name": f"{bad}.1", "DesiredState": "Running", "CurrentState": "Pending 2 hours ago", "Error": '"no node"'},
    ]
    lines = [json.dumps(each) for each in (*rows, *tasks, {"complete": True})]
    observation = answered(probe("swarm-service", prefix="redis"), "\n".join([*map(specification, rows), *lines]))
    assert isinstance(observation.value, dict)
    assert (observation.value["count"], observation.value["name"]) == (2, bad)
    assert (observation.value["state"], observation.value["desired"], observation.value["running"]) == ("failing", 2, 1)


def test_a_service_scaled_to_none_is_stopped_not_converged() -> None:
    row = {"Name": "vault", "Mode": "replicated", "Replicas": "0/0"}
    value = answered(probe("swarm-service", name="vault"), f'{specification(row)}\n{{"complete": true}}').value
    assert isinstance(value, dict)
    assert value["state"] == "stopped"


def test_an_absent_service_is_an_observation() -> None:
    observation = answered(probe("swarm-service", name="vault"), '{"complete": true}')
    assert isinstance(observation.value, dict)
    assert (observation.value["state"], observation.value["count"]) == ("absent", 0)


def test_without_a_daemon_nothing_is_said_about_the_service() -> None:
    said = (RECORDINGS / "no-daemon-service-ls.err").read_bytes()
    observation = answered(probe("swarm-service", name="vault"), Answer(1, b"", said))
    assert not observation.measured
    assert observation.reason.startswith("Cannot connect to the Docker daemon")


def test_a_service_that_went_away_while_it_was_asked_about_is_not_judged() -> None:
    said = (RECORDINGS / "ps-absent-service.err").read_bytes()
    assert answered(probe("swarm-service", name="s-nope"), Answer(1, b"", said)).reason == "no such service: s-nope"


def test_every_recording_of_tasks_holds_only_known_states() -> None:
    known = {"Running", "Shutdown", "Failed", "Rejected", "Complete", "Pending", "Ready", "Starting", "Assigned"}
    recordings = sorted(RECORDINGS.glob("*-ps*-json.out"))
    assert len(recordings) > 25
    for path in recordings:
        tasks: list[Any] = documents(path.read_text(encoding="utf-8"))
        assert {task["CurrentState"].split()[0] for task in tasks} <= known, path.name
