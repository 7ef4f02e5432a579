"""Running checks: one channel, needs, lists, time to live, and everything that can be missing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from sprocket_tui.checks.observation import Observation, State, Verdict
from sprocket_tui.checks.once import Once
from sprocket_tui.checks.pace import Pace
from sprocket_tui.checks.probes.base import Probe
from sprocket_tui.checks.runner import Cache, run_checks
from sprocket_tui.guide.model import Check, Var
from sprocket_tui.guide.resolve import Elements
from sprocket_tui.guide.words.probes import SecretProbe
from sprocket_tui.secret import Secret
from sprocket_tui.target.link import Privilege
from tests.unit.checks_kit import check, fails, probe, says
from tests.unit.fakes import FakeLink


def run(*checks: Check, **given: Any) -> dict[str, Verdict]:
    given = {"link": FakeLink(), "values": {}, "secrets": {}, **given}
    return {verdict.id: verdict for verdict in run_checks(checks, **given)}


def test_forty_checks_share_one_channel() -> None:
    link = FakeLink()
    found = run(*(says(f"many.n{number}", f"text {number}") for number in range(40)), link=link)
    assert len(link.scripts) == 1
    assert [verdict.observed for verdict in found.values()] == [f"text {number}" for number in range(40)]


def test_two_checks_that_ask_the_same_are_asked_once(tmp_path: Path) -> None:
    asked = probe("command", argv=["sh", "-c", f"echo once >>{tmp_path}/asked"])
    run(check("a.a", asked), check("a.b", asked))
    assert (tmp_path / "asked").read_text(encoding="utf-8") == "once\n"


def test_checks_of_the_droplet_and_of_here_are_measured_in_one_go() -> None:
    found = run(says("a.droplet", "there"), says("a.here", "here", where="here"))
    assert {verdict.observed for verdict in found.values()} == {"there", "here"}


def test_without_a_connection_what_is_measured_there_is_unknown_with_the_reason() -> None:
    found = run(says("a.droplet", "x"), says("a.here", "here", where="here"), link=None, unreachable="port 22 refuses")
    assert (found["a.droplet"].state, found["a.droplet"].observed) == (State.UNKNOWN, "port 22 refuses")
    assert [each.observation.unreached for each in found.values()] == [True, False]
    assert found["a.here"].state is State.PASS


def test_a_connection_lost_on_the_way_is_a_reason() -> None:
    verdict = run(says("a.droplet", "x"), link=FakeLink(lost=True))["a.droplet"]
    assert (verdict.state, verdict.observed) == (State.UNKNOWN, "connection lost: the other side went away")
    assert verdict.observation.unreached


def test_a_check_that_lacks_a_variable_is_unknown_and_names_it() -> None:
    verdict = run(says("a.a", "${domain}"))["a.a"]
    assert (verdict.state, verdict.observed) == (State.UNKNOWN, "the variable domain has no value")
    assert verdict.remedy
    assert "domain" in verdict.remedy.text


def test_a_list_without_a_value_is_named_too() -> None:
    verdict = run(says("a.a", "${name}", for_each={"name": "names"}))["a.a"]
    assert verdict.observed == "the variable names has no value"


def test_a_check_is_made_once_for_each_item_of_its_list() -> None:
    found = run(says("dns.name", "${name}", for_each={"name": "names"}), values={"names": ["Web.test", "api.test"]})
    assert {id_: verdict.observed for id_, verdict in found.items()} == {
        "dns.name.web-test": "Web.test",
        "dns.name.api-test": "api.test",
    }


@pytest.mark.parametrize(
    ("elements", "left"),
    [
        (Elements(), {"dns.name.a", "dns.name.b", "dns.name.c", "dns.other.a", "dns.other.b", "dns.other.c"}),
        (Elements(skip=frozenset({"dns.name.b"})), {"dns.name.a", "dns.name.c"}),
        (Elements({"dns.name": frozenset({"dns.name.b"})}), {"dns.name.b"}),
        (Elements({"dns.name": frozenset({"dns.name.b"})}, frozenset({"dns.name.b"})), set()),
    ],
)
def test_of_a_list_only_the_elements_that_are_meant_are_measured(elements: Elements, left: set[str]) -> None:
    names, others = (says(f"dns.{id_}", "${name}", for_each={"name": "names"}) for id_ in ("name", "other"))
    found = run(names, others, values={"names": ["a", "b", "c"]}, elements=elements)
    assert set(found) == left | {"dns.other.a", "dns.other.b", "dns.other.c"}


def test_of_a_list_whose_items_are_not_known_it_is_said_that_they_are_not() -> None:
    only = Elements({"a.a": frozenset({"a.a.x"})})
    found = run(says("a.a", "${name}", for_each={"name": "names"}), elements=only)
    assert found["a.a"].observed == "the variable names has no value"


def test_an_item_is_blocked_by_the_same_item_only() -> None:
    fails_for_a = [
        {"when": {"eq": ["value.out", "a"]}, "state": "fail"},
        {"when": {"exists": "value"}, "state": "pass"},
    ]
    found = run(
        says("x.first", "${n}", fails_for_a, for_each={"n": "ns"}),
        says("x.second", "${n}", for_each={"n": "ns"}, needs=["x.first"]),
        says("x.third", "one", needs=["x.first"]),
        values={"ns": ["a", "b"]},
    )
    assert found["x.second.a"].blocked_by == "x.first.a"
    assert found["x.second.b"].state is State.PASS
    assert found["x.third"].blocked_by == "x.first.a"


def test_one_root_cause_is_named_by_all_that_depend_on_it() -> None:
    found = run(says("c.c", "x", needs=["c.b"]), says("c.b", "x", needs=["c.a"]), fails("c.a"))
    assert found["c.a"].state is State.FAIL
    assert {found[id_].state for id_ in ("c.b", "c.c")} == {State.SKIPPED}
    assert {found[id_].blocked_by for id_ in ("c.b", "c.c")} == {"c.a"}


def test_what_is_unknown_blocks_and_what_warns_does_not() -> None:
    warns = [{"when": {"exists": "value"}, "state": "warn"}]
    found = run(
        says("u.a", "${nothing}"),
        says("u.b", "x", needs=["u.a"]),
        says("w.a", "x", warns),
        says("w.b", "x", needs=["w.a"]),
    )
    assert found["u.b"].blocked_by == "u.a"
    assert found["w.b"].state is State.PASS


def test_a_need_that_is_not_asked_for_does_not_block() -> None:
    assert run(says("a.a", "x", needs=["b.b"]))["a.a"].state is State.PASS


def test_a_check_that_does_not_apply_is_skipped_and_blocks_nothing() -> None:
    when = {"eq": ["backend", "s3"]}
    found = run(says("a.a", "x", when=when), says("a.b", "x", needs=["a.a"]), values={"backend": "file"})
    assert (found["a.a"].state, found["a.a"].blocked_by) == (State.SKIPPED, "")
    assert found["a.a"].observed == "does not apply here: backend is file"
    assert found["a.b"].state is State.PASS


def test_only_the_condition_that_decides_is_named() -> None:
    when = {"all": [{"in": ["environment", ["production", "staging"]]}, {"eq": ["shape", "vault"]}]}
    found = run(says("a.a", "x", when=when), values={"environment": "development", "shape": "vault"})
    assert found["a.a"].observed == "does not apply here: environment is development"


@pytest.mark.parametrize(
    ("so", "said"), [(True, "this is a rehearsal"), (False, "it is not so that this is a rehearsal")]
)
def test_what_is_so_or_not_is_said_as_a_sentence(so: bool, said: str) -> None:
    rehearsal = Var(name="practice", title="Whether this is a rehearsal", type="bool")
    asked = says("a.a", "x", when={"eq": ["practice", not so]})
    found = run(asked, values={"practice": so}, variables=[rehearsal])["a.a"]
    assert found.observed == f"does not apply here: {said}"


def test_whether_a_check_applies_may_depend_on_anothers_state() -> None:
    when = {"eq": ["check.a.base", "fail"]}
    found = run(says("a.only", "x", when=when), fails("a.base"))
    assert found["a.only"].state is State.PASS
    assert run(says("a.only", "x", when=when), says("a.base", "x"))["a.only"].state is State.SKIPPED


def test_whether_a_check_applies_is_unknown_when_its_variable_is() -> None:
    verdict = run(says("a.a", "x", when={"eq": ["backend", "s3"]}))["a.a"]
    assert verdict.state is State.UNKNOWN
    assert verdict.observed == "whether it applies depends on backend, which is not known"


SHAPE = Var(name="shape", title="Shape", measured_by="a.shape", measured="value.out")
WITH_VAULT = {"eq": ["shape", "vault"]}
GIVEN = [Var(name="backend", title="Backend", profile="backend"), Var(name="bucket", title="Bucket")]


@pytest.mark.parametrize(
    ("lacking", "do"),
    [
        ("backend", "Set backend in the profile and name it with --profile."),
        ("shape", "a.shape must be measured first; see what keeps it from that."),
        ("bucket", "`check` takes bucket from the file named with --given; a walk asks for what it needs."),
    ],
)
def test_only_what_is_missing_is_named_with_what_gives_it(lacking: str, do: str) -> None:
    conditions = [{"eq": [name, "x"]} for name in ("backend", "shape", "bucket")]
    values = {name: "x" for name in ("backend", "shape", "bucket") if name != lacking}
    verdict = run(says("a.a", "x", when={"all": conditions}), values=values, variables=[*GIVEN, SHAPE])["a.a"]
    assert verdict.observed == f"whether it applies depends on {lacking}, which is not known"
    assert verdict.remedy
    assert verdict.remedy.text == do


def test_a_walk_names_the_step_that_measures_what_is_missing() -> None:
    shape = SHAPE.model_copy(update={"title": "The version of the checkout"})
    steps = {"a.shape": "The checkout"}
    verdict = run(says("a.a", "x", when=WITH_VAULT), variables=[shape], steps=steps)["a.a"]
    assert verdict.observed == "whether it applies depends on the version of the checkout, which is not known"
    assert verdict.remedy
    assert verdict.remedy.text == "Nothing for now: the step `The checkout` measures the version of the checkout."


def test_a_text_without_its_variable_reads_as_one_all_the_same() -> None:
    verdict = run(says("a.a", "${domain}", title="traefik.${domain} is there"))["a.a"]
    assert verdict.title == "traefik.DOMAIN is there"


@pytest.mark.parametrize(("seen", "state"), [("vault", State.PASS), ("other", State.SKIPPED)])
def test_what_one_check_measures_decides_whether_another_applies(seen: str, state: State) -> None:
    link = FakeLink()
    found = run(says("a.only", "x", when=WITH_VAULT), says("a.shape", seen), variables=[SHAPE], link=link)
    assert found["a.only"].state is state
    assert len(link.scripts) == 1


def test_a_command_that_needs_what_another_check_measures_runs_after_it() -> None:
    link = FakeLink()
    found = run(says("a.told", "it is ${shape}"), says("a.shape", "vault"), variables=[SHAPE], link=link)
    assert found["a.told"].observed == "it is vault"
    assert len(link.scripts) == 2


def test_what_a_blocked_check_would_have_measured_is_not_known() -> None:
    found = run(
        fails("a.base"),
        says("a.shape", "vault", needs=["a.base"]),
        says("a.only", "x", when=WITH_VAULT),
        variables=[SHAPE],
    )
    assert found["a.only"].state is State.UNKNOWN


def test_a_check_that_only_measures_for_others_has_no_verdict_of_its_own() -> None:
    found = run(says("a.only", "x", when=WITH_VAULT), beside=[says("a.shape", "vault")], variables=[SHAPE])
    assert {id_: verdict.state for id_, verdict in found.items()} == {"a.only": State.PASS}


def test_verdicts_come_in_the_order_of_the_checks_and_are_told_needs_first() -> None:
    told: list[str] = []
    found = run(
        says("a.last", "x", needs=["a.first"]), says("a.first", "x"), on_verdict=lambda verdict: told.append(verdict.id)
    )
    assert list(found) == ["a.last", "a.first"]
    assert told == ["a.first", "a.last"]


def test_a_measurement_is_used_again_until_its_time_to_live_has_passed() -> None:
    link, cache = FakeLink(), Cache()
    asked = says("a.a", "x", ttl=30)
    for now in (100.0, 129.0, 131.0):
        run(asked, link=link, cache=cache, clock=lambda now=now: now)
    assert len(link.scripts) == 2


def test_what_could_not_be_measured_is_not_kept() -> None:
    cache = Cache()
    run(says("a.a", "x"), link=None, cache=cache)
    assert run(says("a.a", "x"), cache=cache)["a.a"].state is State.PASS


def test_secrets_are_masked_in_everything_that_was_seen() -> None:
    secret = "correct-horse-battery"
    document = json.dumps({"key": [f"is {secret}"]})
    found = run(
        says("a.a", f"it is {secret}"),
        check("a.b", probe("command", argv=["printf", "%s", document], read="json")),
        check("a.c", probe("command", argv=[f"no-{secret}"])),
        secrets={"password": Secret(secret, "password")},
    )
    assert secret not in repr(found)
    assert "[secret password]" in found["a.a"].observed


def test_whether_a_secret_is_given_is_measured_without_a_connection() -> None:
    checks = [check(f"s.{name}", probe("secret", var=name)) for name in ("token", "empty", "absent")]
    secrets = {"token": Secret("abcdefgh", "token"), "empty": Secret("", "empty")}
    found = list(run(*checks, link=None, secrets=secrets).values())
    assert [verdict.state for verdict in found] == [State.PASS, State.UNKNOWN, State.UNKNOWN]
    assert found[1].remedy
    assert found[1].observed == "empty is not given here"
    assert "--given (a line `empty: {file: PATH}`)" in found[1].remedy.text


def test_whatever_a_library_raises_while_measuring_is_a_reason_without_the_secret(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Odd(Exception):
        pass

    def raises(words: object, here: object, deadline: float) -> object:
        raise Odd("password=correct-horse-battery")

    monkeypatch.setattr("sprocket_tui.checks.probes.secret.PROBE", Probe(kind="secret", measure=raises))
    secrets = {"password": Secret("correct-horse-battery", "password")}
    verdict = run(check("a.a", probe("secret", var="password"), where="here"), secrets=secrets)["a.a"]
    assert verdict.observed == "the answer could not be read (Odd: password=[secret password])"
    assert capsys.readouterr().err == ""


class Stops:
    """Wants it to end as soon as one measurement is here; `left` are those that are not."""

    def __init__(self) -> None:
        self.left: dict[str, str] = {}
        self.stopped = False

    def wanted(self, names: Mapping[str, str]) -> None:
        self.left |= names

    def measured(self, key: str) -> None:
        del self.left[key]
        self.stopped = True

    def tick(self) -> None:
        pass


def test_what_had_answered_within_an_exchange_that_is_interrupted_is_told_and_judged() -> None:
    stops = Stops()
    slow = check("a.slow", probe("command", argv=["sleep", "60"], timeout=60))
    pace = Pace(stopped=lambda: stops.stopped, teller=stops)
    found = run(slow, says("a.quick", "quick"), pace=pace)
    assert (found["a.quick"].state, found["a.quick"].observed) == (State.PASS, "quick")
    assert found["a.slow"].observed == "interrupted before it was measured"
    assert list(stops.left.values()) == ["Title of a.slow"]


def test_a_command_that_overruns_leaves_its_neighbours_their_answers() -> None:
    slow = check("a.slow", probe("command", argv=["sleep", "60"], timeout=1))
    found = run(slow, says("a.quick", "quick"))
    assert "in time" in found["a.slow"].observed
    assert found["a.quick"].observed == "quick"


def test_no_command_takes_longer_than_the_deadline() -> None:
    slow = check("a.slow", probe("command", argv=["sleep", "60"], timeout=600))
    assert "in time" in run(slow, deadline=1)["a.slow"].observed


@pytest.fixture
def refusing_sudo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sudo = tmp_path / "sudo"
    sudo.write_text("#!/bin/sh\ncat >/dev/null\necho 'sudo: a password is required' >&2\nexit 1\n", encoding="utf-8")
    sudo.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")


@pytest.mark.usefixtures("refusing_sudo")
def test_a_refused_sudo_is_the_reason_of_every_check_of_the_droplet() -> None:
    found = run(says("a.a", "x"), says("a.here", "x", where="here"), privilege=Privilege("sudo"))
    assert found["a.a"].observed == "sudo was refused for root on droplet: sudo: a password is required"
    assert found["a.here"].state is State.PASS


def test_with_sudo_the_scripts_run_by_root_in_the_logins_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sudo = tmp_path / "sudo"
    sudo.write_text(
        '#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done; shift\n'
        'SUDO_USER=root HOME=/nowhere BY_ROOT=yes; export SUDO_USER HOME BY_ROOT; exec "$@"\n',
        encoding="utf-8",
    )
    sudo.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    asked = probe("command", argv=["sh", "-c", "echo $BY_ROOT $HOME"])
    assert run(check("a.a", asked), privilege=Privilege("sudo"))["a.a"].observed == "yes /root"


def test_what_is_measured_from_here_is_measured_once_for_all_targets(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def counts(words: SecretProbe, _here: object, _deadline: float) -> Observation:
        asked.append(words.var)
        return Observation(value=len(asked))

    monkeypatch.setattr("sprocket_tui.checks.probes.secret.PROBE", Probe(kind="secret", measure=counts))
    once = Once[Observation]()
    found = [run(check("a.a", probe("secret", var="token"), where="here"), once=once)["a.a"] for _ in range(2)]
    assert asked == ["token"]
    assert [verdict.observation.value for verdict in found] == [1, 1]


def test_a_measurement_counts_as_long_as_the_strictest_check_of_it_says() -> None:
    cache = Cache()
    run(says("a.a", "x", ttl=30), says("a.b", "x", ttl=10), cache=cache, clock=lambda: 100.0, wall=lambda: 7.0)
    assert [each.until for each in cache.values()] == [110.0]


def test_a_measurement_counts_from_its_own_answer_and_not_from_the_slowest() -> None:
    cache, walls = Cache(), iter([0.0, 1.0, 30.0, 30.0])
    quick = says("a.quick", "x", ttl=60)
    slow = check("a.slow", probe("command", argv=["sh", "-c", "sleep 1; echo x"]), ttl=60)
    run(quick, slow, cache=cache, clock=lambda: 100.0, wall=lambda: next(walls))
    assert sorted(each.until for each in cache.values()) == [131.0, 160.0]


def test_escape_sequences_of_a_command_never_reach_a_verdict() -> None:
    assert "\x1b" not in str(run(says("a.a", "\x1b]0;owned\x07red\x1b[2J")))


def test_a_verdict_says_what_was_asked_without_secrets_and_not_how_long_it_may_take() -> None:
    asked = probe("command", argv=["echo", "${host}", "hunter2-hunter2"], timeout=7)
    found = run(check("a.a", asked), values={"host": "db.test"}, secrets={"p": Secret("hunter2-hunter2", "p")})["a.a"]
    assert json.loads(found.asked) == {"argv": ["echo", "db.test", "[secret p]"], "kind": "command", "read": "text"}


def test_where_nothing_could_be_asked_a_verdict_says_so() -> None:
    assert run(says("a.a", "${domain}"))["a.a"].asked == ""
