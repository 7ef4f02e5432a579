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


def test_the_remedy_of_a_port_that_ufw_refuses_mends_it_in_a_rehearsal_too(tmp_path: Path) -> None:
    with Person(tmp_path).at_the_droplet() as served:
        port = served.report("firewall.web")["expected"].partition(" and ")[2].partition(",")[0]
        served.shell(f"ufw delete allow {port}/tcp")
        row = served.report("firewall.web")
        assert (row["state"], row["observed"]) == ("warn", f"ufw refuses these ports: {port}")
        mended = served.shell(row["remedy"]["command"])
        assert mended.returncode == 0, mended.stdout + mended.stderr
        assert served.report("firewall.web")["state"] == "pass"
        assert served.report("firewall.ssh")["state"] == "pass"
