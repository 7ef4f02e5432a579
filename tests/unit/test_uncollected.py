"""When the garbage collector rests, and what it never looks at again."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from sprocket_tui import uncollected
from sprocket_tui.uncollected import loading


@pytest.fixture(autouse=True)
def thawed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(uncollected, "_loaded", set[str]())
    gc.unfreeze()
    yield
    gc.unfreeze()


def test_it_rests_while_something_is_loaded_and_goes_on_afterwards() -> None:
    with loading("a"):
        assert not gc.isenabled()
        with loading("b"):
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_what_was_loaded_is_never_looked_at_again() -> None:
    with loading("a"):
        kept = [[]]
    assert gc.get_freeze_count() > 0
    assert not any(each is kept for each in gc.get_objects())


def test_what_is_loaded_twice_did_not_stay_and_is_looked_at() -> None:
    with loading("a"):
        pass
    gc.unfreeze()
    with loading("a"):
        pass
    assert gc.get_freeze_count() == 0


def test_it_goes_on_also_after_a_failure_and_keeps_nothing_of_it() -> None:
    with pytest.raises(ValueError, match="no"), loading("a"):
        raise ValueError("no")
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
