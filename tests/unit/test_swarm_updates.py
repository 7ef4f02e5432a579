"""What is said of an update that does not come to its end, and of a service that Swarm makes no task for."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.unit.test_probes_swarm import COMPLETE, after_update, all_services, judged, row, task, waiting

NOW = 1_800_000_000
NO_NODE = "no suitable node (scheduling constraints not satisfied on 1 node)"


def updating(name: str, tasks: list[Any], *, seconds: int = 60, **asked: Any) -> str:
    """A service whose update has been going on for so long."""
    began = datetime.fromtimestamp(NOW - seconds, UTC).isoformat().replace("+00:00", ".123456789Z")
    text = all_services(row(name, tasks, update={"State": "updating", "StartedAt": began}, **asked))
    return text.replace(COMPLETE, json.dumps({"complete": True, "now": NOW}))


def test_an_update_that_finds_no_node_fails_with_the_label_that_it_asks_for() -> None:
    verdict = judged(
        "running.services", updating("web", waiting("web", NO_NODE), constraints=["node.labels.vault==true"])
    )
    assert (verdict.state, verdict.remedy and verdict.remedy.command[-1]) == ("fail", "vault=true")
    assert verdict.observed.endswith(f"web is failing, 0 of 1 running: {NO_NODE}")


@pytest.mark.parametrize(
    "error", ["task: non-zero exit (3)", "task: non-zero exit (137): dockerexec: unhealthy container"]
)
def test_an_update_whose_tasks_end_again_and_again_fails_as_what_it_is(error: str) -> None:
    verdict = judged("running.services", updating("web", after_update("web", error, error)))
    assert (verdict.state, error in verdict.observed) == ("fail", True)
    assert "nothing of it has failed" not in verdict.why


def test_a_fresh_try_between_two_failures_is_no_running_service() -> None:
    tries = [task("web", "Running 1 second ago"), *after_update("web", "task: non-zero exit (1)", "x")[1:]]
    assert judged("running.services", updating("web", tries)).state == "fail"


def test_a_task_that_is_refused_fails_an_update_at_once() -> None:
    refused = task("web", "Rejected 2 seconds ago", '"No such image: a/b:c"', "Shutdown")
    text = updating("web", [*after_update("web"), refused], image="a/b:c")
    assert "The node has no a/b:c" in judged("running.services", text).why


@pytest.mark.parametrize(
    "before",
    [
        after_update(
            "web", "task: non-zero exit (1)"
        ),  # the task of before, which did not end well when it was told to
        after_update("web", "task: non-zero exit (1)") + [task("web", "Failed 3 weeks ago", '"x"', "Shutdown")] * 4,
        after_update("web"),
    ],
)
def test_an_update_under_way_only_warns(before: list[Any]) -> None:
    verdict = judged("running.services", updating("web", before))
    assert (verdict.state, "nothing of it has failed yet" in verdict.why) == ("warn", True)
    assert ("non-zero" in verdict.observed, "x" in verdict.observed) == (False, False)


def test_what_failed_before_an_update_began_is_not_of_the_update() -> None:
    loop = after_update("web", *["task: non-zero exit (1)"] * 4)
    assert judged("running.services", updating("web", loop, seconds=1)).state == "warn"


def test_an_update_that_fails_beside_what_still_runs_warns_of_the_failure() -> None:
    verdict = judged("running.services", updating("web", [task("web"), *after_update("web", "no", "no")]))
    assert (verdict.state, "what ran before still runs" in verdict.why) == ("warn", True)


def everywhere(*constraints: str) -> str:
    """A global service for which Swarm made no task."""
    documents_of_it = row("agent", [], constraints=[*constraints])
    documents_of_it[0] |= {"Mode": "global", "Replicas": "0/0"}
    documents_of_it[1]["Spec"]["Mode"] = {"Global": {}}
    return all_services(documents_of_it)


def test_a_service_on_every_node_that_fits_none_fails_though_swarm_says_nothing_of_it() -> None:
    verdict = judged("running.services", everywhere("node.labels.logs==yes"))
    assert (verdict.state, verdict.remedy and verdict.remedy.command[-1]) == ("fail", "logs=yes")
    assert "scheduling constraints not satisfied: node.labels.logs==yes" in verdict.observed
    drained = judged("running.services", everywhere())
    assert (drained.state, "drained or paused" in drained.why) == ("fail", True)
