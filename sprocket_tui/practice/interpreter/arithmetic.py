"""`$((...))`: whole numbers, variables, and the operators of C that assign nothing."""

from __future__ import annotations

import re
from collections.abc import Callable

from sprocket_tui.practice.interpreter.unknown import NotKnown

_TOKEN = re.compile(r"\s*(\d+|[A-Za-z_]\w*|&&|\|\||[<>=!]=|[-+*/%<>()!])")
# The operators of two sides, from the loosest to the tightest.
_LEVELS = (("||",), ("&&",), ("==", "!="), ("<", "<=", ">", ">="), ("+", "-"), ("*", "/", "%"))
_WIDTH = 64


def evaluate(text: str, value: Callable[[str], str | None]) -> int:
    """The number. Raises NotKnown, a division by zero among what is not known."""
    try:
        return _Reader(text, value).whole()
    except ValueError as error:
        # A number of thousands of digits.
        raise NotKnown("$((...))") from error


class _Reader:
    def __init__(self, text: str, value: Callable[[str], str | None]) -> None:
        self._text, self._value = text, value
        self._tokens = self._split(text)

    def whole(self) -> int:
        found = self._level(0)
        if self._tokens:
            raise self._unknown()
        return found

    def _split(self, text: str) -> list[str]:
        found, at = list[str](), 0
        text = text.strip()
        while at < len(text):
            match = _TOKEN.match(text, at)
            if not match:
                raise self._unknown()
            found.append(match[1])
            at = match.end()
        return found or ["0"]

    def _unknown(self) -> NotKnown:
        return NotKnown(f"$(({self._text}))")

    def _level(self, level: int) -> int:
        if level == len(_LEVELS):
            return self._single()
        found = self._level(level + 1)
        while self._tokens and self._tokens[0] in _LEVELS[level]:
            operator = self._tokens.pop(0)
            found = self._applied(operator, found, self._level(level + 1))
        return found

    def _applied(self, operator: str, left: int, right: int) -> int:
        if operator in ("/", "%"):
            if right == 0:
                raise self._unknown()
            # As in C, towards zero.
            quotient = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
            return quotient if operator == "/" else left - quotient * right
        return _wrapped(_TWO[operator](left, right))

    def _single(self) -> int:
        if not self._tokens:
            raise self._unknown()
        token = self._tokens.pop(0)
        if token in ("-", "+", "!"):
            inner = self._single()
            return {"-": -inner, "+": inner, "!": int(not inner)}[token]
        if token == "(":  # noqa: S105 no password
            inner = self._level(0)
            if not self._tokens or self._tokens.pop(0) != ")":
                raise self._unknown()
            return inner
        if token[0].isdecimal():
            if len(token) > 1 and token[0] == "0":
                # Octal to some shells.
                raise self._unknown()
            return _wrapped(int(token))
        if token[0].isalpha() or token[0] == "_":
            held = (self._value(token) or "0").strip()
            if not re.fullmatch(r"[-+]?\d+", held):
                raise self._unknown()
            return _wrapped(int(held))
        raise self._unknown()


def _wrapped(number: int) -> int:
    half = 1 << (_WIDTH - 1)
    return (number + half) % (1 << _WIDTH) - half


_TWO: dict[str, Callable[[int, int], int]] = {
    "||": lambda left, right: int(bool(left) or bool(right)),
    "&&": lambda left, right: int(bool(left) and bool(right)),
    "==": lambda left, right: int(left == right),
    "!=": lambda left, right: int(left != right),
    "<": lambda left, right: int(left < right),
    "<=": lambda left, right: int(left <= right),
    ">": lambda left, right: int(left > right),
    ">=": lambda left, right: int(left >= right),
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
}
