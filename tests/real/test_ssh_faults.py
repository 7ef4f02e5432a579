"""A connection that breaks: closed, reset, cut at any byte, frozen and thawed, silent. Each is told from the others."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from sprocket_tui.errors import LinkLost, SprocketError, Unreachable
from sprocket_tui.target.ssh.address import SshTarget
from sprocket_tui.target.ssh.asking import Headless
from sprocket_tui.target.ssh.link import SshLink, connect
from tests.lab import droplet as droplet_lab
from tests.lab.droplet import Droplet
from tests.lab.sshd import Sshd, wait_until
from tests.lab.wire import Wire

pytestmark = pytest.mark.lane("ssh")

TICKS = "i=0; while [ $i -lt {} ]; do i=$((i+1)); echo $i; sleep 0.05; done"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with Sshd(tmp_path_factory.mktemp("faults")) as running:
        yield running


@pytest.fixture
def wire(server: Sshd) -> Iterator[Wire]:
    with Wire(("127.0.0.1", server.port)) as running:
        yield running


def through(server: Sshd, wire: Wire, name: str = "wired") -> SshLink:
    return connect(SshTarget(name, config=server.ssh_config(name, port=wire.port)), Headless())


def test_a_killed_session_is_a_closed_connection(server: Sshd) -> None:
    link = connect(SshTarget("lab", config=server.ssh_config()), Headless())
    with pytest.raises(LinkLost, match="closed the connection"):
        link.follow("echo on; sleep 300", lambda _: server.kill_sessions(), silence=60)
    with pytest.raises(LinkLost, match="closed the connection"):
        link.run("true", deadline=5)
    assert not link.alive
    link.close()


def test_a_reset_is_a_closed_connection(server: Sshd, wire: Wire) -> None:
    link = through(server, wire)
    with pytest.raises(LinkLost, match="closed the connection"):
        link.follow("echo on; sleep 300", lambda _: wire.cut(), silence=60)
    link.close()


def test_a_restarted_server_takes_a_new_link(tmp_path: Path) -> None:
    with Sshd(tmp_path) as server:
        target = SshTarget("lab", config=server.ssh_config())
        link = connect(target, Headless())
        link.run("echo kept > file", deadline=10)
        server.restart()
        with pytest.raises(LinkLost):
            link.run("true", deadline=10)
        link.close()
        link = connect(target, Headless())
        assert link.run("cat file", deadline=10).stdout == b"kept\n"
        link.close()


def test_a_frozen_network_that_thaws_in_time_loses_nothing(server: Sshd, wire: Wire) -> None:
    link = through(server, wire)
    taken: list[bytes] = []
    froze = threading.Event()

    def take(piece: bytes) -> None:
        taken.append(piece)
        if not froze.is_set():
            froze.set()
            wire.freeze()
            threading.Timer(2, wire.thaw).start()

    done = link.follow(TICKS.format(30), take, silence=20)
    link.close()
    assert done.status == 0
    assert b"".join(taken).split() == [str(number).encode() for number in range(1, 31)]


def test_a_frozen_host_that_thaws_in_time_loses_nothing(tmp_path: Path) -> None:
    with Sshd(tmp_path) as server:
        link = connect(SshTarget("lab", config=server.ssh_config()), Headless())
        taken: list[bytes] = []

        def take(piece: bytes) -> None:
            if not taken:
                server.freeze()
                threading.Timer(2, server.thaw).start()
            taken.append(piece)

        done = link.follow(TICKS.format(30), take, silence=20)
        link.close()
    assert done.status == 0
    assert b"".join(taken).split() == [str(number).encode() for number in range(1, 31)]


def test_a_freeze_longer_than_the_silence_allowed_is_no_answer(server: Sshd, wire: Wire) -> None:
    link = through(server, wire)
    with pytest.raises(LinkLost, match=r"no answer from .* for 1 s"):
        link.follow(TICKS.format(2000), lambda _: wire.freeze(), silence=1)
    link.close()


def test_a_frozen_host_cannot_hold_up_a_deadline_or_a_close(server: Sshd, wire: Wire) -> None:
    link = through(server, wire)
    link.run("true", deadline=10)
    wire.freeze()
    large = "# padding\n" * 2_000_000
    with pytest.raises(LinkLost, match="no answer"):
        link.run(large, deadline=1)
    closer = threading.Thread(target=link.close)
    closer.start()
    closer.join(2)
    assert not closer.is_alive()


def test_a_host_that_freezes_before_the_login_is_unreachable(server: Sshd, wire: Wire) -> None:
    wire.freeze()
    config = server.ssh_config("frozen", port=wire.port, extra="ConnectTimeout 1")
    with pytest.raises(Unreachable, match="sent no SSH greeting within"):
        connect(SshTarget("frozen", config=config), Headless())


def test_a_cut_at_any_byte_is_an_error_that_says_what_happened(server: Sshd, wire: Wire) -> None:
    link = through(server, wire, "whole")
    script = TICKS.format(3)
    expected = link.run(script, deadline=20).stdout
    link.close()
    total = wire.passed
    config = server.ssh_config("cut", port=wire.port)
    pick = random.Random(3)
    for place in [pick.randrange(total) for _ in range(25)]:
        wire.cut_after(place)
        try:
            link = connect(SshTarget("cut", config=config), Headless())
            try:
                done = link.run(script, deadline=20)
            finally:
                link.close()
        except SprocketError as error:
            assert isinstance(error, LinkLost | Unreachable), (place, error)
        else:
            # The cut came after the answer: then the answer is whole.
            assert (done.status, done.stdout) == (0, expected), place
        wire.cut()


def test_a_cut_never_passes_for_the_end_of_a_script(server: Sshd, wire: Wire) -> None:
    link = through(server, wire)
    wire.cut_after(3000)
    with pytest.raises(LinkLost):
        link.run("head -c 100000 /dev/zero", deadline=20)
    link.close()


def test_a_script_takes_three_round_trips(server: Sshd) -> None:
    """The channel, the command, and its input: sshd takes no input before it has started the command."""
    with Wire(("127.0.0.1", server.port), delay=0.1) as slow:
        link = through(server, slow, "slow")
        link.run("true", deadline=20)
        before = slow.turns
        link.run("cat > /dev/null", deadline=20)
        assert slow.turns - before == 3
        link.close()


@pytest.mark.skipif(bool(droplet_lab.missing()), reason=droplet_lab.missing() or "present")
def test_a_silent_network_is_noticed_without_any_traffic_and_named(tmp_path: Path) -> None:
    with Droplet() as droplet, Sshd(tmp_path, droplet=droplet) as server:
        link = connect(SshTarget("lab", config=server.ssh_config()), Headless())

        def unplug(_: bytes) -> None:
            droplet.run(["ip", "link", "set", "eth0", "down"])

        with pytest.raises(LinkLost, match=r"the network between is silent|the network to"):
            link.follow("echo on; sleep 300", unplug, silence=120)
        link.close()


def test_a_closed_link_leaves_no_session_on_the_host(server: Sshd) -> None:
    link = connect(SshTarget("lab", config=server.ssh_config()), Headless())
    climb = "p=$$; until [ $(cat /proc/$p/comm) = sshd ]; do p=$(ps -o ppid= -p $p | tr -d ' '); done; echo $p"
    session = Path("/proc") / link.run(climb, deadline=10).stdout.decode().strip()
    assert session.exists()
    link.close()
    wait_until(lambda: not session.exists(), "the session to end")
