"""What stands on a page: pure functions of what there is to see."""

from __future__ import annotations

import re
import shlex
import time
from dataclasses import replace

import pytest

from sprocket_tui.faces.tui.pages import chapters, chrome, running, step, verdicts
from sprocket_tui.faces.tui.sight import Sight
from sprocket_tui.faces.tui.spans import text_of
from sprocket_tui.guide.loader import load_guide
from sprocket_tui.journal.events import (
    Asked,
    AttemptEnded,
    AttemptIntended,
    Hinted,
    LinkDropped,
    RemedyPrinted,
    RepairFound,
    RunAttached,
    SkippedBefore,
    ValuesSet,
    Waiting,
)
from tests.tui import kit
from tests.tui.kit import (
    GUIDE,
    HOST,
    NOW,
    ON,
    begun,
    below,
    connected,
    judged,
    named,
    note,
    page,
    read,
    row,
    shown,
    sight,
    started,
    words,
)

LIST = (*ON, begun("before.dns"))
GATE = (*ON, begun("layer.apply"), shown(), named())
RUNS = (*ON, begun("layer.apply"), kit.running())


# -- where this is ------------------------------------------------------------------------------------------------


def test_the_first_line_of_a_step_says_chapter_title_and_position():
    (first, *_) = read(*ON, begun("before.read"))
    assert first.split("  ")[0] == " 1 Pre-deployment · Read"
    assert first.endswith("step 1 of 2")


def test_a_step_that_repeats_has_the_position_of_the_one_that_the_guide_has():
    seen = sight(*ON, begun("before.read"))
    assert step.position(seen, GUIDE.screens[0], "before.dns.vault") == "step 2 of 2"


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ("done", "✓ done"),
        ("already", "✓ already so, nothing changed"),
        ("skipped", "- skipped"),
        ("not-applicable", "○ does not apply here"),
        ("failed", "✗ failed"),
    ],
)
def test_a_step_that_ended_says_how_beside_its_title(how: str, says: str):
    (first, *_) = read(*ON, begun("layer.apply"), kit.ended("layer.apply", how))
    assert first.endswith(says)


def test_a_page_that_is_only_read_says_where_it_stands_and_not_that_somebody_did_it():
    (first, *_) = read(*ON, begun("before.read"), kit.ended("before.read", "done"))
    assert first.endswith("step 1 of 2")


def test_steps_that_nobody_had_to_see_are_named_on_the_page_after_them():
    lines = read(*ON, kit.ended("before.read", "not-applicable"), begun("before.dns"))
    assert "Passed over: Read (does not apply)." in lines[2]
    seen = read(*ON, begun("before.read"), kit.ended("before.read", "done"), begun("before.dns"))
    assert not [each for each in seen if "Passed over" in each]


def test_what_took_long_is_told_with_the_time_until_it_was_seen_to_hold():
    seen = sight(*RUNS, kit.done())
    seen.take(kit.event(99, kit.ended("layer.apply"), NOW + 40))
    assert words(page(seen))[0].endswith("✓ done in 0:40")


def test_while_a_person_is_asked_in_the_middle_of_it_no_time_runs():
    waits = Waiting("layer.apply", "waiting: Vault runs")
    asks = Asked("layer.apply/changed", "yes-no", "Was it changed since", "layer.apply")
    (first, *_) = read(*RUNS, kit.done(), waits, asks)
    assert first.endswith("waits for you")


def test_a_job_that_says_nothing_is_shown_to_run_all_the_same():
    assert read(*RUNS)[-2:] == [" pulumi up", " It runs, and has printed nothing yet."]


def test_the_text_of_a_step_stands_below_its_title_and_why_unfolds_what_the_chapter_is_for():
    assert read(*ON, begun("before.read"))[1:] == [" Nothing runs here."]
    assert read(*ON, begun("before.read"), unfolded="why")[1:] == [
        " Every name must reach the droplet.",
        " Nothing runs here.",
    ]


def test_the_header_says_guide_environment_name_host_and_time():
    seen = sight(*ON)
    told = text_of(chrome.header(seen, kit.look(now=NOW + 41 * 60)))
    assert told.startswith(f" {kit.GUIDE.name}  PRODUCTION  {HOST}  root@203.0.113.10  ")
    assert told.endswith("41 / 12 min ")


def test_production_is_written_in_capitals_in_a_look_of_its_own_and_other_environments_are_not():
    assert chrome.environment(sight(*ON)) == ("PRODUCTION", "production")
    assert chrome.environment(sight(started(environment="staging"))) == ("staging", "accent")


def test_the_name_of_the_host_is_as_red_as_the_word_in_production_and_only_there():
    assert (HOST, "production") in chrome.header(sight(*ON), kit.look())
    assert (HOST, "plain") in chrome.header(sight(started(environment="staging"), connected()), kit.look())
    assert (HOST, "plain") in chrome.header(sight(started(practice=True), connected(practice=True)), kit.look())


def test_a_rehearsal_says_so_whatever_the_environment_is_called():
    assert chrome.environment(sight(started(practice=True))) == ("PRACTICE", "practice")
    assert chrome.environment(sight(started(), connected(practice=True))) == ("PRACTICE", "practice")


def test_the_environment_is_learned_from_an_answer():
    seen = sight(started(environment=""), ValuesSet("before.read", {"environment": "production"}))
    assert chrome.environment(seen) == ("PRODUCTION", "production")


def test_the_time_in_which_nobody_walked_is_not_counted():
    seen, day = Sight(kit.GUIDE), 24 * 3600
    for seq, (fact, at) in enumerate([(started(), 0), (kit.LEFT, 120), (RunAttached("ada", ""), day)], start=1):
        seen.take(kit.event(seq, fact, NOW + at))
    assert " 5 / " in text_of(chrome.header(seen, kit.look(now=NOW + day + 180)))


@pytest.mark.parametrize("width", [100, 104, 139, 140, 200])
def test_from_100_columns_on_the_header_always_names_the_guide(width: int):
    lost = sight(started(hostname=f"sprocket.{'x' * 40}.example"), connected(), LinkDropped("timed out"))
    told = text_of(chrome.header(lost, kit.look(width)))
    assert told.startswith(f" {kit.GUIDE.name}  PRODUCTION  sprocket.x")
    assert told.endswith("/ 12 min ")
    assert len(told) == width


def test_on_80_columns_the_guide_is_named_where_it_fits_and_gives_way_to_the_system_where_it_does_not():
    told = text_of(chrome.header(sight(*ON), kit.look(80)))
    assert told.startswith(f" {kit.GUIDE.name}  PRODUCTION  {HOST}  root@203.0.113.10  ")
    long = text_of(chrome.header(sight(started(hostname="sprocket.northern.example"), connected()), kit.look(80)))
    assert long.startswith(" PRODUCTION  sprocket.northern.example  root@203.0.113.10  ")
    assert len(told) == len(long) == 80


def test_a_line_that_is_lost_is_said_in_the_header_until_it_is_back():
    assert "line lost" in text_of(chrome.header(sight(*ON, LinkDropped("timed out")), kit.look(100)))
    assert "line lost" not in text_of(chrome.header(sight(*ON, LinkDropped("timed out"), connected()), kit.look(100)))


# -- columns ----


@pytest.mark.parametrize("width", range(60, 141))
def test_what_a_check_is_called_and_what_it_found_never_run_together(width: int):
    title, seen = "Memory file system for secrets", "/dev/shm is tmpfs"
    row = judged("shm", "pass", title=title, observed=seen)
    long = judged("long", "pass", title="A title that is much longer than any column for titles would be", observed="x")
    lines = words(verdicts.table([row.verdict, long.verdict], kit.look(width)))
    told = next(each for each in lines if "Memory" in each)
    assert re.fullmatch(r" ✓ pass {2,}Memory file s.*  \S.*", told.rstrip())
    assert "secrets/dev" not in told


@pytest.mark.parametrize("width", range(60, 141))
def test_the_columns_of_the_plan_and_of_what_moves_stand_apart(width: int):
    plan = words(chapters.plan(sight(*ON), kit.look(width), waits=False))
    assert all(re.search(r"\S  +\d+ steps  +\S", each) for each in plan if " steps" in each)
    moved = [
        {**kit.note(), "moved": {"op": "replace", "kind": "x" * size, "name": "y" * 80, "state": "started"}}
        for size in (13, 16, 30)
    ]
    for each in words(running.resources(moved, kit.look(width))):
        assert re.fullmatch(r" \S replacing  +x+…? +y+…? +\S+", each.rstrip()), each
        assert re.search(r"[x…] {2,}y", each), each


# -- a checklist --------------------------------------------------------------------------------------------------


def test_a_failing_row_opens_itself():
    lines = read(*LIST, judged("vault", "fail"))
    assert row(lines, "✗ fail").split() == ["✗", "fail", f"vault.{HOST}", "no", "record"]
    assert below(lines, "✗ fail", 4) == [
        "expected    A 203.0.113.10",
        "why         No certificate without it.",
        "do          Add a record at your provider.",
        "run         dig vault",
    ]


def test_what_could_not_be_measured_opens_too_and_what_is_blocked_by_another_names_it_in_one_line():
    lines = read(*LIST, judged("vault", "unknown"), judged("api", "fail", blocked_by="dns.vault"))
    assert below(lines, "? unknown", 1) == ["expected    A 203.0.113.10"]
    assert row(lines, "✗ fail").endswith("blocked by dns.vault")
    assert not [each for each in lines if "dig api" in each]


def test_a_row_that_passes_is_one_line():
    lines = read(*LIST, judged("vault", "pass"))
    assert lines[-1].split() == ["✓", "pass", f"vault.{HOST}", "203.0.113.10"]


def test_a_name_that_the_title_begins_with_is_not_said_again_beside_it_so_that_the_value_is_readable():
    long = "x" * 30 + f".{HOST}"
    rows = [
        judged(f"n{number}", "pass", title=f"{long} points to the droplet", observed=f"{long} A: 203.0.113.10")
        for number in range(13)
    ]
    lines = read(*LIST, *rows)
    assert [each.rstrip().endswith("  A: 203.0.113.10") for each in lines if "✓ pass" in each].count(True) == 12


def test_a_failing_row_is_given_the_room_that_its_value_needs():
    lines = read(*LIST, judged("vault", "fail", title="T" * 70, observed="o" * 30))
    assert row(lines, "✗ fail").endswith("o" * 30)


def test_the_worst_rows_come_first_and_the_others_in_the_order_they_were_measured_in():
    order = [("a", "pass"), ("b", "unknown"), ("c", "skipped"), ("d", "fail"), ("e", "warn"), ("f", "fail")]
    lines = read(*LIST, *(judged(name, state) for name, state in order))
    heads = [each.split()[2].partition(".")[0] for each in lines if f".{HOST}" in each]
    assert heads == ["d", "f", "b", "e", "a", "c"]


def test_observed_values_begin_in_one_column():
    lines = read(*LIST, judged("vault", "pass"), judged("a", "pass"), judged("status", "warn"))
    heads = [each for each in lines[2:] if f".{HOST}" in each.partition("expected")[0]]
    assert len({each.index("203.0.113.10" if "pass" in each else "no record") for each in heads}) == 1


def test_the_title_counts_the_states_of_a_list_the_worst_first():
    rows = [judged(f"n{number}", "pass") for number in range(9)]
    (first, *_) = read(*LIST, *rows, judged("vault", "fail"), judged("x", "unknown"))
    assert first.endswith("1 fail  1 unknown  9 pass")


def test_a_long_list_without_trouble_is_counted_after_twelve_rows_until_all_are_asked_for():
    rows = [judged(f"n{number}", "pass") for number in range(20)]
    assert read(*LIST, *rows)[-1] == " ✓ 8 more pass or do not apply (a shows them)"
    unfolded = read(*LIST, *rows, unfolded="all")
    assert len([each for each in unfolded if "✓ pass" in each]) == 20


def test_a_failing_row_is_never_among_those_that_are_only_counted():
    rows = [judged(f"n{number}", "pass") for number in range(20)]
    assert row(read(*LIST, *rows, judged("last", "fail")), "✗ fail")


def test_a_row_is_measured_again_in_its_place():
    lines = read(*LIST, judged("vault", "fail"), judged("vault", "pass"))
    assert row(lines, f"vault.{HOST}").split()[:2] == ["✓", "pass"]


# -- the card -----------------------------------------------------------------------------------------------------


def test_a_card_says_what_runs_where_as_whom_what_it_changes_and_how_to_undo_it():
    facts = [" ".join(each.split()) for each in read(*GATE)]
    assert "runs pulumi up --yes" in facts
    assert "on root@203.0.113.10 in /root/layer_1" in facts
    assert "changes Traefik runs" in facts
    assert "undo pulumi destroy" in facts
    assert "usually 9 min, at most 15 min" in facts
    assert "proven by traefik.stable, ports.answer" in facts


def test_the_command_of_a_card_is_quoted_as_a_shell_wants_it():
    lines = read(*ON, begun("layer.apply"), shown(argv=["sh", "-c", "echo 'a b'"]), named())
    assert row(lines, "sh -c").split(maxsplit=1) == ["runs", shlex.join(["sh", "-c", "echo 'a b'"])]


def test_a_card_of_many_commands_shows_all_of_them():
    lines = read(*ON, begun("layer.apply"), shown(commands=[["pulumi", "config"], ["pulumi", "up"]]), named())
    assert below(lines, "runs        pulumi config", 1) == ["pulumi up"]


def test_what_counts_stands_before_many_commands():
    lines = read(*ON, begun("layer.apply"), shown(commands=[["pulumi", "config"], ["pulumi", "up"]]), named())
    assert lines.index(row(lines, "undo  ")) < lines.index(row(lines, "runs  "))


@pytest.mark.parametrize(
    ("undo", "says"),
    [
        ("reversible: rmdir", "undo        rmdir"),
        ("compensable: pulumi destroy", "undo        in part: pulumi destroy"),
        ("irreversible: it is gone", "undo        cannot be undone: it is gone"),
    ],
)
def test_how_a_change_is_undone_is_told_in_plain_words(undo: str, says: str):
    lines = read(*ON, begun("layer.apply"), shown(undo=undo), named())
    assert row(lines, "undo  ").strip() == says


def test_what_proves_a_change_is_told_by_the_titles_of_its_checks():
    proven = shown(proven_by=["dns.vault", "unknown.check"])
    lines = read(*ON, begun("before.dns"), judged("vault", "pass"), begun("layer.apply"), proven, named())
    assert row(lines, "proven by").strip() == f"proven by   vault.{HOST}, unknown.check"


def test_a_proof_whose_title_has_a_value_is_told_with_it():
    guide, up = load_guide(), "layer-1.up"
    seen = sight(*ON, begun(up, guide), shown(up, proven_by=["layer-1.http"]), named(up), guide=guide)
    assert row(words(page(seen)), "proven by").strip() == "proven by   Traefik answers on port 80"


def test_every_warning_of_a_card_stands_on_a_line_of_its_own():
    lines = read(*ON, begun("layer.apply"), shown(warnings=["deletes traefik-data", "stops Vault"]), named())
    assert [" ".join(each.split()) for each in lines if "warning" in each] == [
        "warning deletes traefik-data",
        "warning stops Vault",
    ]


def plan(count: int) -> list[dict[str, str]]:
    return [{"op": "create", "kind": "Service", "name": f"s{number}"} for number in range(count)]


def test_a_long_plan_is_counted_until_it_is_unfolded():
    facts = (
        *ON,
        begun("layer.apply"),
        shown(plan=[*plan(15), {"op": "delete", "kind": "Volume", "name": "v"}]),
        named(),
    )
    counted = "plan        15 created, 0 changed, 0 replaced, 1 deleted"
    folded = read(*facts)
    assert row(folded, "created").strip() == f"{counted}   (p shows them)"
    assert not [each for each in folded if "Service" in each]
    unfolded = read(*facts, unfolded="plan")
    assert row(unfolded, "created").strip() == counted
    assert below(unfolded, "created", 16)[-1].split() == ["delete", "Volume", "v"]


def test_a_short_plan_is_shown_at_once():
    lines = read(*ON, begun("layer.apply"), shown(plan=plan(2)), named())
    assert [each.split() for each in below(lines, "created", 2)] == [
        ["create", "Service", "s0"],
        ["create", "Service", "s1"],
    ]


def test_where_the_guide_is_wrong_it_is_said_what_is_done_instead_and_why_below_the_card():
    lines = read(*GATE)
    assert row(lines, "The guide says").split("  ")[-1].strip() == "pulumi up"
    assert row(lines, "We do").split("  ")[-1].strip() == "the plan you just read"
    assert row(lines, "Because").split("  ")[-1].strip() == "a lost line would leave it locked"
    assert lines.index(row(lines, "The guide says")) > lines.index(row(lines, "proven by"))


# -- a live run ---------------------------------------------------------------------------------------------------


def live(*notes: dict[str, object], facts: tuple[object, ...] = RUNS, later: float = 221, width: int = 80) -> list[str]:
    return words(page(sight(*facts), kit.look(width, now=NOW + later), *notes))  # type: ignore[arg-type]


def test_a_run_says_for_how_long_it_has_run_and_how_long_that_usually_takes():
    assert live()[0].endswith("running 3:41, usually 9 min")


def test_a_bar_has_a_true_denominator():
    lines = live(note("", done=3, total=15), note("", done=12, total=15))
    bar = row(lines, "12 of 15")
    assert (bar.count("█"), bar.count("░")) == (41, 11)


def test_there_is_no_bar_where_the_whole_is_not_known():
    assert not [each for each in live(note("pulling", done=3)) if "█" in each or "░" in each]


def test_resources_that_move_are_a_line_each_with_their_time_and_many_that_are_done_are_counted():
    done = [note(moved=f"create {kind} {kind}{number} done") for kind in ("network", "config") for number in range(3)]
    lines = live(
        *done,
        note(moved="create service traefik started", at=NOW + 149),
        note(moved="update service vault failed", at=NOW + 10),
    )
    assert row(lines, "✓ done").split() == ["✓", "done", "network", "3,", "config", "3"]
    assert row(lines, "traefik").split() == ["•", "creating", "service", "traefik", "1:12"]
    assert row(lines, "vault").split() == ["✗", "failed", "service", "vault", "0:00"]


def test_a_resource_is_one_line_from_its_start_to_its_end():
    lines = live(
        note(moved="create service traefik started", at=NOW), note(moved="create service traefik done", at=NOW + 72)
    )
    assert row(lines, "traefik").split() == ["✓", "done", "service", "traefik", "1:12"]


def test_what_is_waited_for_is_a_sentence():
    lines = live(facts=(*RUNS, Waiting("layer.apply", "waiting for traefik to be stable")))
    assert " waiting for traefik to be stable." in lines


def test_the_last_six_sentences_of_a_job_are_shown_with_their_time():
    lines = live(*(note(f"sentence {number}", at=NOW + number) for number in range(9)))
    said = [each for each in lines if "sentence" in each]
    assert [each.split()[-1] for each in said] == ["3", "4", "5", "6", "7", "8"]
    assert said[0].split()[0] == time.strftime("%H:%M:%S", time.localtime(NOW + 3))


def test_while_a_job_runs_what_the_guide_says_makes_room_for_it():
    assert not [each for each in live() if "The guide says" in each or "Creates Traefik" in each]


# -- a failure ----------------------------------------------------------------------------------------------------


def test_a_failure_says_what_it_builds_on_that_was_skipped_until_the_step_begins_anew():
    skipped = SkippedBefore("layer.apply", [["Initialise Swarm", "not today"]])
    told = (*FAILED, skipped, kit.what_now())
    assert row(read(*told), "skipped before").strip() == "skipped before: Initialise Swarm (not today)"
    assert not [each for each in read(*told, kit.begun("layer.apply")) if "skipped before" in each]


def test_a_card_for_two_people_says_that_the_second_name_proves_nothing():
    lines = read(*kit.ON, kit.begun("layer.apply"), kit.shown(agrees="you, then another: not a proof"), kit.named())
    assert row(lines, "agrees").strip() == "agrees      you, then another: not a proof"


HINT = Hinted(
    "layer.apply", "port.held", "Port 443 is held by nginx", "It began at boot.", "Stop it.", "systemctl stop nginx"
)
FAILED = (*RUNS, kit.failed("layer.apply", "host-mode port already in use", "task traefik.1", "tried 3 times"), HINT)


def test_a_failure_says_for_how_long_it_ran_and_its_first_cause():
    lines = read(*FAILED, kit.what_now(why="host-mode port already in use on 1 node"))
    assert lines[0].endswith("✗ failed after 0:00")
    assert below(lines, "Host-mode port already in use on 1 node.", 3) == ["", "task traefik.1", "tried 3 times"]


def test_a_hint_says_its_cause_what_to_do_and_the_command():
    lines = read(*FAILED, kit.what_now())
    assert below(lines, "Port 443 is held by nginx", 3) == [
        "cause   It began at boot.",
        "do      Stop it.",
        "run     systemctl stop nginx",
    ]


def test_details_beyond_four_are_counted_until_all_are_asked_for():
    facts = (*RUNS, kit.failed("layer.apply", "x", *(f"detail {number}" for number in range(9))), kit.what_now())
    assert "   5 more (a shows them)" in read(*facts)
    assert len([each for each in read(*facts, unfolded="all") if "detail" in each]) == 9


def test_checks_that_fail_stand_below_a_failure_and_those_that_pass_do_not():
    bad, good = judged("vault", "fail", of="layer.apply"), judged("api", "pass", of="layer.apply")
    lines = read(*RUNS, bad, good, kit.done(), kit.what_now())
    assert row(lines, f"vault.{HOST}")
    assert not [each for each in lines if f"api.{HOST}" in each]


def test_what_was_left_half_done_and_why_nothing_can_be_done_yet_is_said():
    left = RepairFound("layer.apply", 1, ["traefik is half made"], "another update holds the lock")
    lines = read(*FAILED, left, kit.what_now())
    assert below(lines, "What was left behind", 2) == ["traefik is half made", "another update holds the lock"]


def test_a_host_name_is_not_written_with_a_capital_where_a_sentence_begins():
    assert row(read(*FAILED, kit.what_now(why=f"vault.{HOST} has no record")), f"vault.{HOST} has no record.")
    assert row(read(*FAILED, kit.what_now(why="no record")), "No record.")


def test_the_command_that_may_help_is_that_of_the_first_hint_else_of_a_failing_check():
    from sprocket_tui.faces.tui.pages.trouble import remedy_command

    assert remedy_command(sight(*FAILED).steps["layer.apply"]) == "systemctl stop nginx"
    assert remedy_command(sight(*LIST, judged("vault", "fail")).steps["before.dns"]) == "dig vault"
    assert remedy_command(sight(*LIST, judged("vault", "pass")).steps["before.dns"]) == ""


def test_a_no_at_a_gate_is_not_called_a_failure():
    lines = read(*ON, begun("layer.apply"), shown(), kit.said_no())
    assert lines[0].endswith("nothing changed")
    assert "✗" not in lines[0]
    assert " You said no; nothing was changed." in lines


@pytest.mark.parametrize("practice", [True, False])
def test_after_a_no_nothing_is_said_of_what_fails_or_how_it_is_mended(practice: bool):
    before = (started(practice=practice), connected(practice=practice), begun("layer.apply"), kit.running())
    facts = (*before, judged("vault", "fail", of="layer.apply"), kit.failed(), kit.what_now(), shown(), HINT)
    lines = "\n".join(read(*facts, kit.said_no()))
    for word in ("dig", "nginx", "faults", "mend", f"vault.{HOST}", "already in use", "failed"):
        assert word not in lines, word
    assert "Going back asks again." in lines


def test_after_a_no_to_a_repair_what_was_left_behind_is_still_said():
    left = RepairFound("layer.apply", 1, ["traefik is half made"])
    assert below(read(*RUNS, left, shown(), kit.said_no()), "What was left behind", 1) == ["traefik is half made"]


# -- remedies -----------------------------------------------------------------------------------------------------

LOOKING = AttemptIntended("layer.apply", 2, "look", ["docker", "service", "ls"])
LOOKED = (
    *(*FAILED, kit.what_now(), LOOKING, AttemptEnded("layer.apply", 2, "done", 0)),
    RemedyPrinted("layer.apply", 2, ["docker", "service", "ls"], ["ID        NAME", "x1  vault"], 3, looked=True),
)


def test_what_a_look_printed_stands_under_the_failure_which_is_there_as_before():
    before, after = read(*FAILED, kit.what_now()), read(*LOOKED, kit.what_now())
    at = after.index(" docker service ls")
    assert after[at : at + 5] == [
        " docker service ls",
        "   3 more lines before these (l shows them)",
        "   ID  NAME",
        "   x1  vault",
        "",
    ]
    assert [*after[:at], *after[at + 5 :]] == before


def test_a_look_that_printed_nothing_or_ended_badly_says_so():
    silent = RemedyPrinted("layer.apply", 2, ["ss"], [], why="exit status 1: it printed nothing", looked=True)
    assert below(read(*LOOKED, silent, kit.what_now()), "ss", 2) == [
        "It printed nothing.",
        "It ended with exit status 1: it printed nothing.",
    ]


def test_what_a_remedy_printed_is_there_while_the_step_is_measured_again_and_gone_when_it_is_taken_anew():
    again = (*FAILED, AttemptIntended("layer.apply", 2, "remedy", ["mv"]), AttemptEnded("layer.apply", 2, "done", 0))
    moved = RemedyPrinted("layer.apply", 2, ["mv", "-v", "a", "b"], ["renamed a to b"])
    waits = Waiting("layer.apply", "waiting: vault runs")
    assert below(read(*again, moved, waits), "mv -v a b", 1) == ["renamed a to b"]
    assert "mv -v a b" not in "\n".join(read(*again, moved, AttemptIntended("layer.apply", 3, "perform", ["true"])))


def test_rows_from_before_are_no_part_of_what_is_waited_for():
    failing = (*FAILED, judged("vault", "fail", of="layer.apply"))
    assert row(read(*failing, kit.what_now()), "dig vault")
    again = (AttemptIntended("layer.apply", 2, "remedy", ["mv"]), AttemptEnded("layer.apply", 2, "done", 0))
    waits = read(*failing, *again, Waiting("layer.apply", "everything holds; watching that it stays so for 5 s"))
    assert "Everything holds" in "\n".join(waits)
    assert not [each for each in waits if "fail" in each or "vault" in each]


@pytest.mark.parametrize(
    "question",
    [
        Asked("layer.apply/which", "choice", "Which command", "layer.apply", ["a", "b"], "a"),
        Asked("layer.apply/passphrase", "secret", "Passphrase", "layer.apply"),
    ],
)
def test_while_a_person_is_asked_the_title_does_not_say_that_something_is_checked(question: Asked):
    waits = (*RUNS, kit.done(), Waiting("layer.apply", "waiting: vault runs"))
    assert "checking" in read(*waits)[0]
    assert "checking" not in read(*waits, kit.what_now(), question)[0]


def test_after_a_check_that_failed_the_time_of_the_next_one_begins_anew():
    seen = kit.sight(*RUNS, kit.done(), Waiting("layer.apply", "waiting: vault runs"), kit.what_now())
    seen.take(kit.event(90, Waiting("layer.apply", "waiting: vault runs"), kit.NOW + 60))
    assert seen.of("layer.apply").checking
    assert seen.of("layer.apply").waits_since == kit.NOW + 60


def test_which_command_is_asked_under_the_failure():
    which = Asked("layer.apply/which", "choice", "Which command", "layer.apply", ["a", "b"], "a")
    before = read(*FAILED, kit.what_now())
    assert read(*FAILED, kit.what_now(), which) == before


def test_the_card_of_a_look_says_what_it_is_for_and_that_nothing_changes():
    told = {"changes": ["nothing; it only looks"], "why": "List the services.", "proven_by": [], "undo": ""}
    card = replace(shown(**told, minutes=None), stage="look")
    lines = read(*FAILED, kit.what_now(), card, Asked("layer.apply/remedy", "yes-no", "Look, as shown", "layer.apply"))
    assert "   for         List the services." in lines
    assert "   changes     nothing; it only looks" in lines
    assert "proven by" not in "\n".join(lines)


def test_looking_at_a_change_before_its_turn_shows_what_it_will_run_and_afterwards_what_it_did():
    facts = (*ON, begun("before.read"))
    seen = sight(*facts)
    lines = words(step.looked_at(seen, seen.of("layer.apply"), kit.look()))
    assert row(lines, "  runs  ").split() == ["runs", "pulumi", "up"]
    assert row(lines, "  on").split() == ["on", "root@203.0.113.10", "in", "~"]
    assert row(lines, "changes  ").split() == ["changes", "Traefik", "runs"]
    assert row(lines, "undo").split() == ["undo", "pulumi", "destroy"]
    assert row(lines, "usually").split() == ["usually", "9", "min,", "at", "most", "15", "min"]
    later = sight(*facts, begun("layer.apply"), kit.ended("layer.apply"))
    over = words(step.looked_at(later, later.of("layer.apply"), kit.look()))
    assert " What it will run" in lines
    assert " What it will run" not in over
