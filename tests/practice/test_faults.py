"""Faults are data: each names the check that shows it, and changes a place that the world has."""

from __future__ import annotations

import copy
import json

import pytest

from sprocket_tui.errors import SprocketError
from sprocket_tui.exits import Exit
from sprocket_tui.guide.loader import load_guide
from sprocket_tui.practice.faults import chosen, faults, strike
from sprocket_tui.practice.world import fresh

FAULTS = faults()
GUIDE = load_guide()


@pytest.mark.parametrize("fault", FAULTS.values(), ids=lambda fault: fault.id)
def test_a_fault_is_shown_by_a_check_of_the_guide_and_rehearses_its_rows(fault) -> None:
    shown = [
        check for check in GUIDE.checks().values() if fault.shows == check.id or fault.shows.startswith(f"{check.id}.")
    ]
    assert shown
    assert set(fault.rehearses) <= set(shown[0].guide)
    assert not fault.hint or fault.hint in {hint.id for hint in GUIDE.hints}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=lambda fault: fault.id)
def test_a_fault_changes_the_world_once(fault) -> None:
    state = fresh(1, 1)
    before = copy.deepcopy(state)
    strike(state, fault)
    assert {**state, "faults": []} != before
    assert state["faults"] == [fault.id]
    # Somebody mends it; the same fault does not come back.
    mended = {**copy.deepcopy(before), "faults": [fault.id]}
    strike(mended, fault)
    assert {**mended, "faults": []} == before


def test_an_unknown_fault_is_one_clear_error_with_the_nearest() -> None:
    with pytest.raises(SprocketError, match="did you mean clock-wrong") as raised:
        chosen(["clock-wrnog"])
    assert raised.value.code == Exit.USAGE


def test_the_same_seed_gives_the_same_world() -> None:
    assert json.dumps(fresh(7, 1)) == json.dumps(fresh(7, 1))
