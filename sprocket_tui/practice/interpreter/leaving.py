"""How a shell goes elsewhere than to the next command."""

from __future__ import annotations


class Left(Exception):
    """`exit`, or the end of a shell for another reason."""

    def __init__(self, status: int) -> None:
        super().__init__()
        self.status = status


class Returned(Left):
    """`return`."""


class Jumped(Exception):
    """`break` out of so many loops, or with `on` the last of them goes on."""

    def __init__(self, count: int, *, on: bool) -> None:
        super().__init__()
        self.count, self.on = count, on
