"""The verb `command`: an argv run as a job. What holds before and after is for the step's checks to say."""

from __future__ import annotations

from collections.abc import Mapping
from shlex import join, quote

from sprocket_tui.actions.base import Card, Conclusion, Context, Job, Progress, Repair
from sprocket_tui.checks.observation import Observation
from sprocket_tui.diagnosis.lines import first_error
from sprocket_tui.guide.templates import expand_argv
from sprocket_tui.guide.words.verbs import CommandVerb
from sprocket_tui.terminal import clean, one_line
from sprocket_tui.values import JSON

_KEPT = 200

_HARMLESS = (
    "Perhaps part of its work. Running it twice does no harm beyond running it once; it may simply be run again."
)


class CommandReader:
    """Any program: its lines as they come, and at the end its first error, else its last word."""

    def __init__(self) -> None:
        self._last: dict[str, list[str]] = {"err": [], "out": []}

    def reduce(self, stream: str, line: str) -> str | None:
        return clean(line).rstrip() or None

    def feed(self, stream: str, line: str) -> tuple[Progress, ...]:
        kept = self._last["err" if stream == "err" else "out"]
        kept.append(one_line(line))
        del kept[:-_KEPT]
        return (Progress(one_line(line)),)

    def conclude(self, status: int | None) -> Conclusion:
        """Facts {status}. A program that was killed, or vanished, may have left something half done."""
        facts: dict[str, JSON] = {"status": status}
        if status == 0:
            return Conclusion(ok=True, facts=facts)
        lines = self._last["err"] or self._last["out"]
        said = first_error(self._last["err"]) or first_error(self._last["out"])
        said = said or (lines[-1] if lines else "it printed nothing")
        ended = "ended without an exit status" if status is None else f"exit status {status}"
        return Conclusion(
            ok=False,
            first_error=f"{ended}: {said}",
            details=tuple(lines[-10:]),
            facts=facts,
            interrupted=status is None or status > 128,
        )


class Command:
    """Runs the step's argv."""

    def measures(self, context: Context) -> str:
        return ""

    def observe(self, context: Context) -> Observation:
        """Value {}: nothing is known of a command itself."""
        return Observation({}, "")

    def prepare(self, context: Context) -> Job | None:
        return None

    def reader(self, context: Context, stage: str) -> CommandReader:
        return CommandReader()

    def card(self, context: Context, facts: Mapping[str, JSON]) -> Card:
        undo = context.step.undo
        return Card(_argv(context), context.step.changes, f"{undo.kind}: {undo.how}" if undo else "")

    def perform(self, context: Context, facts: Mapping[str, JSON]) -> Job:
        return job_of(_argv(context))

    def examine(self, context: Context) -> Repair:
        if _words(context).repeatable:
            return Repair((_HARMLESS,))
        return Repair(
            ("The outcome is unknown: the command may have done all, part or none of its work.",),
            again="Look at what it was to change. Run it again",
        )


def job_of(argv: tuple[str, ...]) -> Job:
    """`argv` as a job whose program can be asked to stop."""
    record = 'echo "$$" >"$SPROCKET_ATTEMPT/child"; exec "$@"'
    return Job(f"sh -c {quote(record)} sh {join(argv)}", argv)


def _words(context: Context) -> CommandVerb:
    assert isinstance(context.step.verb, CommandVerb)
    return context.step.verb


def _argv(context: Context) -> tuple[str, ...]:
    return expand_argv(_words(context).argv, context.values)
