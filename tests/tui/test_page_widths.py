"""No page is wider than the screen and nothing of what it says is markup, whatever the words are."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sprocket_tui.faces.tui.pages import chapters, chrome, ended, step
from sprocket_tui.faces.tui.spans import ROLES, Line, text_of, width_of
from sprocket_tui.guide.model import Correction, Guide, Screen
from sprocket_tui.journal.events import (
    Connected,
    Hinted,
    RemedyPrinted,
    RepairFound,
    RunLeft,
    StepEnded,
    StepStarted,
    Waiting,
)
from sprocket_tui.terminal import clean
from tests.tui import kit
from tests.tui.kit import begun, connected, judged, look, named, note, running, shown, sight, started

HOSTILE = (
    "[b]bold[/b]",
    "[/etc]",
    "[ERROR] x",
    "[@click=app.quit]x[/]",
    "$accent",
    "漢字" * 30,
    "x" * 1000,
    "サ" * 1000,
    "e\u0301" * 40,
    "a\tb",
    "one\ntwo",
    "👩‍👩‍👧 family",
    "",
)


def ascii_of(text: str) -> str:
    return ascii(text)[:20]


# What can come to a page: text that was cleaned where it entered.
TEXTS = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(max_size=200).map(clean),
    st.lists(st.sampled_from(HOSTILE), min_size=1, max_size=4).map(" ".join),
)
SIZES = st.integers(min_value=60, max_value=220)


def guide(text: str) -> Guide:
    """The guide with the text in every place that has words."""
    said = text or "-"
    wrong = Correction(says=said, true=said, why=said)
    more = {"title": said, "text": text, "changes": (said,), "corrects": wrong}
    screens = tuple(
        Screen(
            id=screen.id,
            title=said,
            why=said,
            chapter=said,
            steps=tuple(each.model_copy(update=more) for each in screen.steps),
        )
        for screen in kit.GUIDE.screens
    )
    return kit.GUIDE.model_copy(update={"screens": screens})


def pages(text: str, width: int, *unfolded: str) -> dict[str, list[Line]]:
    """Every kind of page with the text in every place that words from elsewhere come to."""
    written = guide(text)
    on = (started(environment=text, hostname=text), Connected("ssh://a", text, text, [], ""))
    remedy = {"text": text, "command": text, "where": "droplet"}
    rows = [
        judged(state, state, title=text, observed=text, expected=text, why=text, remedy=remedy)
        for state in ("fail", "unknown", "warn", "pass", "skipped")
    ]
    rows.append(judged("blocked", "fail", title=text, blocked_by=text or "x"))
    plan = [{"op": "create", "kind": text, "name": text} for _ in range(3)]
    card = shown(
        argv=[text, text],
        user=text,
        host=text,
        directory=text,
        changes=[text, text],
        plan=plan,
        warnings=[text],
        undo=text,
        why=text,
        proven_by=[text],
    )
    apply = StepStarted("layer.apply", text, text, text)
    notes = [
        note(text, done=1, total=3, failed=True),
        note(moved="create service traefik started") | {"text": text},
        {**note(), "moved": {"op": text, "kind": text, "name": text, "state": "failed"}},
    ]
    trouble = (
        kit.failed("layer.apply", text, text, text),
        Hinted("layer.apply", "h", text, text, text, text),
        RepairFound("layer.apply", 1, [text], text),
        RemedyPrinted("layer.apply", 2, [text], [text, text], 3, text, looked=True),
        kit.what_now(why=text or "x"),
    )
    as_told = {
        "list": (*on, StepStarted("before.dns", text, text, text), *rows),
        "card": (*on, apply, card, named()),
        "run": (*on, apply, running(), Waiting("layer.apply", text)),
        "failure": (*on, apply, running(), *trouble),
        "holds": (*on, apply, card, running(), kit.done(), StepEnded("layer.apply", "done", text)),
        "skipped": (*on, apply, StepEnded("layer.apply", "skipped", text)),
    }
    at = look(width, *unfolded)
    found = {}
    for name, facts in as_told.items():
        seen = sight(*facts, guide=written)
        assert seen.step
        found[name] = step.page(seen, seen.step, notes, at)
        found[f"{name} looked at"] = step.looked_at(seen, seen.step, at)
        found[f"{name} header"] = [chrome.header(seen, at)]
        found[f"{name} beside"] = chapters.side(seen, at)
        found[f"{name} plan"] = chapters.plan(seen, at, waits=True)
        found[f"{name} small"] = chrome.told_small(seen, width, 10, "q leaves")
        found[f"{name} left"] = ended.page(sight(*facts, RunLeft("failed", 3, text), guide=written), text, at)
        found[f"{name} complete"] = ended.page(sight(*facts, RunLeft("done", 6), guide=written), text, at)
    found["message"] = chrome.message(text, "warn", at)
    return found


def check(text: str, width: int, *unfolded: str) -> None:
    for name, lines in pages(text, width, *unfolded).items():
        for each in lines:
            said = text_of(each)
            assert width_of(each) <= width, (name, said)
            assert "\n" not in said, (name, said)
            assert "\t" not in said, (name, said)
            assert {role for _, role in each} <= set(ROLES), name


@pytest.mark.parametrize("width", [60, 80, 100, 140])
@pytest.mark.parametrize("text", HOSTILE, ids=ascii_of)
def test_no_line_is_wider_than_the_screen(text: str, width: int):
    check(text, width)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=TEXTS, width=SIZES)
def test_no_line_is_wider_than_the_screen_whatever_it_says(text: str, width: int):
    check(text, width, "why", "plan", "all")


@settings(max_examples=60, deadline=None)
@given(text=TEXTS, width=SIZES)
def test_of_the_words_of_a_step_nothing_is_lost(text: str, width: int):
    """Only spaces may go where a line is broken."""
    seen = sight(started(), connected(), StepStarted("before.read", "x", "Read", text), guide=kit.GUIDE)
    assert seen.step
    lines = step.page(seen, seen.step, (), look(width))
    assert "".join("".join(map(text_of, lines[1:])).split()) == "".join(text.split())


@pytest.mark.parametrize("text", HOSTILE[:4])
def test_what_looks_like_markup_is_shown_as_it_is(text: str):
    seen = sight(started(), connected(), begun("before.dns"), judged("vault", "fail", title=text, observed=text))
    assert seen.step
    (row,) = [each for each in map(text_of, step.page(seen, seen.step, (), look())) if "✗ fail" in each]
    assert row.count(text) == 2
