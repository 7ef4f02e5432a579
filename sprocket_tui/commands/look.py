"""A look at a target before anything is begun there, in a thread of its own and within a limit."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable

from sprocket_tui.commands.targets import Goal
from sprocket_tui.errors import NeedsAnswer, SprocketError
from sprocket_tui.faces.tui.offer import Found
from sprocket_tui.faces.tui.spans import sentence
from sprocket_tui.guide.model import Guide
from sprocket_tui.target.link import Link
from sprocket_tui.target.ssh.asking import HOST_KEY, PASSPHRASE, Headless

# How long a look may take, in seconds.
LIMIT = 10.0


class Look:
    """One look, in a thread of its own. It asks nothing, changes nothing, and is over after `limit` seconds."""

    def __init__(
        self,
        open_goal: Callable[[], Goal],
        guide: Guide,
        resumes: Callable[[str], tuple[str, ...]],
        *,
        limit: float = LIMIT,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`resumes` gives the command line that goes on with a run of the target."""
        self._open, self._guide, self._resumes = open_goal, guide, resumes
        self._limit, self._clock, self._began = limit, clock, clock()
        self._lock = threading.Lock()
        self._doing, self._found, self._over = "connecting", None, False
        self._link: Link | None = None
        threading.Thread(target=self._run, name="look", daemon=True).start()

    @property
    def doing(self) -> str:
        return self._doing

    def found(self) -> Found | None:
        with self._lock:
            found = self._found
        if found is None and self._clock() - self._began > self._limit:
            found = Found((f"Given up after {self._limit:g} s, while {self._doing}.", "Enter tries it with patience."))
            self.stop()
            with self._lock:
                self._found = self._found or found
        return found

    def stop(self) -> None:
        """Closes the connection from here: what waits in the thread then ends at once."""
        with self._lock:
            self._over, link = True, self._link
        if link is not None:
            link.close()

    def _run(self) -> None:
        try:
            found = self._looked()
        except NeedsAnswer as error:
            found = Found(_asked(error))
        except SprocketError as error:
            found = Found((sentence(error.message), *([sentence(error.remedy)] if error.remedy else [])))
        except OSError as error:
            found = Found((sentence(f"it could not be looked at: {error.strerror or error}"),))
        with self._lock:
            self._found = self._found or found

    def _looked(self) -> Found:
        goal = self._open()
        with contextlib.closing(goal.connect(Headless())) as link:
            with self._lock:
                self._link, over = link, self._over
            if over:
                return Found(())
            # What measures is loaded here, so that neither the first screen nor a key waits for it.
            from sprocket_tui.commands.sighting import sight, told  # noqa: PLC0415

            return told(sight(self._guide, goal.profile, link, self._says, deadline=self._limit), self._resumes)

    def _says(self, doing: str) -> None:
        self._doing = doing


def _asked(error: NeedsAnswer) -> tuple[str, ...]:
    """What a look does not ask, and that Enter does."""
    if error.question == HOST_KEY:
        return (sentence(error.message), "Enter asks whether it is the right one; a look accepts none.")
    if error.question == PASSPHRASE:
        return ("Its key is locked by a passphrase.", "Enter asks for it; with ssh-add a look needs none.")
    return (sentence(error.message.removeprefix("nobody is here to answer: ")), "Enter asks for it; a look does not.")
