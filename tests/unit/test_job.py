import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sprocket_tui.secret import Secret
from sprocket_tui.target import job, tail
from sprocket_tui.target.job import Attempt, Launch, Phase
from sprocket_tui.target.link import Privilege
from sprocket_tui.target.local import LocalLink


def attempt(home: Path, number: int = 1) -> Attempt:
    return Attempt(home.name.replace("_", "-"), "layer1.up", number)


def directory(home: Path, each: Attempt) -> Path:
    return home / ".sprocket" / "jobs" / each.run / each.step / str(each.number)


def memory(each: Attempt) -> Path:
    return Path(f"/dev/shm/sprocket-{os.getuid()}") / each.run / each.step / str(each.number)


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end, "it did not come about within 20 s"
        time.sleep(0.02)


def ended(link: LocalLink, each: Attempt) -> None:
    until(lambda: job.look(link, each).phase is Phase.ENDED)


def test_a_job_outlives_the_connection_that_started_it(link: LocalLink, home: Path) -> None:
    mine = attempt(home)
    assert job.start(link, mine, Launch("until [ -e go ]; do sleep 0.02; done; echo out; echo err >&2; exit 3", "~"))
    link.close()
    (home / "go").touch()
    fresh = LocalLink()
    ended(fresh, mine)
    assert job.look(fresh, mine).status == 3
    assert (directory(home, mine) / "out").read_text() == "out\n"
    assert (directory(home, mine) / "err").read_text() == "err\n"


def test_an_attempt_never_starts_twice(link: LocalLink, home: Path) -> None:
    launch = Launch("echo once >>count; sleep 0.1", "~")
    assert [job.start(link, attempt(home), launch) for _ in range(3)] == [True, False, False]
    ended(link, attempt(home))
    assert (home / "count").read_text() == "once\n"


def test_a_fenced_attempt_never_starts(link: LocalLink, home: Path) -> None:
    assert job.fence(link, attempt(home)).phase is Phase.ABSENT
    assert not job.start(link, attempt(home), Launch("echo started >ran", "~"))
    assert job.look(link, attempt(home)).phase is Phase.ABSENT
    assert not (home / "ran").exists()


def test_a_claim_without_a_pid_is_fenced_and_its_late_wrapper_ends_unrun(link: LocalLink, home: Path) -> None:
    place = directory(home, attempt(home))
    place.mkdir(parents=True)
    assert job.look(link, attempt(home)).phase is Phase.CLAIMED
    assert job.fence(link, attempt(home)).phase is Phase.ABSENT
    assert place.with_name("1.fenced").is_dir()


def test_fencing_what_runs_leaves_it_running(link: LocalLink, home: Path) -> None:
    job.start(link, attempt(home), Launch("until [ -e go ]; do sleep 0.02; done; exit 5", "~"))
    until(lambda: job.look(link, attempt(home)).phase is Phase.RUNNING)
    assert job.fence(link, attempt(home)).phase is Phase.RUNNING
    (home / "go").touch()
    ended(link, attempt(home))
    assert job.look(link, attempt(home)).status == 5


def test_a_dead_pid_without_an_exit_is_an_unknown_outcome(link: LocalLink, home: Path) -> None:
    job.start(link, attempt(home), Launch("sleep 60", "~"))
    until(lambda: job.look(link, attempt(home)).phase is Phase.RUNNING)
    pid = job.look(link, attempt(home)).pid
    assert pid
    os.killpg(pid, signal.SIGKILL)
    until(lambda: job.look(link, attempt(home)).phase is Phase.VANISHED)


def test_a_program_that_outlives_its_wrapper_is_seen(link: LocalLink, home: Path) -> None:
    script = "sh -c 'echo $$ >\"$SPROCKET_ATTEMPT/child\"; exec sleep 60'"
    job.start(link, attempt(home), Launch(script, "~"))
    child = directory(home, attempt(home)) / "child"
    until(lambda: child.exists() and child.read_text().strip() != "")
    pid = job.look(link, attempt(home)).pid
    assert pid
    os.kill(pid, signal.SIGKILL)
    until(lambda: job.look(link, attempt(home)).phase is Phase.LINGERING)
    assert int(child.read_text()) in job.left_over(link, attempt(home))
    job.end_left_over(link, attempt(home), Privilege(), "KILL")
    until(lambda: job.look(link, attempt(home)).phase is Phase.VANISHED)


def test_a_pid_of_another_boot_is_not_taken_for_the_job(link: LocalLink, home: Path) -> None:
    place = directory(home, attempt(home))
    place.mkdir(parents=True)
    (place / "pid").write_text(f"{os.getpid()} 1 00000000-0000-0000-0000-000000000000\n")
    assert job.look(link, attempt(home)).phase is Phase.VANISHED


def test_stop_ends_the_program_that_the_job_named(link: LocalLink, home: Path) -> None:
    job.start(link, attempt(home), Launch("sh -c 'echo $$ >\"$SPROCKET_ATTEMPT/child\"; exec sleep 60'; exit 9", "~"))
    until(lambda: (directory(home, attempt(home)) / "child").exists())
    job.stop(link, attempt(home), Privilege())
    ended(link, attempt(home))
    assert job.look(link, attempt(home)).status == 9


def test_secrets_lie_on_tmpfs_0600_and_are_gone_when_the_job_has_ended(link: LocalLink, home: Path) -> None:
    mine = attempt(home)
    script = 'stat -c %a "$SPROCKET_TMP/key"; cmp -s "$SPROCKET_TMP/key" expected && echo same; cat /proc/self/mounts'
    (home / "expected").write_text("s3cr'et\n\"$x")
    launch = Launch(script, "~", files={"key": Secret("s3cr'et\n\"$x", "key")}, streams=("events",))
    job.start(link, mine, launch)
    ended(link, mine)
    assert (directory(home, mine) / "out").read_text().splitlines()[:2] == ["600", "same"]
    until(lambda: not (memory(mine) / "key").exists())
    assert (memory(mine) / "events").exists()
    job.finish(link, mine)
    assert not memory(mine).exists()
    everything = b"".join(path.read_bytes() for path in (home / ".sprocket").rglob("*") if path.is_file())
    assert b"s3cr" not in everything


def test_an_event_stream_is_kept_until_it_was_taken_in(link: LocalLink, home: Path) -> None:
    mine = attempt(home)
    job.start(link, mine, Launch('echo event >>"$SPROCKET_TMP/events"', "~", streams=("events",)))
    ended(link, mine)
    seen: list[tuple[str, int, bytes]] = []
    tail.follow(link, mine, ("events",), tail.Cursor(), lambda *line: seen.append(line))
    assert seen == [("events", 6, b"event")]
    job.finish(link, mine)
    assert not memory(mine).exists()


def test_following_again_from_the_cursor_repeats_and_misses_nothing(link: LocalLink, home: Path) -> None:
    mine = attempt(home)
    job.start(link, mine, Launch("i=0; while [ $i -lt 300 ]; do i=$((i+1)); echo line $i; done; printf rest", "~"))
    cursor, lines = tail.Cursor(), list[bytes]()

    class StopError(Exception):
        pass

    def take(_stream: str, _offset: int, line: bytes) -> None:
        if len(lines) % 50 == 49 and line not in refused:
            refused.add(line)
            raise StopError
        lines.append(line)

    refused: set[bytes] = set()
    for _ in range(20):
        try:
            end = tail.follow(link, mine, (), cursor, take)
        except StopError:
            continue
        assert end.status == 0
        break
    assert lines == [b"line %d" % n for n in range(1, 301)] + [b"rest"]


@pytest.mark.parametrize("stream", ["out", "err"])
def test_a_line_of_a_megabyte_arrives_whole(link: LocalLink, home: Path, stream: str) -> None:
    mine = attempt(home)
    where = "" if stream == "out" else " >&2"
    job.start(link, mine, Launch(f"head -c 1000000 /dev/zero | tr '\\0' x{where}; echo{where}", "~"))
    seen: list[bytes] = []
    tail.follow(link, mine, (), tail.Cursor(), lambda _s, _o, line: seen.append(line))
    assert [len(line) for line in seen] == [1_000_000]


def test_the_job_has_its_directory_environment_and_path(link: LocalLink, home: Path) -> None:
    mine = attempt(home)
    (home / "deep er").mkdir()
    launch = Launch('pwd; echo "$GREETING"; echo "$PATH"; cat', "~/deep er", {"GREETING": "a 'b'"}, ("~/bin",))
    job.start(link, mine, launch)
    ended(link, mine)
    where, greeting, path = (directory(home, mine) / "out").read_text().splitlines()
    assert (where, greeting) == (str(home / "deep er"), "a 'b'")
    assert path.startswith(f"{home}/bin:")


def test_a_directory_that_is_missing_is_said(link: LocalLink, home: Path) -> None:
    job.start(link, attempt(home), Launch("echo ran", "/no/such/place"))
    ended(link, attempt(home))
    assert job.look(link, attempt(home)).status == 66
    assert "/no/such/place" in (directory(home, attempt(home)) / "err").read_text()
