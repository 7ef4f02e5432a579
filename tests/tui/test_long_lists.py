"""A list that is longer than the screen: the keys of a page move its cursor, which is always to be seen."""

from __future__ import annotations

import pytest

from sprocket_tui.faces.tui.spots import spots
from sprocket_tui.faces.tui.views.listed import ChoosingScreen
from sprocket_tui.faces.tui.widgets.choices import Choice, Choices
from sprocket_tui.guide.loader import load_guide
from sprocket_tui.guide.model import Screen
from tests.tui import kit
from tests.tui.kit import ON, Walked, begun, running, walk

STEPS = tuple(kit.step(f"many.s{number}", f"Step number {number}") for number in range(60))
GUIDE = kit.GUIDE.model_copy(update={"screens": (Screen(id="many", title="Many", why="-", chapter="1", steps=STEPS),)})


def under(walked: Walked) -> str:
    """The row of the cursor as it is seen."""
    (row,) = [each for each in walked.rows if each.startswith(" ▸ ")]
    return row.strip("▸• ").split("  ")[0]


@pytest.mark.parametrize("size", [(60, 15), (80, 24)])
def test_home_end_and_the_keys_of_a_page_take_the_cursor_along(size: tuple[int, int]):
    async def act(walked: Walked) -> None:
        await walked.press("enter", "g", "end")
        assert under(walked) == "Step number 59"
        await walked.press("pageup")
        above = walked.app.screen.query_one(Choices).row
        assert 30 < above < 60
        assert under(walked) == f"Step number {above - 1}"
        await walked.press("pagedown", "pagedown")
        assert under(walked) == "Step number 59"
        await walked.press("home")
        assert under(walked) == "Many"
        # A page further up there is nothing, and the other end is not what was meant.
        await walked.press("pageup")
        assert under(walked) == "Many"

    walk(act, *ON, begun("many.s0", GUIDE), size=size, guide=GUIDE)


@pytest.mark.parametrize("height", (15, 20, 24, 27, 30))
def test_where_the_list_begins_further_down_every_row_that_is_shown_is_drawn(height: int):
    guide = load_guide()
    titles = [each.title for screen in guide.screens for each in (screen, *screen.steps)]

    async def act(walked: Walked) -> None:
        await walked.press("enter", "g")
        shown = [row.strip(" ▸").split("  ")[0] for row in walked.rows[4:-2]]
        at = titles.index(shown[0])
        assert shown == titles[at : at + height - 6]
        assert "Bring Layer 1 up" in shown

    walk(act, *ON, begun("layer-1.up", guide), running("layer-1.up"), guide=guide, size=(80, height))


@pytest.mark.parametrize("size", [(60, 15), (80, 24)])
def test_rows_of_several_lines_scroll_as_a_whole_and_their_letters_stand_at_their_beginnings(size: tuple[int, int]):
    rows = [Choice(f"c{number}", "", f"Host {number}", "word " * 20 + f"end {number}.") for number in range(30)]

    async def act(walked: Walked) -> None:
        await walked.app.push_screen(ChoosingScreen([], rows, [], "▸", stay="", twice=""))
        await walked.settle()
        choices = walked.app.screen.query_one(Choices)
        for keys in (("down",) * 9, ("pagedown",), ("end",), ("pageup",), ("up",), ("home",)):
            await walked.press(*keys)
            assert under(walked) == f"Host {choices.row}"
            assert f"end {choices.row}." in " ".join(walked.text.split())
        await walked.press("pagedown")
        # Not by as many rows as there are lines.
        assert 1 < choices.row < size[1] // 2
        found = spots(walked.app.screen)
        assert found
        for spot in found:
            assert walked.rows[spot.y].strip(" ▸").startswith("Host ")

    walk(act, *ON, begun("before.read"), size=size)
