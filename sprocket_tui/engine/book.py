"""The values and secrets of a run: what is known, and the questions that make the rest known."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from sprocket_tui.engine.desk import Desk, Question
from sprocket_tui.errors import NeedsAnswer
from sprocket_tui.guide.fitting import parse
from sprocket_tui.guide.model import Guide, Var
from sprocket_tui.guide.resolve import defaults
from sprocket_tui.journal.events import Fact, SecretGiven, ValuesSet
from sprocket_tui.journal.replay import RunState
from sprocket_tui.redaction import Redactor
from sprocket_tui.secret import Secret
from sprocket_tui.values import JSON

# How often an answer that does not fit is asked for again, so that a file of answers cannot be asked for ever.
_TRIES = 20


class Book:
    """Answers are journaled and survive; secrets live in memory only, and are asked for again after a restart."""

    def __init__(
        self, guide: Guide, state: RunState, desk: Desk, record: Callable[[Fact], None], redactor: Redactor
    ) -> None:
        self._state, self._desk, self._record, self._redactor = state, desk, record, redactor
        self.vars: dict[str, Var] = {var.name: var for var in guide.vars}
        self._asked_at = {
            name: step.id
            for step in guide.steps().values()
            for name in getattr(step.verb, "vars", ())
            if name in self.vars
        }
        self.secrets: dict[str, Secret] = {}

    @property
    def values(self) -> dict[str, JSON]:
        """Every value that is known and not secret: profile, answers, measured, then defaults."""
        return {**defaults(self.vars.values()), **self.given}

    @property
    def given(self) -> dict[str, JSON]:
        """What was said or measured in this run, or stands in its profile; defaults are not among it."""
        known = self._state.values
        profile = {var.name: known[var.profile] for var in self.vars.values() if var.profile in known}
        return {**profile, **known}

    def ask(self, step: str, name: str, *, anew: bool = False) -> None:
        """Asks for one variable at `step`; one that is known is kept, or with `anew` proposed."""
        var = self.vars[name]
        if var.secret:
            if anew:
                self.secrets.pop(name, None)
            self.secret(name)
        elif anew or name not in self.given:
            self.set(step, {name: self._valid_answer(step, var)})

    def set(self, step: str, values: dict[str, JSON]) -> None:
        """Keeps values that are not secret."""
        fresh = {name: value for name, value in values.items() if self._state.values.get(name) != value}
        if fresh:
            self._record(ValuesSet(step, fresh))

    def secret(self, name: str, *, same: bool = False, which: str = "") -> Secret:
        """The secret, asked for when it is not in memory (under the step that asks for it in the guide).

        With `same` it is the one that was given before, unless a person says that it has changed since. `which` of
        several it is.
        """
        if name not in self.secrets:
            given = self._given(self._asked_at.get(name, "connection"), self.vars[name], same=same, which=which)
            self.secrets[name] = Secret(given.reveal(), name)
            self._redactor.add(self.secrets[name])
            if self._state.fingerprints.get(name) != given.fingerprint:
                self._record(SecretGiven(name, given.fingerprint))
        return self.secrets[name]

    def give_again(self) -> None:
        """Makes every secret that this run was given known again, before output that may hold one is taken in."""
        wanted = [name for name in self._state.fingerprints if name in self.vars and name not in self.secrets]
        for number, name in enumerate(wanted, start=1):
            self.secret(name, same=True, which=f", {number} of {len(wanted)}" if len(wanted) > 1 else "")

    def _given(self, step: str, var: Var, *, same: bool, which: str) -> Secret:
        before, wrong = self._state.fingerprints.get(var.name), ""
        again = f" (again{which}: secrets are never kept)" if before else ""
        question = Question(
            f"{step}/{var.name}", "secret", f"{var.title}{again}", step, twice=var.twice and before is None
        )
        for _ in self._desk.rounds(_TRIES):
            given = self._desk.ask_secret(question)
            if given and (not same or before == given.fingerprint or self._has_changed(step, var)):
                return given
            wrong = "it is not the one that was given before" if given else "it is empty"
        raise _unfit(question, wrong)

    def _has_changed(self, step: str, var: Var) -> bool:
        """What a job prints is masked by the values that it was started with: another one would leave them in clear."""
        text = f"{var.title}: it is not the one that this run's job was given. Was it changed since"
        return self._desk.ask_text(Question(f"{step}/changed", "yes-no", text, step, default="no")) == "yes"

    def _valid_answer(self, step: str, var: Var) -> JSON:
        wrong, question = "", Question(f"{step}/{var.name}", "text", var.title, step)
        for _ in self._desk.rounds(_TRIES):
            default = "" if var.default is None or isinstance(var.default, tuple) else _shown(var.default)
            known = self.values.get(var.name)
            proposed = _shown(known) if known is not None else default
            text = f"Not taken: {wrong}.\n{var.title}" if wrong else var.title
            sort = "choice" if var.choices else "text"
            question = Question(f"{step}/{var.name}", sort, text, step, var.choices, proposed)
            said = self._desk.ask_text(question).strip() or proposed
            wrong, value = parse(var, said)
            if not wrong:
                return value
        raise _unfit(question, wrong)


def _unfit(question: Question, wrong: str) -> NeedsAnswer:
    return NeedsAnswer(
        question.id,
        f"Of what was prepared, no answer to {question.id} fits: {wrong}",
        remedy="Give another answer, then resume",
    )


class Secrets(Mapping[str, Secret]):
    """The secrets by name, each asked for when it is first taken; holds those the guide declares."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def __getitem__(self, name: str) -> Secret:
        if name not in self:
            raise KeyError(name)
        return self._book.secret(name)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name in self._book.vars and self._book.vars[name].secret

    def __iter__(self) -> Iterator[str]:
        return (name for name, var in self._book.vars.items() if var.secret)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _shown(value: JSON) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
