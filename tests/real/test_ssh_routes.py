"""The way to a host: jump hosts, a ProxyCommand, and every way in which there is none."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from sprocket_tui.errors import LinkLost, NeedsAnswer, SprocketError, Unreachable
from sprocket_tui.exits import Exit
from sprocket_tui.target.ssh.address import SshTarget
from sprocket_tui.target.ssh.asking import Asker, Headless
from sprocket_tui.target.ssh.link import SshLink, connect
from tests.lab.people import Person
from tests.lab.sshd import Sshd, free_port, make_key, wait_until

pytestmark = pytest.mark.lane("ssh")


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sshd, Sshd, Sshd]]:
    """Two jump hosts and a target."""
    directory = tmp_path_factory.mktemp("routes")
    with Sshd(directory) as first, Sshd(directory) as second, Sshd(directory) as target:
        yield first, second, target


def config(tmp_path: Path, *stanzas: str) -> Path:
    file = tmp_path / "ssh_config"
    file.write_text("".join(stanzas))
    return file


def three(chain: tuple[Sshd, Sshd, Sshd], tmp_path: Path, jump: str = "ProxyJump first,second") -> Path:
    first, second, target = chain
    return config(
        tmp_path,
        first.stanza("first", user="guest", known_hosts=first.known_hosts(tmp_path / "first")),
        second.stanza("second", user="deploy", known_hosts=second.known_hosts(tmp_path / "second")),
        target.stanza("lab", known_hosts=target.known_hosts(tmp_path / "target"), extra=jump),
    )


def link_to(file: Path, asker: Asker | None = None) -> SshLink:
    return connect(SshTarget("lab", config=file), asker or Headless())


def failure(file: Path) -> SprocketError:
    with pytest.raises(SprocketError) as refused:
        link_to(file).close()
    return refused.value


def test_two_jump_hosts_lead_to_the_target(chain: tuple[Sshd, Sshd, Sshd], tmp_path: Path) -> None:
    first, second, target = chain
    before = target.sessions()
    link = link_to(three(chain, tmp_path))
    assert link.run("pwd", deadline=20).stdout.decode().strip() == str(target.home())
    assert link.identity.via == (f"guest@127.0.0.1:{first.port}", f"deploy@127.0.0.1:{second.port}")
    assert link.identity.port == target.port
    assert target.sessions() == before + 1
    assert first.sessions() == second.sessions() == 0
    link.close()


def test_much_output_comes_through_two_jump_hosts_whole(chain: tuple[Sshd, Sshd, Sshd], tmp_path: Path) -> None:
    link = link_to(three(chain, tmp_path))
    done = link.run("head -c 6000000 /dev/zero; head -c 6000000 /dev/zero >&2", deadline=120)
    link.close()
    assert (len(done.stdout), len(done.stderr)) == (6_000_000, 6_000_000)


def test_each_jump_host_has_its_own_host_key_check(chain: tuple[Sshd, Sshd, Sshd], tmp_path: Path) -> None:
    file = three(chain, tmp_path)
    (tmp_path / "second").write_text("")
    with pytest.raises(NeedsAnswer) as refused:
        link_to(file)
    assert f"127.0.0.1:{chain[1].port}" in refused.value.message
    person = Person()
    link_to(file, person).close()
    assert [host for host, *_ in person.host_keys] == [f"127.0.0.1:{chain[1].port}"]


def test_a_changed_key_of_a_jump_host_is_refused(chain: tuple[Sshd, Sshd, Sshd], tmp_path: Path) -> None:
    file = three(chain, tmp_path)
    other = make_key(tmp_path / "other").with_suffix(".pub")
    (tmp_path / "first").write_text(f"[127.0.0.1]:{chain[0].port} {' '.join(other.read_text().split()[:2])}\n")
    assert failure(file).code is Exit.FAILED


def test_a_jump_host_that_cannot_reach_the_target_says_so(chain: tuple[Sshd, Sshd, Sshd], tmp_path: Path) -> None:
    first, _, target = chain
    closed = free_port()
    file = config(
        tmp_path,
        first.stanza("first", known_hosts=first.known_hosts(tmp_path / "first")),
        target.stanza("lab", port=closed, known_hosts=tmp_path / "target", extra="ProxyJump first"),
    )
    error = failure(file)
    assert f"the jump host 127.0.0.1:{first.port} could not reach 127.0.0.1:{closed}" in error.message


def test_a_login_that_a_jump_host_refuses_names_the_jump_host(chain: tuple[Sshd, Sshd, Sshd], tmp_path: Path) -> None:
    first, _, target = chain
    wrong = make_key(tmp_path / "wrong")
    file = config(
        tmp_path,
        f"Host first\n IdentityFile {wrong}\n IdentitiesOnly yes\n HostName 127.0.0.1\n Port {first.port}\n"
        f" User gate\n IdentityAgent none\n UserKnownHostsFile {first.known_hosts(tmp_path / 'first')}\n",
        target.stanza("lab", known_hosts=target.known_hosts(tmp_path / "target"), extra="ProxyJump first"),
    )
    assert f"gate@127.0.0.1:{first.port}" in failure(file).message


def test_a_jump_host_that_dies_is_told_from_the_target(tmp_path: Path) -> None:
    with Sshd(tmp_path) as jump, Sshd(tmp_path) as target:
        file = config(
            tmp_path,
            jump.stanza("jump", known_hosts=jump.known_hosts(tmp_path / "jump")),
            target.stanza("lab", known_hosts=target.known_hosts(tmp_path / "target"), extra="ProxyJump jump"),
        )
        link = link_to(file)
        with pytest.raises(LinkLost, match=rf"the jump host 127\.0\.0\.1:{jump.port} closed the connection"):
            link.follow("echo on; sleep 300", lambda _: jump.kill(), silence=60)
        link.close()


def test_a_target_behind_a_jump_host_that_dies_or_freezes_is_told_apart(tmp_path: Path) -> None:
    with Sshd(tmp_path) as jump, Sshd(tmp_path) as target:
        file = config(
            tmp_path,
            jump.stanza("jump", known_hosts=jump.known_hosts(tmp_path / "jump")),
            target.stanza("lab", known_hosts=target.known_hosts(tmp_path / "target"), extra="ProxyJump jump"),
        )
        link = link_to(file)
        with pytest.raises(LinkLost, match=rf"no answer from 127\.0\.0\.1:{target.port} for 1 s"):
            link.follow("while echo tick; do sleep 0.1; done", lambda _: target.freeze(), silence=1)
        target.thaw()
        link.close()
        link = link_to(file)
        with pytest.raises(LinkLost, match=rf"^127\.0\.0\.1:{target.port} closed the connection"):
            link.follow("echo on; sleep 300", lambda _: target.kill(), silence=60)
        link.close()


def test_a_proxy_command_carries_the_connection_and_ends_with_it(
    chain: tuple[Sshd, Sshd, Sshd], tmp_path: Path
) -> None:
    target = chain[2]
    relay = tmp_path / "relay"
    relay.write_text(
        f"#!/bin/sh\necho $$ > {tmp_path}/pid\n"
        "exec python3 -c '\n"
        "import os, socket, sys, threading\n"
        "end = socket.create_connection((sys.argv[1], int(sys.argv[2])))\n"
        "def up():\n    while data := os.read(0, 65536):\n        end.sendall(data)\n"
        "threading.Thread(target=up, daemon=True).start()\n"
        "while data := end.recv(65536):\n    os.write(1, data)\n"
        '\' "$@"\n'
    )
    relay.chmod(0o755)
    extra = f"ProxyCommand {relay} %h %p"
    file = config(tmp_path, target.stanza("lab", known_hosts=target.known_hosts(tmp_path / "known"), extra=extra))
    link = link_to(file)
    assert link.run("echo through", deadline=20).stdout == b"through\n"
    process = Path("/proc") / (tmp_path / "pid").read_text().strip()
    assert process.exists()
    link.close()
    wait_until(lambda: not process.exists(), "the ProxyCommand to end")


def test_a_proxy_command_that_fails_is_said(chain: tuple[Sshd, Sshd, Sshd], tmp_path: Path) -> None:
    stanza = chain[2].stanza("lab", known_hosts=tmp_path / "known", extra="ProxyCommand exit 3")
    assert "closed the connection before the SSH greeting" in failure(config(tmp_path, stanza)).message


def test_no_openssh_client_is_needed(
    chain: tuple[Sshd, Sshd, Sshd], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = three(chain, tmp_path)
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    link = link_to(file)
    assert link.run("echo in", deadline=20).stdout == b"in\n"
    link.close()


def test_the_configuration_under_home_is_followed(
    chain: tuple[Sshd, Sshd, Sshd], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = chain[2]
    home = tmp_path / "a home"
    (home / ".ssh" / "parts").mkdir(parents=True)
    shutil.copy(target.client_key, home / ".ssh" / "lab_key")
    target.known_hosts(home / ".ssh" / "known_hosts")
    (home / ".ssh" / "config").write_text("Include parts/*\n")
    (home / ".ssh" / "parts" / "lab").write_text(
        f"Host lab\n HostName 127.0.0.1\n Port {target.port}\n User root\n IdentityFile ~/.ssh/lab_key\n"
        " IdentityAgent none\n"
    )
    monkeypatch.setenv("HOME", str(home))
    link = connect(SshTarget("lab"), Headless())
    assert link.run("echo in", deadline=20).stdout == b"in\n"
    link.close()


def plain(tmp_path: Path, port: int, *lines: str) -> Path:
    return config(tmp_path, "\n ".join(["Host lab", f"Port {port}", *lines]) + "\n")


def test_a_refused_connection_is_said(tmp_path: Path) -> None:
    error = failure(plain(tmp_path, free_port(), "HostName 127.0.0.1"))
    assert isinstance(error, Unreachable)
    assert error.code is Exit.UNKNOWN
    assert "refused the connection" in error.message


def test_a_name_that_does_not_exist_is_said(tmp_path: Path) -> None:
    error = failure(plain(tmp_path, 22, "HostName no-such-host.invalid"))
    assert "no-such-host.invalid cannot be resolved" in error.message


def test_a_host_that_swallows_packets_is_said_after_its_time(tmp_path: Path) -> None:
    with socket.socket() as full:
        # A listener whose queue is full drops further SYNs, as a firewall does.
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        crowd = [socket.socket() for _ in range(4)]
        try:
            for member in crowd:
                member.setblocking(False)
                member.connect_ex(("127.0.0.1", port))
            error = failure(plain(tmp_path, port, "HostName 127.0.0.1", "ConnectTimeout 1"))
        finally:
            for member in crowd:
                member.close()
    assert error.message == f"no answer from 127.0.0.1:{port} within 1 s"


@pytest.mark.parametrize(
    ("greeting", "said"),
    [
        (b"", "closed the connection before the SSH greeting"),
        (b"HTTP/1.1 400 Bad Request\r\n" * 200, "does not speak SSH"),
        (b"SSH-2.0-x\r\n", "no SSH session could be agreed"),
    ],
)
def test_what_answers_instead_of_sshd_is_said(tmp_path: Path, greeting: bytes, said: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            connection, _ = listener.accept()
            connection.sendall(greeting)
            connection.shutdown(socket.SHUT_WR)
            with contextlib.suppress(ConnectionError):
                while connection.recv(4096):
                    pass
            connection.close()

        threading.Thread(target=answer, daemon=True).start()
        error = failure(plain(tmp_path, listener.getsockname()[1], "HostName 127.0.0.1"))
    assert said in error.message


def test_a_server_with_old_algorithms_only_is_said(tmp_path: Path) -> None:
    with Sshd(tmp_path, config={"KexAlgorithms": "diffie-hellman-group14-sha1"}) as server:
        error = failure(server.ssh_config())
    assert "no algorithm that is still considered safe" in error.message


def test_a_failure_leaves_no_connection_and_does_not_hold_up_the_end_of_the_program(tmp_path: Path) -> None:
    code = (
        "import sys, time\nfrom pathlib import Path\n"
        "from sprocket_tui.errors import Unreachable\n"
        "from sprocket_tui.target.ssh.address import SshTarget\n"
        "from sprocket_tui.target.ssh.asking import Headless\n"
        "from sprocket_tui.target.ssh.link import connect\n"
        "try: connect(SshTarget('lab', config=Path(sys.argv[1])), Headless())\n"
        "except Unreachable as error: print(error)\n"
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            connection, _ = listener.accept()
            connection.sendall(b"SSH-2.0-x\r\n")
            connection.recv(10)
            connection.close()

        threading.Thread(target=answer, daemon=True).start()
        file = plain(tmp_path, listener.getsockname()[1], "HostName 127.0.0.1")
        # paramiko's handshake timer alone would keep the program for 15 s.
        done = subprocess.run(
            [sys.executable, "-c", code, str(file)], capture_output=True, text=True, timeout=10, check=True
        )
    assert "no SSH session" in done.stdout
    assert done.stderr == ""
