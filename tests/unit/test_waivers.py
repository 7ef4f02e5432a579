"""Waivers hold for what was seen, until their day, and for nothing else."""

from __future__ import annotations

import errno
import json
import threading
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from sprocket_tui import cli, settings
from sprocket_tui.checks import waivers
from sprocket_tui.checks.observation import Observation, State, Verdict
from sprocket_tui.checks.rollup import verdict_of
from sprocket_tui.checks.waivers import Waiver
from sprocket_tui.commands import waiving
from sprocket_tui.errors import SprocketError
from sprocket_tui.exits import Exit
from sprocket_tui.guide.loader import load_guide
from tests.unit.checks_kit import verdict

TODAY = date(2026, 11, 26)
HERE = "ssh://root@lab"


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    yield tmp_path / "sprocket-tui"


def seen(value: Any = None, state: State = State.FAIL, **fields: Any) -> Verdict:
    return verdict("node.swap", state, observation=Observation(value=value), **fields)


def given(one: Verdict, *, until: date = TODAY) -> Waiver:
    return waivers.give([one], "node.swap", by="ann@laptop", reason="it is a lab", until=until, today=TODAY)


def applied(one: Verdict, waiver: Waiver, *, today: date = TODAY, unwaivable: str = "") -> tuple[Verdict, bool]:
    (told,), holding = waivers.applied([one], {"node.swap": waiver}, frozenset({unwaivable}), today)
    return told, bool(holding)


def test_it_holds_for_the_value_that_was_seen() -> None:
    told, holds = applied(seen({"mib": 512}), given(seen({"mib": 512})))
    assert holds
    assert told.state is State.FAIL
    assert verdict_of([told], {"node.swap"})[1] is Exit.WAIVED


def test_another_value_makes_it_void_and_both_are_said() -> None:
    told, holds = applied(seen({"mib": 0}), given(seen({"mib": 512})))
    assert not holds
    assert told.observed == (
        'what was seen (the waiver is void: waived while it was {"mib": 512}; now it is {"mib": 0})'
    )


def test_the_same_value_of_another_name_makes_it_void() -> None:
    told, holds = applied(seen(["1.2.3.4"], title="fa.live.test"), given(seen(["1.2.3.4"], title="fa.lab.test")))
    assert not holds
    assert "waived while it was fa.lab.test; now it is fa.live.test" in told.observed


def test_what_could_not_be_measured_is_bound_to_its_reason() -> None:
    silent = verdict("node.swap", State.UNKNOWN, observation=Observation(reason="no answer"))
    refused = verdict("node.swap", State.UNKNOWN, observation=Observation(reason="refused"))
    assert applied(silent, given(silent))[1]
    assert not applied(refused, given(silent))[1]


def test_what_moves_and_is_not_judged_leaves_it_as_it_is() -> None:
    """Free space is another one each time; what counts of the value is what the check declares, or judges."""
    was, is_ = ({"total_gib": 48, "free_gib": free} for free in (21.5, 17.25))
    kept = given(seen(was, State.WARN, compared=("value.total_gib",)))
    assert kept.saw["value"] == {"value.total_gib": 48}
    assert applied(seen(is_, State.WARN, compared=("value.total_gib",)), kept)[1]
    told, holds = applied(seen({"total_gib": 25}, State.WARN, compared=("value.total_gib",)), kept)
    assert not holds
    assert 'was {"value.total_gib": 48}; now it is {"value.total_gib": 25}' in told.observed


def test_a_worse_state_makes_it_void_and_a_better_one_does_not() -> None:
    kept = given(seen(1, State.WARN))
    told, holds = applied(seen(1, State.FAIL), kept)
    assert not holds
    assert "waived while it was warn; now it is fail" in told.observed
    assert applied(seen(1, State.WARN), given(seen(1, State.FAIL)))[1]


def test_the_same_answer_of_another_host_makes_it_void_and_both_are_named() -> None:
    first, second = (
        json.dumps({"kind": "port", "host": host, "port": "25060"}) for host in ("db-1.lab.test", "db-2.lab.test")
    )
    refused = {"state": "refused"}
    kept = given(seen(refused, asked=first))
    assert applied(seen(refused, asked=first), kept)[1]
    told, holds = applied(seen(refused, asked=second), kept)
    assert not holds
    assert 'was {"host": "db-1.lab.test"}; now it is {"host": "db-2.lab.test"}' in told.observed


def test_what_could_not_be_asked_then_makes_it_void_and_what_was_said_of_it_is_shown() -> None:
    absent = verdict("node.swap", State.UNKNOWN, observation=Observation(reason="the variable ttl has no value"))
    told = seen("none", asked=json.dumps({"kind": "told", "told": "none"}))
    assert applied(told, given(absent))[0].observed.endswith(
        "(the waiver is void: waived while it was the variable ttl has no value; now it is none)"
    )
    assert applied(absent, given(told))[0].observed.endswith(
        "(the waiver is void: waived while it was none; now it is the variable ttl has no value)"
    )
    whole = seen("none", asked=told.asked, compared=("value",))
    assert applied(whole, given(absent))[0].observed.endswith("has no value; now it is none)")
    assert not applied(seen(1), given(seen(1, asked='{"kind": "port"}')))[1]


def test_one_that_was_made_longer_by_hand_does_not_hold() -> None:
    kept = given(seen(1), until=TODAY + timedelta(days=90))
    assert applied(seen(1), kept)[1]
    told, holds = applied(seen(1), kept.model_copy(update={"until": TODAY + timedelta(days=91)}))
    assert not holds
    assert "given on 2026-11-26 until 2027-02-25, and 90 days are the most" in told.observed


def test_a_day_is_that_of_the_place_where_the_waiver_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    days: list[date] = []
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        days.append(waiving._today())
    monkeypatch.undo()
    time.tzset()
    # They are 25 hours apart.
    assert days[0] - days[1] >= timedelta(days=1)


def test_one_of_an_earlier_version_is_read_and_does_not_hold(config: Path) -> None:
    config.mkdir()
    (config / "waivers.yaml").write_text(
        "local:\n  node.swap:\n    by: ann@laptop\n    reason: it is a lab\n    given: 2026-11-20\n"
        "    until: 2026-12-01\n    saw: {title: Title of node.swap, value: 1}\n",
        encoding="utf-8",
    )
    told, holds = applied(seen(1), waivers.load("local")["node.swap"])
    assert not holds
    assert told.observed.endswith("kept neither state nor what was asked; waive anew)")


def test_it_holds_on_its_last_day_and_not_on_the_next() -> None:
    waiver = given(seen(1))
    assert applied(seen(1), waiver)[1]
    told, holds = applied(seen(1), waiver, today=TODAY + timedelta(days=1))
    assert not holds
    assert told.observed.endswith("(the waiver of ann@laptop ended on 2026-11-26)")


def test_a_guide_that_forbids_it_meanwhile_makes_it_void() -> None:
    told, holds = applied(seen(1), given(seen(1)), unwaivable="node.swap")
    assert not holds
    assert "cannot be waived" in told.observed


def test_what_passes_meanwhile_is_not_called_waived() -> None:
    told, holds = applied(seen(1, State.PASS), given(seen(1)))
    assert not holds
    assert told.observed == "what was seen"


@pytest.mark.parametrize("state", [State.PASS, State.SKIPPED])
def test_what_needs_no_waiver_is_refused(state: State) -> None:
    with pytest.raises(SprocketError, match=f"node.swap is not waived: its state is {state.value}"):
        given(seen(1, state))


@pytest.mark.parametrize(("days", "said"), [(-1, "that day is over"), (91, "90 days are the most")])
def test_a_day_nobody_can_answer_for_is_refused(days: int, said: str) -> None:
    with pytest.raises(SprocketError, match=said):
        given(seen(1), until=TODAY + timedelta(days=days))


def test_what_nobody_reached_is_not_waived_nor_what_it_blocks() -> None:
    root = verdict("node.root", State.UNKNOWN, observation=Observation(reason="port 22 refuses", unreached=True))
    swap = verdict("node.swap", State.SKIPPED, blocked_by="node.root", observation=Observation(reason="blocked"))
    for id_ in ("node.root", "node.swap"):
        with pytest.raises(SprocketError, match=rf"{id_} cannot be waived: nothing was measured there \(port 22 ref"):
            waivers.give([root, swap], id_, by="a", reason="b", until=TODAY, today=TODAY)


def test_one_check_of_a_list_is_waived_by_its_own_name() -> None:
    made = [verdict(f"dns.a.{name}", State.FAIL) for name in ("web", "api")]
    with pytest.raises(SprocketError) as refused:
        waivers.give(made, "dns.a", by="a", reason="b", until=TODAY, today=TODAY)
    assert refused.value.remedy == "waive one of dns.a.web, dns.a.api"


def test_they_are_kept_by_target_and_forgotten_one_by_one(config: Path) -> None:
    waiver = given(seen({"mib": [1, "a"]}))
    waivers.keep(HERE, {"node.swap": waiver, "dns.a": waiver})
    assert waivers.keep("local", {"node.swap": waiver}) == config / "waivers.yaml"
    assert waivers.load(HERE) == {"node.swap": waiver, "dns.a": waiver}
    waivers.forget(HERE, "node.swap")
    assert waivers.everything() == {HERE: {"dns.a": waiver}, "local": {"node.swap": waiver}}
    with pytest.raises(SprocketError, match="is kept for ssh:"):
        waivers.forget(HERE, "node.swap")


def test_to_forget_one_nobody_is_called(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waivers.keep(HERE, {"dns.a": given(seen({"mib": [1, "a"]}))})
    monkeypatch.setattr("sprocket_tui.target.ssh.approach.begin", lambda *_: pytest.fail("the host was called"))
    assert cli.run(["waivers", "forget", "dns.a", "--target", HERE]) == 0
    assert waivers.load(HERE) == {}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("local:\n  a.a:\n    by: x\n    untill: 2026-12-01\n", "untill: unknown key 'untill'; did you mean until?"),
        ("local: yes\n", "1: local: must map checks to their waivers"),
        ("- a\n", "1: the file must be a mapping of keys to values"),
    ],
)
def test_a_fault_of_the_file_is_told_at_its_line(config: Path, text: str, fault: str) -> None:
    config.mkdir()
    (config / "waivers.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(SprocketError) as refused:
        waivers.everything()
    assert fault in refused.value.message


def test_two_that_give_waivers_at_once_keep_both(monkeypatch: pytest.MonkeyPatch) -> None:
    write = settings.write

    def slow(path: Path, document: dict[str, Any]) -> Path:
        time.sleep(0.05)
        return write(path, document)

    monkeypatch.setattr(settings, "write", slow)
    ids = [f"a.{number}" for number in range(6)]
    both = [threading.Thread(target=waivers.keep, args=(HERE, {id_: given(seen())})) for id_ in ids]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert sorted(waivers.load(HERE)) == ids


def test_who_holds_the_file_too_long_is_not_waited_for(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "_PATIENCE", 0.1)
    with (
        settings.alone(config / "profiles.yaml"),
        pytest.raises(SprocketError, match=r"waivers\.yaml is being written by another sprocket-tui"),
    ):
        waivers.keep(HERE, {"node.swap": given(seen())})


def no_room(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_file_that_has_no_room_is_named_and_stays_as_it_was(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = waivers.keep(HERE, {"node.swap": given(seen())}).read_bytes()
    monkeypatch.setattr(settings.yaml, "safe_dump", no_room)
    with pytest.raises(SprocketError, match=r"waivers\.yaml cannot be written: No space left on device"):
        waivers.keep(HERE, {"dns.a": given(seen())})
    assert [(each.name, each.read_bytes()) for each in config.iterdir()] == [("waivers.yaml", kept)]


def test_what_was_measured_is_not_lost_where_the_waivers_cannot_be_kept(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waivers.keep(HERE, {"dns.a": given(seen())})
    monkeypatch.setattr(settings.yaml, "safe_dump", no_room)
    wanted = [waiving.Wanted("node.swap", "it is a lab", waiving._today())]
    guide = load_guide()
    (told,), holding, refused = waiving.waived(HERE, [seen(1)], wanted, guide)
    assert (told.observed, holding) == ("what was seen", {})
    assert refused
    assert refused.code is Exit.USAGE


def test_what_was_measured_is_not_lost_where_the_waivers_cannot_be_read_any_more(config: Path) -> None:
    waivers.keep(HERE, {"node.swap": given(seen())}).write_text("bad", encoding="utf-8")
    (told,), holding, refused = waiving.waived(HERE, [seen()], (), load_guide())
    assert (told.observed, holding) == ("what was seen", {})
    assert refused
    assert "waivers.yaml:1: the file must be a mapping" in refused.message
