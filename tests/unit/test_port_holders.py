"""What is to be done about who holds a port that Traefik needs."""

from __future__ import annotations

import pytest

from sprocket_tui.checks.judge import judge
from sprocket_tui.checks.observation import State, Verdict
from sprocket_tui.guide.loader import load_guide
from tests.unit.checks_kit import answered, probe

CHECK = load_guide().checks()["ports.https"]
HELD = 'LISTEN 0 128 0.0.0.0:443 0.0.0.0:* users:(("{}",pid={},fd=3))\n'


def held_by(process: str, pid: int) -> Verdict:
    table = f"ss 0\n{HELD.format(process, pid)}"
    return judge(CHECK, answered(probe("port", port="443", holder=True), table, ""), {"https_port": 443})


@pytest.mark.parametrize(
    ("process", "pid", "why", "program"),
    [
        ("sshd", 366, "locked out", "sh"),
        ("dropbear", 366, "locked out", "sh"),
        ("systemd", 1, "starts when somebody comes", "systemctl"),
        ("init", 1, "starts when somebody comes", "systemctl"),
        ("dockerd", 400, "ending Docker would end all of them", "sh"),
        ("docker-proxy", 401, "ending Docker would end all of them", "sh"),
    ],
)
def test_what_must_not_be_ended_is_only_to_be_looked_at(process: str, pid: int, why: str, program: str) -> None:
    verdict = held_by(process, pid)
    assert (verdict.state, why in verdict.why) == (State.FAIL, True)
    assert verdict.remedy
    assert (verdict.remedy.command[0], verdict.remedy.reads, "kill" in str(verdict.remedy.command)) == (
        program,
        True,
        False,
    )


def test_any_other_program_that_holds_a_port_is_to_be_ended() -> None:
    verdict = held_by("socat", 7)
    assert verdict.remedy and verdict.remedy.command == ("kill", "7")
