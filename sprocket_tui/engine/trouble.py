"""The two ways a step does not simply end: a person must decide, or it starts over."""

from __future__ import annotations

from sprocket_tui.checks.observation import Verdict


class Trouble(Exception):
    """A step that cannot go on by itself.

    `why` is the first cause in a sentence, `details` more lines, `printed` what the failed job wrote (both cleaned and
    redacted), `failing` the verdicts that it is about. `recheck` says that measuring again may be enough, `refused`
    that a person said no, `passing` that it was only to be passed, and can be done now.
    """

    def __init__(
        self,
        step: str,
        why: str,
        details: tuple[str, ...] = (),
        printed: tuple[str, ...] = (),
        *,
        recheck: bool = False,
        refused: bool = False,
        unknown: bool = False,
        failing: tuple[Verdict, ...] = (),
        passing: bool = False,
    ) -> None:
        super().__init__(why)
        self.step, self.why, self.details, self.printed = step, why, details, printed
        self.recheck, self.refused, self.unknown = recheck, refused, unknown
        self.failing, self.passing = failing, passing


class Again(Exception):
    """The step was put right and starts over: measured, prepared and agreed to anew."""
