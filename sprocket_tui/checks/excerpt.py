"""What others said, as much of it as there is room for: masked first and cut then, for half a secret goes unnoticed.

A probe cuts no text itself. Who measures says with `masked_by` whose secrets there are.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar

from sprocket_tui.redaction import Redactor
from sprocket_tui.terminal import clean, one_line, shortened

_REDACTOR: ContextVar[Redactor | None] = ContextVar("redactor", default=None)


@contextmanager
def masked_by(redactor: Redactor) -> Generator[None, None, None]:
    """Excerpts that this thread makes meanwhile hold nothing of the redactor's secrets."""
    before = _REDACTOR.set(redactor)
    try:
        yield
    finally:
        _REDACTOR.reset(before)


def excerpt(text: str, limit: int) -> str:
    """`text` on one line of at most `limit` characters, cut between two words."""
    return shortened(one_line(_masked(text, limit)), limit)


def beginning(text: str, limit: int) -> str:
    """The first `limit` characters of `text` and its lines."""
    return _masked(text, limit)[:limit]


def _masked(text: str, limit: int) -> str:
    redactor = _REDACTOR.get() or Redactor()
    # What is longer than its limit may have been cut before, where no more was read.
    return redactor.beginning(clean(text)) if len(text) > limit else redactor.text(clean(text))
