"""What a form on the screen is made of; commands put it together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Field:
    """One question: its label in the list, its whole text, and what an empty answer stands for.

    `words` are answers that are offered while one is typed. A `fixed` one is shown and not asked.
    """

    name: str
    label: str
    asks: str
    default: str = ""
    words: Sequence[str] = ()
    fixed: bool = False


@dataclass(frozen=True)
class Form:
    """Questions that are answered in any order. `given` are the answers to begin with, by name, as all answers are.

    `fault` says in one sentence what is wrong with an answer beside the others; `applies` whether a question is one.
    `save` keeps the answers, with defaults where nothing was said, and says so; it raises SprocketError.
    """

    title: str
    fields: Sequence[Field]
    fault: Callable[[str, str, Mapping[str, str]], str]
    applies: Callable[[str, Mapping[str, str]], bool]
    save: Callable[[Mapping[str, str]], str]
    given: Mapping[str, str] = field(default_factory=dict[str, str])
