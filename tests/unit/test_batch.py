import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sprocket_tui.errors import LinkLost, SprocketError
from sprocket_tui.target.batch import CAP, Answer, Command, run_batch
from sprocket_tui.target.link import Completed
from sprocket_tui.target.local import LocalLink
from tests.unit.fakes import FakeLink

HOSTILE = {
    "prints our framing": "printf 'sprocket-00 \\n0\\n0 O0\\nD out 0 5\\n'",
    "prints NULs": "printf 'a\\000b\\n'",
    "prints ten megabytes without a newline": "head -c 10000000 /dev/zero | tr '\\0' x",
    "reads stdin": "cat; echo read",
    "leaves a child that writes on": "(while :; do echo noise; sleep 0.1; done) & echo forked; sleep 0.3; kill $!",
    "overruns its deadline": "sleep 30",
    "kills itself": "kill -9 $$",
    "closes its output": "exec >&- 2>&-; echo lost",
    "exits at once": "exit 7",
    "is no valid shell": "if then fi (",
}


def neighbours() -> list[Command]:
    return [Command(f"n{n}", f"printf 'neighbour {n}\\n'; printf 'err {n}' >&2; exit {n}") for n in range(6)]


def expected() -> dict[str, Answer]:
    return {f"n{n}": Answer(n, b"neighbour %d\n" % n, b"err %d" % n) for n in range(6)}


@pytest.mark.parametrize("script", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_neighbour_changes_no_byte_of_the_other_answers(link: LocalLink, script: str) -> None:
    hostile = Command("hostile", script, timeout=1)
    commands = [*neighbours()[:3], hostile, *neighbours()[3:]]
    answers = run_batch(link, commands, deadline=20)
    del answers["hostile"]
    assert answers == expected()


def test_output_beyond_the_cap_is_cut_and_said(link: LocalLink) -> None:
    answer = run_batch(link, [Command("big", f"head -c {CAP + 10} /dev/zero")], deadline=20)["big"]
    assert (len(answer.stdout), answer.truncated) == (CAP, True)


def test_output_of_exactly_the_cap_is_whole(link: LocalLink) -> None:
    answer = run_batch(link, [Command("full", f"head -c {CAP} /dev/zero")], deadline=20)["full"]
    assert (len(answer.stdout), answer.truncated) == (CAP, False)


def test_a_command_out_of_time_has_no_status(link: LocalLink) -> None:
    answer = run_batch(link, [Command("slow", "echo begun; sleep 30", timeout=0.5)], deadline=20)["slow"]
    assert answer.timed_out
    assert answer.stdout == b"begun\n"


def test_commands_run_side_by_side(link: LocalLink) -> None:
    meet = [
        Command("left", "d=$HOME/meet; mkdir -p $d; : >$d/l; until [ -e $d/r ]; do sleep 0.02; done; echo met"),
        Command("right", "d=$HOME/meet; mkdir -p $d; : >$d/r; until [ -e $d/l ]; do sleep 0.02; done; echo met"),
    ]
    answers = run_batch(link, meet, deadline=20)
    assert [answer.stdout for answer in answers.values()] == [b"met\n", b"met\n"]


def test_an_answer_is_here_before_the_slowest_has_ended(link: LocalLink, home: Path) -> None:
    go = home / "go"
    waits = Command("waits", 'until [ -e "$HOME/go" ]; do sleep 0.02; done; echo went', timeout=60)
    # The one that waits ends only once somebody has had the other's answer.
    run_batch(
        link,
        [waits, Command("quick", "echo quick")],
        deadline=60,
        on_answer=lambda key, answer: go.touch() if (key, answer.stdout) == ("quick", b"quick\n") else None,
    )
    assert go.exists()


def test_what_was_answered_before_the_connection_ended_is_kept(link: LocalLink) -> None:
    answers: dict[str, Answer] = {}

    def keep(key: str, answer: Answer) -> None:
        answers[key] = answer
        link.close()

    with pytest.raises(LinkLost):
        run_batch(link, [Command("slow", "sleep 60", 60), *neighbours()[:1]], deadline=60, on_answer=keep)
    assert answers == {"n0": expected()["n0"]}


@pytest.mark.parametrize(
    "wc",
    [
        "exit 127",
        "echo none",
        "echo 99999999 O0; echo 1 E0",
        "echo -900 O0; echo 1 E0",
        "head -c 2000000 /dev/zero",
    ],
)
def test_a_target_that_cannot_count_is_one_error_that_says_what_it_needs(
    link: LocalLink, tmp_path: Path, wc: str
) -> None:
    broken = tmp_path / "wc"
    broken.write_text(f"#!/bin/sh\n{wc}\n")
    broken.chmod(0o755)
    with pytest.raises(SprocketError, match="the checks could not run on") as refused:
        run_batch(link, [Command("a", "echo a")], deadline=20, path=(str(tmp_path),))
    assert "coreutils" in refused.value.remedy


@pytest.mark.parametrize("told", ["7:0", "0:0 0:0", ""])
def test_an_answer_to_what_was_not_asked_or_was_answered_is_none(told: str) -> None:
    class Another(FakeLink):
        def follow(self, script: str, on_output: Callable[[bytes], None], *, silence: float) -> Completed:
            mark = re.search(r"told=(\S+) files", script)
            assert mark
            sizes = "0 O\n0 E\n" * len(told.split())
            first = script.split("'%s\\n' ", 1)[1].partition("\n")[0]
            on_output(f"{first}\n{mark[1]} {told}\n{sizes}{mark[1]}\n".encode())
            return Completed(0, b"", b"")

    with pytest.raises(SprocketError, match="it answered with something else"):
        run_batch(Another(), [Command("a", "echo a"), Command("b", "echo b")], deadline=20)


def test_an_empty_batch_needs_no_connection() -> None:
    closed = LocalLink()
    closed.close()
    assert run_batch(closed, [], deadline=1) == {}


def test_a_profile_path_comes_first_and_knows_the_home(link: LocalLink) -> None:
    answer = run_batch(link, [Command("path", 'echo "$PATH"; echo "$HOME"')], deadline=20, path=("~/bin", "/opt/a b"))
    path, home = answer["path"].stdout.decode().splitlines()
    assert path.startswith(f"{home}/bin:/opt/a b:")


def test_a_closed_link_is_lost_within_two_seconds(link: LocalLink) -> None:
    link.close()
    begun = time.monotonic()
    with pytest.raises(LinkLost):
        run_batch(link, [Command("slow", "sleep 30", timeout=30)], deadline=60)
    assert time.monotonic() - begun < 10


def test_what_a_script_started_and_does_not_listen_ends_with_it(link: LocalLink, tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    # The shell tidies up when it is asked to end; what it started is deaf to that.
    script = f"trap 'exit 0' TERM\nsh -c 'trap \"\" TERM; echo $$ >{pid}; while :; do sleep 0.1; done' &\nwait\n"
    with pytest.raises(LinkLost):
        link.run(script, deadline=3)
    ended = int(pid.read_text())
    for _ in range(100):
        if not running(ended):
            break
        time.sleep(0.1)
    assert not running(ended)


def running(pid: int) -> bool:
    """Whether it is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
