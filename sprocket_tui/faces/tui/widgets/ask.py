"""Where a question stands and is answered. What was typed before it could be read answers nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input

from sprocket_tui.faces.tui import wording
from sprocket_tui.faces.tui.spans import BLANK, paragraph
from sprocket_tui.faces.tui.widgets.choices import Choices
from sprocket_tui.faces.tui.widgets.lines import Lines
from sprocket_tui.journal.events import Asked
from sprocket_tui.secret import Secret

if TYPE_CHECKING:
    from sprocket_tui.faces.tui.running import TerminalApp

# In seconds: for how long a question stands before it can be answered, and how long nothing may have been typed before
# keys choose: a key that is held is silent for up to two thirds of a second before it repeats (X11).
GRACE, STILL = 0.5, 0.7
_MARGIN = 2
# With fewer rows the question is its one sentence, so that what it is about has the room.
_ROOMY = 20
# An empty field is a blank line where a terminal shows no colours.
_HERE = "type it here"
_AGAIN = "Once more, to be sure."
_TOO_SOON = "What is typed before this can be read answers nothing."
_OVER = "Enter on an empty line, or Esc, goes back."
# What stands for bytes that are no UTF-8: an answer with it is not what was typed.
_NO_TEXT = "\ufffd"
_UNREADABLE = "Not all that was typed came as text; please type it in another way."


class Field(Input):
    """Where an answer is typed; it takes the first line of what is pasted, and says so where there are more."""

    class FirstLine(Message):
        """Other lines were not taken."""

    def on_paste(self, event: events.Paste) -> None:
        """Textual takes the line itself."""
        if len(event.text.strip().splitlines()) > 1:
            self.post_message(self.FirstLine())


class Ask(Vertical):
    """One question at a time: its words, a field or choices, and a note about what was typed."""

    DEFAULT_CSS = """
    Ask { height: auto; width: 1fr; display: none; }
    Ask.-asking { display: block; }
    Ask Input { height: 1; border: none; padding: 0 1 !important; background: $surface; }
    Ask Input, Ask Choices { display: none; }
    Ask.-typed Input { display: block; }
    Ask.-chosen Choices { display: block; }
    """

    @dataclass
    class Given(Message):
        """The answer to the question `asked`."""

        asked: Asked
        value: str | Secret

    @dataclass
    class Reasoned(Message):
        """What was typed to the question of the screen's own that stood over `asked`."""

        asked: Asked
        value: str

    def __init__(self, cursor: str, unread: Callable[[], str], id: str | None = None) -> None:
        """`unread` shows what a yes is about and was not seen yet, and says so; it says nothing where all was seen."""
        super().__init__(id=id)
        self._cursor, self._unread = cursor, unread
        self._asked: Asked | None = None
        self._over: Asked | None = None
        self._first: Secret | None = None
        self._opened = self._held = self._early = False
        # Whether it is said that nothing was typed.
        self._empty = False
        self._about, self._practice = "", False

    @property
    def asked(self) -> Asked | None:
        """The engine's question that stands there, or waits below one of the screen's own."""
        return self._asked

    @property
    def standing(self) -> Asked | None:
        """The question that is shown: the engine's, or one of the screen's own over it."""
        return self._over or self._asked

    @property
    def opened(self) -> bool:
        """Whether the question can be answered: it stood there long enough."""
        return self._asked is not None and self._opened

    @property
    def typed(self) -> bool:
        """Whether the answer to the question is typed, not chosen."""
        return self.standing is not None and wording.typed(self.standing)

    @property
    def letters(self) -> frozenset[str]:
        """Those that take a choice now."""
        choices = self.query_one(Choices)
        return frozenset(each.letter for each in choices.choices) if choices.has_focus else frozenset()

    @property
    def typing(self) -> bool:
        """Whether keys go into the answer now."""
        return self.typed and self.query_one(Input).has_focus

    def compose(self) -> ComposeResult:
        """Everything is there from the start; classes show what is needed."""
        yield Lines(id="said")
        yield Field(id="field", compact=True, select_on_focus=False)
        yield Choices(self._cursor, id="choices")
        yield Lines(id="note")

    def on_mount(self) -> None:
        """A blinking cursor would write to the line twice a second."""
        self.query_one(Input).cursor_blink = False

    def put(self, asked: Asked, about: str, *, practice: bool) -> None:
        """Puts a question; after the grace it can be answered. `about` says what it is for, in `practice` that a secret
        may be anything.
        """
        self._asked, self._about, self._practice = asked, about, practice
        self._put_back(asked)

    def _put_back(self, asked: Asked) -> None:
        self._over = None
        self._stand(asked)

    def put_over(self, own: Asked) -> None:
        """Puts a question of the screen's own over the one that can be answered; Esc or an empty line takes it away."""
        if self._opened and self._over is None:
            self._over = own
            self._stand(own)
            # Whoever called for it types at once.
            self._open(own)

    def _stand(self, asked: Asked) -> None:
        self._first = None
        self._opened = self._held = self._early = False
        typed = wording.typed(asked)
        field = self.query_one(Input)
        field.password = asked.sort == "secret"
        field.value = ""
        free = asked.sort == "secret" or (asked.sort == "text" and not asked.default)
        field.placeholder = _HERE if free else asked.default if asked.sort == "text" else ""
        if not typed:
            gate = asked.sort == "yes-no"
            self.query_one(Choices).offer(wording.choices(asked), wording.at(asked), gate=gate)
        self._say(wording.heading(asked))
        self._note(_OVER if asked is self._over else _advice(asked, practice=self._practice))
        self.set_class(True, "-asking")
        self.set_class(typed, "-typed")
        self.set_class(not typed, "-chosen")
        self.screen.set_focus(None)
        self.set_timer(GRACE, lambda: self._ripen(asked))

    def fit(self) -> None:
        """Wraps the question anew where the terminal has another width; where it was hidden it is answered again."""
        if self.standing is not None:
            self._say(wording.heading(self.standing))
            if self._opened and self.display:
                self._focus(self.standing)

    def clear(self) -> None:
        """Takes the question away."""
        self._asked, self._over, self._first = None, None, None
        self.query_one(Input).value = ""
        self.remove_class("-asking", "-typed", "-chosen")

    @property
    def _program(self) -> TerminalApp:
        return cast("TerminalApp", self.app)  # pyright: ignore[reportUnknownMemberType]

    def _ripen(self, asked: Asked) -> None:
        """Opens a question after its grace; where keys choose, once nobody types ahead any more."""
        wait = 0.0 if wording.typed(asked) and asked.sort != "name" else STILL - self._program.still
        if wait <= 0:
            self._open(asked)
        elif self.standing is asked:
            if not self._held:
                self._note(_TOO_SOON, "warn")
            self._early = True
            self.set_timer(wait, lambda: self._ripen(asked))

    def _open(self, asked: Asked) -> None:
        if self.standing is asked:
            if self._early and not self._held:
                self._note(_advice(asked, practice=self._practice))
            self._opened, self._early = True, False
            self._focus(asked)

    def _focus(self, asked: Asked) -> None:
        self.screen.set_focus(self.query_one(Input if wording.typed(asked) else Choices))

    def refuse(self) -> None:
        """The answer that changes nothing, where there is one: no, or no name."""
        if self._over is not None and self._asked is not None:
            self._put_back(self._asked)
        elif self._asked is not None and self.display and self._asked.sort in ("yes-no", "name"):
            self._give("no" if self._asked.sort == "yes-no" else "")

    @on(Choices.Taken)
    def _chosen(self, event: Choices.Taken) -> None:
        event.stop()
        self._give(event.value)

    @on(Field.FirstLine)
    def _cut(self) -> None:
        self._note("Only the first line was taken.", "warn")

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value and self._empty and self._asked is not None:
            self._note(_AGAIN if self._first is not None else _advice(self._asked, practice=self._practice))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        asked = self.standing
        if asked is None:
            return
        typed, self.query_one(Input).value = event.value, ""
        if _NO_TEXT in typed:
            self._note(_UNREADABLE, "warn")
        elif asked.sort == "secret":
            self._secret(asked, Secret(typed, asked.id))
        elif asked.sort == "name":
            self._as_name(asked, typed.strip())
        else:
            self._give(typed.strip() or asked.default)

    def _secret(self, asked: Asked, said: Secret) -> None:
        if not said:
            self._note("Nothing was typed.", "warn")
            self._empty = True
        elif not asked.twice:
            self._give(said)
        elif self._first is None:
            self._first = said
            self._note(_AGAIN)
        elif self._first == said:
            self._give(said)
        else:
            self._first = None
            self._note("The two are not the same; please type both again.", "warn")

    def _as_name(self, asked: Asked, typed: str) -> None:
        """Only the name itself is an answer here; anything else changes nothing."""
        if typed == asked.expects:
            self._give(typed)
        elif typed:
            self._note(f"{typed} is not {asked.expects}; nothing was changed. Esc says no.", "warn")

    def _give(self, value: str | Secret) -> None:
        asked, own = self._asked, self._over
        if asked is None or not self._opened:
            return
        unread = self._unread() if own is None and _agrees(asked, value) else ""
        if unread:
            self._hold(asked, value, unread)
        elif own is None:
            self.clear()
            self.post_message(self.Given(asked, value))
        elif value and isinstance(value, str):
            self.clear()
            self.post_message(self.Reasoned(asked, value))
        else:
            self._put_back(asked)

    def _hold(self, asked: Asked, value: str | Secret, unread: str) -> None:
        """A yes to what was not seen is none yet; the same keys give it once that was shown long enough to be read."""
        self._opened, self._held = False, True
        if asked.sort == "name" and isinstance(value, str):
            field = self.query_one(Input)
            field.value, field.cursor_position = value, len(value)
        self._note(unread, "warn")
        self.set_timer(GRACE, lambda: self._ripen(asked))

    def reads_on(self) -> None:
        """Who turned the page has read why an answer was not taken."""
        if self._held and (asked := self.standing) is not None:
            self._held = False
            self._note(_advice(asked, practice=self._practice))

    def _say(self, text: str) -> None:
        # What was wrong with the answer before stands on lines of its own, above the question.
        wrong, _, asks = text.rpartition("\n")
        said = paragraph(wrong, self._room(), indent=1, role="warn") if wrong else []
        said += paragraph(asks, self._room(), indent=1, role="title")
        if self.screen.size.height >= _ROOMY:
            about = paragraph(self._about, self._room(), indent=1) if self._about and self._over is None else []
            said = [BLANK, *said, *about]
        self.query_one("#said", Lines).show(said)

    def _note(self, text: str, role: str = "quiet") -> None:
        self._empty = False
        self.query_one("#note", Lines).show(paragraph(text, self._room(), indent=1, role=role) if text else [])

    def _room(self) -> int:
        return max(self.screen.size.width - _MARGIN, 20)


def _agrees(asked: Asked, value: str | Secret) -> bool:
    """Whether something happens because of it."""
    return value == "yes" if asked.sort == "yes-no" else asked.sort == "name" and bool(value)


def _advice(asked: Asked, *, practice: bool) -> str:
    if asked.sort == "name":
        return "Enter on an empty line changes nothing. Esc says no."
    if asked.sort == "secret":
        free = "In practice anything will do. " if practice else ""
        return f"{free}What you type is not shown, and kept in memory alone."
    if asked.sort == "text" and asked.default:
        return f"Enter takes {asked.default}."
    return ""
