from pathlib import Path

import pytest

from tests.walk.program import Program

ANSWERS = """
walk:
  walk.ask: {greeting: hello, token: {file: TOKEN}}
  walk.confirm: {confirm: yes}
  walk.directory: {gate: yes, repair: yes}
  walk.write: {gate: HOST}
"""
CANARY = "canary-4f9d1e77b2"


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """The program, the small guide and answers for all of its questions."""
    import socket

    home = tmp_path / "home"
    home.mkdir()
    token = tmp_path / "token"
    token.write_text(CANARY)
    token.chmod(0o600)
    answers = tmp_path / "answers.yaml"
    answers.write_text(ANSWERS.replace("TOKEN", str(token)).replace("HOST", socket.gethostname()))
    return Program(home, answers=answers)
