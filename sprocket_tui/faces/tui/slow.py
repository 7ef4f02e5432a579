"""The line to the terminal: how much it carries, and when the next frame may be painted.

A frame is not painted while what was sent before is still under way; what changed meanwhile is painted with the next
one. So frames are dropped whole, never keys, and a key's own frame waits behind one other at most.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

# Asks the terminal where its cursor is; its answer says that everything before has been shown.
PROBE = "\x1b[6n"


@dataclass(frozen=True)
class Rate:
    """How often what streams may be painted."""

    frames_per_second: float


@dataclass(frozen=True)
class _Trip:
    """A frame of `size` bytes that was answered, and when the answer before came."""

    size: int
    sent: float
    before: float
    answered: float

    @property
    def took(self) -> float:
        return self.answered - self.sent

    def carrying(self, bare: float) -> float:
        """Seconds that the line was at it, when an empty frame takes `bare`."""
        # It was on its way since it was sent, or since what was before it had arrived.
        return max(self.answered - max(self.sent + bare, self.before), 0.0005)


FULL = Rate(10)
# Before anything is known of a line that is said to be slow.
_CAUTIOUS = Rate(2)
_LEAST = Rate(1 / 5)

# Slower than this (bytes a second), or further away (seconds), a line is treated as slow.
_NARROW = 100_000
_FAR = 0.1
# How long a frame of what streams may keep 19 keys of 20 waiting, in seconds: while somebody works, and looks on.
_WORKING, _LOOKING_ON = 0.05, 0.1
# Somebody who pressed no key for so long, in seconds, looks on.
_AT_WORK = 10.0
# At most so many frames of any kind in a second on a slow line; of what streams half as many, so that a key's own frame
# does not wait until it may be sent.
_FRAMES, _SECOND = 10, 1.0
_SPACING = 2 * _SECOND / _FRAMES
# A frame that is sent so soon after what streams was let through, in seconds, is what that costs.
_AT_ONCE = 0.1
# How soon to look again, in seconds, when the line is not free and nobody can say until when.
_AGAIN = 0.02
# An answer that takes longer, in seconds, will not come; sooner where none ever came.
_LOST, _NEVER_CAME = 5.0, 1.0
# How often a line that nobody suspects is asked, in seconds.
_TRIAL = 5.0
# Frames smaller than this, in bytes, say little of how much a line carries; and much, those above.
_TELLING, _SURE = 200, 1000
# A write that keeps the writer longer, in seconds, is held up by the line.
_HELD_UP = 0.02
# What may be under way beyond what fills the line, in bytes.
_SPARE = 4096
# A person who has just pressed a key will press another: what streams waits so long, but not longer than the second.
_TYPING = 0.3
_PATIENCE = 2.0


def over_ssh(environ: Mapping[str, str]) -> bool:
    """Whether the terminal is at the other end of an SSH connection."""
    return any(environ.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"))


class Line:
    """A model of the line, told by the driver what goes in and what the terminal answers. Safe from any thread.

    `asking`: whether each frame is followed by a question to the terminal, and waits for its answer; that begins by
    itself when writing is held up, or when an answer took long. `narrow`: treat it as slow whatever is measured.
    """

    def __init__(
        self, *, asking: bool = False, narrow: bool = False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.asking = asking or narrow
        self._said_slow = narrow
        self._clock = clock
        self._changed = threading.Condition()
        # Bytes given to the writer, and taken by the terminal's device.
        self._given = self._taken = 0
        # Sent and not answered: when, and how many bytes.
        self._flight: deque[tuple[float, int]] = deque()
        # Whether the terminal leaves questions unanswered, and when a line that nobody suspects was last asked.
        self._mute = False
        self._last_trial = float("-inf")
        self._last_answer = 0.0
        self._frames: deque[float] = deque(maxlen=_FRAMES)
        self._free_at = 0.0
        self._trips: deque[_Trip] = deque(maxlen=32)
        # What those say: the shortest round trip in seconds, and bytes a second where that is known.
        self._nearest = 0.0
        self._speed: float | None = None
        self._top_speed = _NARROW
        self._last_key = self._last_feed = float("-inf")
        self._feed_size = 0.0

    # What the driver tells, and asks.

    def ask(self) -> bool:
        """Whether the frame that is being sent shall end with a question."""
        with self._changed:
            now = self._clock()
            if self._mute or (not self.asking and now - self._last_trial < _TRIAL):
                return False
            self._last_trial = now
            return True

    def sent(self, size: int, *, asked: bool) -> None:
        """A frame of `size` bytes was given to the writer, `asked`: with a question behind it."""
        with self._changed:
            now = self._clock()
            self._given += size
            self._frames.append(now)
            # Where a key came in between it is the key's.
            if now - self._last_feed < _AT_ONCE and self._last_key < self._last_feed:
                self._feed_size = size if not self._feed_size else 0.5 * self._feed_size + 0.5 * size
            if asked:
                self._free_at = max(now, self._free_at) + size / self._top_speed
                self._flight.append((now, size))

    def taken(self, size: int, seconds: float) -> None:
        """The terminal's device took `size` bytes, and `seconds` over it."""
        with self._changed:
            self._taken += size
            if seconds > _HELD_UP:
                self._suspect()

    def answered(self) -> None:
        """The terminal has shown everything up to the oldest question."""
        with self._changed:
            self._mute = False
            if not self._flight:
                return
            now = self._clock()
            at, size = self._flight.popleft()
            if now - at > _FAR:
                self._suspect()
            self._trips.append(_Trip(size, at, self._last_answer, now))
            self._nearest = min(trip.took for trip in self._trips)
            self._speed, self._top_speed = _speeds(self._trips, self._nearest)
            self._last_answer = now
            if not self._flight:
                self._free_at = now
            self._changed.notify_all()

    def _suspect(self) -> None:
        if self._mute:
            # Nothing will ever be known of it but this.
            self._said_slow = True
        else:
            self.asking = True

    def key(self) -> None:
        """A key was pressed."""
        self._last_key = self._clock()

    def reset(self) -> None:
        """The terminal was in other hands: nothing that was sent before will be answered."""
        with self._changed:
            self._flight.clear()
            self._taken = self._given
            self._free_at = 0.0

    def settle(self, patience: float) -> None:
        """Waits until every question is answered, so that no answer comes when nobody reads it any more."""
        end = self._clock() + (patience if self._trips else patience / 10)
        with self._changed:
            while self._flight and (left := end - self._clock()) > 0:
                self._changed.wait(left)

    # What the app asks.

    @property
    def slow(self) -> bool:
        """Whether this is a slow line: said to be, or found to be."""
        with self._changed:
            return self._slow()

    @property
    def rate(self) -> Rate:
        """How often what streams may be painted now."""
        with self._changed:
            return self._rate()

    def wait(self) -> float:
        """Seconds until a frame may be painted; 0 is now. Where that is not known, when to ask again."""
        with self._changed:
            return self._wait()

    def due(self) -> bool:
        """Whether what streams may be taken up and painted now; ask ten times a second."""
        with self._changed:
            now = self._clock()
            since = now - self._last_feed
            if self._wait() > 0:
                return False
            if self._slow():
                # A tenth of a period early is in time: the asking has a period of its own.
                if since < 0.9 / self._rate().frames_per_second:
                    return False
                if now - self._last_key < _TYPING and since < _PATIENCE:
                    return False
            self._last_feed = now
            return True

    def _wait(self) -> float:
        now = self._clock()
        if self._taken < self._given:
            return _AGAIN
        if not self._flight:
            return self._too_soon(now)
        if now - self._flight[0][0] > (_LOST if self._trips else _NEVER_CAME):
            self._give_up()
        if not self._flight or not self.asking:
            return 0.0
        if self._speed is None:
            # Nothing is known yet: one frame, and then its answer.
            return _AGAIN
        if sum(size for _, size in self._flight) > self._speed * self._nearest + _SPARE:
            return _AGAIN
        return max(self._free_at - now, self._too_soon(now)) if self._slow() else 0.0

    def _too_soon(self, now: float) -> float:
        """Seconds until one more frame is none too many."""
        if not self._slow() or len(self._frames) < _FRAMES:
            return 0.0
        return max(0.0, self._frames[0] + _SECOND - now)

    def _give_up(self) -> None:
        self._flight.clear()
        self._mute = not self._trips
        # A line that was suspected and cannot be measured is taken for what it was suspected to be.
        if self._mute and self.asking:
            self._said_slow, self.asking = True, False

    def _slow(self) -> bool:
        if self._said_slow:
            return True
        return self._speed is not None and (self._speed < _NARROW or self._nearest > _FAR)

    def _rate(self) -> Rate:
        if not self._slow():
            return FULL
        if self._speed is None:
            return _CAUTIOUS
        takes = self._feed_size / self._speed
        behind = _WORKING if self._clock() - self._last_key < _AT_WORK else _LOOKING_ON
        # A key waits longer than that only in the rest of the time that a frame takes: under a twentieth of a period.
        period = max(_SPACING, 2 * takes, 25 * (takes - behind))
        return Rate(max(1 / period, _LEAST.frames_per_second))


def _speeds(trips: Iterable[_Trip], nearest: float) -> tuple[float | None, float]:
    """Bytes a second, from the last frames that were answered: on the whole (None while that cannot be told), at best.

    A program that is not served in time measures less than the line carries, never more. So what streams goes by the
    whole, and no key is kept back for longer than the best says.
    """
    every = list(trips)
    telling = [trip for trip in every if trip.size >= _TELLING][-8:]
    if len(every) < 2 or not telling:
        return None, _NARROW
    size = sum(trip.size for trip in telling)
    first = size / sum(trip.carrying(nearest) for trip in telling)
    # The shortest trip carried something too; the first result says how long that took.
    bare = min(trip.took - trip.size / first for trip in every)
    speed = size / sum(trip.carrying(bare) for trip in telling)
    return speed, max([speed, *(trip.size / trip.carrying(bare) for trip in telling if trip.size >= _SURE)])
