"""`sprocket-tui practice` as a person sees it: its seed and faults, how it ends, and whose run it goes on with."""

from __future__ import annotations

import errno
import io
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from sprocket_tui.errors import SprocketError
from sprocket_tui.faces.tui.keys import keymap
from sprocket_tui.journal.events import AttemptIntended, RunStarted
from sprocket_tui.journal.file import Journal, is_written
from sprocket_tui.practice import keeping, telling
from sprocket_tui.practice.cli import own_keys
from sprocket_tui.practice.faults import some
from sprocket_tui.practice.world import World
from tests.lab.people import wait_until
from tests.practice.rehearsing import Person
from tests.real.terminal import Terminal

FIRST_QUESTION = "[yes/No]"
CLOSING = "`sprocket-tui practice` goes on here, `sprocket-tui practice reset` throws the droplet away."


@pytest.fixture
def person(tmp_path: Path) -> Person:
    return Person(tmp_path)


def serve(person: Person, *words: str) -> subprocess.CompletedProcess[str]:
    """Makes the droplet, or takes it up, and ends it at once: its standard input is closed."""
    return person("practice", "serve", "--json", *words)


def argv(*words: str) -> list[str]:
    return [sys.executable, "-m", "sprocket_tui", "practice", *words]


def environment(person: Person, **extra: str) -> dict[str, str]:
    path = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    return {"HOME": str(person.home), "LC_ALL": "C.UTF-8", **path, **extra}


def marked(person: Person) -> dict[str, str]:
    """What `practice faults` says of those that are in the droplet, by fault."""
    notes, id_ = dict[str, str](), ""
    for row in person("practice", "faults").stdout.partition("\n\n")[0].splitlines():
        id_ = row.split()[0] if not row.startswith(" ") else id_
        if row.strip().startswith(("here", "waits")):
            notes[id_] = row.strip()
    return notes


def test_a_droplet_keeps_its_seed_and_takes_no_other(person: Person) -> None:
    assert serve(person, "--seed", "7").returncode == 0
    refused = serve(person, "--seed", "8")
    assert refused.returncode == 2
    assert "was made with seed 7" in refused.stderr
    assert "do: `sprocket-tui practice reset` first, or leave --seed out" in refused.stderr
    assert serve(person, "--seed", "7").returncode == serve(person).returncode == 0


@pytest.mark.parametrize(("words", "speed"), [([], 7), (["--speed", "max"], 1000)])
def test_a_droplet_that_was_left_before_it_was_ready_is_prepared_anew(
    words: list[str], speed: int, person: Person
) -> None:
    with subprocess.Popen(
        argv("serve", "--json", "--seed", "7", "--speed", "7"), env=environment(person), stdout=subprocess.PIPE
    ) as served:
        world = World(person.base / "world/world.json")
        wait_until(lambda: (person.base / "world/world.json").exists(), "the world to be made", 20)
        served.kill()
    # Nobody knows where the kill came in between: here it had begun with the checkout, and not ended.
    state = world.read()
    checkout = person.base / "root/root/sprocket-infra"
    shutil.rmtree(checkout, ignore_errors=True)
    (checkout / ".git").mkdir(parents=True)
    world.make({**state, "speed": 1e6, "preparing": 7.0})
    assert serve(person, *words).returncode == 0
    assert (checkout / "layer_1/index.ts").is_file()
    state = world.read()
    assert (state["seed"], state["speed"], "preparing" in state) == (7, speed, False)


@pytest.mark.parametrize("seed", ["-1", "x", "1.5"])
def test_a_seed_is_a_whole_number(seed: str, person: Person) -> None:
    refused = serve(person, "--seed", seed)
    assert refused.returncode == 2
    assert f"{seed} is no seed" in refused.stderr
    assert not list(person.home.rglob("world.json"))


@pytest.mark.parametrize("speed", ["abc", "0", "-1", "1001", "nan", "inf"])
def test_a_speed_is_refused_in_one_sentence_that_says_what_one_is(speed: str, person: Person) -> None:
    refused = serve(person, f"--speed={speed}")
    assert refused.returncode == 2
    assert f"{speed} is no speed: more than 0 and at most 1000, or max\n" in refused.stderr
    assert not list(person.home.rglob("world.json"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["reset", "disk-full"], "reset takes no ID"),
        (["faults", "--fault", "disk-full"], "faults takes no --fault"),
        (["--json"], "walk takes no --json"),
        (["mend"], "mend takes the ID of a fault"),
    ],
)
def test_a_word_that_would_only_be_ignored_is_refused_and_nothing_is_lost(
    words: list[str], said: str, person: Person
) -> None:
    assert serve(person).returncode == 0
    refused = person("practice", *words)
    assert refused.returncode == 2
    assert said in refused.stderr
    assert list(person.home.rglob("world.json"))


def test_the_start_says_which_faults_are_in_the_droplet_and_the_list_marks_them(person: Person) -> None:
    assert "\n\n" not in person("practice", "faults").stdout
    assert serve(person).stderr == ""
    first = serve(person, "--fault", "name-missing", "--fault", "up-killed")
    assert first.stderr == "Faults that came now: name-missing, up-killed (at layer-1.up).\n"
    again = serve(person, "--fault", "name-missing", "--fault", "clock-wrong")
    assert again.returncode == 0
    assert again.stderr == (
        "Faults in it from before: name-missing, up-killed (at layer-1.up).\nFaults that came now: clock-wrong.\n"
    )
    assert marked(person) == {
        "name-missing": "here: in your droplet now",
        "up-killed": "waits for layer-1.up in your droplet",
        "clock-wrong": "here: in your droplet now",
    }
    listed = person("practice", "faults").stdout
    assert listed.endswith("\nIn your droplet now: name-missing, clock-wrong, up-killed.\n")
    assert max(map(len, listed.splitlines())) <= 80


def test_a_fault_that_was_mended_is_listed_no_more_and_does_not_come_again(person: Person) -> None:
    serve(person, "--fault", "name-missing")
    assert person("practice", "mend", "name-missing").returncode == 0
    assert serve(person).stderr == ""
    assert marked(person) == {}
    asked = serve(person, "--fault", "name-missing").stderr
    assert asked.startswith("Mended before, and not made again: name-missing.")
    assert marked(person) == {}


def test_who_mends_a_fault_that_is_not_there_is_told_that_nothing_was_done(person: Person) -> None:
    serve(person, "--fault", "name-stale")
    world = person.base / "world/world.json"
    before = json.loads(world.read_text())
    for id_ in ("name-missing", "memory-small", "passphrase-wrong"):
        done = person("practice", "mend", id_)
        assert done.stdout == f"{id_} is not in this droplet, or no longer: nothing was done.\n"
        assert done.returncode == 0
    assert json.loads(world.read_text()) == before
    assert person("practice", "mend", "name-stale").stdout == "The old record's TTL is over.\n"
    assert person("practice", "mend", "name-stale").stdout.startswith("name-stale is not in this droplet, or no longer")


def test_a_fault_that_waits_for_its_step_is_mended_by_nobody_before_it_has_struck(person: Person) -> None:
    serve(person, "--fault", "name-missing@layer-1.up")
    done = person("practice", "mend", "name-missing")
    assert done.stdout == (
        "name-missing waits for layer-1.up in this droplet and has not struck yet: nothing was done.\n"
    )
    assert done.returncode == 0
    assert marked(person) == {"name-missing": "waits for layer-1.up in your droplet"}


def test_what_somebody_only_says_can_be_asked_of_them_again(person: Person) -> None:
    serve(person, "--fault", "name-missing")
    with World(person.base / "world/world.json").change() as state:
        state["faults"].append("passphrase-wrong")
    for _ in (1, 2):
        assert person("practice", "mend", "passphrase-wrong").stdout.endswith("reads: the first one\n")


def test_faults_are_drawn_by_the_seed_and_named_only_where_somebody_asks(person: Person) -> None:
    one, other = (fault.id for fault in some(5, 2))
    start = serve(person, "--seed", "5", "--fault", "random", "--fault", "random")
    assert start.stderr == "2 faults were drawn by seed 5; `sprocket-tui practice faults` names them.\n"
    assert set(marked(person)) == {one, other}
    assert all(note.endswith(", drawn by its seed") for note in marked(person).values())
    # The same command line, to go on with the walk, draws no more.
    assert serve(person, "--fault", "random", "--fault", "random").stderr == start.stderr
    assert set(marked(person)) == {one, other}
    serve(person, *("--fault", "random") * 3)
    assert len(marked(person)) == 3


def test_what_is_drawn_is_another_fault_than_the_one_that_is_named(person: Person) -> None:
    named = some(5, 1)[0].id
    start = serve(person, "--seed", "5", "--fault", "random", "--fault", named)
    assert start.stderr.startswith(f"Faults that came now: {named}")
    assert set(marked(person)) == {named, some(5, 1, [named])[0].id}


def test_a_drawn_fault_has_no_moment_of_the_persons(person: Person) -> None:
    refused = serve(person, "--fault", "random@layer-1.up")
    assert refused.returncode == 2
    assert refused.stderr == "sprocket-tui: a fault that is drawn has its own moment\ndo: --fault random\n"


def test_a_step_of_the_newest_run_can_be_taken_once_more(person: Person) -> None:
    person.answers.write_text("{}")
    refused = person("practice", "--plain", "--again", "access.orientation")
    assert (refused.returncode, refused.stderr.count("there is no walk of which a step could be taken again")) == (2, 1)
    person.walk()
    person.walk("--again", "access.orientation")
    assert [each["step"] for each in person.events("step.reopened")] == ["access.orientation"]


def test_a_walk_may_begin_at_a_later_chapter(person: Person) -> None:
    person.answers.write_text("{}")
    person.walk("--start-at", "node")
    assert [each["screen"] for each in person.events("chapter.begun")] == ["node"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT])
def test_a_server_that_is_told_to_end_has_ended_well(number: signal.Signals, person: Person) -> None:
    pipe = subprocess.PIPE
    with subprocess.Popen(
        argv("serve", "--json"), env=environment(person), stdin=pipe, stdout=pipe, stderr=pipe, text=True
    ) as served:
        assert served.stdout
        assert served.stderr
        assert json.loads(served.stdout.readline())["host"] == "127.0.0.1"
        served.send_signal(number)
        assert served.wait(30) == 0
        assert (served.stdout.read(), served.stderr.read()) == ("", "")


def test_an_interrupted_walk_names_one_way_on_and_its_marks_are_coloured(person: Person) -> None:
    with Terminal(argv("--plain", "--speed", "max"), environment(person, TERM="xterm")) as terminal:
        terminal.wait_for(FIRST_QUESTION)
        assert "*** \x1b[30;43mPRACTICE\x1b[0m *** Nothing here is real" in terminal.text
        assert "\x1b[30;43mPRACTICE\x1b[0m  " in terminal.text.rpartition("\n")[2]
        os.killpg(terminal.process.pid, signal.SIGINT)
        assert terminal.end() == 130
    said = terminal.text.rpartition(FIRST_QUESTION)[2]
    assert "\nsprocket-tui: interrupted; the run is saved\ndo: sprocket-tui practice\n" in said
    assert f"*** {CLOSING}" in " ".join(said.split())
    assert "sprocket-tui resume" not in terminal.text


def test_a_walk_that_is_told_to_end_saves_first_and_says_how_it_goes_on(person: Person) -> None:
    with Terminal(argv("--plain", "--speed", "max"), environment(person, NO_COLOR="1", TERM="xterm")) as terminal:
        terminal.wait_for(FIRST_QUESTION)
        # The program around the walk alone is told, as by a supervisor.
        terminal.process.terminate()
        assert terminal.end() == 143
    assert "\x1b" not in terminal.text
    assert "ended by SIGTERM; the run is saved\ndo: sprocket-tui practice\n" in terminal.text
    assert " ".join(terminal.text.rpartition("*** PRACTICE *** ")[2].split()) == CLOSING
    assert "nothing was changed" not in terminal.text


def test_a_walk_that_is_quit_by_the_key_saves_before_its_droplet_ends(person: Person) -> None:
    with Terminal(argv("--plain", "--speed", "max"), environment(person, NO_COLOR="1", TERM="xterm")) as terminal:
        terminal.wait_for(FIRST_QUESTION)
        os.killpg(terminal.process.pid, signal.SIGQUIT)
        assert terminal.end() == 131
    said = terminal.text.rpartition(FIRST_QUESTION)[2]
    # What is said stands in lines of its own, not behind the question.
    assert "\nsprocket-tui: ended by SIGQUIT; the run is saved\ndo: sprocket-tui practice\n" in said
    assert f"*** {CLOSING}" in " ".join(said.split())


def test_a_walk_whose_droplet_was_killed_ends_by_itself_and_is_saved(person: Person) -> None:
    with Terminal(argv("--plain", "--speed", "max"), environment(person, NO_COLOR="1", TERM="xterm")) as terminal:
        terminal.wait_for(FIRST_QUESTION)
        (journal,) = person.base.glob("runs/**/journal.jsonl")
        assert is_written(journal)
        terminal.process.kill()
        # The terminal ends when the walk, too, has let go of it.
        assert terminal.end() == -signal.SIGKILL
    assert "ended by SIGTERM; the run is saved\ndo: sprocket-tui practice\n" in terminal.text
    assert not is_written(journal)
    again = person("practice", "--plain", "--speed", "max")
    assert again.returncode == 7
    assert "takes the run up again" in again.stdout


def test_a_reset_leaves_a_run_that_is_driven_and_says_by_whom(person: Person) -> None:
    assert serve(person).returncode == 0
    path = person.base / "runs/sprocket-tui/runs/0a1b2c3d/journal.jsonl"
    with closing(Journal.open(path)):
        refused = person("practice", "reset")
        assert refused.returncode == 8
        by = f" (pid {os.getpid()})" if sys.platform == "linux" else ""
        assert f"run 0a1b2c3d on the practice droplet is being driven{by}\ndo: leave that one first\n" in refused.stderr
        assert list(person.home.rglob("world.json"))
    assert person("practice", "reset").returncode == 0


@pytest.mark.parametrize("words", [["serve", "--json"], ["--plain"]])
def test_a_disk_that_takes_no_more_is_named_with_what_to_do(
    words: list[str], person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is full for whoever writes more than this to a file; its refusal names no file.
    # No byte code either: half of it would be left behind for the next program.
    monkeypatch.setattr(person, "before", partial(resource.setrlimit, resource.RLIMIT_FSIZE, (100, 100)))
    refused = person("practice", *words, PYTHONDONTWRITEBYTECODE="1")
    assert refused.returncode == 2
    assert refused.stderr == (
        f"sprocket-tui: the practice droplet cannot be kept in {person.base}: File too large\n"
        "do: make room there or make it writable, or set XDG_STATE_HOME to a directory that has both\n"
    )


def test_a_disk_that_is_full_for_a_tree_is_named_too(tmp_path: Path) -> None:
    # As shutil tells it of the files that it could not copy.
    full = shutil.Error([("/from/a.py", "/to/a.py", "[Errno 28] No space left on device: '/to/a.py'")] * 2)
    with pytest.raises(SprocketError) as refused, keeping.room(tmp_path):
        raise full
    assert refused.value.message.endswith(f"cannot be kept in {tmp_path}: No space left on device (/to/a.py)")
    with pytest.raises(SprocketError, match=r"No space left on device$"), keeping.room(tmp_path):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_what_is_said_of_a_droplet_breaks_between_words_and_never_in_a_command() -> None:
    for begin in range(60):
        text = f"*** PRACTICE *** {'x ' * begin}{CLOSING}"
        out = io.StringIO()
        telling.marked(text, out)
        lines = out.getvalue().splitlines()
        assert max(map(len, lines)) <= 80
        assert " ".join(lines) == text.strip()
        assert all(line.count("`") % 2 == 0 for line in lines)


def test_a_path_that_is_too_long_for_a_line_stays_whole() -> None:
    out, path = io.StringIO(), "/home/ann/" + "very-long-" * 12
    telling.paragraph(f"The droplet lives in {path} and ends when you leave.", out)
    assert out.getvalue() == f"The droplet lives in\n{path}\nand ends when you leave.\n"


def test_a_walk_without_an_answer_names_one_way_on(person: Person) -> None:
    left = person("practice", "--plain", "--speed", "max")
    assert left.returncode == 7
    assert left.stdout.endswith("Go on with: sprocket-tui practice\n")
    assert "sprocket-tui resume" not in left.stdout + left.stderr


def test_a_run_from_elsewhere_that_was_cut_off_is_named_with_the_way_on(person: Person) -> None:
    assert serve(person).returncode == 0
    kept = person.base / "root/root/.sprocket/runs/0a1b2c3d"
    kept.mkdir(parents=True)
    with closing(Journal.open(kept / "journal.jsonl")) as journal:
        journal.append(RunStarted("0a1b2c3d", "ssh://root@127.0.0.1:1", "", "ann", "guide", "1", "0", {}))
        journal.append(AttemptIntended("layer-1.up", 1, "perform", ["pulumi", "up"], []))
    served = serve(person)
    config = person.base / "config/sprocket-tui/ssh_config"
    target = f"ssh://root@127.0.0.1:{json.loads(served.stdout)['port']}"
    assert "Run 0a1b2c3d was begun on this droplet from elsewhere" in served.stderr
    assert served.stderr.endswith(f"\nsprocket-tui resume 0a1b2c3d --target {target} --ssh-config {config}\n")
    walked = person("practice", "--plain", "--speed", "max")
    told = " ".join(walked.stderr.split())
    assert told.count("`sprocket-tui practice serve` says how it goes on") == 2
    # What only looks like a run may have any name, and is not repeated to a person.
    kept.rename(kept.with_name("\x1b]0;x\x07"))
    assert serve(person).stderr == ""
    kept.with_name("\x1b]0;x\x07").rename(kept)
    # Nothing is said of a run that ended, nor of one's own.
    (kept / "journal.jsonl").unlink()
    assert serve(person).stderr == ""


def test_the_walk_on_the_droplet_has_the_keys_of_the_person_as_they_are_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, settings = tmp_path / "own" / "sprocket-tui", tmp_path / "droplet"
    own.mkdir(parents=True)
    settings.mkdir()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(own.parent))
    own_keys(settings)
    assert list(settings.iterdir()) == []
    (own / "keys.toml").write_text('log = "j"\n')
    for _ in range(2):
        own_keys(settings)
        # What is wrong names the file that can be mended.
        with pytest.raises(SprocketError, match=re.escape(f"{own / 'keys.toml'}: j moves the page or the cursor")):
            keymap(settings / "keys.toml")
    (own / "keys.toml").unlink()
    own_keys(settings)
    assert list(settings.iterdir()) == []
