"""The grammar of POSIX's shell, as much of it as our scripts use. A script is read whole, or refused whole.

What a POSIX shell would take and we do not (backquotes, `$'...'`, arithmetic assignments) and what only other shells
take (`[[`, `<(`, `<<<`, arrays) raises NotKnown, so that nothing is carried out that was understood differently.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from sprocket_tui.practice.interpreter import syntax
from sprocket_tui.practice.interpreter.syntax import Command, Redirect, Sequence, Word
from sprocket_tui.practice.interpreter.unknown import NotKnown
from sprocket_tui.practice.interpreter.words import Scanner

_RESERVED = frozenset("! { } case do done elif else esac fi for if in then until while".split())  # noqa: SIM905
_FOREIGN = frozenset("[[ function select time coproc ((".split())  # noqa: SIM905
_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_REDIRECT = re.compile(r"(\d*)(<<-|<<|>>|<>|>&|<&|>\||<|>)")
_DEEPEST = 60


def parse(text: str) -> Sequence:
    """The whole script. Raises NotKnown."""
    if "\0" in text:
        raise NotKnown("a script with a NUL in it")
    return _Parser(text).script()


class _Parser:
    """Recursive descent over the text itself, because what a character means depends on where it stands."""

    def __init__(self, text: str) -> None:
        self._scan = Scanner(text, self._inner, lambda body: _Parser(body).document())
        self._depth = 0

    def script(self) -> Sequence:
        """Everything up to the end."""
        found = self._sequence(())
        if not self._scan.at_end():
            raise self._scan.unexpected()
        return found

    def document(self) -> Word:
        """The text as the body of a here-document."""
        return self._scan.body()

    def _inner(self, end: str) -> Sequence:
        """What stands in `$(...)`, up to its `)`, which is taken."""
        found = self._sequence(())
        self._scan.blanks()
        if not self._scan.take(end):
            raise self._scan.unexpected()
        return found

    def _sequence(self, ends: Collection[str]) -> Sequence:
        """Up to one of the reserved words in `ends`, a `)`, a `;;` or the end, none of which is taken."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise NotKnown("a script nested so deeply")
        items = list[syntax.AndOr]()
        while True:
            self._scan.newlines()
            if self._scan.at_end() or self._scan.looking_at(")", ";;") or self._scan.peek_name() in ends:
                break
            parts = self._and_or()
            self._scan.blanks()
            if self._scan.looking_at("&>"):
                raise NotKnown("&>")
            background = self._scan.take("&")
            items.append(syntax.AndOr(parts, background))
            if background or (not self._scan.looking_at(";;") and self._scan.take(";")):
                continue
            if not self._scan.newline():
                break
        self._depth -= 1
        return Sequence(tuple(items))

    def _and_or(self) -> tuple[tuple[str, syntax.Pipeline], ...]:
        parts = [("", self._pipeline())]
        while True:
            self._scan.blanks()
            op = next((each for each in ("&&", "||") if self._scan.take(each)), "")
            if not op:
                return tuple(parts)
            self._scan.newlines()
            parts.append((op, self._pipeline()))

    def _pipeline(self) -> syntax.Pipeline:
        negated = self._scan.take_name("!")
        commands = [self._command()]
        while True:
            self._scan.blanks()
            if self._scan.looking_at("||") or not self._scan.take("|"):
                return syntax.Pipeline(tuple(commands), negated)
            if self._scan.looking_at("&"):
                raise NotKnown("|&")
            self._scan.newlines()
            commands.append(self._command())

    def _command(self) -> Command:
        self._scan.blanks()
        if self._scan.looking_at("(("):
            raise NotKnown("((")
        if self._scan.take("("):
            body = self._inner(")")
            return syntax.Group(body, True, self._redirects())
        name = self._scan.peek_name()
        if name in _FOREIGN:
            raise NotKnown(name)
        if name in _COMPOUND:
            self._scan.take_name(name)
            return _COMPOUND[name](self)
        if name in _RESERVED:
            raise self._scan.unexpected()
        return self._simple()

    def _group(self) -> Command:
        body = self._sequence(("}",))
        self._want("}")
        return syntax.Group(body, False, self._redirects())

    def _if(self) -> Command:
        branches, otherwise = list[tuple[Sequence, Sequence]](), None
        while True:
            condition = self._some(("then",))
            self._want("then")
            branches.append((condition, self._some(("elif", "else", "fi"))))
            if self._scan.take_name("elif"):
                continue
            if self._scan.take_name("else"):
                otherwise = self._some(("fi",))
            self._want("fi")
            return syntax.If(tuple(branches), otherwise, self._redirects())

    def _while(self) -> Command:
        condition = self._some(("do",))
        return syntax.Loop(condition, self._body(), False, self._redirects())

    def _until(self) -> Command:
        condition = self._some(("do",))
        return syntax.Loop(condition, self._body(), True, self._redirects())

    def _for(self) -> Command:
        self._scan.blanks()
        name = self._scan.peek_name()
        if not _NAME.fullmatch(name):
            raise self._scan.unexpected()
        self._scan.take_name(name)
        self._scan.newlines()
        words = None
        if self._scan.take_name("in"):
            words = tuple(self._words())
        self._scan.blanks()
        self._scan.take(";")
        self._scan.newlines()
        return syntax.For(name, words, self._body(), self._redirects())

    def _case(self) -> Command:
        self._scan.blanks()
        word = self._scan.word()
        self._scan.newlines()
        self._want("in")
        branches = list[tuple[tuple[Word, ...], Sequence]]()
        while True:
            self._scan.newlines()
            if self._scan.take_name("esac"):
                return syntax.Case(word, tuple(branches), self._redirects())
            self._scan.take("(")
            patterns = [self._pattern()]
            while self._scan.take("|"):
                patterns.append(self._pattern())
            if not self._scan.take(")"):
                raise self._scan.unexpected()
            branches.append((tuple(patterns), self._sequence(("esac",))))
            self._scan.newlines()
            if not self._scan.take(";;") and self._scan.peek_name() != "esac":
                raise self._scan.unexpected()

    def _pattern(self) -> Word:
        self._scan.blanks()
        found = self._scan.word()
        self._scan.blanks()
        return found

    def _body(self) -> Sequence:
        self._want("do")
        body = self._some(("done",))
        self._want("done")
        return body

    def _some(self, ends: Collection[str]) -> Sequence:
        found = self._sequence(ends)
        if not found.items:
            raise self._scan.unexpected()
        return found

    def _want(self, name: str) -> None:
        self._scan.newlines()
        if not self._scan.take_name(name):
            raise self._scan.unexpected()

    def _words(self) -> list[Word]:
        found = list[Word]()
        while True:
            self._scan.blanks()
            if not self._scan.at_word():
                return found
            found.append(self._scan.word())

    def _redirects(self) -> tuple[Redirect, ...]:
        found = list[Redirect]()
        while (redirect := self._redirect()) is not None:
            found.append(redirect)
        return tuple(found)

    def _redirect(self) -> Redirect | None:
        self._scan.blanks()
        match = self._scan.take_match(_REDIRECT)
        if match is None:
            return None
        number, op = match.groups()
        if self._scan.looking_at("<", "("):
            raise NotKnown(f"{op}< or {op}(")
        self._scan.blanks()
        if op.startswith("<<"):
            return Redirect(int(number or 0), "<<", document=self._scan.document(strip=op == "<<-"))
        target = self._scan.word()
        return Redirect(int(number or (0 if op.startswith("<") else 1)), ">" if op == ">|" else op, target)

    def _simple(self) -> Command:
        assignments, words, redirects = list[tuple[str, Word]](), list[Word](), list[Redirect]()
        while True:
            if (redirect := self._redirect()) is not None:
                redirects.append(redirect)
                continue
            match = None if words else self._scan.take_match(_ASSIGNMENT)
            if match is not None:
                if self._scan.looking_at("("):
                    raise NotKnown("an array")
                value = self._scan.word() if self._scan.at_word() else ()
                assignments.append((match[1], value))
                continue
            if not self._scan.at_word():
                break
            if not words and not assignments and (name := self._function_name()):
                self._scan.newlines()
                return syntax.Function(name, self._compound())
            words.append(self._scan.word())
        if not (assignments or words or redirects):
            raise self._scan.unexpected()
        return syntax.Simple(tuple(assignments), tuple(words), tuple(redirects))

    def _function_name(self) -> str:
        match = self._scan.take_match(re.compile(r"([A-Za-z_][A-Za-z0-9_]*)[ \t]*\([ \t]*\)"))
        return match[1] if match else ""

    def _compound(self) -> Command:
        found = self._command()
        if isinstance(found, syntax.Simple | syntax.Function):
            raise NotKnown("a function without braces")
        return found


_COMPOUND = {
    "{": _Parser._group,  # pyright: ignore[reportPrivateUsage]
    "if": _Parser._if,  # pyright: ignore[reportPrivateUsage]
    "while": _Parser._while,  # pyright: ignore[reportPrivateUsage]
    "until": _Parser._until,  # pyright: ignore[reportPrivateUsage]
    "for": _Parser._for,  # pyright: ignore[reportPrivateUsage]
    "case": _Parser._case,  # pyright: ignore[reportPrivateUsage]
}
