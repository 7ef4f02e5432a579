"""Go or no-go for a date: the guide's rules of the calendar, windows, people, costs, risks, and what it rests on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from sprocket_tui.checks.observation import Observation, State, Verdict
from sprocket_tui.checks.waivers import Waiver
from sprocket_tui.errors import SprocketError
from sprocket_tui.exits import Exit
from sprocket_tui.guide.loader import load_guide
from sprocket_tui.planning import settings as plan_file
from sprocket_tui.planning.calendar import Calendar
from sprocket_tui.planning.plan import Plan, plan
from sprocket_tui.planning.settings import Settings
from sprocket_tui.planning.when import parse, understood
from sprocket_tui.planning.window import Crew
from sprocket_tui.reports.planned.document import document
from sprocket_tui.reports.planned.html import html
from sprocket_tui.reports.planned.markdown import markdown
from sprocket_tui.reports.planned.table import table
from sprocket_tui.reports.planned.view import counts, facts, row
from sprocket_tui.reports.style import Style

GUIDE = load_guide()
BERLIN = ZoneInfo("Europe/Berlin")
# A Thursday. Monday to Wednesday of the week after it are ordinary days in Germany.
NOW = datetime(2026, 11, 26, 12, 0, tzinfo=BERLIN)
MONDAY = datetime(2026, 11, 30, 9, 0, tzinfo=BERLIN)
ABLE = Crew(1, "experienced")
TOLD = {each.id: {"holds": True, "said": "2026-11-25", "who": "Ana"} for each in GUIDE.planning.prerequisites}
KNOWN: dict[str, Any] = {
    "timezone": "Europe/Berlin",
    "country": "DE",
    "business_hours": {"opens": "09:00", "closes": "17:00"},
    "critical_periods": [],
    "budget": {"month": 150, "once": 2000},
    "told": TOLD,
}


def verdict(id_: str, state: State, **fields: Any) -> Verdict:
    given = {"observed": "seen", "expected": "right", "why": "", "remedy": None, "blocking": True}
    return Verdict(**{"id": id_, "title": f"Title of {id_}", "state": state, **given, **fields})


RIGHT = (verdict("dns.layer-1.traefik", State.PASS), verdict("dns.layer-1.fa", State.PASS))


def planned(
    at: datetime = MONDAY,
    crew: Crew = ABLE,
    verdicts: Iterable[Verdict] = RIGHT,
    now: datetime = NOW,
    **settings: Any,
) -> Plan:
    return plan(GUIDE, Settings.model_validate({**KNOWN, **settings}), crew, at, now, tuple(verdicts))


def waived_until(
    last: date, state: State = State.FAIL, id_: str = "docker.daemon", now: datetime = NOW, **given: Any
) -> Plan:
    """A plan for Monday 30 Nov with one check that a person answers for until `last`."""
    waiver = Waiver(by="ann@laptop", reason="comes tomorrow", given=date(2026, 11, 26), until=last, saw={})
    verdicts = [*RIGHT, verdict(id_, state), verdict("node.memory", State.PASS)]
    settings = Settings.model_validate({**KNOWN, **given})
    return plan(GUIDE, settings, ABLE, MONDAY, now, verdicts, waivers={id_: waiver})


def line(found: Plan, id_: str) -> Verdict:
    return next(each.verdict for each in found.lines if each.verdict.id == id_)


def rule(at: datetime, id_: str, **given: Any) -> State:
    return line(planned(at, **given), f"calendar.{id_}").state


def berlin(month: int, day: int, hour: int = 9, minute: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=BERLIN)


# The verdict


def test_everything_right_and_told_is_a_go() -> None:
    found = planned()
    assert (found.word, found.code, found.missing) == ("go", Exit.GO, ())


def test_what_nobody_has_told_leaves_warnings_and_no_more() -> None:
    found = planned(told={})
    assert found.code is Exit.WARNINGS
    assert line(found, "prerequisite.backup-engineer").state is State.UNKNOWN


def test_a_blocking_check_that_is_unknown_makes_the_plan_unknown() -> None:
    assert planned(verdicts=[*RIGHT, verdict("node.cpus", State.UNKNOWN)]).code is Exit.UNKNOWN


def test_a_check_that_fails_and_blocks_is_a_no_go() -> None:
    assert planned(verdicts=[*RIGHT, verdict("docker.daemon", State.FAIL)]).code is Exit.FAILED


def test_a_failure_that_somebody_answers_for_is_a_go_with_waivers() -> None:
    found = waived_until(date(2026, 11, 30))
    assert (found.code, found.missing) == (Exit.WAIVED, ())
    assert counts(found).endswith("; 1 waived")


def test_a_waiver_that_ends_before_the_window_does_not_hold_then_and_says_so() -> None:
    found = waived_until(date(2026, 11, 29))
    assert (found.code, [each.verdict.id for each in found.missing]) == (Exit.FAILED, ["docker.daemon"])
    assert line(found, "docker.daemon").observed == (
        "seen (the waiver of ann@laptop ends on 2026-11-29, before the window does)"
    )


@pytest.mark.parametrize("state", [State.FAIL, State.UNKNOWN])
@pytest.mark.parametrize(
    ("id_", "line_", "said"),
    [
        ("node.cpus", "prerequisite.server", "1 check passed, but for what is waived: Title of node.cpus"),
        ("accounts.doppler", "prerequisite.doppler", "it is waived: Title of accounts.doppler"),
        (
            "dns.later",
            "calendar.dns-a-day-before",
            "right at Sun 29 Nov 10:00, and whether they were by Sun 29 Nov 09:00 nobody measured"
            ", but for what is waived: Title of dns.later",
        ),
    ],
)
def test_what_rests_on_a_check_that_somebody_answers_for_stands_in_no_way_either(
    id_: str, line_: str, said: str, state: State
) -> None:
    soon = MONDAY - timedelta(hours=23)
    found = waived_until(date(2026, 11, 30), state, id_, soon)
    assert (found.code, line(found, line_).observed) == (Exit.WAIVED, said)
    over = waived_until(date(2026, 11, 29), state, id_, soon, told={})
    assert line(over, line_).state is not State.PASS


def test_what_nobody_answers_for_is_weaker_evidence_than_what_somebody_does() -> None:
    found = waived_until(date(2026, 11, 30), State.UNKNOWN, told={})
    assert found.weakest is not None
    assert found.weakest.verdict.id.startswith("prerequisite.")


# The rules of the calendar


def test_a_friday_afternoon_is_a_no_go_by_itself_and_the_next_good_window_is_named() -> None:
    found = planned(berlin(11, 27, 15), verdicts=())
    assert found.code is Exit.FAILED
    assert str(found.better) == "Mon 30 Nov 09:00-12:05"
    assert "Friday afternoon" in line(found, "calendar.friday-afternoon").why


def test_a_friday_morning_that_may_last_into_the_afternoon_is_one_too() -> None:
    assert rule(berlin(11, 27, 8, 54), "friday-afternoon") is State.PASS
    assert rule(berlin(11, 27, 9), "friday-afternoon") is State.FAIL


@pytest.mark.parametrize(("day", "state"), [(30, "pass"), (1, "pass"), (2, "pass"), (3, "warn"), (4, "warn")])
def test_monday_to_wednesday_are_the_best_days(day: int, state: str) -> None:
    assert rule(berlin(11 if day == 30 else 12, day), "early-in-the-week").value == state


def test_a_thursday_warns_and_does_not_forbid() -> None:
    found = planned(berlin(12, 3))
    assert found.code is Exit.WARNINGS
    assert str(found.better) == "Mon 7 Dec 09:00-12:05"


@pytest.mark.parametrize(("hour", "minute", "state"), [(9, 0, "pass"), (14, 0, "pass"), (14, 1, "warn")])
def test_it_begins_by_early_afternoon(hour: int, minute: int, state: str) -> None:
    assert rule(berlin(12, 1, hour, minute), "early-in-the-day").value == state


@pytest.mark.parametrize(
    ("at", "state"),
    [
        (berlin(12, 1, 9), "pass"),
        (berlin(12, 1, 8, 59), "fail"),
        (berlin(12, 1, 13, 55), "pass"),
        (berlin(12, 1, 13, 56), "fail"),
        (berlin(12, 1, 17), "fail"),
        (berlin(12, 5, 10), "fail"),
        (berlin(12, 25, 10), "fail"),
    ],
    ids=["opening", "too early", "ends at closing", "ends after closing", "closed", "Saturday", "Christmas"],
)
def test_all_of_it_is_inside_business_hours(at: datetime, state: str) -> None:
    assert rule(at, "business-hours").value == state


def test_the_latest_start_ends_with_business() -> None:
    assert planned().latest.moment == berlin(11, 30, 13, 55)


@pytest.mark.parametrize(
    ("country", "day", "state"),
    [
        ("US", date(2026, 11, 25), "fail"),
        ("DE", date(2026, 11, 25), "pass"),
        ("US", date(2026, 7, 2), "fail"),
        ("DE", date(2026, 7, 2), "pass"),
        ("DE", date(2026, 4, 2), "fail"),
        ("US", date(2026, 4, 2), "pass"),
        ("US", date(2026, 9, 4), "fail"),
        ("DE", date(2026, 9, 4), "pass"),
        ("DE", date(2027, 10, 1), "pass"),
    ],
    ids=[
        "Thanksgiving in the US",
        "no Thanksgiving in Germany",
        "Independence Day in the US",
        "no Independence Day in Germany",
        "Good Friday in Germany",
        "no Good Friday in the US",
        "the long weekend of Labor Day",
        "no Labor Day in Germany",
        "a holiday on a Sunday makes no long weekend",
    ],
)
def test_not_before_a_holiday_or_a_long_weekend_of_the_country(country: str, day: date, state: str) -> None:
    at = datetime.combine(day, time(9), BERLIN)
    assert rule(at, "before-days-off", country=country, now=at - timedelta(days=3)).value == state


def test_a_region_has_holidays_of_its_own() -> None:
    before = datetime(2026, 6, 3, 9, tzinfo=BERLIN)
    early = before - timedelta(days=3)
    assert rule(before, "before-days-off", region="BY", now=early) is State.FAIL
    assert rule(before, "before-days-off", region="BE", now=early) is State.PASS


def test_days_off_of_the_team_make_a_long_weekend() -> None:
    assert rule(berlin(12, 3), "before-days-off", days_off=["2026-12-04"]) is State.FAIL


def test_without_a_country_holidays_are_unknown_and_do_not_block() -> None:
    found = planned(country="")
    assert line(found, "calendar.before-days-off").state is State.UNKNOWN
    assert found.code is Exit.WARNINGS


def test_a_critical_period_is_a_no_go_on_both_of_its_days() -> None:
    period = {"first": "2026-12-01", "last": "2026-12-02", "why": "finals"}
    states = [rule(berlin(12, day), "critical-period", critical_periods=[period]) for day in (1, 2, 3)]
    assert states == [State.FAIL, State.FAIL, State.PASS]
    assert "finals" in line(planned(berlin(12, 1), critical_periods=[period]), "calendar.critical-period").observed


def test_periods_that_nobody_named_are_unknown() -> None:
    assert rule(MONDAY, "critical-period", critical_periods=None) is State.UNKNOWN


def test_names_that_are_wrong_less_than_a_day_before_are_a_no_go() -> None:
    wrong = [verdict("dns.layer-1.fa", State.FAIL, blocking=False)]
    soon = MONDAY - timedelta(hours=23)
    assert rule(MONDAY, "dns-a-day-before", verdicts=wrong, now=soon) is State.FAIL
    assert rule(MONDAY, "dns-a-day-before", verdicts=wrong, now=MONDAY - timedelta(hours=25)) is State.WARN
    assert planned(verdicts=wrong, now=soon).code is Exit.FAILED


def test_names_that_could_not_be_measured_in_time_leave_the_plan_unknown() -> None:
    blind = [verdict("dns.layer-1.fa", State.UNKNOWN, blocking=False)]
    assert planned(verdicts=blind, now=MONDAY - timedelta(hours=2)).code is Exit.UNKNOWN


def test_the_next_window_leaves_names_that_are_put_right_now_their_day() -> None:
    wrong = [verdict("dns.layer-1.fa", State.FAIL, blocking=False)]
    found = planned(MONDAY, verdicts=wrong, now=MONDAY - timedelta(hours=2))
    assert str(found.better) == "Tue 1 Dec 09:00-12:05"


def test_without_a_target_the_names_are_unknown_and_the_day_they_are_due_is_said() -> None:
    found = planned(verdicts=())
    assert line(found, "calendar.dns-a-day-before").observed.endswith("by Sun 29 Nov 09:00")
    assert found.code is Exit.WARNINGS


def test_where_no_day_is_good_one_that_is_not_forbidden_is_named() -> None:
    found = planned(berlin(12, 4, 15), business_days=["thu", "fri"])
    assert str(found.better) == "Thu 10 Dec 09:00-12:05"


def test_where_no_window_is_near_that_is_said() -> None:
    found = planned(berlin(11, 28), Crew(1, "first"), business_days=["sat"])
    assert found.better is None
    assert dict(facts(found))["better"] == "none in the next 120 days"
    assert table(found, Style(width=200)).endswith("\nNext good window: none in the next 120 days\n")
    assert "better" not in dict(facts(planned()))


# Windows and people


def test_a_day_on_which_clocks_change_is_counted_by_real_time() -> None:
    night = Settings.model_validate({**KNOWN, "business_hours": {"opens": "01:00", "closes": "09:00"}})
    calendar = Calendar(night, BERLIN)
    assert calendar.day_minutes(date(2026, 3, 29)) == 7 * 60
    assert calendar.day_minutes(date(2026, 10, 25)) == 9 * 60


def test_a_window_over_a_change_of_clocks_ends_so_many_real_minutes_later() -> None:
    at = datetime(2026, 3, 29, 1, 30, tzinfo=BERLIN)
    found = planned(at, now=at - timedelta(days=2)).window
    assert found.ends.astimezone(UTC) - found.starts.astimezone(UTC) == timedelta(minutes=185)
    assert found.ends == datetime(2026, 3, 29, 5, 35, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("at", "rule"),
    [
        (berlin(11, 27), "Not on a Friday afternoon"),
        (berlin(11, 29), "Inside business hours"),
        (berlin(12, 25), "Inside business hours"),
        (berlin(12, 24), "Not before a holiday or a long weekend"),
    ],
)
def test_a_day_that_the_calendar_forbids_has_no_latest_start(at: datetime, rule: str) -> None:
    latest = planned(at).latest
    assert (latest.moment, rule in latest.why) == (None, True)


def test_a_day_without_work_has_no_latest_start_and_that_is_why() -> None:
    latest = planned(berlin(11, 28), Crew(1, "first")).latest
    assert (latest.moment, latest.why) == (None, "nobody works on that day (Saturday)")


def test_where_only_the_afternoon_is_forbidden_the_latest_start_ends_before_it() -> None:
    latest = planned(berlin(11, 27, 8), business_hours={"opens": "08:00", "closes": "17:00"}).latest
    assert (latest.moment, latest.why) == (berlin(11, 27, 8, 55), "because of the rule: Not on a Friday afternoon")


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (berlin(12, 1, 3), "Begin when business opens, at 09:00."),
        (berlin(11, 29, 10), "Begin on a working day, from 09:00 on."),
        (berlin(12, 1, 16), "Begin earlier, or on another working day."),
    ],
)
def test_what_is_said_of_a_start_outside_business_hours_would_help(at: datetime, said: str) -> None:
    remedy = line(planned(at), "calendar.business-hours").remedy
    assert remedy is not None
    assert remedy.text == said


def test_what_does_not_fit_a_day_goes_on_when_the_next_working_day_opens() -> None:
    found = planned(MONDAY, Crew(1, "first"))
    assert str(found.window) == "Mon 30 Nov 09:00 to Tue 1 Dec 11:00"
    assert [spot.timed.stage.id for spot in found.window.spots if spot.starts.date() == date(2026, 12, 1)] == [
        "verification"
    ]
    assert found.latest.moment is None


def test_the_next_day_is_never_one_without_work() -> None:
    assert planned(berlin(12, 4), Crew(1, "first")).window.ends.date() == date(2026, 12, 7)


def test_a_second_person_shortens_a_first_time_and_not_a_later_one() -> None:
    alone, together = (planned(crew=Crew(people, "first")).window for people in (1, 2))
    assert together.ends - together.starts < alone.ends - alone.starts
    assert planned(crew=Crew(2, "experienced")).window == planned().window


def test_one_person_for_the_first_time_is_warned_of() -> None:
    assert line(planned(crew=Crew(1, "first")), "people.size").state is State.WARN
    assert line(planned(crew=Crew(2, "first")), "people.size").state is State.PASS


def test_what_was_told_ends_after_its_days() -> None:
    old = {**TOLD, "backup-engineer": {"holds": True, "said": "2026-10-01"}}
    assert line(planned(told=old), "prerequisite.backup-engineer").state is State.UNKNOWN


def test_what_was_told_until_a_day_before_the_window_is_unknown_for_it() -> None:
    told = {**TOLD, "backup-engineer": {"holds": True, "who": "Ana", "said": "2026-11-25", "until": "2026-11-30"}}
    assert line(planned(told=told), "prerequisite.backup-engineer").state is State.PASS
    later = line(planned(berlin(12, 8), told=told), "prerequisite.backup-engineer")
    assert (later.state, later.blocking) == (State.UNKNOWN, False)
    assert later.observed == (
        "yes, Ana said so on 2026-11-25; that holds until 2026-11-30; the window is Tue 8 Dec 09:00-12:05"
    )


@pytest.mark.parametrize("blind", [(), ("images.layer-1",), ("images.layer-1", "services.platform-images")])
def test_a_login_that_is_refused_fails_whatever_else_is_not_known_and_whatever_was_told(blind: tuple[str, ...]) -> None:
    told = {**TOLD, "docker-hub": {"holds": True, "who": "Bob", "said": "2026-11-25"}}
    refused = verdict("services.images", State.FAIL, observed="refuses the login")
    others = [
        verdict(
            each, State.SKIPPED if each in blind else State.PASS, blocked_by="docker.daemon" if each in blind else ""
        )
        for each in ("services.platform-images", "images.layer-1")
    ]
    found = line(planned(told=told, verdicts=[*RIGHT, refused, *others]), "prerequisite.docker-hub")
    assert (found.state, found.blocking) == (State.FAIL, True)
    assert found.observed == "Title of services.images: refuses the login"


@pytest.mark.parametrize(
    ("id_", "check"), [("digital-ocean", "consoles.payment"), ("dns-provider", "consoles.dns-ttl")]
)
def test_what_a_person_read_on_a_dashboard_decides_what_rests_on_it(id_: str, check: str) -> None:
    for state in (State.FAIL, State.PASS):
        read = verdict(check, state, blocking=False)
        assert line(planned(told=TOLD, verdicts=[*RIGHT, read]), f"prerequisite.{id_}").state is state
    assert line(planned(told={}, verdicts=[*RIGHT, read]), f"prerequisite.{id_}").state is State.PASS


@pytest.mark.parametrize(
    ("risk", "check"),
    [
        ("credentials", "accounts.doppler"),
        ("credentials", "services.database"),
        ("credentials", "backend.login"),
        ("images", "services.images"),
        ("images", "images.layer-1"),
        ("network", "cloud.firewall"),
        ("network", "firewall.ssh"),
    ],
)
def test_a_risk_is_raised_by_every_check_that_measures_it(risk: str, check: str) -> None:
    assert likely(risk, verdict(check, State.FAIL)) == ("high", [check])


def test_a_no_holds_until_somebody_says_yes_however_late_the_window_is() -> None:
    told = {**TOLD, "server": {"holds": False, "who": "Bob", "said": "2026-11-25", "until": "2026-11-30"}}
    for day in (1, 8):
        found = line(planned(berlin(12, day), told=told), "prerequisite.server")
        assert (found.state, found.observed) == (State.FAIL, "no, Bob said so on 2026-11-25")
        assert found.blocking


def told_on(day: str, config: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(config))
    path = plan_file.file()
    path.parent.mkdir(parents=True)
    path.write_text(f"timezone: Europe/Berlin\ntold:\n  github:\n    holds: yes\n    said: {day}\n", encoding="utf-8")
    return plan_file.load(GUIDE.planning, NOW)


def test_what_was_told_today_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert told_on("2026-11-26", tmp_path, monkeypatch).told["github"].said == NOW.date()


def test_what_is_said_to_be_told_in_the_future_is_refused_at_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SprocketError, match=r"plan\.yaml:5: told\.github\.said: 2026-11-27 is in the future"):
        told_on("2026-11-27", tmp_path, monkeypatch)


@pytest.mark.parametrize(("id_", "code"), [("github", Exit.FAILED), ("backup-engineer", Exit.WARNINGS)])
def test_what_is_told_to_be_missing_blocks_only_where_the_guide_says_so(id_: str, code: Exit) -> None:
    assert planned(told={**TOLD, id_: {"holds": False, "said": "2026-11-25"}}).code is code


def test_what_was_measured_goes_before_what_was_told() -> None:
    small = [*RIGHT, verdict("node.cpus", State.FAIL, blocking=False, observed="2 CPUs")]
    server = line(planned(verdicts=small), "prerequisite.server")
    assert (server.state, "2 CPUs" in server.observed) == (State.FAIL, True)


# Costs


def test_sums_are_those_of_the_items() -> None:
    found = planned(crew=ABLE).costs
    monthly = [each.amount for each in GUIDE.planning.costs if each.per == "month" and each.amount]
    yearly = [each.amount for each in GUIDE.planning.costs if each.per == "year" and each.amount]
    low = sum(each.at_least for each in monthly) + sum(each.at_least for each in yearly) / 12
    assert found.month.at_least == pytest.approx(low)
    assert found.year.at_least == pytest.approx(low * 12)
    assert found.once.at_least == pytest.approx(100 * 140 / 60)


def test_two_people_cost_the_hours_of_both() -> None:
    one, two = (planned(crew=Crew(people, "experienced")).costs for people in (1, 2))
    assert two.once.at_most == pytest.approx(2 * one.once.at_most)
    assert two.month == one.month


@pytest.mark.parametrize(("month", "state"), [(100, "fail"), (132, "warn"), (133, "pass"), (None, "unknown")])
def test_the_budget_of_a_month_decides(month: float | None, state: str) -> None:
    found = planned(budget={"month": month, "once": 2000})
    assert line(found, "cost.month").state.value == state
    assert found.code is {"fail": Exit.FAILED, "pass": Exit.GO}.get(state, Exit.WARNINGS)


@pytest.mark.parametrize(
    ("month", "said"),
    [
        (100, "$132, of $100: $32 too much"),
        (131.9, "$131.83-132.25, of $131.90: up to $0.35 too much"),
        (132, "$131.83-132.25, of $132.00: up to $0.25 too much"),
        (132.3, "$131.83-132.25, of $132.30"),
        (132.25, "$131.83-132.25, of $132.25"),
        (150, "$132, of $150"),
    ],
)
def test_a_sum_beside_a_budget_says_by_how_much_it_is_over_and_cents_where_dollars_look_alike(
    month: float, said: str
) -> None:
    assert line(planned(budget={"month": month, "once": 2000}), "cost.month").observed == said


def test_prices_that_are_too_old_when_the_window_is_over_are_said_to_be() -> None:
    end = min(each.price.dated + timedelta(days=each.price.valid_days) for each in GUIDE.planning.costs)
    before = datetime.combine(end - timedelta(days=2), time(9), BERLIN)
    now = before - timedelta(days=2)
    assert line(planned(before, now=now), "cost.prices").state is State.PASS
    late = line(planned(before + timedelta(days=7), now=now), "cost.prices")
    assert (late.state, " by " in late.observed) == (State.WARN, True)


@pytest.mark.parametrize("id_", ["cost.prices", "cost.month", "cost.once"])
def test_what_rests_on_prices_is_as_old_as_the_oldest_and_ends_after_it_began(id_: str) -> None:
    late = planned(now=berlin(11, 28, year=2027), at=berlin(11, 30, year=2027))
    measured, until = times(late, id_)
    assert measured == berlin(12, 4, 0, year=2025)
    assert until
    assert until > measured


def test_a_budget_is_a_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    plan_file.file().parent.mkdir(parents=True)
    plan_file.file().write_text("budget: {month: .inf, once: .nan}\n", encoding="utf-8")
    with pytest.raises(SprocketError, match=r"plan\.yaml:1: budget\.month: .*finite"):
        plan_file.load(GUIDE.planning, NOW)


@pytest.mark.parametrize("sum_", ["month", "once"])
def test_a_sum_within_the_budget_is_unknown_where_its_prices_end_before_the_window_does(sum_: str) -> None:
    priced = [each for each in GUIDE.planning.costs if (each.per == "once") is (sum_ == "once")]
    end = min(each.price.dated + timedelta(days=each.price.valid_days) for each in priced)
    before = datetime.combine(end - timedelta(days=2), time(9), BERLIN)
    now = before - timedelta(days=2)
    told = {"budget": {"month": 150, "once": 10_000}}
    good = line(planned(before, now=now, **told), f"cost.{sum_}")
    late = line(planned(before + timedelta(days=7), now=now, **told), f"cost.{sum_}")
    over = line(planned(before + timedelta(days=7), now=now, budget={"month": 1, "once": 1}), f"cost.{sum_}")
    assert (good.state, late.state, late.blocking) == (State.PASS, State.UNKNOWN, False)
    assert f"by prices that are good until {end}; the window is " in late.observed
    assert late.remedy and late.remedy.text.startswith("Look them up")
    # What is too much already is no better for that.
    assert over.state in {State.FAIL, State.WARN}


def test_prices_that_are_older_than_a_year_are_said_to_be() -> None:
    later = datetime(2027, 1, 18, 9, tzinfo=BERLIN)
    assert line(planned(later, now=later - timedelta(days=3)), "cost.prices").state is State.WARN


# Risks


def likely(risk: str, *verdicts: Verdict, crew: Crew = ABLE) -> tuple[str, list[str]]:
    found = next(each for each in planned(verdicts=verdicts, crew=crew).risks if each.risk.id == risk)
    return found.likely, [each.id for each in found.raised_by]


def test_a_check_of_names_raises_or_lowers_the_risk_of_names() -> None:
    id_ = "dns.layer-1.traefik"
    assert likely("dns") == ("medium", [])
    assert likely("dns", verdict(id_, State.FAIL)) == ("high", [id_])
    assert likely("dns", verdict(id_, State.UNKNOWN)) == ("high", [id_])
    assert likely("dns", verdict(id_, State.PASS)) == ("low", [])


def test_of_many_checks_that_raise_a_risk_a_few_are_named() -> None:
    blind = [verdict(f"dns.layer-1.n{number}", State.UNKNOWN, title=f"n{number}") for number in range(27)]
    raised = [each for each in planned(verdicts=blind).risks if len(each.raised_by) == len(blind)]
    assert {each.because for each in raised} == {"n0 (unknown); n1 (unknown); n2 (unknown); and 24 more"}


def test_a_check_that_is_blocked_raises_like_one_that_is_unknown() -> None:
    assert likely("credentials", verdict("credentials.docker", State.SKIPPED, blocked_by="docker.daemon"))[0] == "high"


def test_a_check_that_does_not_apply_changes_no_risk() -> None:
    assert likely("vault", verdict("credentials.vault-access", State.SKIPPED)) == ("low", [])


def test_an_unknown_raises_a_small_risk_by_one() -> None:
    assert likely("network", verdict("ports.http", State.UNKNOWN)) == ("medium", ["ports.http"])


def test_a_first_time_is_a_larger_risk_with_pulumi() -> None:
    assert likely("pulumi")[0] == "low"
    assert likely("pulumi", crew=Crew(2, "first"))[0] == "medium"


def test_likely_risks_come_first() -> None:
    first = planned(verdicts=[verdict("ports.http", State.FAIL)]).risks[0]
    assert (first.risk.id, first.because) == ("network", "Title of ports.http (fail)")


# What the verdict rests on


def test_the_verdict_ends_with_the_evidence_that_expires_first() -> None:
    found = planned()
    assert found.weakest
    ends = [each.until for each in found.lines if each.until]
    assert found.weakest.until == min(ends)
    assert found.sentence.startswith("Go for Mon 30 Nov 09:00-12:05. Weakest evidence: ")
    assert found.sentence.endswith("look again shortly before it.")


def test_what_nobody_knows_is_weaker_than_what_expires() -> None:
    without = {name: told for name, told in TOLD.items() if name != "low-usage"}
    assert "Few people use the application then" in planned(told=without).sentence


def test_of_two_unknowns_the_one_that_blocks_is_the_weaker() -> None:
    found = planned(told={}, verdicts=[*RIGHT, verdict("node.cpus", State.UNKNOWN)])
    assert found.weakest
    assert found.weakest.verdict.id == "node.cpus"


def unreached() -> Plan:
    """Of a host that nobody reaches; the first of its checks is blocked by a later one."""
    refused = "10.0.0.1 refused the connection"
    return planned(
        verdicts=[
            *RIGHT,
            verdict("backend.lock", State.SKIPPED, observed="blocked by node.memory", blocked_by="node.memory"),
            verdict("node.cpus", State.UNKNOWN, observed=refused),
            verdict("node.memory", State.UNKNOWN, observed=refused),
            verdict("node.disk", State.UNKNOWN, observed="timed out"),
        ]
    )


def test_a_reason_for_which_several_checks_are_unknown_is_one_in_the_verdict_and_its_evidence_is_the_cause() -> None:
    found = unreached()
    assert found.weakest
    assert found.weakest.verdict.id == "node.cpus"
    assert found.sentence == (
        "Unknown for Mon 30 Nov 09:00-12:05: Title of node.cpus, and 2 more for the same reason; Title of node.disk."
        " Weakest evidence: Title of node.cpus: 10.0.0.1 refused the connection."
    )


def test_what_is_blocked_is_no_evidence_and_what_blocks_it_is() -> None:
    cause = verdict("backend.login", State.UNKNOWN, observed="it has no value", blocking=False)
    blocked = verdict("backend.lock", State.SKIPPED, observed="blocked", blocked_by="backend.login")
    found = planned(told={}, verdicts=[*RIGHT, cause, blocked])
    assert found.code is Exit.UNKNOWN
    assert found.sentence.endswith("Weakest evidence: Title of backend.login: it has no value.")


def test_what_blocks_is_no_weak_evidence_where_it_is_known_or_somebody_answers_for_it() -> None:
    blocked = verdict("node.cpus", State.SKIPPED, observed="blocked", blocked_by="docker.daemon")
    failed = planned(verdicts=[*RIGHT, verdict("docker.daemon", State.FAIL), blocked])
    waiver = Waiver(by="ann@laptop", reason="later", given=date(2026, 11, 26), until=date(2026, 11, 30), saw={})
    verdicts = [*RIGHT, verdict("docker.daemon", State.FAIL), blocked]
    waived = plan(GUIDE, Settings.model_validate(KNOWN), ABLE, MONDAY, NOW, verdicts, waivers={"docker.daemon": waiver})
    for found in (failed, waived):
        assert found.weakest
        assert found.weakest.verdict.id == "node.cpus"


@pytest.mark.parametrize("form", [lambda plan: table(plan, Style(width=500)), markdown, html])
def test_a_reason_for_which_several_checks_are_unknown_is_told_once(form: Callable[[Plan], str]) -> None:
    told = form(unreached())
    # In the verdict (HTML has it in its head too), in what is missing, and among the checks.
    assert "Title of node.memory: for the same reason as Title of node.cpus" in re.sub(r"<[^>]*>|\\", "", told)
    assert not re.search(r"node.memory[^\n]*: 10", told)


def test_a_no_go_names_its_reasons_before_its_weakest_evidence() -> None:
    said = planned(berlin(11, 27, 15), verdicts=()).sentence
    assert said.index("Not on a Friday afternoon") < said.index("Weakest evidence")


def test_every_line_that_is_known_says_when_it_was_found_and_until_when_it_holds() -> None:
    for each in planned().lines:
        assert each.measured
        assert each.until
        assert each.until > NOW


def seen_at(id_: str, moment: datetime, state: State = State.PASS, **fields: Any) -> Verdict:
    return verdict(id_, state, observation=Observation(value=1, at=moment.timestamp()), **fields)


def times(found: Plan, id_: str) -> tuple[datetime | None, datetime | None]:
    return next((each.measured, each.until) for each in found.lines if each.verdict.id == id_)


def test_a_check_says_when_it_was_measured_and_holds_from_then_on() -> None:
    at = NOW - timedelta(seconds=47)
    found = planned(verdicts=[*RIGHT, seen_at("node.load", at), seen_at("docker.daemon", NOW)])
    assert times(found, "node.load") == (at, at + timedelta(seconds=30))
    assert times(found, "docker.daemon") == (NOW, NOW + timedelta(seconds=60))


def test_what_rests_on_checks_is_as_old_as_the_oldest_and_holds_as_long_as_the_first_that_ends() -> None:
    early, late = NOW - timedelta(minutes=2), NOW - timedelta(minutes=1)
    found = planned(verdicts=[seen_at("dns.layer-1.traefik", late), seen_at("dns.layer-1.fa", early)])
    assert times(found, "calendar.dns-a-day-before") == (early, early + timedelta(minutes=5))
    assert line(found, "calendar.dns-a-day-before").observed == "right at Thu 26 Nov 11:58"


def test_what_blocks_nothing_does_not_end_what_rests_on_it_beside_others() -> None:
    load = seen_at("node.load", NOW, blocking=False)
    found = planned(verdicts=[*RIGHT, load, seen_at("node.memory", NOW)])
    assert times(found, "prerequisite.server") == (NOW, NOW + timedelta(minutes=5))


def test_what_could_not_be_measured_says_when_it_was_tried_and_holds_for_no_time() -> None:
    tried = Observation(reason="timed out", at=NOW.timestamp())
    never = Observation(reason="blocked by node.cpus")
    verdicts = [
        verdict("node.cpus", State.UNKNOWN, observation=tried),
        verdict("node.memory", State.UNKNOWN, observation=never),
    ]
    found = planned(verdicts=[*RIGHT, *verdicts])
    assert (times(found, "node.cpus"), times(found, "node.memory")) == ((NOW, None), (None, None))


def test_evidence_that_holds_for_minutes_has_seconds_so_that_it_does_not_end_when_it_begins() -> None:
    found = planned(verdicts=[*RIGHT, seen_at("docker.daemon", NOW + timedelta(seconds=4))])
    long_, short = (
        row(each) for each in found.lines if each.verdict.id in {"docker.daemon", "calendar.friday-afternoon"}
    )
    assert (short.measured, short.until) == ("2026-11-26 12:00:04", "2026-11-26 12:01:04")
    assert (long_.measured, long_.until) == ("2026-11-26 12:00", "2026-11-30 12:05")
    assert "Weakest evidence: Title of docker.daemon, found 2026-11-26 12:00:04, valid until 2026-11-26 12:01:04." in (
        found.sentence
    )
    assert "    found     2026-11-26 12:00:04, valid until 2026-11-26 12:01:04\n" in table(
        planned(verdicts=[*RIGHT, seen_at("docker.daemon", NOW + timedelta(seconds=4), State.WARN)]), Style()
    )
    rows = {each.id: each for each in document(found).lines}
    written = rows["docker.daemon"]
    assert (written.measured, written.valid_until) == (NOW + timedelta(seconds=4), NOW + timedelta(seconds=64))


# When


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2027-10-31 02:30", "they show 02:30 twice that day; meant is the first, UTC+02:00"),
        ("2027-10-31T02:30+01:00", "they show 02:30 twice that day; meant is the second, UTC+01:00"),
        ("2027-10-31 03:00", None),
    ],
)
def test_of_a_time_that_clocks_show_twice_it_is_said_which_one_is_meant(text: str, meant: str | None) -> None:
    assert dict(facts(planned(parse(text, NOW, BERLIN, time(9))))).get("clocks") == meant


def test_no_zone_is_not_this_machine_s() -> None:
    with pytest.raises(ValidationError, match="'' is no time zone, as in Europe/Berlin"):
        Settings(timezone="")


@pytest.mark.parametrize("named", ["CET-1CEST", "UTC+5"])
def test_a_zone_of_the_environment_without_a_name_is_refused(named: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", named)
    with pytest.raises(SprocketError, match=rf"TZ={re.escape(named)} does not name a time zone"):
        Settings().zone()
    assert Settings(timezone="Europe/Berlin").zone().key == "Europe/Berlin"


@pytest.mark.parametrize("named", ["America/New_York", ":America/New_York"])
def test_a_zone_of_the_environment_is_this_machine_s(named: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", named)
    assert Settings().zone().key == "America/New_York"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("now", NOW),
        ("today 14:00", berlin(11, 26, 14)),
        ("tomorrow 10:00", berlin(11, 27, 10)),
        ("tomorrow", berlin(11, 27, 9)),
        ("Monday", berlin(11, 30, 9)),
        ("mon 9:30", berlin(11, 30, 9, 30)),
        ("next friday 15:00", berlin(11, 27, 15)),
        ("next thursday 13:00", berlin(12, 3, 13)),
        ("Next Thu", berlin(12, 3, 9)),
        ("thursday 11:00", berlin(12, 3, 11)),
        ("thursday 13:00", berlin(11, 26, 13)),
        ("2026-12-01", berlin(12, 1, 9)),
        ("2026-12-01 09:00", berlin(12, 1, 9)),
        ("2026-12-01T09:00", berlin(12, 1, 9)),
        ("2026-12-01T09:00Z", berlin(12, 1, 10)),
        ("2026-12-01T09:00-05:00", berlin(12, 1, 15)),
        ("2027-07-01 09:00", berlin(7, 1, 9, year=2027)),
    ],
)
def test_a_date_is_written_as_people_say_it(text: str, meant: datetime) -> None:
    assert parse(text, NOW, BERLIN, time(9)) == meant


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("next  thursday", '"next thursday" is Thursday 3 December 2026 09:00, in 7 days'),
        ("thursday", '"thursday" is Thursday 3 December 2026 09:00, in 7 days'),
        ("thursday 13:00", '"thursday 13:00" is Thursday 26 November 2026 13:00, today'),
        ("tomorrow", '"tomorrow" is Friday 27 November 2026 09:00, tomorrow'),
        ("now", None),
        ("2026-12-01", None),
    ],
)
def test_which_day_was_taken_for_a_word_is_said(text: str, said: str | None) -> None:
    at = parse(text, NOW, BERLIN, time(9))
    found = plan(GUIDE, Settings.model_validate(KNOWN), ABLE, at, NOW, understood=understood(text, at, NOW))
    assert dict(facts(found)).get("asked for") == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("soon", "no date and time that is understood"),
        ("", "no date and time that is understood"),
        ("2026-13-01 09:00", "no date and time that is understood"),
        ("tomorrow 25:00", "no date and time that is understood"),
        ("tomorrow morning", "no date and time that is understood"),
        ("next tomorrow", "no date and time that is understood"),
        ("next 2026-12-01", "no date and time that is understood"),
        ("2026-11-25 09:00", "has passed"),
        ("today 09:00", "has passed"),
        ("2027-03-28 02:30", "does not exist in Europe/Berlin"),
        ("9999-12-31 23:59", "more than 5 years ahead"),
        ("9999-12-31", "more than 5 years ahead"),
        ("9999-12-31T23:59-05:00", "more than 5 years ahead"),
        ("2032-01-01 09:00", "more than 5 years ahead"),
        ("0001-01-01 00:00", "has passed"),
        ("0001-01-01T00:00+05:00", "has passed"),
    ],
)
def test_what_is_no_date_is_one_error_that_names_good_forms(text: str, said: str) -> None:
    with pytest.raises(SprocketError) as caught:
        parse(text, NOW, BERLIN, time(9))
    assert said in caught.value.message
    assert "2026-12-01 09:00" in caught.value.remedy
    assert caught.value.code is Exit.USAGE
