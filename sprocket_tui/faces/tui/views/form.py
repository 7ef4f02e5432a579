"""A form: all its questions in sight, answered in any order; the one under the cursor is asked in full below."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message
from textual.suggester import SuggestFromList
from textual.widgets import Input

from sprocket_tui.errors import SprocketError
from sprocket_tui.faces.tui.form import Field, Form
from sprocket_tui.faces.tui.keys import FIRST
from sprocket_tui.faces.tui.pages import chrome
from sprocket_tui.faces.tui.pages.help import form_help
from sprocket_tui.faces.tui.pages.look import Look
from sprocket_tui.faces.tui.pages.offers import Offer
from sprocket_tui.faces.tui.spans import Line, line, paragraph, sentence
from sprocket_tui.faces.tui.views.listed import ReadingScreen
from sprocket_tui.faces.tui.views.once import Once
from sprocket_tui.faces.tui.widgets.lines import Lines


class Row(Horizontal):
    """One question of the list: a mark, its label, and the answer."""

    DEFAULT_CSS = """
    Row { height: 1; }
    Row Lines { width: 18; }
    Row Input { width: 1fr; height: 1; border: none; padding: 0 1; background: transparent; }
    Row Input:focus { background: $surface; }
    """

    def __init__(self, field: Field, said: str) -> None:
        super().__init__()
        self.field = field
        self._label = Lines()
        suggester = SuggestFromList(field.words) if field.words else None
        self.input = Input(said, field.default, suggester=suggester, compact=True, select_on_focus=False)
        self.input.cursor_blink = False
        self.input.disabled = field.fixed

    def compose(self) -> ComposeResult:
        yield self._label
        yield self.input

    @property
    def said(self) -> str:
        """The answer as far as it is typed."""
        return self.input.value.strip()

    def mark(self, sign: str, role: str) -> None:
        """Draws the label behind a sign of one cell."""
        self._label.show([line((f" {sign} ", role), (self.field.label, "title" if role == "accent" else "plain"))])


class Save(Lines, can_focus=True):
    """The last row, which saves."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "press", show=False)]

    class Pressed(Message):
        """The answers are to be saved."""

    def mark(self, sign: str, role: str) -> None:
        """Draws it as the rows are drawn."""
        self.show([line((f" {sign} ", role), ("Save", "title" if role == "accent" else "plain"))])

    def action_press(self) -> None:
        """Says so."""
        self.post_message(self.Pressed())


class FormScreen(Once[str]):
    """A form until it is saved, with what was said of that as the result; empty where somebody went back."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,shift+tab", "by(-1)", show=False, priority=True),
        Binding("down,tab", "by(1)", show=False, priority=True),
        *(action.binding() for action in FIRST if action.name == "help"),
        Binding("escape", "back", show=False),
        Binding("ctrl+c", "back", show=False, priority=True),
    ]
    DEFAULT_CSS = """
    FormScreen VerticalScroll { height: 1fr; scrollbar-size: 0 0; }
    FormScreen #asks { min-height: 3; }
    """

    def __init__(self, form: Form, head: Sequence[Line], look: Callable[[], Look], helps: Sequence[Offer]) -> None:
        """`head` says where this is; `look` is how a page is drawn now; `helps` is the key of the help, as offered."""
        super().__init__()
        self._form, self._head, self._look, self._helps = form, head, look, helps
        self._glyphs = look().glyphs
        self._rows = [Row(field, form.given.get(field.name, "")) for field in form.fields]
        self._save = Save()
        self._said = ("", "quiet")

    def compose(self) -> ComposeResult:
        yield Lines(id="head")
        with VerticalScroll(can_focus=False):
            yield from self._rows
            yield self._save
        yield Lines(id="asks")
        yield Lines(id="foot")

    def on_mount(self) -> None:
        """The first answer that is missing is asked for."""
        self.query_one("#head", Lines).show([*self._head, line((f" {self._form.title}", "title"))])
        self._fold()
        missing = (row for row in self._asked() if not row.said)
        self.set_focus((next(missing, None) or self._asked()[0]).input)

    def on_resize(self) -> None:
        """What is asked wraps anew."""
        self._draw()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Another question is under the cursor."""
        event.widget.scroll_visible(animate=False)
        self._draw()

    @on(Input.Changed)
    def _typed(self) -> None:
        self._said = ("", "quiet")
        self._draw()

    @on(Input.Submitted)
    def _answered(self) -> None:
        """Goes on to the next question where the answer fits."""
        row = self._row()
        fault = self._fault(row, self._fits()) if row else ""
        if fault:
            self._tell(fault)
        else:
            self.action_by(1)

    @on(Save.Pressed)
    def _saves(self) -> None:
        """Saves where every answer fits; else the first that does not is asked for again."""
        fits = self._fits()
        for row in self._asked():
            if fault := self._fault(row, fits):
                self.set_focus(row.input)
                self._tell(fault)
                return
        try:
            self.dismiss(self._form.save({row.field.name: row.said for row in self._rows if row.said}))
        except SprocketError as error:
            self._tell(f"{error.message}: {error.remedy}" if error.remedy else error.message)

    def action_by(self, by: int) -> None:
        """Moves the cursor, round the ends; what it left is looked over."""
        self._fold()
        self._said = ("", "quiet")
        places = [*(row.input for row in self._asked()), self._save]
        here = next((at for at, each in enumerate(places) if each is self.focused), 0)
        # At once: of two keys that come together the second starts where the first one led.
        self.set_focus(places[(here + by) % len(places)])

    def action_help(self) -> None:
        """The question under the cursor, and the keys."""
        page = form_help(*self._question(), self._look())
        self._program.push_screen(ReadingScreen(page, "Up and Down scroll  Esc back", self._head, self._look))

    def action_back(self) -> None:
        """Nothing is saved."""
        self.dismiss("")

    def _asked(self) -> list[Row]:
        return [row for row in self._rows if row.display and not row.field.fixed]

    def _row(self) -> Row | None:
        return next((row for row in self._rows if row.input is self.focused), None)

    def _fits(self) -> dict[str, str]:
        """The answers so far that fit by themselves, each judged beside those before it."""
        fits: dict[str, str] = {}
        for row in self._rows:
            if row.said and not self._form.fault(row.field.name, row.said, fits):
                fits[row.field.name] = row.said
        return fits

    def _fault(self, row: Row, fits: Mapping[str, str]) -> str:
        name = row.field.name
        others = {each: said for each, said in fits.items() if each != name}
        return self._form.fault(name, row.said, others)

    def _fold(self) -> None:
        """Shows the questions that are some with these answers."""
        fits = self._fits()
        for row in self._rows:
            row.display = self._form.applies(row.field.name, fits)

    def _tell(self, fault: str) -> None:
        self._said = (sentence(fault), "warn")
        self._draw()

    def _question(self) -> tuple[str, str]:
        """What is asked under the cursor, and what is offered there."""
        row = self._row()
        if row is None:
            return "Enter saves the profile; nothing is sent anywhere.", ""
        words = ", ".join(row.field.words)
        return row.field.asks, f"Right takes what is offered: {words}" if words else ""

    def _draw(self) -> None:
        here, fits = self._row(), self._fits()
        for row in self._rows:
            faulty = row is not here and row.said and not row.field.fixed and self._fault(row, fits)
            sign, role = (self._glyphs.cursor, "accent") if row is here else ("", "quiet")
            row.mark(self._glyphs.warned if faulty else sign or " ", "warn" if faulty else role)
        self._save.mark(*((self._glyphs.cursor, "accent") if self._save is self.focused else (" ", "quiet")))
        width = self.size.width - 2
        asks, words = self._question()
        # By the sign that its row has, so that it is not read as more of the question.
        fault = f"{self._glyphs.warned} {self._said[0]}"
        said = paragraph(fault, width, indent=1, role=self._said[1]) if self._said[0] else []
        offered = paragraph(words, width, indent=1, role="quiet")[:2] if words else []
        self.query_one("#asks", Lines).show([(), *paragraph(asks, width, indent=1), *(said or offered)])
        look = self._look()
        left = [("Enter", "next" if here else "save"), (look.glyphs.arrows, "questions")]
        keys = chrome.keys(left, [*self._helps, ("Esc", "back, nothing is saved")], look)
        self.query_one("#foot", Lines).show([chrome.rule(look), keys])
