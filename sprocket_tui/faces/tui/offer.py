"""What the first screen is made of; commands put it together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from sprocket_tui.faces.tui.form import Form


@dataclass(frozen=True)
class Found:
    """What a look at a target told: sentences, and the command line that Enter stands for from now on.

    Without `opens` that stays as it was.
    """

    told: tuple[str, ...]
    opens: tuple[str, ...] = ()


class Looking(Protocol):
    """A look that is under way in a thread of its own."""

    @property
    def doing(self) -> str:
        """What is under way, in a few words."""
        ...

    def found(self) -> Found | None:
        """What there is, or why nothing can be told; None while it is not known. It does not wait."""
        ...

    def stop(self) -> None:
        """Ends it; nothing of it stays."""
        ...


@dataclass(frozen=True)
class Offer:
    """A target: its name, what it is, a sentence of what is known, and the command lines that Enter and c stand for.

    `look` begins a look at it. `profile` is the saved profile that it is, which can be edited and forgotten.
    `production` is said wherever it is named; `what` leaves it out.
    """

    name: str
    what: str
    known: str
    opens: tuple[str, ...]
    checks: tuple[str, ...] = ()
    look: Callable[[], Looking] | None = None
    profile: str = ""
    production: bool = False


NEW = Offer(
    "New target",
    "from ~/.ssh/config, or by hand",
    "A few questions make a profile: a named environment with its host, its login and its domain.",
    (),
)
# As it stands wherever somebody could take a real deployment for another one.
PRODUCTION = "PRODUCTION"


@dataclass(frozen=True)
class Chosen:
    """The command line that was chosen, empty where somebody left, and the offer that it is of."""

    line: tuple[str, ...] = ()
    offer: str = ""


@dataclass(frozen=True)
class Host:
    """A host that the SSH configuration names, and where it leads, as far as that is known."""

    alias: str
    where: str


@dataclass(frozen=True)
class Connecting:
    """What a person can do before a target is chosen. `guide` is its name and version.

    `offers` and `hosts` are asked for anew whenever they are shown. `new` makes the questions of a new profile for a
    host, `edit` those of a saved one; `forget` removes one and says so, and raises SprocketError.
    """

    guide: str
    offers: Callable[[], Sequence[Offer]]
    hosts: Callable[[], Sequence[Host]]
    new: Callable[[str], Form]
    edit: Callable[[str], Form]
    forget: Callable[[str], str]
