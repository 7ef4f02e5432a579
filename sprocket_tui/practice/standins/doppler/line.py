"""Command lines as Doppler reads them: flags anywhere before "--", its commands by their path."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from sprocket_tui.practice.standins.call import Call
from sprocket_tui.practice.standins.options import Flag, flags
from sprocket_tui.practice.standins.rehearsed import NotRehearsed

_PLACE = "-p,--project= -c,--config="
TAKES = {
    "": flags("-v,--version -t,--token= --json --no-read-env --silent"),
    "configs": flags("-p,--project="),
    "configs tokens create": flags(f"{_PLACE} --plain"),
    "login": flags("-y,--yes --overwrite --no-copy"),
    "logout": flags("-y,--yes"),
    "me": (),
    "run": flags(f"{_PLACE} --command= --no-fallback"),
    "secrets": flags(f"{_PLACE} --only-names"),
    "secrets download": flags(f"{_PLACE} --no-file --no-fallback --format="),
    "secrets get": flags(f"{_PLACE} --plain --no-exit-on-missing-secret"),
    "setup": flags(f"{_PLACE} --no-interactive"),
}
# How many words each takes; the others take none.
_WORDS = {"configs tokens create": (0, 1), "secrets download": (0, 1), "secrets get": (1, None), "run": (0, None)}
_YES, _NO = ("1", "t", "T", "true", "TRUE", "True"), ("0", "f", "F", "false", "FALSE", "False")


class Misuse(Exception):
    """What Doppler says of words and flags that there are not; its usage follows, by the path."""

    def __init__(self, text: str, path: str) -> None:
        super().__init__(text)
        self.path = path


@dataclass(frozen=True)
class Request:
    """A command with its words and flags; flags by their first spelling."""

    call: Call
    path: str
    words: list[str]
    given: dict[str, str]

    def on(self, name: str) -> bool:
        """Whether a flag that takes nothing was given."""
        return self.given.get(name, "false") in _YES


def read(call: Call) -> Request:
    """What was asked. Raises Misuse, NotRehearsed."""
    path, rest = _path(list(call.argv))
    words, given = list[str](), dict[str, str]()
    known = (*TAKES[""], *(TAKES[path] if path else ()))
    while rest:
        word = rest.pop(0)
        if word == "--":
            words += rest
            break
        if word.startswith("--"):
            name, equals, value = word.partition("=")
            _take(path, _flag(path, known, name, word), name, value if equals else None, rest, given)
        elif word.startswith("-") and word != "-":
            _letters(path, known, word[1:], rest, given)
        else:
            words.append(word)
    _count(path, words, given)
    return Request(call, path, words, given)


def usage(path: str) -> str:
    """The usage of a command."""
    text: str = json.loads((Path(__file__).parent / "usage.json").read_text(encoding="utf-8"))[path]
    return text


def _path(argv: list[str]) -> tuple[str, list[str]]:
    """The command that is named, and everything but its name. Flags may stand before and within it."""
    path, kept = "", list[str]()
    while argv and argv[0] != "--":
        word = argv.pop(0)
        if word.startswith("-"):
            kept.append(word)
            if argv and any(flag.takes and word in flag.names for flag in (*TAKES[""], *TAKES.get(path, ()))):
                kept.append(argv.pop(0))
            continue
        longer = f"{path} {word}".strip()
        if not any(f"{each} ".startswith(f"{longer} ") for each in TAKES):
            if path not in _WORDS:
                raise Misuse(f'unknown command "{word}" for "doppler{f" {path}" if path else ""}"', path)
            return path, [*kept, word, *argv]
        path = longer
    if path == "configs tokens":
        raise NotRehearsed(f"doppler {path}")
    return path, [*kept, *argv]


def _flag(path: str, known: tuple[Flag, ...], name: str, word: str) -> Flag:
    flag = next((each for each in known if name in each.names), None)
    if flag is not None:
        return flag
    raise Misuse(f"unknown flag: {word.partition('=')[0]}", path)


def _letters(path: str, known: tuple[Flag, ...], letters: str, rest: list[str], given: dict[str, str]) -> None:
    for number, letter in enumerate(letters):
        flag = next((each for each in known if f"-{letter}" in each.names), None)
        if flag is None:
            raise Misuse(f"unknown shorthand flag: '{letter}' in -{letters[number:]}", path)
        after = letters[number + 1 :]
        if flag.takes or after.startswith("="):
            shown = f"'{letter}' in -{letters[number:]}"
            _take(path, flag, shown, after.removeprefix("=") if after else None, rest, given)
            return
        given[flag.names[0]] = "true"


def _take(path: str, flag: Flag, shown: str, value: str | None, rest: list[str], given: dict[str, str]) -> None:
    if value is None:
        if flag.takes and not rest:
            raise Misuse(f"flag needs an argument: {shown}", path)
        value = rest.pop(0) if flag.takes else "true"
    if not flag.takes and value not in _YES + _NO:
        wrong = f'strconv.ParseBool: parsing "{value}": invalid syntax'
        raise Misuse(f'invalid argument "{value}" for "{", ".join(flag.names)}" flag: {wrong}', path)
    given[flag.names[0]] = value


def _count(path: str, words: list[str], given: dict[str, str]) -> None:
    least, most = _WORDS.get(path, (0, 0))
    if path == "run":
        if "--command" in given and words:
            raise Misuse("arg(s) may not be set when using --command flag", path)
        if not words and "--command" not in given:
            raise Misuse("requires at least 1 arg(s), received 0", path)
    elif len(words) < least:
        raise Misuse(f"requires at least {least} arg(s), only received {len(words)}", path)
    elif most is not None and len(words) > most:
        if not most:
            raise Misuse(f'unknown command "{words[0]}" for "doppler {path}"', path)
        raise Misuse(f"accepts at most {most} arg(s), received {len(words)}", path)
