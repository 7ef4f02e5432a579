"""The characters of a script: blanks, words with their quotes and expansions, and here-documents."""

from __future__ import annotations

import re
from collections.abc import Callable

from sprocket_tui.practice.interpreter.syntax import (
    Arithmetic,
    Document,
    Literal,
    Parameter,
    Part,
    Sequence,
    Substitution,
    Word,
)
from sprocket_tui.practice.interpreter.unknown import NotKnown

_META = " \t\n;&|<>()"
_BLANKS = re.compile(r"(?:[ \t]|\\\n)*(?:#[^\n]*)?")
_NAMED = re.compile(r"[^\s;&|<>()\"'\\$`]+")
_PARAMETER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[0-9]|[@*#?$!-]")
_BRACED = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!-]")
_OPERATOR = re.compile(r":?[-=?+]|##?|%%?")
_OUT = "a script that ends too early"
# What ends a run of ordinary characters, by what the run stands in.
_RUNS = {
    "": re.compile(r"[^ \t\n;&|<>()\"'\\$`]+"),
    "}": re.compile(r"[^}\"'\\$`]+"),
    '"': re.compile(r"[^\"\\$`]+"),
    "))": re.compile(r"[^()\"\\$`]+"),
    "end": re.compile(r"[^\\$`]+"),
}


class Scanner:
    """A place in a script. `inner` reads commands up to and with a closing text; `document` the body of one."""

    def __init__(self, text: str, inner: Callable[[str], Sequence], document: Callable[[str], Word]) -> None:
        self._text, self._at, self._inner, self._document = text, 0, inner, document
        self._documents = list[tuple[str, bool, bool, Document]]()

    def at_end(self) -> bool:
        """Whether everything was read. Raises NotKnown where a here-document never came."""
        if self._at < len(self._text):
            return False
        if self._documents:
            raise NotKnown(_OUT)
        return True

    def looking_at(self, *texts: str) -> bool:
        """Whether one of them comes next."""
        return self._text.startswith(texts, self._at)

    def take(self, text: str) -> bool:
        """Takes it when it comes next."""
        if not self.looking_at(text):
            return False
        self._at += len(text)
        return True

    def take_match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Takes what matches here."""
        match = pattern.match(self._text, self._at)
        if match:
            self._at = match.end()
        return match

    def blanks(self) -> None:
        """Takes blanks, joined lines, and a comment up to its end of line."""
        self.take_match(_BLANKS)

    def newline(self) -> bool:
        """Takes one end of line, with the documents that begin after it."""
        self.blanks()
        if not self.take("\n"):
            return False
        while self._documents:
            self._read_document(*self._documents.pop(0))
        return True

    def newlines(self) -> None:
        """Takes blanks and ends of lines."""
        while self.newline():
            pass

    def peek_name(self) -> str:
        """The unquoted word that comes next, "" for any other."""
        self.blanks()
        match = _NAMED.match(self._text, self._at)
        if not match or (match.end() < len(self._text) and self._text[match.end()] not in _META):
            return ""
        return match[0]

    def take_name(self, name: str) -> bool:
        """Takes it when it is the next word."""
        return self.peek_name() == name and self.take(name)

    def unexpected(self) -> NotKnown:
        """The error for what comes next."""
        if self.at_end():
            return NotKnown(_OUT)
        line = self._text.count("\n", 0, self._at) + 1
        return NotKnown(f"line {line}: {self._text[self._at : self._at + 20].splitlines()[0]!r}")

    def at_word(self) -> bool:
        """Whether a word comes next."""
        return not self.at_end() and self._text[self._at] not in _META

    def word(self) -> Word:
        """Takes a word. Raises NotKnown where there is none."""
        if not self.at_word():
            raise self.unexpected()
        return self._parts("", quoted=False)

    def body(self) -> Word:
        """Everything, as a here-document reads it."""
        return self._parts("end", quoted=True)

    def document(self, *, strip: bool) -> Document:
        """Takes the delimiter of a here-document; the document is filled when the line has ended."""
        delimiter = self.word()
        literals = [part for part in delimiter if isinstance(part, Literal)]
        if len(literals) != len(delimiter):
            raise NotKnown("a here-document's delimiter")
        plain = any(part.quoted for part in literals)
        found = Document()
        self._documents.append(("".join(part.text for part in literals), strip, plain, found))
        return found

    def _read_document(self, delimiter: str, strip: bool, plain: bool, found: Document) -> None:
        lines = list[str]()
        while True:
            if self.at_end():
                raise NotKnown(_OUT)
            end = self._text.find("\n", self._at)
            end = len(self._text) if end < 0 else end
            line = self._text[self._at : end]
            self._at = min(end + 1, len(self._text))
            line = line.lstrip("\t") if strip else line
            if line == delimiter:
                break
            lines.append(line + "\n")
        text = "".join(lines)
        found.body = (Literal(text, True),) if plain else self._document(text)

    def _parts(self, end: str, *, quoted: bool) -> Word:
        """What stands before `end`, which is not taken; "" is the end of a word, "end" that of the text."""
        found, depth = list[Part](), 0
        while not self.at_end():
            char = self._text[self._at]
            if (end == "" and char in _META) or (end in ('"', "}") and char == end):
                return tuple(found)
            if end == "))" and char in "()":
                if char == ")" and depth == 0:
                    return tuple(found)
                depth += 1 if char == "(" else -1
                self._at += 1
                found.append(Literal(char, True))
            elif char == "$":
                found.append(self._dollar(quoted=quoted))
            elif char == "\\":
                found.append(self._escaped(end, quoted=quoted))
            elif char in "'\"" and not quoted:
                found.extend(self._quotes())
            elif char in '"`':
                raise NotKnown(f"{char} here")
            else:
                match = self.take_match(_RUNS[end])
                assert match
                found.append(Literal(match[0], quoted))
        if end not in ("", "end"):
            raise NotKnown(_OUT)
        return tuple(found)

    def _quotes(self) -> Word:
        if self.take('"'):
            inner = self._parts('"', quoted=True)
            self._at += 1
            # Marks a word that is there although it is empty.
            return inner or (Literal("", True),)
        end = self._text.find("'", self._at + 1)
        if end < 0:
            raise NotKnown(_OUT)
        text = self._text[self._at + 1 : end]
        self._at = end + 1
        return (Literal(text, True),)

    def _escaped(self, end: str, *, quoted: bool) -> Part:
        following = self._text[self._at + 1 : self._at + 2]
        special = '$`\\\n"' if end == '"' else "$`\\\n}" if end == "}" else "$`\\\n"
        if quoted and (not following or following not in special):
            self._at += 1
            return Literal("\\", True)
        self._at += 2
        return Literal("" if following == "\n" else following, following != "\n")

    def _dollar(self, *, quoted: bool) -> Part:
        self._at += 1
        if self.take("(("):
            expression = self._parts("))", quoted=True)
            if not self.take("))"):
                raise self.unexpected()
            return Arithmetic(expression, quoted)
        if self.take("("):
            return Substitution(self._inner(")"), quoted)
        if self.take("{"):
            return self._braced(quoted=quoted)
        if self.looking_at("'", '"') and not quoted:
            raise NotKnown("$' or $\"")
        match = self.take_match(_PARAMETER)
        return Parameter(match[0], quoted) if match else Literal("$", quoted)

    def _braced(self, *, quoted: bool) -> Part:
        length = self.looking_at("#") and not self.looking_at("#}", "##", "#%", "#:", "#-", "#+", "#=", "#?")
        if length:
            self._at += 1
        match = self.take_match(_BRACED)
        if not match:
            raise self.unexpected()
        name = match[0]
        if self.take("}"):
            return Parameter(name, quoted, "length" if length else "")
        operator = None if length else self.take_match(_OPERATOR)
        if not operator:
            raise self.unexpected()
        # A pattern is one inside of double quotes too; a value there is quoted as they are.
        word = self._parts("}", quoted=quoted and operator[0][-1] in "-=?+")
        self._at += 1
        return Parameter(name, quoted, operator[0], word)
