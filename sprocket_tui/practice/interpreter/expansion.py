"""Words become fields: parameters, commands and arithmetic are put in, fields split, names matched, quotes removed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

from sprocket_tui.practice.interpreter import patterns, syntax
from sprocket_tui.practice.interpreter.arithmetic import evaluate
from sprocket_tui.practice.interpreter.files import Files
from sprocket_tui.practice.interpreter.limits import checked
from sprocket_tui.practice.interpreter.patterns import Piece
from sprocket_tui.practice.interpreter.syntax import Arithmetic, Literal, Parameter, Part, Substitution, Word
from sprocket_tui.practice.interpreter.unknown import NotKnown

_BLANK = " \t\n"


class Unset(Exception):
    """`${name?message}` of a name that is not set; the shell ends."""


class Values(Protocol):
    """The shell that a word is expanded for."""

    positional: list[str]

    def value(self, name: str) -> str | None:
        """A variable or special parameter; None where it is not set."""
        ...

    def assign(self, name: str, value: str) -> None:
        """Sets a variable."""
        ...

    def substituted(self, body: syntax.Sequence) -> str:
        """What the commands print, without the last newlines."""
        ...

    def directory(self) -> str:
        """Where it is."""
        ...


def fields(words: Sequence[Word], shell: Values, files: Files) -> list[str]:
    """The fields of a command line."""
    found, length = list[str](), 0
    for word in words:
        for pieces in _split(word, shell):
            more = _named(pieces, shell, files) if patterns.has_pattern(pieces) else [_text(pieces)]
            # A field that is empty takes room as well.
            length += sum(len(each) + 1 for each in more)
            checked(length)
            found.extend(more)
    return found


def text(word: Word, shell: Values) -> str:
    """The word as one field, as in an assignment: not split, not matched with names."""
    return _text(pieces_of(word, shell))


def pieces_of(word: Word, shell: Values) -> list[Piece]:
    """The word as one field, in which what is quoted can still be told."""
    return [piece for part in _tilde(word, shell) for piece in _pieces(part, shell)]


def _text(pieces: Sequence[Piece]) -> str:
    checked(sum(len(text) for text, _ in pieces))
    return "".join(text for text, _ in pieces)


def _tilde(word: Word, shell: Values) -> Word:
    """A leading, unquoted ~ is the home; other people have none here."""
    first = word[0] if word else None
    if isinstance(first, Literal) and not first.quoted and (first.text == "~" or first.text.startswith("~/")):
        home = shell.value("HOME") or "/"
        return (Literal(home, True), Literal(first.text[1:], False), *word[1:])
    return word


class _Fields:
    """The fields of one word as they grow. An empty one is there only when something in it is quoted."""

    def __init__(self) -> None:
        self.done = list[list[Piece]]()
        self._current, self._begun = list[Piece](), False

    def add(self, text: str, *, quoted: bool) -> None:
        """More of the same field."""
        self._current.append((text, quoted))
        self._begun = self._begun or quoted or text != ""

    def end(self) -> None:
        """The field ends here."""
        if self._begun:
            self.done.append(self._current)
        self._current, self._begun = [], False

    def add_split(self, text: str, separators: str) -> None:
        """More of it, in which separators end a field."""
        for piece, ends in _separated(text, separators):
            if piece is not None:
                self._current.append((piece, False))
                self._begun = True
            if ends:
                self.end()

    def add_several(self, texts: Sequence[str], separators: str, *, quoted: bool) -> None:
        """Fields that stand side by side."""
        for number, each in enumerate(texts):
            if number:
                self.end()
            if quoted:
                self.add(each, quoted=True)
            else:
                self.add_split(each, separators)


def _split(word: Word, shell: Values) -> list[list[Piece]]:
    given = shell.value("IFS")
    separators = _BLANK if given is None else given
    found = _Fields()
    for part in _tilde(word, shell):
        if isinstance(part, Parameter) and part.name in "@*" and not part.op and (part.name == "@" or not part.quoted):
            found.add_several(shell.positional, separators, quoted=part.quoted)
            continue
        for text, quoted in _pieces(part, shell):
            if quoted or isinstance(part, Literal):
                found.add(text, quoted=quoted)
            else:
                found.add_split(text, separators)
    found.end()
    return found.done


def _separated(text: str, separators: str) -> list[tuple[str | None, bool]]:
    """The pieces between separators, each with whether a separator follows it; None is no piece at all."""
    if not separators or not text:
        return [(text, False)] if text else []
    found, at = list[tuple[str | None, bool]](), 0
    for match in re.finditer(_cut(separators), text):
        piece = text[at : match.start()]
        visible = bool(piece or match[0].strip(_BLANK))
        found.append((piece if visible else None, True))
        at = match.end()
    if at < len(text):
        found.append((text[at:], False))
    return found


def split_for_read(line: str, names: int, separators: str) -> list[str]:
    """A line as `read` gives it to so many names: the last takes what is left, with its separators."""
    white = "".join(each for each in separators if each in _BLANK)
    rest, found = line.strip(white) if white else line, list[str]()
    while len(found) < names - 1:
        cut = re.search(_cut(separators), rest) if separators else None
        if cut is None:
            break
        found.append(rest[: cut.start()])
        rest = rest[cut.end() :]
    found.append(rest)
    return found + [""] * (names - len(found))


def _cut(separators: str) -> str:
    white = "".join(re.escape(each) for each in separators if each in _BLANK)
    other = "".join(re.escape(each) for each in separators if each not in _BLANK)
    blanks = f"[{white}]" if white else "(?!)"
    return f"{blanks}*[{other}]{blanks}*|{blanks}+" if other else f"{blanks}+"


def _pieces(part: Part, shell: Values) -> list[Piece]:
    match part:
        case Literal():
            return [(part.text, part.quoted)]
        case Substitution():
            return [(shell.substituted(part.body), part.quoted)]
        case Arithmetic():
            return [(str(evaluate(text(part.expression, shell), shell.value)), part.quoted)]
        case Parameter():
            return _parameter(part, shell)


def _parameter(part: Parameter, shell: Values) -> list[Piece]:
    if part.name in "@*":
        value = (" " if part.name == "@" else (shell.value("IFS") or " ")[:1]).join(shell.positional)
    else:
        value = shell.value(part.name)
    operator = part.op
    if operator == "length":
        return [(str(len(value or "")), part.quoted)]
    if operator.startswith(("#", "%")):
        return [(_trimmed(value or "", operator, patterns.shell(pieces_of(part.word, shell))), part.quoted)]
    if not operator:
        return [(value or "", part.quoted)]
    missing = value is None or (operator[0] == ":" and not value)
    match operator[-1]:
        case "+":
            return [] if missing else pieces_of(part.word, shell)
        case "-" if missing:
            return pieces_of(part.word, shell)
        case "=" if missing:
            if not re.fullmatch(r"[A-Za-z_]\w*", part.name):
                raise NotKnown(f"${{{part.name}=")
            value = text(part.word, shell)
            shell.assign(part.name, value)
        case "?" if missing:
            raise Unset(f"{part.name}: {text(part.word, shell) or 'parameter not set'}")
        case _:
            pass
    return [(value or "", part.quoted)]


def _trimmed(value: str, operator: str, pattern: str) -> str:
    """The value without its shortest (or, doubled, longest) beginning or end that matches."""
    expression = re.compile(pattern)
    lengths = range(len(value) + 1)
    for length in lengths if len(operator) == 1 else reversed(lengths):
        if operator[0] == "#" and expression.fullmatch(value, 0, length):
            return value[length:]
        if operator[0] == "%" and expression.fullmatch(value, len(value) - length):
            return value[: len(value) - length]
    return value


def _named(pieces: list[Piece], shell: Values, files: Files) -> list[str]:
    """The names that match, sorted; the text itself where none does."""
    steps = list[list[Piece]]([[]])
    for piece, quoted in pieces:
        first, *more = piece.split("/")
        steps[-1].append((first, quoted))
        steps.extend([[(each, quoted)] for each in more])
    absolute = _text(steps[0]) == "" and len(steps) > 1
    found = [""]
    for number, step in enumerate(steps):
        if number == 0 and absolute:
            continue
        lead = "/" if absolute or number else ""
        if not patterns.has_pattern(step):
            name = _text(step)
            found = [f"{each}{lead}{name}" for each in found]
            last = number == len(steps) - 1
            found = [each for each in found if (not last and not name) or files.exists(each or "/", shell.directory())]
            continue
        expression = re.compile(patterns.shell(step))
        hidden = _text(step).startswith(".")
        found = [
            f"{each}{lead}{name}"
            for each in found
            for name in _names(files, each or ("/" if absolute else "."), shell.directory())
            if expression.fullmatch(name) and (hidden or not name.startswith("."))
        ]
    return found or [_text(pieces)]


def _names(files: Files, path: str, directory: str) -> list[str]:
    try:
        return files.names(path, directory)
    except OSError:
        return []
