import os
import time
from pathlib import Path

from sprocket_tui.target import lock
from sprocket_tui.target.local import LocalLink


def test_the_second_to_come_is_told_who_holds_it(link: LocalLink) -> None:
    assert lock.acquire(link, "run1", "ann@laptop", "a.1") is None
    held = lock.acquire(link, "run2", "ben@desk", "b.1")
    assert held is not None
    assert (held.run, held.who, held.stale) == ("run1", "ann@laptop", False)


def test_taking_it_again_with_the_same_token_succeeds(link: LocalLink) -> None:
    assert lock.acquire(link, "run1", "ann", "a.1") is None
    assert lock.acquire(link, "run1", "ann", "a.1") is None


def test_a_heartbeat_that_ended_makes_it_stale(link: LocalLink, home: Path) -> None:
    lock.acquire(link, "run1", "ann", "a.1")
    for path in (home / ".sprocket" / "lock", *(home / ".sprocket" / "lock").iterdir()):
        os.utime(path, (time.time() - 90, time.time() - 90))
    held = lock.holder(link)
    assert held is not None
    assert held.stale


def test_after_a_take_over_the_old_holder_can_neither_renew_nor_release(link: LocalLink) -> None:
    lock.acquire(link, "run1", "ann", "a.1")
    old = lock.holder(link)
    assert old is not None
    assert lock.take_over(link, old, "run1", "ben", "b.1") is None
    assert not lock.renew(link, "a.1")
    lock.release(link, "a.1")
    now = lock.holder(link)
    assert now is not None
    assert now.who == "ben"


def test_of_two_that_take_over_one_wins(link: LocalLink) -> None:
    lock.acquire(link, "run1", "ann", "a.1")
    old = lock.holder(link)
    assert old is not None
    assert lock.take_over(link, old, "run2", "ben", "b.1") is None
    refused = lock.take_over(link, old, "run3", "eve", "e.1")
    assert refused is not None
    assert refused.who == "ben"


def test_a_lock_cut_off_while_it_was_taken_shows_as_nobodys(link: LocalLink, home: Path) -> None:
    (home / ".sprocket" / "lock").mkdir(parents=True)
    held = lock.acquire(link, "run1", "ann", "a.1")
    assert held is not None
    assert held.run == "-"


def test_a_released_lock_is_free(link: LocalLink) -> None:
    lock.acquire(link, "run1", "ann", "a.1")
    lock.release(link, "a.1")
    assert lock.holder(link) is None
