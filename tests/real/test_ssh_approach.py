"""A connection that begins while the program still loads: it goes as far as nobody is asked, and holds up no end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sprocket_tui.errors import Unreachable
from sprocket_tui.target.ssh.address import SshTarget
from sprocket_tui.target.ssh.approach import begin
from sprocket_tui.target.ssh.asking import Headless
from sprocket_tui.target.ssh.link import connect
from tests.lab.sshd import Sshd, wait_until
from tests.lab.wire import Wire

pytestmark = pytest.mark.lane("ssh")

AGREED = "SSH2_MSG_NEWKEYS received"
# How long a host is waited for that says nothing; an end that takes as long waits for it.
PATIENCE = 30


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with Sshd(tmp_path_factory.mktemp("approach")) as running:
        yield running


@pytest.fixture
def silent(tmp_path: Path) -> Iterator[tuple[socket.socket, Path]]:
    """A host that takes connections and says nothing, with the SSH configuration that leads to it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = tmp_path / "config"
        port = listener.getsockname()[1]
        config.write_text(f"Host silent\n HostName 127.0.0.1\n Port {port}\n ConnectTimeout {PATIENCE}\n")
        yield listener, config


@contextmanager
def checking(config: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """`check` of the silent host, as its users start it."""
    argv = [sys.executable, "-m", "sprocket_tui", "check", "--target", "ssh://silent", "--ssh-config", str(config)]
    env = {**os.environ, "HOME": str(config.parent)}
    process = subprocess.Popen([*argv, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env)
    with process:
        try:
            yield process
        finally:
            process.kill()


def test_keys_are_agreed_and_nobody_logs_in(tmp_path: Path) -> None:
    with Sshd(tmp_path) as server:
        approach = begin(SshTarget("lab", config=server.ssh_config()))
        wait_until(lambda: AGREED in server.log(), "the keys")
        assert "userauth-request" not in server.log()
        link = connect(SshTarget("lab", config=server.ssh_config()), Headless(), approach)
        assert link.run("echo hello", deadline=10).stdout == b"hello\n"
        link.close()
        assert server.connections() == 1


def test_what_was_agreed_takes_no_time_of_the_login(server: Sshd) -> None:
    with Wire((server.address, server.port), delay=0.1) as wire:
        target = SshTarget("slow", config=server.ssh_config("slow", port=wire.port))
        approach = begin(target)
        approach._way.agreed.result(20)
        before = wire.turns
        link = connect(target, Headless(), approach)
        # That somebody wants to log in, and the key.
        assert wire.turns - before == 2
        link.close()


def test_a_connection_that_nobody_takes_is_closed(tmp_path: Path) -> None:
    with Sshd(tmp_path) as server:
        approach = begin(SshTarget("lab", config=server.ssh_config()))
        wait_until(lambda: AGREED in server.log(), "the keys")
        del approach
        wait_until(lambda: "Connection closed by" in server.log(), "the end of the connection", PATIENCE)


def test_a_connection_that_nobody_takes_is_closed_also_before_its_end(silent: tuple[socket.socket, Path]) -> None:
    listener, config = silent
    approach = begin(SshTarget("silent", config=config))
    listener.settimeout(10)
    there, _ = listener.accept()
    with there:
        there.settimeout(5)
        assert there.recv(100).startswith(b"SSH-2.0-")
        del approach
        assert there.recv(100) == b""


def test_a_host_that_did_not_wait_for_the_login_is_called_again(tmp_path: Path) -> None:
    with Sshd(tmp_path, config={"LoginGraceTime": "1"}) as server:
        target = SshTarget("lab", config=server.ssh_config())
        approach = begin(target)
        _, wire = approach._way.agreed.result(20)
        wait_until(lambda: not wire.is_active(), "the host to lose its patience")
        link = connect(target, Headless(), approach)
        assert link.run("echo hello", deadline=10).stdout == b"hello\n"
        link.close()


def test_why_no_keys_were_agreed_is_said_to_whoever_connects(silent: tuple[socket.socket, Path]) -> None:
    listener, config = silent
    approach = begin(SshTarget("silent", config=config))
    listener.settimeout(10)
    listener.accept()[0].close()
    wait_until(approach._way.agreed.done, "the failure")
    with pytest.raises(Unreachable, match="closed the connection before the SSH greeting"):
        connect(SshTarget("silent", config=config), Headless(), approach)


@pytest.mark.parametrize("greeting", [b"", b"SSH-2.0-x\r\n"])
def test_a_mistake_in_the_guide_ends_the_program_although_the_host_is_silent(
    silent: tuple[socket.socket, Path], greeting: bytes
) -> None:
    listener, config = silent
    with checking(config, "--guide", "/nowhere") as process:
        listener.settimeout(20)
        there, _ = listener.accept()
        with there:
            there.sendall(greeting)
            # The handshake's own timer alone is 15 s.
            _, said = process.communicate(timeout=10)
    assert process.returncode == 2
    assert "/nowhere: there is no such guide directory" in said


@pytest.mark.parametrize(
    "options",
    [
        ("--only",),
        ("--format", "nonsense"),
        ("--output", "/nowhere/report"),
        ("--watch", "--format", "json"),
        ("--watch", "--waive", "node.memory"),
        ("--target", "ssh://silent"),
        ("--profile", "nobody"),
    ],
)
def test_a_mistake_in_the_options_is_said_before_anybody_is_called(
    silent: tuple[socket.socket, Path], options: tuple[str, ...]
) -> None:
    listener, config = silent
    with checking(config, *options) as process:
        process.communicate(timeout=PATIENCE / 2)
    assert process.returncode == 2
    listener.setblocking(False)
    with pytest.raises(BlockingIOError):
        listener.accept()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_keys_are_agreed_ends_it_with_a_report(
    silent: tuple[socket.socket, Path], number: signal.Signals
) -> None:
    listener, config = silent
    with checking(config, "--only", "node.memory") as process:
        listener.settimeout(20)
        there, _ = listener.accept()
        with there:
            there.recv(100)
            # The program, its way to the host, the connection, the measuring and what waits there for the connection.
            wait_until(lambda: len(os.listdir(f"/proc/{process.pid}/task")) >= 5, "all to be loaded")
            process.send_signal(number)
            out, said = process.communicate(timeout=PATIENCE / 2)
    assert process.returncode == 128 + number
    assert "interrupted; what was not measured by then is unknown" in said
    assert "node.memory" in out
