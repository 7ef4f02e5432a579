"""A fault that the walk itself gets out of the way, with the remedy that its check names."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.practice.rehearsing import Person

pytestmark = pytest.mark.timeout(900)


def test_a_port_that_nginx_holds_is_freed_from_the_walk_which_goes_on_to_its_end(tmp_path: Path) -> None:
    person = Person(tmp_path)
    answers = yaml.safe_load(person.answers.read_text())
    answers["network"] = {"network.ports": {"failed": "remedy", "which": "ports.http", "remedy": True}}
    person.answers.write_text(yaml.safe_dump(answers))
    walked = person.walk("--fault", "port-taken")
    assert walked.complete, walked.out + walked.err
    ran = [each for each in person.events("attempt.intended") if each["stage"] == "remedy"]
    assert [(each["step"], each["argv"]) for each in ran] == [
        ("network.ports", ["systemctl", "disable", "--now", "nginx"])
    ]
    assert person.judged("ports.http")["state"] == "pass"


def test_a_remedy_that_is_pulumis_finds_what_opens_the_stack(tmp_path: Path) -> None:
    person = Person(tmp_path)
    answers = yaml.safe_load(person.answers.read_text())
    answers["layer-1"]["layer-1.up"] = {**answers["layer-1"].get("layer-1.up", {}), "failed": "remedy", "remedy": True}
    person.answers.write_text(yaml.safe_dump(answers))
    walked = person.walk("--fault", "stack-locked")
    assert walked.complete, walked.out + walked.err
    ran = [each for each in person.events("attempt.intended") if each["stage"] == "remedy"]
    assert [(each["step"], each["argv"][-4:]) for each in ran] == [
        ("layer-1.up", ["cancel", "--yes", "--stack", "layer_1"])
    ]
