"""The dry run: what it measures beside what it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from sprocket_tui.checks.observation import State, Verdict
from sprocket_tui.engine.dry_run import dry_run
from sprocket_tui.guide.loader import load_guide
from sprocket_tui.guide.model import Check, Checklist, Guide, Var
from tests.unit.checks_kit import check, fails, probe, says
from tests.unit.fakes import FakeLink

SHAPE = Var(name="shape", title="Shape", measured_by="b.shape", measured="value.out")


def dry(asked: Sequence[str], *checks: Check, sudo: bool = False) -> dict[str, Verdict]:
    checklist = Checklist(id="all", title="All", why="it matters", pause_point="Now.", checks=checks)
    guide = Guide(
        name="test",
        version="1",
        digest="",
        origin="test",
        vars=(SHAPE,),
        screens=(),
        checklists=(checklist,),
        hints=load_guide().hints,
    )
    wanted = [check for check in checks if check.id in asked]
    made = dry_run(guide, wanted, lambda: FakeLink(user="deploy"), {}, {}, path=(), sudo=sudo)
    return {each.id: each for each in made}


def test_the_check_that_measures_a_variable_is_measured_although_it_was_not_asked_for() -> None:
    only = says("a.only", "x", when={"eq": ["shape", "vault"]})
    found = dry(["a.only"], only, says("b.shape", "vault", needs=["b.base"]), says("b.base", "x"))
    assert {id_: verdict.state for id_, verdict in found.items()} == {"a.only": State.PASS}


def test_a_text_alone_makes_it_measured_too() -> None:
    told = says("a.told", "x", expected="as ${shape} has it")
    assert dry(["a.told"], told, says("b.shape", "vault"))["a.told"].expected == "as vault has it"


def test_what_it_needs_is_measured_with_it() -> None:
    only = says("a.only", "x", when={"eq": ["shape", "vault"]})
    found = dry(["a.only"], only, says("b.shape", "vault", needs=["b.base"]), fails("b.base"))
    assert found["a.only"].state is State.UNKNOWN


def complains(text: str) -> Check:
    asked = probe("command", argv=["sh", "-c", 'printf "%s\\n" "$1" >&2; exit 1', "sh", text])
    return check("a.a", asked, [{"when": {"eq": ["value.status", 0]}, "state": "pass"}])


DOCKER = (
    "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: "
    'Get "http://%2Fvar%2Frun%2Fdocker.sock/v1.45/version": dial unix /var/run/docker.sock: connect: permission denied'
)


@pytest.mark.parametrize(
    ("said", "title"),
    [
        (DOCKER, "No permission on the Docker socket: "),
        ("grep: /root/sprocket-infra/layer_1/Pulumi.yaml: Permission denied", "The login lacks the permission: "),
    ],
)
def test_a_login_without_the_permission_is_told_so_and_what_to_use(said: str, title: str) -> None:
    verdict = dry(["a.a"], complains(said))["a.a"]
    assert verdict.state is State.UNKNOWN
    assert verdict.observed.startswith(f"{title}status 1: {said[:20]}")
    assert verdict.observed.endswith(("…", "denied"))
    assert verdict.remedy
    assert "Use root, or set sudo to yes in the profile." in verdict.remedy.text


def test_a_sudo_that_wants_a_password_is_told_with_every_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sudo = tmp_path / "sudo"
    sudo.write_text("#!/bin/sh\ncat >/dev/null\necho 'sudo: a password is required' >&2\nexit 1\n", encoding="utf-8")
    sudo.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    verdict = dry(["a.a"], says("a.a", "x"), sudo=True)["a.a"]
    assert verdict.observed.startswith("sudo wants a password: ")
    assert verdict.remedy
    assert all(way in verdict.remedy.text for way in ("root", "NOPASSWD", "walk"))


def test_what_fits_no_hint_stays_as_it_was_seen() -> None:
    assert dry(["a.a"], complains("purple"))["a.a"].observed == "no rule fits: status 1: purple"


def test_a_remedy_for_a_login_with_sudo_goes_through_it_and_keeps_the_logins_home() -> None:
    remedy = {"text": "Let it in.", "command": ["ufw", "allow", "80/tcp"], "changes": "it is let in"}
    failing = fails("a.a", remedy=remedy)
    as_sudo, as_root = (dry(["a.a"], failing, sudo=each)["a.a"].remedy for each in (True, False))
    assert as_sudo and as_root
    assert as_sudo.line == 'sudo env HOME="$HOME" ufw allow 80/tcp'
    assert as_root.line == "ufw allow 80/tcp"
    assert as_sudo.command == as_root.command


def test_what_is_to_be_done_here_needs_no_sudo_there() -> None:
    remedy = {"text": "Look.", "command": ["dig", "a.example"], "where": "here", "reads": True}
    told = dry(["a.a"], fails("a.a", remedy=remedy), sudo=True)["a.a"].remedy
    assert told and told.line == "dig a.example"
