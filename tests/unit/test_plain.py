"""The words of the plain face, and the answers it takes."""

import io
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from sprocket_tui import going_on
from sprocket_tui.engine.desk import Answer, Skip
from sprocket_tui.faces import lines
from sprocket_tui.faces.plain import Plain
from sprocket_tui.guide.loader import load_guide
from sprocket_tui.guide.model import Guide
from sprocket_tui.guide.model import Screen as Chapter
from sprocket_tui.guide.words.verbs import ReadVerb
from sprocket_tui.journal.events import (
    KINDS,
    Asked,
    AttemptEnded,
    AttemptIntended,
    DeploymentFound,
    Event,
    Fact,
    Judged,
    RemedyPrinted,
    RunLeft,
    RunStarted,
    StepEnded,
    StepStarted,
    ValuesSet,
    Waiting,
)
from sprocket_tui.journal.runs import RunDirectory
from sprocket_tui.secret import Secret

GUIDE = Guide(name="g", version="1", digest="d", origin="t", vars=(), screens=(), checklists=(), hints=())


def gate(**more: str) -> Asked:
    return Asked("s/gate", "name", "This changes a.example. Type a.example to go on", "s", expects="a.example", **more)


@pytest.mark.parametrize(("said", "taken"), [("", "no"), ("y", "yes"), ("YES", "yes"), ("n", "no"), ("sure", None)])
def test_only_yes_is_yes_and_an_empty_line_is_no(said: str, taken: str | None) -> None:
    assert lines.accept(Asked("s/gate", "yes-no", "Go on", "s"), said) == taken


@pytest.mark.parametrize(
    ("said", "taken"), [("", "leave"), ("re", None), ("ret", "retry"), ("skip", "skip"), ("x", None)]
)
def test_a_choice_may_be_shortened_as_long_as_it_is_clear(said: str, taken: str | None) -> None:
    asked = Asked("s/failed", "choice", "?", "s", ["recheck", "retry", "skip", "leave"], "leave")
    assert lines.accept(asked, said) == taken


def test_a_word_that_is_a_number_is_that_word_and_no_number() -> None:
    asked = Asked("s/version", "choice", "Version", "s", ["3", "2", "16"], "")
    assert [lines.accept(asked, said) for said in ("3", "2", "1", "16")] == ["3", "2", "3", "16"]


def test_a_deployment_that_was_there_before_the_run_is_told_in_one_line() -> None:
    found = Event(3, "2026-11-26T07:00:00+00:00", DeploymentFound(["traefik-1a2b3c4 converged", "vault failing"]))
    assert lines.of(found, GUIDE) == ["A deployment is there: 2 services, vault failing; what holds is passed over."]


def test_a_name_gate_shows_what_to_type_and_no_default() -> None:
    assert lines.prompt(gate()) == "This changes a.example. Type a.example to go on:"


def test_what_a_value_is_asked_for_is_told_in_the_guides_words() -> None:
    guide = load_guide()
    passphrase = next(var for var in guide.vars if var.name == "pulumi_passphrase")
    assert (
        lines.about(Asked("credentials.passphrase/pulumi_passphrase", "secret", "Passphrase"), guide) == passphrase.why
    )
    assert not lines.about(gate(), guide)
    assert lines.accept(gate(), "") == ""


def test_a_failed_check_says_observed_expected_why_and_what_to_do() -> None:
    verdict = {
        "id": "c",
        "title": "Port 443",
        "state": "fail",
        "observed": "held by nginx",
        "expected": "free",
        "why": "Traefik needs it.",
        "remedy": {"text": "Stop it.", "command": "systemctl stop nginx", "where": "droplet"},
        "blocking": True,
        "blocked_by": "",
    }
    said = "\n".join(lines.of(Event(1, "t", Judged("s", verdict)), GUIDE))
    for part in ("fail", "Port 443: held by nginx", "free", "Traefik needs it.", "Stop it.", "systemctl stop nginx"):
        assert part in said


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_no_line_moves_the_cursor(kind: str) -> None:
    from dataclasses import fields

    samples = {"str": "done", "int": 3, "bool": True, "int | None": None}
    if kind in ("check.judged", "card.shown"):
        return
    known: type[Fact] = KINDS[kind]
    values = {each.name: samples.get(str(each.type), [] if "list" in str(each.type) else {}) for each in fields(known)}
    if kind == "attempt.intended":
        values["stage"] = "perform"
    for line in lines.of(Event(1, "t", known(**values)), GUIDE):
        assert line.isprintable() or line == ""


AT = "2026-01-01T00:00:00+00:00"


class Script:
    """An engine that has already written its events."""

    def __init__(self, *facts: Fact) -> None:
        self.events = [Event(seq, AT, fact) for seq, fact in enumerate(facts, 1)]
        self.posted: list[object] = []

    def post(self, command: object) -> None:
        self.posted.append(command)

    def since(self, seq: int) -> list[Event]:
        return self.events[seq:]

    def running(self) -> bool:
        return False

    def join(self, timeout: float) -> None:
        assert timeout >= 0


def test_a_question_of_an_earlier_session_is_not_answered_again(tmp_path) -> None:
    script = Script(gate(), RunLeft("detached", 7, ""))
    Plain(script, RunDirectory(tmp_path), GUIDE, io.StringIO(), None, "me", interactive=False, seen=1).show()
    assert script.posted == []


def test_what_is_typed_twice_must_be_the_same(tmp_path, monkeypatch) -> None:
    typed = iter(["one", "other", "same", "same"])
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(typed))
    out, script = io.StringIO(), Script(Asked("s/phrase", "secret", "Passphrase", "s", twice=True))
    Plain(script, RunDirectory(tmp_path), GUIDE, out, None, "me", interactive=True).show()
    (answer,) = script.posted
    assert answer.value == Secret("same")
    assert "not the same" in out.getvalue()
    assert "one" not in out.getvalue()


def test_what_the_terminal_s_encoding_does_not_have_is_asked_for_again_and_never_taken(tmp_path, monkeypatch) -> None:
    hidden = iter(["gr\ufffd\ufffde", "gruesse"])
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(hidden))
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"gr\xfc\ngruen\n"), "ascii", errors="replace"))
    out = io.StringIO()
    script = Script(Asked("s/phrase", "secret", "Passphrase", "s"), Asked("s/name", "text", "Your name", "s"))
    Plain(script, RunDirectory(tmp_path), GUIDE, out, None, "me", interactive=True).show()
    assert [each.value for each in script.posted] == [Secret("gruesse"), "gruen"]
    assert out.getvalue().count("does not have all that was typed") == 2


def test_an_attempt_that_was_under_way_is_named_and_its_new_progress_is_shown(tmp_path) -> None:
    directory = RunDirectory(tmp_path)
    notes = directory.attempt("s", 2) / "progress.jsonl"
    notes.parent.mkdir(parents=True)
    note = '{"text": "created Service %s", "done": %d, "total": 2, "failed": false}\n'
    notes.write_text(note % ("seen", 1))
    ended = AttemptEnded("s", 2, "done", 0)
    script = Script(AttemptIntended("s", 2, "perform", ["pulumi", "up"], []), RunLeft("detached", 7), ended)
    out = io.StringIO()
    face = Plain(script, directory, GUIDE, out, None, "me", interactive=False, seen=2)
    script.running = lambda: bool(notes.write_text(note % ("seen", 1) + note % ("new", 2))) and False
    face.show()
    assert "Attempt 2 of s was under way" in out.getvalue()
    assert "2 of 2  created Service new" in out.getvalue()
    assert "Service seen" not in out.getvalue()


def test_a_run_that_never_began_is_not_to_be_gone_on_with(tmp_path) -> None:
    out = io.StringIO()
    script = Script(RunLeft("refused", 8, "the target is locked"))
    assert Plain(script, RunDirectory(tmp_path), GUIDE, out, None, "me", interactive=False).show() == 8
    assert out.getvalue() == "\nNot begun: the target is locked\n"


def test_the_exit_code_is_the_one_the_run_was_left_with(tmp_path) -> None:
    out = io.StringIO()
    script = Script(gate(), RunLeft("unanswered", 7, "no answer to s/gate"))
    code = Plain(script, RunDirectory(tmp_path), GUIDE, out, None, "me", interactive=False).show()
    assert code == 7
    assert "s/gate" in out.getvalue()
    assert [type(each).__name__ for each in script.posted] == ["Decline"]


def judged(id_: str, state: str) -> Judged:
    return Judged("s", {"id": id_, "title": f"Check {id_}", "state": state, "observed": f"seen {id_}", "expected": "",
                        "why": "", "remedy": None, "blocking": False, "blocked_by": ""})  # fmt: skip


def ended(tmp_path: Path, *facts: Fact) -> list[str]:
    out = io.StringIO()
    Plain(Script(*facts), RunDirectory(tmp_path), GUIDE, out, None, "me", interactive=False, seen=len(facts) - 1).show()
    return out.getvalue().splitlines()


def test_a_walk_that_does_not_end_with_0_names_what_did_not_pass_in_the_end(tmp_path) -> None:
    # The first is measured again, and passes.
    facts = (judged("a", "warn"), judged("b", "warn"), judged("c", "pass"), judged("d", "unknown"), judged("a", "pass"))
    assert ended(tmp_path, *facts, StepEnded("s.x", "skipped", "no time"), RunLeft("done", 4, "")) == [
        "",
        "What did not pass, and does not keep the walk from its end:",
        "  skipped  s.x: no time",
        "  unknown  Check d: seen d",
        "  warn     Check b: seen b",
        "",
        "The walk is complete.",
    ]


def test_a_walk_that_ends_with_0_has_nothing_to_name(tmp_path) -> None:
    assert ended(tmp_path, judged("a", "warn"), RunLeft("done", 0, "")) == ["", "The walk is complete."]


def test_of_many_points_five_lines_are_shown(tmp_path) -> None:
    rows = ended(tmp_path, *(judged(str(number), "warn") for number in range(8)), RunLeft("done", 4, ""))
    assert rows[2:-2] == [
        *(f"  warn     Check {number}: seen {number}" for number in range(4)),
        "  and 4 more, named above",
    ]


def test_of_a_very_long_line_no_more_is_shown_than_a_person_reads() -> None:
    (shown,) = lines.wrapped("    1 of 2  " + "x" * 300_000, 0)
    assert len(shown) == 600
    assert shown.endswith("…")
    command = f"    run       echo {'x' * 1000}"
    assert lines.wrapped(command, 80) == [command]
    asked = Asked("a.b/failed", "choice", "x" * 300_000, "a.b", ["retry"], "leave")
    assert all(len(each) < 700 for each in (lines.prompt(asked), *lines.of(Event(1, "t", asked), GUIDE)))


class Screen(io.StringIO):
    """A terminal that shows colours, unless something speaks against it."""

    def isatty(self) -> bool:
        return True


def rung(out: io.StringIO, tmp_path: Path, after: float, *facts: Fact) -> int:
    """How often it rings where what follows the beginning of a step comes so many seconds after it."""
    told = [StepStarted("s.a", "S", "A", ""), *facts]
    script, later = Script(*told), (datetime.fromisoformat(AT) + timedelta(seconds=after)).isoformat()
    script.events[1:] = [Event(each.seq, later, each.fact) for each in script.events[1:]]
    Plain(script, RunDirectory(tmp_path), GUIDE, out, None, "me", interactive=False).show()
    return out.getvalue().count("\a")


@pytest.mark.parametrize("last", [StepEnded("s.a", "done"), RunLeft("detached", 7)], ids=["a step", "the run"])
def test_the_end_of_what_took_long_rings_once_and_only_on_a_terminal(tmp_path, last: Fact) -> None:
    assert rung(Screen(), tmp_path, 60, last) == 1
    assert rung(Screen(), tmp_path, 2, last) == 0
    assert rung(io.StringIO(), tmp_path, 60, last) == 0


def test_a_question_after_a_long_job_rings_for_who_has_to_answer_it(tmp_path, monkeypatch) -> None:
    asked = Asked("s.a/gate", "yes-no", "Go on", "s.a")
    assert rung(Screen(), tmp_path, 60, asked) == 0
    monkeypatch.setattr("sys.stdin", io.StringIO("no\n"))
    monkeypatch.setattr(lines, "drop_typeahead", lambda stream: None)
    out = Screen()
    long = [Event(1, "2026-01-01T00:00:00+00:00", StepStarted("s.a", "S", "A", "")),
            Event(2, "2026-01-01T00:05:00+00:00", asked)]  # fmt: skip
    script = Script()
    script.events = long
    Plain(script, RunDirectory(tmp_path), GUIDE, out, None, "me", interactive=True).show()
    before, bell, after = out.getvalue().partition("\a")
    assert bell
    assert "Go on?" in after
    assert "Go on?" not in before


def begun(practice: bool, **values: str) -> RunStarted:
    return RunStarted("r", "ssh://a", "p", "me", "g", "1", "d", {**values}, practice=practice)


def shown(out: io.StringIO, tmp_path: Path, *facts: Fact) -> str:
    Plain(Script(*facts), RunDirectory(tmp_path), GUIDE, out, None, "me", interactive=False).show()
    return out.getvalue()


@pytest.mark.parametrize(
    ("facts", "painted"),
    [
        ([begun(True, environment="production")], "\x1b[30;43mPRACTICE\x1b[0m: this run is a rehearsal"),
        ([begun(False, environment="production"), Waiting("s", "on production")], "on \x1b[1;31mproduction\x1b[0m"),
        (
            [begun(False), ValuesSet("s", {"environment": "staging"}), Waiting("s", "a staging b")],
            "\x1b[36mstaging\x1b[0m",
        ),
    ],
)
def test_the_environments_name_has_a_colour_of_its_own_at_a_terminal(
    facts: list[Fact], painted: str, tmp_path, monkeypatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert painted in shown(Screen(), tmp_path, *facts)


@pytest.mark.parametrize("against", [("NO_COLOR", "1"), ("TERM", "dumb"), ("TERM", "")])
def test_nothing_is_coloured_where_no_colour_is_wanted(against: tuple[str, str], tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv(*against)
    assert shown(Screen(), tmp_path, begun(True)) == shown(io.StringIO(), tmp_path, begun(True))
    assert "\x1b" not in shown(Screen(), tmp_path, begun(True))


def test_a_question_of_a_rehearsal_bears_its_mark_in_the_same_colour(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr("sys.stdin", io.StringIO("a name\n"))
    out, script = Screen(), Script(begun(True), Asked("s/name", "text", "Your name", "s"))
    Plain(script, RunDirectory(tmp_path), GUIDE, out, None, "me", interactive=True).show()
    assert "\x1b[30;43mPRACTICE\x1b[0m  Your name: " in out.getvalue()
    assert [each.value for each in script.posted] == ["a name"]


def test_a_program_around_this_one_says_how_a_run_is_gone_on_with(tmp_path, monkeypatch) -> None:
    left = RunLeft("detached", 7)
    going_on.drives("")
    assert shown(io.StringIO(), tmp_path, left).endswith("Go on with: sprocket-tui resume\n")
    going_on.drives("7f3a")
    assert shown(io.StringIO(), tmp_path, left).endswith("Go on with: sprocket-tui resume 7f3a\n")
    monkeypatch.setenv("SPROCKET_TUI_RESUME", "another command")
    assert shown(io.StringIO(), tmp_path, left).endswith("Go on with: another command\n")


def typed(monkeypatch, tmp_path: Path, *lines_typed: str, asked: Asked) -> list[object]:
    """What is posted when somebody at a terminal types these lines to a question."""
    script = Script(asked)
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{each}\n" for each in lines_typed)))
    Plain(script, RunDirectory(tmp_path), GUIDE, io.StringIO(), None, "me", interactive=True).show()
    return script.posted


@pytest.mark.parametrize("sort", ["yes-no", "name", "choice"])
def test_skip_at_a_question_asks_why_and_skips_the_step(tmp_path, monkeypatch, sort: str) -> None:
    asked = Asked("s/gate", sort, "Go on", "s", options=["one", "two"], expects="a.example")
    monkeypatch.setattr(lines, "drop_typeahead", lambda stream: None)
    assert typed(monkeypatch, tmp_path, "skip", "not today", asked=asked) == [Skip("s", "not today", "me")]


FIRM = Guide(
    name="g", version="1", digest="d", origin="t", vars=(), checklists=(), hints=(),
    screens=(
        Chapter.model_validate(
            {"id": "c", "title": "C", "why": "w", "chapter": "c",
             "steps": [{"id": "s", "title": "S", "verb": ReadVerb(verb="read"), "skippable": False}]}
        ),
    ),
)  # fmt: skip


def test_where_the_step_cannot_be_skipped_the_word_is_refused_and_the_question_stands(tmp_path, monkeypatch) -> None:
    out, script = io.StringIO(), Script(Asked("s/confirm", "yes-no", "I mean it", "s"))
    monkeypatch.setattr(lines, "drop_typeahead", lambda stream: None)
    monkeypatch.setattr("sys.stdin", io.StringIO("skip\nno\n"))
    Plain(script, RunDirectory(tmp_path), FIRM, out, None, "me", interactive=True).show()
    assert script.posted == [Answer("s/confirm", "no", "me")]
    assert "this step cannot be skipped" in out.getvalue()


def test_skip_is_an_answer_where_text_is_asked_for_and_a_mark_makes_it_the_word(tmp_path, monkeypatch) -> None:
    asked = Asked("s/name", "text", "Name", "s")
    assert typed(monkeypatch, tmp_path, "skip", asked=asked) == [Answer("s/name", "skip", "me")]
    assert typed(monkeypatch, tmp_path, "!skip", "no name yet", asked=asked) == [Skip("s", "no name yet", "me")]


def test_a_secret_is_skipped_by_the_marked_word_alone(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("getpass.getpass", lambda prompt: "!skip")
    asked = Asked("s/token", "secret", "Token", "s")
    assert typed(monkeypatch, tmp_path, "none yet", asked=asked) == [Skip("s", "none yet", "me")]
    assert not lines.skips(asked, "skip")


def test_nothing_is_no_secret_and_is_asked_for_again(tmp_path, monkeypatch) -> None:
    typed_ones = iter(["", "hunter2"])
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(typed_ones))
    out, script = io.StringIO(), Script(Asked("s/token", "secret", "Token", "s"))
    Plain(script, RunDirectory(tmp_path), GUIDE, out, None, "me", interactive=True).show()
    assert script.posted == [Answer("s/token", Secret("hunter2", "s/token"), "me")]
    assert "nothing was typed" in out.getvalue()


def test_without_a_reason_the_question_is_put_again(tmp_path, monkeypatch) -> None:
    asked = Asked("s/name", "text", "Name", "s")
    assert typed(monkeypatch, tmp_path, "!skip", "", "ada", asked=asked) == [Answer("s/name", "ada", "me")]


@pytest.mark.parametrize(
    "asked",
    [
        Asked("s/failed", "choice", "?", "s", options=["retry", "leave"]),
        Asked("s/reason", "text", "?", "s"),
        Asked("connection/host-key", "yes-no", "?"),
    ],
)
def test_what_belongs_to_no_step_and_what_skips_already_takes_no_word_for_it(asked: Asked) -> None:
    assert not lines.skips(asked, "!skip")


def test_a_choice_that_is_called_skip_is_that_choice() -> None:
    assert not lines.skips(Asked("s/c", "choice", "?", "s", options=["skip", "go"]), "skip")


def test_what_each_option_is_stands_above_the_question(tmp_path: Path) -> None:
    commands = {"labels": ["docker service ls", "systemctl stop nginx"], "details": ["looks only", "changes"]}
    asked = Asked("s/which", "choice", "Which command", "s", ["swarm.list", "ports.http"], "swarm.list", **commands)
    assert shown(io.StringIO(), tmp_path, asked).splitlines() == [
        "  Which command",
        "    1  swarm.list  docker service ls (looks only)",
        "    2  ports.http  systemctl stop nginx (changes)",
    ]
    assert lines.prompt(asked) == "A number or its word (swarm.list):"


def test_why_an_answer_was_not_taken_stands_above_the_question_and_not_in_it(tmp_path: Path) -> None:
    asked = Asked("s/endpoint", "text", "Not taken: https:// and a host.\nEndpoint", "s", [], "https://a.example")
    assert shown(io.StringIO(), tmp_path, asked) == "  Not taken: https:// and a host.\n"
    assert lines.prompt(asked) == "Endpoint (https://a.example):"


def test_what_is_named_by_its_title_has_the_values_in_it() -> None:
    guide = load_guide()
    verdict = {"state": "skipped", "title": "T", "observed": "blocked by dns.apex", "blocked_by": "dns.apex"}
    (said,) = lines.of(Event(1, "t", Judged("s", verdict)), guide, {"hostname": "sprocket.example"})
    assert said == '  skipped  T: blocked by "sprocket.example itself points to the droplet"'


def test_what_can_be_done_about_a_failure_is_told_as_on_the_screen(tmp_path: Path) -> None:
    asked = Asked("s/failed", "choice", "exit status 1", "s", ["recheck", "retry", "leave"], "leave")
    assert shown(io.StringIO(), tmp_path, asked).splitlines() == [
        "  exit status 1",
        "    1  recheck  Check again (just this)",
        "    2  retry    Try again (from its beginning; it asks before any change)",
        "    3  leave    Leave (the run is kept, and goes on here)",
    ]


def test_a_choice_without_more_to_say_is_its_number_and_its_word(tmp_path: Path) -> None:
    asked = Asked("s/environment", "choice", "Environment", "s", ["staging", "production"], "")
    assert shown(io.StringIO(), tmp_path, asked).splitlines() == [
        "  Environment",
        "    1  staging",
        "    2  production",
    ]


def test_of_what_was_printed_by_a_look_only_that_it_was_nothing_is_said_once_more(tmp_path: Path) -> None:
    # The lines themselves are said as they come.
    looked, silent = (RemedyPrinted("s", 2, ["ls"], said, looked=True) for said in (["a"], []))
    assert shown(io.StringIO(), tmp_path, looked) == "  It only looked; nothing was changed.\n"
    assert shown(io.StringIO(), tmp_path, silent).splitlines()[0] == "  It printed nothing."
