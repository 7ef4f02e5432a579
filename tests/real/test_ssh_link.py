"""Scripts over a real sshd: what comes back, in how many channels, and how waiting ends."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from sprocket_tui.errors import LinkLost
from sprocket_tui.target.link import Link
from sprocket_tui.target.ssh.address import SshTarget
from sprocket_tui.target.ssh.approach import begin
from sprocket_tui.target.ssh.asking import Headless
from sprocket_tui.target.ssh.link import SshLink, connect
from tests.lab import sshd as lab
from tests.lab.sshd import Sshd, wait_until

pytestmark = pytest.mark.lane("ssh")

MEGABYTE = 1 << 20


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with Sshd(tmp_path_factory.mktemp("link")) as running:
        yield running


@pytest.fixture
def link(server: Sshd) -> Iterator[SshLink]:
    made = connect(SshTarget("lab", config=server.ssh_config()), Headless())
    yield made
    made.close()


def test_an_ssh_link_is_a_link(link: SshLink) -> None:
    as_link: Link = link
    assert as_link.identity.user == "root"


def test_the_identity_names_login_host_port_and_host_key(server: Sshd, link: SshLink) -> None:
    expected = lab.fingerprint(server.host_public_key("ed25519"))
    assert link.identity.url == f"ssh://root@127.0.0.1:{server.port}"
    assert link.identity.host_key == f"ssh-ed25519 {expected}"
    assert link.identity.via == ()


def test_a_script_gives_its_output_and_status(link: SshLink) -> None:
    done = link.run("echo out; echo err >&2; printf 'a\\0b\\377'; exit 7", deadline=10)
    assert done.status == 7
    assert done.stdout == b"out\na\0b\xff"
    assert done.stderr == b"err\n"


def test_a_script_that_a_signal_ends_gives_128_and_the_signal(link: SshLink) -> None:
    assert link.run("kill -KILL $$", deadline=10).status == 137
    assert link.run("kill -TERM $$", deadline=10).status == 143


def test_ten_megabytes_on_each_stream_do_not_block_each_other(link: SshLink) -> None:
    size = 10 * MEGABYTE
    done = link.run(f"head -c {size} /dev/zero >&2; head -c {size} /dev/zero", deadline=60, limit=size)
    assert (len(done.stdout), len(done.stderr)) == (size, size)


def test_output_beyond_the_limit_is_dropped_and_the_script_still_ends(link: SshLink) -> None:
    done = link.run("head -c 5000000 /dev/zero; exit 3", deadline=60, limit=1000)
    assert len(done.stdout) == 1000
    assert done.status == 3


def test_a_script_larger_than_the_window_arrives_whole(link: SshLink) -> None:
    text = "x" * 99
    script = "cat <<'E' | wc -c\n" + f"{text}\n" * 50_000 + "E\n"
    assert link.run(script, deadline=60).stdout.strip() == b"5000000"


def test_a_script_that_ends_before_it_is_read_gives_its_status(link: SshLink) -> None:
    assert link.run("exit 4\n" + "# padding\n" * 500_000, deadline=60).status == 4


def test_each_script_opens_one_channel(server: Sshd, link: SshLink) -> None:
    before = server.sessions()
    for _ in range(3):
        link.run("true", deadline=10)
    assert server.sessions() == before + 3
    assert server.connections() >= 1


def test_nothing_of_the_script_is_in_any_argument_list(server: Sshd, link: SshLink) -> None:
    seen = link.run("cat /proc/[0-9]*/cmdline | tr '\\0' ' '; : planted-in-the-script", deadline=20)
    assert b"planted-in-the-script" not in seen.stdout
    assert "planted-in-the-script" not in server.log()


def test_a_process_left_behind_with_our_stdout_does_not_hold_up_the_answer(link: SshLink) -> None:
    done = link.run("sleep 300 & echo started $!", deadline=60)
    assert done.stdout.startswith(b"started")
    link.run(f"kill {done.stdout.split()[1].decode()}", deadline=10)


def test_a_script_that_closes_its_output_early_still_gives_its_status(link: SshLink) -> None:
    assert link.run("exec >&- 2>&-; sleep 1; exit 5", deadline=20).status == 5


def test_silence_past_the_deadline_is_a_lost_link_that_says_how_long(link: SshLink) -> None:
    with pytest.raises(LinkLost, match=r"no answer from 127\.0\.0\.1:\d+ for 0\.5 s"):
        link.run("sleep 60", deadline=0.5)
    assert link.run("echo still here", deadline=10).stdout == b"still here\n"


def test_following_hands_over_output_as_it_comes(link: SshLink, server: Sshd) -> None:
    gate = server.home() / "gate"
    pieces: list[bytes] = []

    def take(piece: bytes) -> None:
        pieces.append(piece)
        gate.touch()

    done = link.follow(
        f"echo first; while [ ! -e {gate} ]; do sleep 0.05; done; echo second; echo e >&2; exit 2", take, silence=20
    )
    assert b"".join(pieces) == b"first\nsecond\n"
    assert (done.status, done.stdout, done.stderr) == (2, b"", b"e\n")


def test_following_goes_on_as_long_as_bytes_come(link: SshLink) -> None:
    taken: list[bytes] = []
    done = link.follow("for i in 1 2 3 4 5 6; do echo $i; sleep 0.3; done", taken.append, silence=1.2)
    assert done.status == 0
    assert b"".join(taken).split() == [b"1", b"2", b"3", b"4", b"5", b"6"]


def test_following_ends_after_silence(link: SshLink) -> None:
    with pytest.raises(LinkLost, match="no answer"):
        link.follow("echo one; sleep 60", lambda _: None, silence=0.5)


def test_an_error_while_taking_output_ends_the_channel_and_passes_through(link: SshLink, server: Sshd) -> None:
    def refuse(_: bytes) -> None:
        raise ValueError("disk full")

    with pytest.raises(ValueError, match="disk full"):
        link.follow("trap '' PIPE; while echo line; do sleep 0.05; done; echo gone > ended", refuse, silence=20)
    wait_until((server.home() / "ended").exists, "the script to notice")
    assert link.run("echo usable", deadline=10).stdout == b"usable\n"


def test_closing_from_another_thread_ends_a_wait(server: Sshd) -> None:
    link = connect(SshTarget("lab", config=server.ssh_config()), Headless())
    started = threading.Event()
    raised: list[Exception] = []

    def follow() -> None:
        try:
            link.follow("echo on; sleep 300", lambda _: started.set(), silence=300)
        except LinkLost as lost:
            raised.append(lost)

    follower = threading.Thread(target=follow)
    follower.start()
    assert started.wait(10)
    link.close()
    follower.join(2)
    assert not follower.is_alive()
    assert str(raised[0]) == "the connection was closed here"
    with pytest.raises(LinkLost):
        link.run("true", deadline=5)


def test_a_connection_that_began_early_is_used(server: Sshd) -> None:
    target = SshTarget("lab", config=server.ssh_config())
    before = server.connections()
    link = connect(target, Headless(), begin(target))
    assert link.run("echo hello", deadline=10).stdout == b"hello\n"
    link.close()
    assert server.connections() == before + 1


@pytest.mark.parametrize("shell", ["/usr/bin/fish", "/bin/bash", "/usr/bin/tcsh", "/bin/csh"])
def test_the_login_shell_may_be_any(tmp_path: Path, shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    with Sshd(tmp_path, shell=shell) as server:
        link = connect(SshTarget("lab", config=server.ssh_config()), Headless())
        done = link.run('x=1; [ "$x" = 1 ] && echo "posix $(echo sh)"; kill -TERM $$', deadline=20)
        link.close()
    assert done.stdout == b"posix sh\n"
    assert done.status == 143


def test_a_login_without_a_shell_gives_what_it_printed(tmp_path: Path) -> None:
    with Sshd(tmp_path, shell="/usr/sbin/nologin") as server:
        link = connect(SshTarget("lab", config=server.ssh_config()), Headless())
        done = link.run("echo hello", deadline=20)
        link.close()
    assert done.status == 1
    assert b"not available" in done.stdout


@pytest.mark.parametrize("login", ["root", "deploy", "operator", "guest"])
def test_every_login_of_the_lab_is_who_it_should_be(server: Sshd, login: str) -> None:
    link = connect(SshTarget("lab", user=login, config=server.ssh_config()), Headless())
    done = link.run("id -un; cd && pwd; sudo -n id -un 2>/dev/null", deadline=20)
    link.close()
    rooted = ["root"] if login in {"root", "operator"} else []
    assert done.stdout.decode().split() == [login, str(server.home(login)), *rooted]


def test_a_sudo_password_by_standard_input_works_in_the_lab(server: Sshd) -> None:
    link = connect(SshTarget("lab", user="deploy", config=server.ssh_config()), Headless())
    done = link.run(f"printf '%s\\n' {lab.PASSWORD} | sudo -k -S -p '' id -un", deadline=20)
    link.close()
    assert done.stdout == b"root\n"


def test_nothing_of_paramiko_reaches_the_terminal(server: Sshd) -> None:
    code = (
        "from sprocket_tui.target.ssh.address import SshTarget\n"
        "from sprocket_tui.target.ssh.asking import Headless\n"
        "from sprocket_tui.target.ssh.link import connect\n"
        "from pathlib import Path\nimport logging, sys\nlogging.basicConfig(level=logging.DEBUG)\n"
        "link = connect(SshTarget('lab', config=Path(sys.argv[1])), Headless())\n"
        "try: link.run('kill -9 $(ps -o ppid= -p $(ps -o ppid= -p $PPID))', deadline=10)\n"
        "except Exception as error: print(type(error).__name__)\n"
    )
    argv = [sys.executable, "-c", code, str(server.ssh_config())]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    assert done.stderr == ""
