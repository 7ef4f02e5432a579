"""The dry run: what it measures beside what it is asked for."""

from __future__ import annotations

from collections.abc import Sequence

from sprocket_tui.checks.observation import State, Verdict
from sprocket_tui.engine.dry_run import dry_run
from sprocket_tui.guide.model import Check, Checklist, Guide, Var
from tests.unit.checks_kit import fails, says
from tests.unit.fakes import FakeLink

SHAPE = Var(name="shape", title="Shape", measured_by="b.shape", measured="value.out")


def dry(asked: Sequence[str], *checks: Check) -> dict[str, Verdict]:
    checklist = Checklist(id="all", title="All", why="it matters", pause_point="Now.", checks=checks)
    guide = Guide(
        name="test",
        version="1",
        digest="",
        origin="test",
        vars=(SHAPE,),
        screens=(),
        checklists=(checklist,),
        hints=(),
    )
    wanted = [check for check in checks if check.id in asked]
    return {each.id: each for each in dry_run(guide, wanted, FakeLink, {}, path=(), sudo=False)}


def test_the_check_that_measures_a_variable_is_measured_although_it_was_not_asked_for() -> None:
    only = says("a.only", "x", when={"eq": ["shape", "vault"]})
    found = dry(["a.only"], only, says("b.shape", "vault", needs=["b.base"]), says("b.base", "x"))
    assert {id_: verdict.state for id_, verdict in found.items()} == {"a.only": State.PASS}


def test_a_text_alone_makes_it_measured_too() -> None:
    told = says("a.told", "x", expected="as ${shape} has it")
    assert dry(["a.told"], told, says("b.shape", "vault"))["a.told"].expected == "as vault has it"


def test_what_it_needs_is_measured_with_it() -> None:
    only = says("a.only", "x", when={"eq": ["shape", "vault"]})
    found = dry(["a.only"], only, says("b.shape", "vault", needs=["b.base"]), fails("b.base"))
    assert found["a.only"].state is State.UNKNOWN
