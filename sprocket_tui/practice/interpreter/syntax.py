"""What a script is made of, once it was read."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Literal:
    """Text as it stands; what is quoted is neither split nor a pattern."""

    text: str
    quoted: bool


@dataclass(frozen=True)
class Parameter:
    """`$name` or `${name OP word}`; `op` is "", one of - = ? + with a colon before or not, # ## % %%, or "length"."""

    name: str
    quoted: bool
    op: str = ""
    word: Word = ()


@dataclass(frozen=True)
class Substitution:
    """`$(...)`."""

    body: Sequence
    quoted: bool


@dataclass(frozen=True)
class Arithmetic:
    """`$((...))`; the expression is a word, which is expanded first."""

    expression: Word
    quoted: bool


Part = Literal | Parameter | Substitution | Arithmetic
Word = tuple[Part, ...]


@dataclass
class Document:
    """A here-document; its text stands after the line that names it, and so is known later."""

    body: Word = ()


@dataclass(frozen=True)
class Redirect:
    """`number` OP target, one of < > >> <> >& <&; or the document of <<."""

    number: int
    op: str
    target: Word = ()
    document: Document | None = None


@dataclass(frozen=True)
class Simple:
    """Assignments before a command line, or alone."""

    assignments: tuple[tuple[str, Word], ...]
    words: tuple[Word, ...]
    redirects: tuple[Redirect, ...]


@dataclass(frozen=True)
class Group:
    """`{ ...; }`, or `( ... )` in a subshell."""

    body: Sequence
    subshell: bool
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True)
class If:
    """Conditions with what follows from each; the last may stand without a condition."""

    branches: tuple[tuple[Sequence, Sequence], ...]
    otherwise: Sequence | None
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True)
class Loop:
    """`while`, or `until` with `negated`."""

    condition: Sequence
    body: Sequence
    negated: bool
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True)
class For:
    """`for name in words`; over the positional parameters where there is no `in`."""

    name: str
    words: tuple[Word, ...] | None
    body: Sequence
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True)
class Case:
    """`case word in`, with the patterns of each branch."""

    word: Word
    branches: tuple[tuple[tuple[Word, ...], Sequence], ...]
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True)
class Function:
    """`name() compound`."""

    name: str
    body: Command


Compound = Group | If | Loop | For | Case
Command = Simple | Compound | Function


@dataclass(frozen=True)
class Pipeline:
    """Commands side by side, each reading what the one before it says."""

    commands: tuple[Command, ...]
    negated: bool


@dataclass(frozen=True)
class AndOr:
    """Pipelines joined by && and ||; the first has no operator."""

    parts: tuple[tuple[str, Pipeline], ...]
    background: bool


@dataclass(frozen=True)
class Sequence:
    """One after the other."""

    items: tuple[AndOr, ...] = field(default=())
