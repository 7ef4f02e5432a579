"""The parameters of every verb; what it does stands in `actions/` and `engine/`."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from sprocket_tui.guide.model import Id, Model, Text, VerbWords


class ReadVerb(VerbWords):
    """Text to read; nothing is asked and nothing runs."""


class AskVerb(VerbWords):
    """Asks for the variables, in order; those already known are shown and kept."""

    vars: Annotated[tuple[str, ...], Field(min_length=1)]


class ConfirmVerb(VerbWords):
    """A person says that `statement` holds."""

    statement: Text


class CheckVerb(VerbWords):
    """Measures checklists or single checks."""

    checklists: tuple[Id, ...] = ()
    checks: tuple[Id, ...] = ()

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.checklists and not self.checks:
            raise ValueError("give checklists, checks, or both")
        return self


class CommandVerb(VerbWords):
    """Runs `argv` as a job. `repeatable` says that running it twice does no harm beyond running it once."""

    mutates: ClassVar[bool] = True
    argv: Annotated[tuple[str, ...], Field(min_length=1)]
    repeatable: bool = False


class ConfigKey(Model):
    """A configuration key of a stack and the variable whose value it gets; secret when the variable is."""

    key: str
    var: str


class PulumiVerb(VerbWords):
    """An operation on a stack: login (prove the backend), stack (select or create), config, up (preview, gate)."""

    mutates: ClassVar[bool] = True
    operation: Literal["login", "stack", "config", "up"]
    stack: str
    keys: tuple[ConfigKey, ...] = ()

    @model_validator(mode="after")
    def _keys_for_config(self) -> Self:
        if bool(self.keys) != (self.operation == "config"):
            raise ValueError("keys belong to operation config, and it needs them")
        return self
