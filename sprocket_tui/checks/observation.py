"""What a probe saw, and what the judge made of it."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from enum import StrEnum
from typing import cast

from sprocket_tui.guide.conditions import ABSENT, reach
from sprocket_tui.values import JSON


class State(StrEnum):
    """A verdict's word, worst first; a parent is its worst child."""

    FAIL = "fail"
    UNKNOWN = "unknown"
    WARN = "warn"
    PASS = "pass"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Observation:
    """What was seen (`value`, canonical and JSON-like, `seen` for a person), or why it could not be seen (`reason`).

    Exactly one of the two: `reason` empty means measured; `to_do` may then say how it can be. `evidence` is cleaned,
    redacted raw text. `at` is our clock when the answer was here (epoch seconds), 0 where nothing was asked. It is
    `unreached` where there was no connection to the place that was to be looked at.
    """

    value: JSON = None
    seen: str = ""
    reason: str = ""
    to_do: str = ""
    evidence: str = ""
    seconds: float = 0.0
    at: float = 0.0
    unreached: bool = False

    @property
    def measured(self) -> bool:
        return not self.reason


# sudo gives root's home, and what was measured, as git's settings or a login, lies in the login's.
_SUDO = 'sudo env HOME="$HOME" '


@dataclass(frozen=True)
class Remedy:
    """What to do: a sentence and, where one exists, the exact command with where it runs ("droplet" or "here").

    Where it is not `whole`, a value of the command is not known, and stands there as a name. `runs` says that the walk
    can run it on the target by itself, once it is whole, `reads` that it changes nothing. `sudo` says that the login
    there is not root and becomes it, as the walk does by itself.
    """

    text: str
    command: tuple[str, ...] = ()
    where: str = "droplet"
    whole: bool = True
    runs: bool = False
    reads: bool = False
    changes: str = ""
    undo: str = ""
    sudo: bool = False

    @property
    def line(self) -> str:
        """The command as one line that a shell takes as it is meant; empty without one."""
        return (_SUDO if self.sudo and self.command else "") + shlex.join(self.command)


@dataclass(frozen=True)
class Verdict:
    """One check, judged. `blocked_by` names the check whose failure made this one skipped.

    `asked` is what was asked, as a JSON object without secrets, empty where nothing was; `compared` names what of the
    value makes it another one ("value.total_mib"), all of it where nothing is named.
    """

    id: str
    title: str
    state: State
    observed: str
    expected: str
    why: str
    remedy: Remedy | None
    blocking: bool
    guide: tuple[str, ...] = ()
    blocked_by: str = ""
    observation: Observation = field(default_factory=Observation)
    asked: str = ""
    compared: tuple[str, ...] = ()

    def counted(self) -> JSON:
        """What of the value makes it another one: that of each reference, or the value itself where none is named."""
        root: JSON = {"value": self.observation.value}
        found = {name: reach(root, name) for name in self.compared}
        return {name: None if each is ABSENT else cast("JSON", each) for name, each in found.items()} or root["value"]
