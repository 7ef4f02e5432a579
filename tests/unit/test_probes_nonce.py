"""Who answers at a port: the droplet proves itself by a word, against real sockets of this machine."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from sprocket_tui.checks.measure import Measurement, Target, measure
from sprocket_tui.checks.observation import Observation
from sprocket_tui.checks.probes import nonce
from sprocket_tui.checks.probes.base import Droplet
from sprocket_tui.guide.model import ProbeWords
from sprocket_tui.target.link import Completed, Identity, Link
from sprocket_tui.target.local import LocalLink
from tests.lab.sshd import free_port, wait_until
from tests.unit import hostile
from tests.unit.checks_kit import probe
from tests.unit.fakes import FakeLink


@pytest.fixture
def port() -> int:
    """A port of this machine that nobody holds."""
    return free_port()


def asked(port: int, **fields: Any) -> ProbeWords:
    return probe("port", **{"host": "127.0.0.1", "port": str(port), "nonce": True, "timeout": 4, **fields})


def measured(words: ProbeWords, link: Link | None) -> Observation:
    wanted = Measurement(words, "here")
    return measure([wanted], target=Target(link), secrets={}, deadline=20)[wanted.key]


def value(observation: Observation) -> dict[str, Any]:
    assert isinstance(observation.value, dict), observation.reason
    return observation.value


class Another(FakeLink):
    """A droplet that is not what the name leads to: what it listens on is another port than the one we connect to."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self._port, self._elsewhere = port, free_port()

    def follow(self, script: str, on_output: Callable[[bytes], None], *, silence: float) -> Completed:
        moved = script.replace(f"port={self._port} ", f"port={self._elsewhere} ")
        moved = moved.replace(f":{self._port:04X} ", f":{self._elsewhere:04X} ")

        def free(piece: bytes) -> None:
            # On the droplet nobody holds the port; both numbers have five digits, since the system chose them.
            on_output(piece.replace(b":%d " % self._port, b":%d " % self._elsewhere))

        return super().follow(moved, free, silence=silence)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_the_droplet_itself_answers(host: str, port: int) -> None:
    observation = measured(asked(port, host=host), LocalLink())
    assert value(observation) == {"state": "droplet", "listened": True, "holder": "", "said": ""}
    assert observation.seen == f"{host} port {port} is answered by the droplet itself"


def only(tools: list[str], directory: Path) -> str:
    """A PATH with what every machine has, and of what can listen these tools alone."""
    for tool in ["sh", "timeout", "head", "mktemp", "rm", "wc", "cat", "grep", "sleep", "id", "echo", *tools]:
        found = sys.executable if tool == "python3" else shutil.which(tool)
        assert found, tool
        (directory / tool).symlink_to(found)
    return str(directory)


@pytest.mark.parametrize("tool", ["python3", "perl", "socat", "busybox"])
def test_each_tool_listens(tool: str, port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which(tool) is None:
        pytest.skip(f"no {tool} here")
    monkeypatch.setenv("PATH", only([tool], tmp_path))
    assert value(measured(asked(port), LocalLink()))["state"] == "droplet"


def test_a_droplet_without_a_tool_to_listen_with_says_so(
    port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", only([], tmp_path))
    observation = measured(asked(port), LocalLink())
    assert observation.reason == (
        "nothing to listen with on the droplet: python3, perl, socat and busybox are all missing"
    )


@pytest.mark.parametrize(
    ("manner", "said", "seen"),
    [
        ("denies permission", "Permission denied.", "is answered by somebody else: Permission denied."),
        ("says garbage", "", "is answered by somebody else, who says nothing"),
        ("closes at once", "", "is answered by somebody else, who says nothing"),
        ("says nothing", "", "is answered by somebody else, who says nothing"),
        ("sends 10 MB", "x" * 119 + "…", "is answered by somebody else: " + "x" * 119 + "…"),
    ],
)
def test_somebody_else_is_recognised_and_shown_without_control_characters(manner: str, said: str, seen: str) -> None:
    with hostile.hostile(manner) as taken:
        observation = measured(asked(taken), Another(taken))
    assert value(observation)["state"] == "other"
    assert not any(ord(character) < 32 for character in observation.seen)
    if manner != "says garbage":
        assert (value(observation)["said"], observation.seen) == (said, f"127.0.0.1 port {taken} {seen}")


def test_a_refusal_while_the_droplet_listens_is_told_from_a_port_that_nobody_listens_on() -> None:
    with hostile.hostile(hostile.REFUSES) as closed:
        observation = measured(asked(closed), Another(closed))
    assert value(observation) == {"state": "refused", "listened": True, "holder": "", "said": ""}
    assert observation.seen == f"127.0.0.1 port {closed} refuses connections, though the droplet listens there"


def test_a_port_from_which_nothing_comes_back_is_filtered() -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(3)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(full.getsockname())
        number = full.getsockname()[1]
        observation = measured(asked(number, timeout=2), Another(number))
        for each in waiting:
            each.close()
    assert value(observation)["state"] == "filtered"
    assert observation.seen.endswith("does not answer (filtered or dropped)")


def test_where_somebody_holds_the_port_nothing_is_started_and_the_holder_is_named() -> None:
    with hostile.hostile("says nothing") as held:
        link = FakeLink()
        observation = measured(asked(held), link)
    found = value(observation)
    assert (found["state"], found["listened"]) == ("open", False)
    assert re.search(r"is open; on the droplet .+ \(pid \d+\) holds it$", observation.seen)
    assert found["holder"] in observation.seen


def holds(monkeypatch: pytest.MonkeyPatch, holder: str) -> None:
    """Has the droplet say that `holder` holds the port."""

    def said(droplet: Droplet, port: int) -> str:
        return holder

    monkeypatch.setattr(nonce, "_holder", said)


def test_a_port_that_is_held_for_the_droplet_alone_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    holds(monkeypatch, "service traefik-0a1b2c3")
    with hostile.hostile(hostile.REFUSES) as closed:
        observation = measured(asked(closed), LocalLink())
    assert value(observation)["holder"] == "service traefik-0a1b2c3"
    assert observation.seen.endswith("refuses connections, though service traefik-0a1b2c3 holds it on the droplet")


def test_a_stranger_who_took_the_one_answer_makes_it_unknown(port: int) -> None:
    class Popular(FakeLink):
        def follow(self, script: str, on_output: Callable[[bytes], None], *, silence: float) -> Completed:
            def after_a_stranger(piece: bytes) -> None:
                if b" listens" in piece:
                    with socket.create_connection(("127.0.0.1", port)) as stranger:
                        assert stranger.recv(100).startswith(b"sprocket-")
                        wait_until(lambda: not stranger.recv(1), "the listener to leave")
                on_output(piece)

            return super().follow(script, after_a_stranger, silence=silence)

    assert measured(asked(port), Popular()).reason == (
        "somebody else connected first and took the one answer; check again"
    )


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("PermissionError: [Errno 13] Permission denied", "root may not listen on port 80 of the droplet"),
        ("OSError: [Errno 98] Address already in use", "somebody took port 80 of the droplet at that moment"),
        ("socat: unknown option", "the listener on the droplet did not start: socat: unknown option"),
        ("", "the listener on the droplet did not start: it said nothing"),
    ],
)
def test_a_listener_that_does_not_start_is_unknown_with_its_words(
    said: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Refusing(FakeLink):
        def follow(self, script: str, on_output: Callable[[bytes], None], *, silence: float) -> Completed:
            mark = re.search(r'echo (\S+) "ended', script)
            if not mark:
                return super().follow(script, on_output, silence=silence)
            on_output(f"Traceback:\n{said}\n{mark[1]} ended 1\n".encode() if said else f"{mark[1]} ended 1\n".encode())
            return Completed(0, b"", b"")

    holds(monkeypatch, "")
    assert measured(asked(80), Refusing()).reason.startswith(reason)


def test_without_a_connection_nobody_can_tell_who_answers(port: int) -> None:
    observation = measured(asked(port), None)
    assert observation.reason == "there is no connection to the target"
    assert observation.to_do.startswith("Restore the connection")


def test_a_connection_that_is_lost_is_the_reason(port: int) -> None:
    assert measured(asked(port), FakeLink(lost=True)).reason == "connection lost: the other side went away"


def test_nothing_is_started_on_a_droplet_for_practice(port: int) -> None:
    class Practice(FakeLink):
        @property
        def identity(self) -> Identity:
            return Identity("ssh://root@droplet:22", "root", "droplet", 22, greeting="PRACTICE droplet")

    link = Practice(lost=True)
    assert value(measured(asked(port), link)) == {"state": "refused", "listened": False, "holder": "", "said": ""}


def test_nothing_listens_while_the_other_checks_of_the_droplet_are_measured(port: int) -> None:
    looks = f"sleep 1; cat /proc/net/tcp /proc/net/tcp6 | grep -c ':{port:04X} [0-9A-F]*:0000 0A'"
    others = Measurement(probe("command", argv=["sh", "-c", looks]), "droplet")
    ours = Measurement(asked(port), "here")
    found = measure([ours, others], target=Target(LocalLink()), secrets={}, deadline=20)
    assert value(found[others.key])["out"] == "0"
    assert value(found[ours.key])["state"] == "droplet"


def test_one_script_at_a_time_runs_on_the_droplet() -> None:
    class Busy(FakeLink):
        busy = threading.Lock()

        def run(self, script: str, *, deadline: float, limit: int = 8 << 20) -> Completed:
            assert self.busy.acquire(blocking=False)
            with closing_lock(self.busy):
                return super().run(script, deadline=deadline, limit=limit)

        def follow(self, script: str, on_output: Callable[[bytes], None], *, silence: float) -> Completed:
            assert self.busy.acquire(blocking=False)
            with closing_lock(self.busy):
                return super().follow(script, on_output, silence=silence)

    wanted = [Measurement(asked(free_port()), "here") for _ in range(3)]
    found = measure(wanted, target=Target(Busy()), secrets={}, deadline=20)
    assert [value(found[each.key])["state"] for each in wanted] == ["droplet"] * 3


def test_two_ports_are_asked_about_in_the_same_two_channels() -> None:
    link = FakeLink()
    wanted = [Measurement(asked(free_port()), "here") for _ in range(2)]
    others = Measurement(probe("command", argv=["sleep", "0.5"]), "droplet")
    found = measure([*wanted, others], target=Target(link), secrets={}, deadline=20)
    assert [value(found[each.key])["state"] for each in wanted] == ["droplet"] * 2
    # Who holds the ports is asked with the rest, once for both; then come the listeners.
    assert len(link.scripts) == 2
    assert link.scripts[0].count("ss -Hltnp") == 1


@contextmanager
def closing_lock(held: threading.Lock) -> Generator[None, None, None]:
    try:
        yield
    finally:
        held.release()


def test_the_listener_ends_by_itself_when_the_shell_that_started_it_is_killed(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripts: list[str] = []

    class Cut(FakeLink):
        def follow(self, script: str, on_output: Callable[[bytes], None], *, silence: float) -> Completed:
            if " listens" not in script:
                return super().follow(script, on_output, silence=silence)
            scripts.append(script)
            return Completed(0, b"", b"")

    holds(monkeypatch, "")
    # Python may need a second or two to start on a busy machine, and the listener lives no longer than this.
    measured(asked(port, timeout=5), Cut())
    shell = subprocess.Popen(["sh", "-s"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
    with shell:
        assert shell.stdin and shell.stdout
        shell.stdin.write(scripts[0].encode())
        shell.stdin.close()
        assert shell.stdout.readline().endswith(b" listens\n")
        shell.kill()
    wait_until(lambda: _free(port), "the listener to end")


def _free(port: int) -> bool:
    with socket.socket() as trial:
        return trial.connect_ex(("127.0.0.1", port)) != 0


def test_holder_and_nonce_are_two_questions() -> None:
    with pytest.raises(ValidationError, match="two questions"):
        probe("port", port="80", holder=True, nonce=True)


def test_a_nonce_is_asked_for_from_here_alone() -> None:
    wanted = Measurement(asked(80), "droplet")
    observation = measure([wanted], target=Target(LocalLink()), secrets={}, deadline=5)[wanted.key]
    assert observation.reason == "a nonce of the droplet is only asked for from here"
