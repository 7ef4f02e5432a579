"""The log on the screen: what is drawn, what follows, what a person's keys do."""

import asyncio
import random
import threading
import time

import pytest
from textual import events
from textual.app import App
from textual.widgets import Input

from sprocket_tui.faces.tui import logfile, logsearch
from sprocket_tui.faces.tui.logfile import LogFile
from sprocket_tui.faces.tui.views import log
from sprocket_tui.faces.tui.views.log import LogScreen
from sprocket_tui.faces.tui.widgets.log import LogView
from sprocket_tui.faces.tui.widgets.status import Status
from tests.tui.log_kit import LogApp, Terminal, record, write

# At 80x24 the view has 21 rows: a title, a status line and the keys are around it.
ROWS = 21


@pytest.fixture
def path(tmp_path):
    return tmp_path / "output.jsonl"


@pytest.fixture(autouse=True)
def status_at_once(monkeypatch):
    monkeypatch.setattr(log, "STATUS", 0.0)


def numbered(count, first=0):
    return [f"line {number}" for number in range(first, first + count)]


def walk(path, steps, size=(80, 24)):
    """Opens the log and takes the steps with a function that presses keys, ticks and waits for what is drawn."""

    async def session():
        app = LogApp(path)
        async with app.run_test(size=size) as pilot:

            async def press(*keys):
                await pilot.pause()
                app.tick()
                await pilot.press(*keys)
                app.tick()
                await pilot.pause()

            await press()
            await steps(app, press, pilot)

    asyncio.run(session())


def test_the_end_of_the_log_is_shown_at_first(path):
    async def steps(app, press, pilot):
        assert app.log_lines() == numbered(ROWS, 100 - ROWS)
        assert app.status() == "100 lines   following"

    walk(write(path, numbered(100)), steps)


def test_the_status_never_says_that_there_are_no_lines_where_there_are(path, monkeypatch):
    monkeypatch.setattr(log, "STATUS", 3600.0)
    said, say = [], Status.say
    write(path, numbered(100))

    async def session():
        app = LogApp(path)
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            for _ in range(3):
                app.tick()
                await pilot.pause()
            assert app.status() == "100 lines   following"

    monkeypatch.setattr(Status, "say", lambda *given: said.append(given[1]) or say(*given))
    asyncio.run(session())
    assert said
    assert not any(each.startswith(" 0 lines") for each in said)


def test_text_that_looks_like_markup_or_an_escape_is_only_text(path):
    async def steps(app, press, pilot):
        assert app.log_lines()[:3] == ["[ERROR] q[0] [/etc] [b", "[@click=app.quit]x[/]", "a[31mb"]
        await press("t", "slash", *"[ERROR", "enter")
        assert app.status().endswith("1 of 1")

    walk(write(path, ["[ERROR] q[0] [/etc] [b", "[@click=app.quit]x[/]", "a\x1b[31m[31mb"]), steps)


def test_a_line_that_comes_stands_below_the_others(path):
    async def steps(app, press, pilot):
        write(path, ["more"], mode="a")
        await press()
        assert app.log_lines()[:4] == [*numbered(3), "more"]

    walk(write(path, numbered(3)), steps)


def test_a_full_window_jumps_by_two_thirds_when_a_line_comes(path):
    async def steps(app, press, pilot):
        write(path, ["more"], mode="a")
        await press()
        assert app.log_lines() == [*numbered(6, 94), "more", *[""] * 14]

    walk(write(path, numbered(100)), steps)


def test_when_much_comes_at_once_the_window_is_full_of_it(path):
    async def steps(app, press, pilot):
        write(path, numbered(5000, 100), mode="a")
        await press()
        assert app.log_lines() == numbered(ROWS, 5100 - ROWS)

    walk(write(path, numbered(100)), steps)


@pytest.mark.parametrize("key", ["up", "pageup", "home"])
def test_leaving_the_end_stops_following_and_says_what_is_below(path, key):
    async def steps(app, press, pilot):
        await press(key)
        before = app.log_lines()
        write(path, numbered(1234, 100), mode="a")
        await press()
        assert app.log_lines() == before
        assert app.status() == f"1,334 lines   +{1334 - app.view.top - ROWS:,} lines"

    walk(write(path, numbered(100)), steps)


def test_where_no_line_is_below_nothing_is_said_of_that(path):
    async def steps(app, press, pilot):
        await press("slash", *"line 1", "enter")
        assert not app.view.following
        assert app.status() == "3 lines   1 of 1"

    walk(write(path, numbered(3)), steps)


def test_end_follows_again(path):
    async def steps(app, press, pilot):
        await press("home")
        write(path, numbered(50, 100), mode="a")
        await press("end")
        assert app.log_lines() == numbered(ROWS, 150 - ROWS)
        assert app.status() == "150 lines   following"

    walk(write(path, numbered(100)), steps)


def test_scrolling_down_to_the_last_line_follows_again(path):
    async def steps(app, press, pilot):
        await press("up", "up", "down")
        assert not app.view.following
        await press("down")
        assert app.view.following
        assert app.log_lines() == numbered(ROWS, 100 - ROWS)

    walk(write(path, numbered(100)), steps)


def test_the_wheel_leaves_the_end_without_an_animation(path):
    async def steps(app, press, pilot):
        app.view.post_message(events.MouseScrollUp(app.view, 1, 1, 0, -1, 0, False, False, False))
        await press()
        assert app.log_lines() == numbered(ROWS, 100 - ROWS - 3)
        assert not app.view.following

    walk(write(path, numbered(100)), steps)


def test_the_beginning_that_is_read_later_moves_nothing(path, monkeypatch):
    gate, read = threading.Event(), logfile.whole_records

    def held(*reach):
        if threading.current_thread().name == "log-index":
            gate.wait()
        return read(*reach)

    monkeypatch.setattr(logfile, "whole_records", held)

    async def steps(app, press, pilot):
        await press("up")
        shown, count = app.log_lines(), app.view.rows.count
        assert "reading the beginning, 0%" in app.status()
        gate.set()
        while app.view.rows.file.reading is not None:
            await press()
        assert app.view.rows.count == 20_000 > count
        assert app.log_lines() == shown
        assert app.status() == "20,000 lines   +1 line"
        await press("home")
        assert app.log_lines()[0].startswith("line 0 ")

    walk(write(path, [f"line {number} {'x' * 60}" for number in range(20_000)]), steps)


def test_a_resize_keeps_the_end_while_it_follows(path):
    async def steps(app, press, pilot):
        await pilot.resize_terminal(100, 40)
        await press()
        assert app.log_lines() == numbered(37, 63)
        await pilot.resize_terminal(60, 15)
        await press()
        assert app.log_lines() == numbered(12, 88)

    walk(write(path, numbered(100)), steps)


def test_a_resize_keeps_the_first_row_while_it_does_not_follow(path):
    async def steps(app, press, pilot):
        await press("home", "down", "down")
        await pilot.resize_terminal(100, 40)
        await press()
        assert app.log_lines() == numbered(37, 2)

    walk(write(path, numbered(100)), steps)


def test_fifty_sizes_in_a_row_while_lines_come_end_with_the_last_line(path):
    sizes = random.Random(5)

    async def steps(app, press, pilot):
        for number in range(50):
            write(path, [f"more {number}"], mode="a")
            await pilot.resize_terminal(sizes.randint(1, 160), sizes.randint(1, 50))
            app.tick()
            await pilot.pause()
        await pilot.resize_terminal(80, 24)
        await press()
        assert "more 49" in app.log_lines()
        assert isinstance(app.focused, LogView)

    walk(write(path, numbered(100)), steps)


def test_a_long_line_is_scrolled_sideways_by_half_windows(path):
    wide = "".join(f"{number:04}" for number in range(60))

    async def steps(app, press, pilot):
        await press("right")
        assert app.log_lines()[0] == wide[39 : 39 + 78] + "…"
        assert app.log_lines()[1] == " " + ("漢字" * 60)[20:58] + " …"
        await press("left", "left")
        assert app.log_lines()[0] == wide[:78] + "…"

    walk(write(path, [wide, "漢字" * 60]), steps)


def test_a_line_of_ten_megabytes_is_one_row_with_its_size_at_its_end(path):
    async def steps(app, press, pilot):
        while app.view.rows.file.reading is not None:
            await press()
        assert app.log_lines()[:3] == ["before", "x" * 78 + "…", "after"]
        while not app.log_lines()[1].endswith("… (10.0 MB)"):
            await press("right")

    walk(write(path, ["before", "x" * 10_000_000, "after"]), steps)


def test_times_are_shown_on_demand_where_they_are_known(path):
    path.write_text(record("with", time=1790000000.0) + record("without", time=None))

    async def steps(app, press, pilot):
        await press("t")
        stamp = time.strftime("%H:%M:%S", time.localtime(1790000000))
        assert app.log_lines()[:2] == [f"{stamp}  with", "          without"]
        await press("t")
        assert app.log_lines()[:2] == ["with", "without"]

    walk(path, steps)


def test_a_search_goes_to_the_first_hit_and_on_and_back(path):
    async def steps(app, press, pilot):
        await press("home", "slash", *"LINE 5", "enter")
        assert app.status().endswith("1 of 11")
        assert app.view.rows.hit == 5
        await press("n", "n")
        assert (app.view.rows.hit, app.status().split("   ")[-1]) == (51, "3 of 11")
        assert "line 51" in app.log_lines()
        await press("N", "N", "N")
        assert (app.view.rows.hit, app.status().split("   ")[-1]) == (59, "11 of 11")

    walk(write(path, numbered(100)), steps)


def test_a_search_from_the_end_takes_the_last_hit_before_it(path):
    async def steps(app, press, pilot):
        await press("slash", *"line 5", "enter")
        assert (app.view.rows.hit, app.view.following) == (59, False)

    walk(write(path, numbered(100)), steps)


def test_what_is_not_there_is_said_not_to_be_found(path):
    async def steps(app, press, pilot):
        await press("slash", *"nowhere", "enter")
        assert app.status() == "100 lines   following   'nowhere' not found"
        await press("n", "N")
        assert app.view.following

    walk(write(path, numbered(100)), steps)


def test_a_hit_far_to_the_right_is_scrolled_to(path):
    async def steps(app, press, pilot):
        await press("slash", *"needle", "enter")
        assert "needle" in app.log_lines()[0]

    walk(write(path, ["x" * 500 + "needle" + "y" * 500]), steps)


def test_hits_are_underlined_and_the_one_that_is_current_is_reversed(path):
    async def steps(app, press, pilot):
        await press("home", "slash", *"two", "enter")
        rows = [app.view.render_line(y) for y in range(2)]
        looks = [[(each.text, each.style.underline, each.style.reverse) for each in row] for row in rows]
        assert ("two", None, True) in looks[0]
        assert ("two", True, None) in looks[1]

    walk(write(path, ["one two", "two three"]), steps)


def test_an_empty_search_ends_the_one_there_was(path):
    async def steps(app, press, pilot):
        await press("slash", *"line", "enter")
        await press("slash", *["backspace"] * 4, "enter")
        assert app.status().endswith("lines")

    walk(write(path, numbered(100)), steps)


def test_a_filter_shows_only_lines_that_hold_its_text_and_follows_them(path):
    async def steps(app, press, pilot):
        await press("f", *"7", "enter")
        assert app.log_lines()[:19] == [line for line in numbered(100) if "7" in line]
        write(path, ["no", "seven 7"], mode="a")
        await press()
        assert app.log_lines()[18:21] == ["line 97", "seven 7", ""]
        assert app.status() == "20 lines   following   filter '7'"

    walk(write(path, numbered(100)), steps)


@pytest.mark.parametrize("key", ["slash", "f"])
def test_what_is_typed_together_with_the_key_that_asks_is_asked_for(path, key):
    async def steps(app, press, pilot):
        for typed in (key, *"line"):
            app.post_message(events.Key(typed, "/" if typed == "slash" else typed))
        await pilot.pause()
        while app.typing:
            await pilot.pause()
        assert app.screen.query_one(Input).value == "line"

    walk(path, steps)


def test_without_the_filter_the_lines_around_are_there_again(path):
    async def steps(app, press, pilot):
        await press("f", *"7", "enter")
        await press("home")
        await press("f", "backspace", "enter")
        assert app.log_lines()[0] == "line 7"
        assert app.status() == f"100 lines   +{100 - 7 - ROWS} lines"

    walk(write(path, numbered(100)), steps)


def test_a_search_within_a_filter_counts_what_passes(path):
    async def steps(app, press, pilot):
        await press("f", *"7", "enter")
        await press("slash", *"line 9", "enter")
        assert app.view.rows.hit == 97
        assert app.status().endswith("filter '7'   1 of 1")

    walk(write(path, numbered(100)), steps)


def test_escape_stops_a_search_then_leaves_the_log(path, monkeypatch):
    # As on a slow machine: the thread gets no further than its first slice.
    monkeypatch.setattr(logsearch, "PAUSE", 60)

    async def steps(app, press, pilot):
        while app.view.rows.file.reading is not None:
            await press()
        await press("slash", *"nowhere", "enter")
        while "Esc stops" not in app.status():
            await press()
        await press("escape")
        assert app.status().endswith("'nowhere' not found, cancelled")
        await press("escape")
        assert not isinstance(app.screen, LogScreen)

    walk(write(path, numbered(100_000)), steps)


def test_keys_move_the_log_while_a_search_is_under_way(path, monkeypatch):
    monkeypatch.setattr(logsearch, "PAUSE", 60)

    async def steps(app, press, pilot):
        while app.view.rows.file.reading is not None:
            await press()
        await press("slash", *"nowhere", "enter", "home")
        assert app.log_lines() == numbered(ROWS)
        write(path, ["more"], mode="a")
        await press("end")
        assert app.log_lines()[-1] == "more"
        assert app.view.rows.busy

    walk(write(path, numbered(100_000)), steps)


def test_escape_closes_the_field_without_a_search(path):
    async def steps(app, press, pilot):
        await press("slash", *"line", "escape")
        assert app.view.rows.search is None
        assert isinstance(app.focused, LogView)
        assert app.shown()[-1].startswith(" / search")

    walk(write(path, numbered(3)), steps)


def test_what_is_shown_is_what_is_asked_to_be_copied(path):
    async def steps(app, press, pilot):
        await press("y")
        assert app.copied == [("\n".join([*numbered(2), "x" * 20_000]), 3)]

    walk(write(path, [*numbered(2), "x" * 20_000]), steps)


def test_a_selection_is_copied_instead(path):
    async def steps(app, press, pilot):
        await pilot.mouse_down(LogView, offset=(5, 1))
        await pilot.hover(LogView, offset=(3, 2))
        await pilot.mouse_up(LogView, offset=(3, 2))
        await press("y")
        assert app.copied == [("1\nline", 2)]

    walk(write(path, numbered(5)), steps)


def test_another_file_under_the_name_is_shown_from_its_end(path):
    async def steps(app, press, pilot):
        await press("home")
        write(path, ["other"])
        await press()
        assert app.log_lines()[:2] == ["other", ""]
        assert app.status() == "1 line   following"

    walk(write(path, numbered(100)), steps)


def test_a_log_that_does_not_exist_yet_is_shown_as_soon_as_it_does(path):
    async def steps(app, press, pilot):
        assert app.status() == "0 lines   following"
        write(path, ["first"])
        await press()
        assert app.log_lines()[0] == "first"

    walk(path, steps)


def test_a_view_of_its_own_says_in_its_last_row_what_is_below(path):
    class Alone(App):
        def get_theme_variable_defaults(self):
            return {"quiet": "#808080"}

        def compose(self):
            yield LogView(LogFile(path), footer=True)

    async def session():
        app = Alone()
        async with app.run_test(size=(40, 10)) as pilot:
            view = app.query_one(LogView)

            def last():
                return "".join(segment.text for segment in view.render_line(9)).rstrip()

            assert last() == "line 99"
            await pilot.press("up")
            view.tick()
            assert last() == "+2 lines   End follows"
            await pilot.press("end")
            assert last() == "line 99"

    write(path, numbered(100))
    asyncio.run(session())


def test_lines_cost_the_terminal_little_and_silence_nothing(path):
    full = [
        f"{number:6} Service traefik: creating network overlay attach, waiting for the task"[:79]
        for number in range(140)
    ]
    write(path, full[:100])
    with Terminal(path) as terminal:
        terminal.until("99 Service")
        terminal.settle()
        before = terminal.total
        assert not terminal.read(2)
        for line in full[100:]:
            write(path, [line], mode="a")
            terminal.until(line[:12])
        terminal.settle()
        assert (terminal.total - before) / 40 <= 400


def test_a_page_costs_the_terminal_at_most_2_kb(path):
    with Terminal(write(path, numbered(1000))) as terminal:
        terminal.until("line 999")
        terminal.settle()
        before = terminal.total
        terminal.press(b"\x1b[5~")
        terminal.until("line 960")
        terminal.settle()
        assert terminal.total - before <= 2000


def test_a_hostile_line_sends_no_escape_sequence_to_the_terminal(path):
    hostile = ["\x1b]0;evil\x07", "\x1b[2J\x1b[?1049l", "\x9b5n", "\x1bP$q\x1b\\", "[@click=app.bell]x[/] last"]
    with Terminal(write(path, hostile)) as terminal:
        terminal.until("last")
        terminal.settle()
        for sequence in (b"\x1b]0;evil", b"\x1b[2J", b"\x1b[5n", b"\x9b", b"\x1bP$q", b"\x1b[?1049l"):
            assert sequence not in terminal.raw
        assert any("[@click=app.bell]x[/] last" in line for line in terminal.screen.display)
