"""Waits until what a step promised is there, and stays there."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sprocket_tui.checks.observation import State, Verdict
from sprocket_tui.engine.desk import Desk
from sprocket_tui.engine.trouble import Trouble
from sprocket_tui.engine.walk import Place
from sprocket_tui.guide.model import Verify
from sprocket_tui.journal.events import Fact, Waiting

Look = Callable[[str, Sequence[str]], tuple[Verdict, ...]]
Tell = Callable[[str, tuple[Verdict, ...]], object]
_INTERVAL = 2.0
# Each look is a dozen commands on the target; what does not change is looked at less often, in seconds.
_LONGEST_INTERVAL = 6.0
_GOOD = frozenset({State.PASS, State.WARN, State.SKIPPED})


@dataclass(frozen=True)
class Verification:
    """`look(step, check ids)` measures afresh, `tell` journals what came of it; on its way is no failure yet."""

    look: Look
    tell: Tell
    desk: Desk
    record: Callable[[Fact], None]

    def holds_now(self, place: Place) -> bool:
        """Whether what the step promises holds at this moment; true where it promises nothing measurable."""
        verify, step = place.step.verify, place.step.id
        if verify is None:
            return True
        verdicts = self.look(step, verify.checks)
        if _bad(verdicts):
            return False
        self.tell(step, verdicts)
        return True

    def wait(self, place: Place) -> None:
        """Returns once all checks held together for the stable time. Raises Trouble when they do not in time."""
        verify, step = place.step.verify, place.step.id
        if verify is None:
            return
        begun = time.monotonic()
        good_since: float | None = None
        same_since, last = begun, ""
        while True:
            verdicts = self.look(step, verify.checks)
            bad = _bad(verdicts)
            now = time.monotonic()
            good_since = None if bad else good_since or now
            if good_since is not None and now - good_since >= verify.stable:
                self.tell(step, verdicts)
                return
            saying = _saying(bad, verify)
            if saying != last:
                same_since, last = now, saying
                self.record(Waiting(step, saying))
            given_up = now - same_since >= verify.patience and any(each.state is State.FAIL for each in bad)
            if bad and (given_up or now - begun >= verify.within):
                self.tell(step, verdicts)
                raise _trouble(step, bad, now - begun)
            quiet = now - same_since if bad else verify.stable
            self.desk.pause(min(max(_INTERVAL, quiet / 3), _LONGEST_INTERVAL))


def _bad(verdicts: tuple[Verdict, ...]) -> list[Verdict]:
    """What stands in the way, whether it blocks elsewhere or not; what does not apply here does not."""
    wanted = [each for each in verdicts if each.state not in _GOOD or each.blocked_by]
    return sorted(wanted, key=lambda each: (each.state is not State.FAIL, bool(each.blocked_by)))


def _saying(bad: list[Verdict], verify: Verify) -> str:
    if not bad:
        return f"everything holds; watching that it stays so for {verify.stable:g} s"
    roots = [each for each in bad if not each.blocked_by] or bad
    told = "; ".join(f"{each.title}: {each.observed or each.state.value}" for each in roots)
    most = f"{verify.within / 60:g} min" if verify.within >= 60 else f"{verify.within:g} s"
    return f"waiting, at most {most}: {told}"


def _trouble(step: str, bad: list[Verdict], waited: float) -> Trouble:
    worst = bad[0]
    details = tuple(f"{each.title}: {each.observed} (expected {each.expected})" for each in bad)
    why = f"{worst.title}: {worst.observed}, after {waited:.0f} s"
    printed = tuple(each.observation.evidence or each.observed for each in bad)
    return Trouble(step, why, details, printed, recheck=True, unknown=worst.state is State.UNKNOWN, failing=tuple(bad))
