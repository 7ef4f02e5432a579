"""Keys one after the other: each goes to what has the focus once the one before it has done all that it does.

Textual hands every key to the widget that has the focus when it comes. Of two that come at once the second would go to
what the first is about to cover: "/y" would open the search, and answer yes to the question below it.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Awaitable, Callable

from textual.events import Key, Paste
from textual.message_pump import MessagePump

Typed = Key | Paste
# Somebody who was taken away before it was their turn never says that a key was done.
_PATIENCE = 1.0


class Typeahead:
    """`give` hands a key to whoever is to have it now, and returns who that was."""

    def __init__(self, app: MessagePump, give: Callable[[Typed], Awaitable[MessagePump]]) -> None:
        self._app, self._give = app, give
        self._waiting: deque[Typed] = deque()
        self._began: float | None = None

    @property
    def busy(self) -> bool:
        """Whether a key is still at work."""
        return self._began is not None and time.monotonic() - self._began < _PATIENCE

    async def take(self, typed: Typed) -> None:
        """Gives it now, or when those before it are done."""
        self._waiting.append(typed)
        if not self.busy:
            await self._next()

    async def _next(self) -> None:
        if not self._waiting:
            self._began = None
            return
        self._began = time.monotonic()
        whose = await self._give(self._waiting.popleft())
        # The second time behind what the key led to: that a text was entered, or a choice taken.
        self._follow(whose, lambda: self._follow(whose, self._next))

    def _follow(self, at: MessagePump | None, then: Callable[[], object]) -> None:
        """Goes up behind the key, from the widget that got it to the app: at each it is handled before this is."""
        while at is not None and at is not self._app:
            above: MessagePump | None = at._parent  # pyright: ignore[reportPrivateUsage]
            if at.call_later(self._follow, above, then):
                return
            at = above
        self._app.call_later(then)
