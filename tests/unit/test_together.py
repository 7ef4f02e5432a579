"""Scripts of several threads run side by side in one channel, each as if the link were its own."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from sprocket_tui.errors import LinkLost, SprocketError
from sprocket_tui.target.link import Completed, Link
from sprocket_tui.target.together import Together
from tests.unit.fakes import FakeLink

Work = Callable[[Link], object]


def at_once(link: Link, *works: Work) -> list[object]:
    """What each of them returned, or raised, where all were there before any began."""
    together, begins = Together(link), threading.Event()
    found: dict[int, object] = {}
    there = threading.Barrier(len(works) + 1)

    def one(number: int, work: Work) -> None:
        there.wait()
        try:
            with together.joined(begins) as own:
                found[number] = work(own)
        except SprocketError as error:
            found[number] = error

    threads = [threading.Thread(target=one, args=item) for item in enumerate(works)]
    for thread in threads:
        thread.start()
    there.wait()
    time.sleep(0.2)
    begins.set()
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive()
    return [found[number] for number in range(len(works))]


def runs(script: str, *, deadline: float = 10, limit: int = 8 << 20) -> Work:
    return lambda link: link.run(script, deadline=deadline, limit=limit)


def follows(script: str, heard: Callable[[bytes], None], *, silence: float = 10) -> Work:
    return lambda link: link.follow(script, heard, silence=silence)


def test_each_has_its_own_streams_and_status_and_all_share_one_channel() -> None:
    link = FakeLink()
    found = at_once(
        link, runs("echo one; echo no >&2; exit 3"), runs("printf 'two\\0\\n'"), runs("kill -9 $$"), runs("cat; :")
    )
    assert found[:2] == [Completed(3, b"one\n", b"no\n"), Completed(0, b"two\0\n", b"")]
    assert isinstance(found[2], Completed)
    assert (found[2].status, found[2].stdout) == (137, b"")
    assert found[3] == Completed(0, b"", b"")
    assert len(link.scripts) == 1


def test_a_script_that_is_alone_goes_as_it_is() -> None:
    link = FakeLink()
    assert at_once(link, runs("echo one")) == [Completed(0, b"one\n", b"")]
    assert link.scripts == ["echo one"]


def test_what_each_runs_next_goes_in_one_channel_again_and_who_left_is_not_waited_for() -> None:
    def twice(link: Link) -> object:
        first = link.run("echo first", deadline=10)
        return first.stdout + link.run("echo second", deadline=10).stdout

    link = FakeLink()
    found = at_once(link, twice, twice, runs("echo once"), lambda _link: "nothing")
    assert found == [b"first\nsecond\n", b"first\nsecond\n", Completed(0, b"once\n", b""), "nothing"]
    assert len(link.scripts) == 2


def test_a_large_output_comes_whole_or_up_to_what_is_wanted() -> None:
    large = runs("head -c 300000 /dev/zero | tr '\\0' x")
    few = runs("head -c 300000 /dev/zero | tr '\\0' y", limit=5000)
    assert at_once(FakeLink(), large, few) == [Completed(0, b"x" * 300000, b""), Completed(0, b"y" * 5000, b"")]


def test_what_is_followed_is_heard_while_the_script_goes_on(tmp_path: Path) -> None:
    """Each goes on only after its first word was heard, and hearing keeps nobody else waiting."""

    def heard_by(number: int) -> Work:
        go = tmp_path / f"go{number}"
        pieces: list[bytes] = []

        def heard(piece: bytes) -> None:
            pieces.append(piece)
            # The other one's word comes meanwhile.
            time.sleep(0.3)
            go.touch()

        script = f"echo first; until [ -e '{go}' ]; do sleep 0.02; done; echo second"
        return lambda link: (link.follow(script, heard, silence=10).status, b"".join(pieces))

    began = time.monotonic()
    assert at_once(FakeLink(), heard_by(1), heard_by(2)) == [(0, b"first\nsecond\n")] * 2
    assert time.monotonic() - began < 5


def test_no_script_stands_in_an_argv() -> None:
    secret = f"canary-{os.urandom(6).hex()}"

    def seen(link: Link) -> object:
        looked: list[str] = []
        link.follow(f"word={secret}; echo; sleep 0.5", lambda _: looked.extend(_argvs()), silence=10)
        return [each for each in looked if secret in each]

    assert at_once(FakeLink(), seen, seen) == [[], []]


def _argvs() -> list[str]:
    found: list[str] = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it ended while we looked
            found.append(entry.read_bytes().decode(errors="replace"))
    return found


def test_a_connection_that_is_lost_is_everybodys_reason() -> None:
    found = at_once(FakeLink(lost=True), runs("echo one"), runs("echo two"))
    assert [str(each) for each in found] == ["the other side went away"] * 2
    assert all(isinstance(each, LinkLost) for each in found)


def test_one_that_is_silent_for_too_long_spoils_no_other() -> None:
    found = at_once(FakeLink(), follows("sleep 3", print, silence=0.5), runs("sleep 1; echo two"))
    assert isinstance(found[0], LinkLost)
    assert found[0].message == "no answer from droplet for 0.5 s"
    assert found[1] == Completed(0, b"two\n", b"")


def test_one_that_cannot_take_what_it_hears_spoils_no_other() -> None:
    def refuses(piece: bytes) -> None:
        raise SprocketError(f"no {piece.decode()}")

    found = at_once(FakeLink(), follows("printf this", refuses), runs("sleep 0.5; echo two"))
    assert str(found[0]) == "no this"
    assert found[1] == Completed(0, b"two\n", b"")


@pytest.mark.parametrize("tool", ["base64", "dd"])
def test_a_droplet_that_lacks_a_tool_says_which(tool: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for each in {"base64", "dd", "sh", "cat"} - {tool}:
        (tmp_path / each).symlink_to(f"/bin/{each}")
    monkeypatch.setenv("PATH", str(tmp_path))
    found = at_once(FakeLink(), runs("echo one"), runs("echo two"))
    for each in found:
        assert isinstance(each, SprocketError)
        assert each.message == f"the scripts could not run side by side on droplet: {tool} was not found"


@pytest.mark.parametrize("said", [b"garbage\n", b"0 out %%%%\n", b"9 status 0\n", b"0 status one\n"])
def test_what_is_none_of_ours_is_refused(said: bytes) -> None:
    class Garbled(FakeLink):
        def follow(self, script: str, on_output: Callable[[bytes], None], *, silence: float) -> Completed:
            on_output(script.split()[2].encode() + b"\n" + said)
            return Completed(0, b"", b"")

    found = at_once(Garbled(), runs("echo one"), runs("echo two"))
    assert [str(each) for each in found] == ["it answered with something else"] * 2
