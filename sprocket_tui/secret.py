"""A value that is never shown: its repr, str and format are a mask."""

from __future__ import annotations

import hashlib
import hmac
from typing import NoReturn


class Secret:
    """Holds a secret text. Only `reveal` gives it out; call that where the value leaves by stdin or a tmpfs file."""

    __slots__ = ("_value", "name")

    def __init__(self, value: str, name: str = "secret") -> None:
        self._value = value
        self.name = name

    def reveal(self) -> str:
        return self._value

    @property
    def fingerprint(self) -> str:
        """Four hex digits that tell two values apart without giving either away."""
        return hashlib.blake2b(self._value.encode(), digest_size=2, person=b"sprocket-tui").hexdigest()

    def __repr__(self) -> str:
        return f"<secret {self.name}>"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled")
