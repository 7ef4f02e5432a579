"""Every action a person can take, once: bindings, the line of keys, help, palette and `keys.toml` all read this.

A key is one that tmux, screen, VS Code and a serial console pass on: letters, signs, arrows, Enter, Esc, Tab, F2.
VS Code keeps F1, F5 to F11 and many a letter with Ctrl- for itself, Ctrl-G among them: what has to work while an answer
is typed has a key beside those.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from textual.binding import Binding
from textual.keys import Keys as Known

from sprocket_tui import files
from sprocket_tui.errors import SprocketError
from sprocket_tui.exits import Exit
from sprocket_tui.guide.problems import unknown

_SIGNS = {
    "question_mark": "?",
    "slash": "/",
    "colon": ":",
    "exclamation_mark": "!",
    "escape": "Esc",
    "enter": "Enter",
    "tab": "Tab",
}


@dataclass(frozen=True)
class Action:
    """`name` is what `keys.toml` and Textual call it; `keys` are Textual's names, the first one is shown.

    `label` stands in the line of keys, `help` in the help. `over` says that it opens something over the walk, which is
    the program's business and not the walk's.
    """

    name: str
    keys: tuple[str, ...]
    label: str
    help: str
    over: bool = False

    @property
    def shown(self) -> str:
        """The first key as a person reads it."""
        return shown(self.keys[0])

    @property
    def offer(self) -> tuple[str, str]:
        """The first key and what it does, for the line of keys."""
        return self.shown, self.label

    def binding(self) -> Binding:
        """The same for Textual."""
        action = f"app.{self.name}" if self.over else self.name
        return Binding(",".join(self.keys), action, self.label, id=self.name, show=False)


def shown(key: str) -> str:
    """A key's name as a person reads it."""
    if key.startswith("ctrl+"):
        return f"Ctrl-{key.removeprefix('ctrl+').upper()}"
    return _SIGNS.get(key, key if len(key) == 1 else key.capitalize())


_SUSPEND = Action(
    "suspend", ("ctrl+z",), "suspend", "Stop this program, not what runs on the target; `fg` brings it back.", over=True
)

_REDRAW = Action(
    "redraw", ("ctrl+l",), "redraw", "Draw the screen again, where something else has written over it.", over=True
)

REGISTRY: tuple[Action, ...] = (
    Action("next", ("enter", "n"), "next", "Go on to what comes next. Never begins or destroys anything by itself."),
    Action("why", ("w",), "why", "Show why this chapter is there, and the whole text of the step."),
    Action("plan", ("p",), "plan", "Show every change of the plan, or only how many."),
    Action("all", ("a",), "all", "Show every row and detail, or only what needs a look."),
    Action("back", ("left",), "back", "Look at the step before this one. Looking changes nothing."),
    Action("forward", ("right",), "forward", "Look at the step after this one."),
    Action("present", ("escape",), "now", "Return to the step that is under way; at a gate it says no."),
    Action("chapters", ("g",), "go to", "All chapters and steps; look at any of them.", over=True),
    Action("search", ("slash",), "search", "Search the guide: steps, corrections, checks and hints.", over=True),
    Action(
        "again",
        ("r",),
        "again",
        "Take a step that has ended once more, after a question: the one looked at.",
        over=True,
    ),
    Action(
        "begin",
        ("c",),
        "begin",
        "In the chapters: begin at this one; what is before it is measured, not done.",
        over=True,
    ),
    Action("jump", ("f",), "jump", "Letters on what can be gone to; they go there, and answer nothing.", over=True),
    Action("log", ("l",), "log", "All that the step's job printed.", over=True),
    Action("skip", ("s", "f2"), "skip", "Skip this step, with a reason that is kept. While you type: F2."),
    Action("ring", ("b",), "bell", "Call you when what takes long ends or needs you, or no longer.", over=True),
    Action("copy", ("y",), "copy", "Copy the command that helps, else the page; says where it went.", over=True),
    Action(
        "report",
        ("h",),
        "copy for help",
        "Copy what a helper needs: the run, the step, its page, its command and output.",
        over=True,
    ),
    Action("shell", ("exclamation_mark",), "shell", "A shell on the target; the walk waits meanwhile.", over=True),
    Action("palette", ("colon", "ctrl+p"), "commands", "Every action by its name, to be typed in part.", over=True),
    Action("help", ("question_mark", "ctrl+o", "f1"), "help", "Help for what is on the screen.", over=True),
    Action("leave", ("q",), "leave", "Leave. What runs on the target goes on; the run can be resumed.", over=True),
    Action("interrupt", ("ctrl+c",), "leave", "Once asks how to leave, twice leaves.", over=True),
    _REDRAW,
    _SUSPEND,
)

# Those of the first screen, which has keys of its own.
FIRST: tuple[Action, ...] = (
    Action("look", ("l",), "look", "Look at the target: who drives a run there, what runs, what Enter would do."),
    Action("check", ("c",), "checks", "Measure the checklists of the target and change nothing."),
    Action("edit", ("e",), "edit", "Change the answers of the profile."),
    Action("forget", ("x",), "forget", "Forget the profile, after asking; its host and its runs stay as they are."),
    Action("jump", ("f",), "jump", "Letters on what can be chosen; they go there, and open nothing."),
    Action("help", ("question_mark", "ctrl+o", "f1"), "help", "Help for the first screen."),
    Action("back", ("escape",), "back", "End a look that is under way, else leave."),
    Action("leave", ("q", "ctrl+c"), "leave", "Leave. Nothing was begun."),
    _REDRAW,
    _SUSPEND,
)

# Those of the log, which has keys of its own too.
LOG: tuple[Action, ...] = (
    Action("search", ("slash",), "search", "Look for text in the log, in any case. An empty line ends the search."),
    Action("next", ("n",), "next hit", "The next line that was found."),
    Action("before", ("N",), "hit before", "The line that was found before this one."),
    Action("filter", ("f",), "filter", "Show only lines that hold a text. An empty line shows all again."),
    Action("times", ("t",), "times", "Show when each line came, or no longer."),
    Action("follow", ("end",), "follow", "Go to the end, and stay there while lines come."),
    Action("copy", ("y",), "copy", "Copy what is selected, else the lines that are shown."),
    Action("help", ("question_mark", "ctrl+o", "f1"), "help", "Help for the log."),
    Action("back", ("escape", "q"), "back", "End what is typed or under way, else go back to the step."),
)

# Keys that move the page or the cursor, whatever is on the screen.
MOVES: tuple[str, ...] = ("up", "k", "down", "j", "pageup", "pagedown", "space", "home", "end", "tab")


@dataclass(frozen=True)
class Keymap:
    """The registry with a person's own keys in it; `first` are those of the first screen."""

    actions: Mapping[str, Action]
    first: Mapping[str, Action]

    def of(self, name: str) -> Action:
        """One action."""
        return self.actions[name]


def keymap(file: Path) -> Keymap:
    """The registry as `file` remaps it: `name = "key"` or `name = ["key", "key"]`; without a file as it is.

    Its table `first` is about the first screen. Raises SprocketError with all that is wrong, a line each: a name or
    a key that does not exist, and a key that two actions of one screen want.
    """
    document, wrong = _document(file), list[str]()
    first = document.pop("first", {})
    if not isinstance(first, dict):
        wrong.append("first: a table, which begins with [first]")
        first = dict[str, object]()
    found = Keymap(_mapped(REGISTRY, document, wrong), _mapped(FIRST, cast("dict[str, object]", first), wrong))
    if wrong:
        raise _wrong(file, wrong)
    return found


def _mapped(registry: Iterable[Action], document: Mapping[str, object], wrong: list[str]) -> dict[str, Action]:
    """The actions with the keys of the document; what is wrong in it is added to `wrong`."""
    actions = {action.name: action for action in registry}
    for name, value in document.items():
        keys = cast("list[object]", value if isinstance(value, list) else [value])
        if name not in actions:
            wrong.append(unknown("action", name, actions))
        elif not keys or not all(isinstance(each, str) for each in keys):
            wrong.append(f"{name}: a key, or a list of keys")
        else:
            known = [_known(name, str(each), wrong) for each in keys]
            actions[name] = replace(actions[name], keys=tuple(key for key in known if key))
    taken: dict[str, str] = {}
    for name, action in actions.items():
        for key in action.keys:
            if key in MOVES:
                wrong.append(f"{shown(key)} moves the page or the cursor; {name} needs another key")
            elif key in taken and taken[key] != name:
                wrong.append(f"{taken[key]} and {name} both want the key {shown(key)}")
            else:
                taken[key] = name
    return actions


def _document(file: Path) -> dict[str, object]:
    try:
        return tomllib.loads(files.text(file))
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise _wrong(file, [f"line {line} is not text in UTF-8"]) from error
    except (OSError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise _wrong(file, [str(error)]) from error


def _known(name: str, key: str, wrong: list[str]) -> str:
    """Textual's name of a key that was written as a person would, as in "?" or "F5"; empty where it is none."""
    signs = {sign: known for known, sign in _SIGNS.items()}
    given = signs.get(key, key if len(key) == 1 else key.lower().replace("ctrl-", "ctrl+"))
    base = given.removeprefix("ctrl+")
    known = {each.value for each in Known}
    if not (len(base) == 1 and base.isprintable()) and given not in known and given not in _SIGNS:
        wrong.append(f"{name}: {key!r} is no key")
        return ""
    if given in ("ctrl+h", "ctrl+i", "ctrl+m", "ctrl+["):
        wrong.append(f"{name}: {key!r} is Backspace, Tab, Enter or Esc to a terminal")
        return ""
    return given


def _wrong(file: Path, what: Sequence[str]) -> SprocketError:
    # The practice walk reads a link: what is to be mended is the file itself.
    return SprocketError(
        "\n".join(f"{file.resolve()}: {each}" for each in what),
        remedy="mend it there, or remove the file",
        code=Exit.USAGE,
    )
