"""How a run that goes on is reached: by its profile as it is now, as long as it is the same deployment."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import pytest
import yaml

from sprocket_tui.commands import targets
from sprocket_tui.commands.targets import Goal
from sprocket_tui.errors import SprocketError
from sprocket_tui.journal.events import RunStarted
from sprocket_tui.settings import Profile

BEGUN = {"environment": "staging", "host": "10.0.0.1", "domain": "old.example", "sudo": "no", "http_port": 80}


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setattr(targets, "connector", lambda where, config: None)
    path = tmp_path / "sprocket-tui" / "profiles.yaml"
    path.parent.mkdir()
    return path


def resumed(config: Path, now: dict[str, Any] | None, began_on: str = "", **options: str) -> Goal:
    """The goal of a run begun with BEGUN, once the profile `staging` has come to be `now`."""
    config.write_text(yaml.safe_dump({"staging": now} if now else {}), encoding="utf-8")
    begun = Profile.model_validate(BEGUN)
    started = RunStarted(
        run="r1",
        target=began_on or begun.target(),
        profile="staging",
        who="a@b",
        guide="g",
        version="1",
        digest="",
        profile_values=begun.values(),
        practice=False,
    )
    given = argparse.Namespace(**{"target": "", "profile": "", "ssh_config": "", **options})
    return targets.resumed(given, started)


def test_a_changed_way_to_the_droplet_is_taken_and_said(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    goal = resumed(config, {**BEGUN, "host": "10.0.0.2", "port": 2222, "sudo": "yes", "path": ["/opt/bin"]})
    assert (goal.url, goal.profile.sudo, goal.profile.path) == ("ssh://10.0.0.2:2222", "yes", ("/opt/bin",))
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("Profile staging has changed: host 10.0.0.1 is now 10.0.0.2, port (none) is now 2222, ")


@pytest.mark.parametrize("field", ["domain", "environment"])
def test_another_deployment_is_refused(config: Path, field: str) -> None:
    other = {"domain": "new.example", "environment": "production"}[field]
    with pytest.raises(SprocketError) as refused:
        resumed(config, {**BEGUN, field: other})
    assert f"{field} {other} (the run began with {BEGUN[field]})" in refused.value.message
    assert "run --profile staging" in refused.value.remedy


def test_another_deployment_is_refused_when_its_profile_is_named_too(config: Path) -> None:
    with pytest.raises(SprocketError, match=r"domain new\.example"):
        resumed(config, {**BEGUN, "domain": "new.example"}, profile="staging")


def test_what_the_run_keeps_of_its_beginning_is_said(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    resumed(config, {**BEGUN, "http_port": 8080})
    assert "The run keeps the http_port that it began with." in capsys.readouterr().err


@pytest.mark.parametrize("now", [BEGUN, None])
def test_an_unchanged_profile_and_one_that_is_gone_say_nothing(
    config: Path, now: dict[str, Any] | None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert resumed(config, now).url == "ssh://10.0.0.1"
    assert capsys.readouterr().err == ""


def test_a_target_that_is_named_takes_the_run_s_own_copy(config: Path) -> None:
    goal = resumed(config, {**BEGUN, "domain": "new.example"}, target="local")
    assert (goal.url, goal.profile.domain) == ("local", "old.example")


def test_a_target_named_when_the_run_began_holds(config: Path) -> None:
    assert resumed(config, {**BEGUN, "host": "10.0.0.9"}, "ssh://elsewhere").url == "ssh://elsewhere"
