"""When a frame may be painted, on lines that are simulated: the clock is the test's own."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import pytest

from sprocket_tui.faces.tui.slow import FULL, Line, over_ssh


@dataclass
class World:
    """A line of `rate` bytes a second with `delay` seconds each way, and a terminal that answers."""

    rate: float = 20_000
    delay: float = 0.15
    answers: bool = True
    suspected: bool = True
    now: float = 100.0
    line: Line = field(init=False)
    _free_at: float = 0.0
    _answers: list[float] = field(default_factory=list[float])

    def __post_init__(self) -> None:
        self.line = Line(asking=self.suspected, clock=lambda: self.now)

    def paint(self, size: int) -> float:
        """Sends a frame; when it will have been shown."""
        asked = self.line.ask()
        self.line.sent(size, asked=asked)
        self.line.taken(size, 0)
        self._free_at = max(self.now, self._free_at) + size / self.rate
        if self.answers and asked:
            self._answers.append(self._free_at + 2 * self.delay)
        return self._free_at + self.delay

    def pass_time(self, seconds: float) -> None:
        end = self.now + seconds
        while self._answers and self._answers[0] <= end:
            self.now = self._answers.pop(0)
            self.line.answered()
        self.now = end

    def until_free(self) -> None:
        while (wait := self.line.wait()) > 0:
            self.pass_time(wait)


def measured(world: World) -> World:
    """After a few frames."""
    for size in (2500, 400, 1200, 600):
        world.until_free()
        world.paint(size)
        world.pass_time(1)
    return world


def test_a_line_nobody_asks_is_open_whenever_the_device_took_the_last_frame():
    line = Line()
    line.sent(5000, asked=False)
    assert line.wait() > 0
    assert not line.due()
    line.taken(5000, 0)
    assert line.wait() == 0
    assert line.due()
    assert line.rate == FULL


def test_before_the_first_answer_one_frame_is_under_way():
    world = World()
    world.paint(6000)
    assert world.line.wait() > 0
    world.pass_time(1)
    assert world.line.wait() == 0


def test_a_near_and_wide_line_is_no_slow_line():
    world = measured(World(rate=5e6, delay=0.01))
    assert not world.line.slow
    assert world.line.rate == FULL


@pytest.mark.parametrize("world", [World(rate=20_000, delay=0.01), World(rate=5e6, delay=0.2)])
def test_a_narrow_line_and_a_far_one_are_slow(world: World):
    assert measured(world).line.slow


def test_what_is_said_to_be_slow_is_treated_so_from_the_first_frame():
    assert Line(narrow=True).slow
    assert Line(narrow=True).rate.frames_per_second < FULL.frames_per_second


def test_the_speed_that_was_measured_is_that_of_the_line():
    world = measured(World(rate=20_000))
    begun = world.now
    world.paint(4000)
    world.until_free()
    # What arrives early enough to be seen as free is the time that 4000 bytes take, and no round trip.
    assert world.now - begun == pytest.approx(0.2, rel=0.15)


def test_no_more_than_ten_frames_a_second_leave_for_a_slow_line():
    world = measured(World())
    frames, end = 0, world.now + 10
    while world.now < end:
        world.until_free()
        world.paint(30)
        frames += 1
    assert frames <= 10 * FULL.frames_per_second + 2


@pytest.mark.parametrize("streamed", [300, 1200, 2500, 6000])
def test_a_key_is_on_the_screen_within_the_round_trip_and_150_ms_while_a_job_streams(streamed: int):
    world, chance, late, keys = measured(World()), random.Random(5), [], 200
    key_at, pressed = world.now + 1, None
    while len(late) < keys:
        world.pass_time(0.01)
        if pressed is None and world.now >= key_at:
            pressed = world.now
            world.line.key()
        if pressed is not None and world.line.wait() == 0:
            from_the_hands = world.delay
            late.append(from_the_hands + world.paint(400) - pressed)
            key_at, pressed = world.now + chance.uniform(0.3, 3), None
        elif world.line.due():
            world.paint(streamed)
    late.sort()
    assert late[int(0.95 * keys)] <= 2 * world.delay + 0.15


def test_what_streams_goes_on_while_somebody_types():
    world, fed = measured(World()), 0
    begun = world.now
    while world.now < begun + 20:
        world.pass_time(0.1)
        world.line.key()
        if world.line.due():
            fed += 1
            world.paint(300)
    assert 8 <= fed <= 12


def test_what_a_key_shows_does_not_count_as_what_streams():
    world = measured(World())
    for _ in range(5):
        world.pass_time(0.5)
        assert world.line.due()
        world.paint(300)
    before = world.line.rate
    world.pass_time(0.5)
    assert world.line.due()
    world.line.key()
    world.paint(6000)
    assert world.line.rate == before


def test_a_suspected_line_whose_terminal_does_not_answer_is_slow_and_no_longer_asked():
    world = World(answers=False)
    world.paint(1000)
    world.until_free()
    assert not world.line.ask()
    assert world.line.slow
    world.pass_time(1)
    assert world.line.wait() == 0


def test_a_terminal_that_does_not_answer_keeps_no_frame_back_on_a_line_that_nobody_suspects():
    world = World(answers=False, suspected=False)
    for _ in range(30):
        assert world.line.wait() == 0
        world.paint(1000)
        world.pass_time(0.1)
    assert not world.line.slow


def test_a_line_that_nobody_suspected_is_found_out_by_its_first_answer():
    world = World(suspected=False)
    world.paint(1000)
    world.pass_time(1)
    assert measured(world).line.slow


def test_a_near_terminal_is_asked_once_in_a_while_and_never_when_nothing_is_painted():
    world, asked = World(rate=5e6, delay=0.001, suspected=False), 0
    for _ in range(100):
        before = len(world._answers)
        world.paint(1000)
        asked += len(world._answers) - before
        world.pass_time(0.1)
    assert asked == 2


def test_a_writer_that_is_held_up_begins_to_ask():
    line = Line()
    line.sent(1000, asked=False)
    line.taken(1000, 0.4)
    assert line.asking


def test_an_answer_to_nothing_changes_nothing():
    line = Line(asking=True)
    line.answered()
    assert line.wait() == 0
    assert not line.slow


def test_after_the_terminal_was_in_other_hands_nothing_is_waited_for():
    world = World()
    world.paint(1000)
    world.line.reset()
    assert world.line.wait() == 0


def test_a_terminal_at_the_other_end_of_ssh_is_known_by_its_environment():
    assert over_ssh({"SSH_CONNECTION": "10.0.0.1 5000 10.0.0.2 22"})
    assert not over_ssh({"SSH_AUTH_SOCK": "/run/agent"})
