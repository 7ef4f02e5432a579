"""Command lines as Vault reads them: flags behind the command, before its words."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from sprocket_tui.practice.standins.call import Call
from sprocket_tui.practice.standins.options import Flag, flags
from sprocket_tui.practice.standins.rehearsed import NotRehearsed

_VERSION = ("-v", "-version", "--version")
_GLOBAL = flags("-address= -tls-skip-verify -format=")
TAKES = {
    "": (Flag(_VERSION), *_GLOBAL),
    "version": (),
    "status": flags("-format="),
    "operator init": flags("-key-shares= -key-threshold= -format= -status"),
    "operator unseal": flags("-format= -reset"),
    "operator seal": (),
    "login": flags("-method= -format= -no-store -no-print"),
    "token lookup": flags("-format="),
    "secrets enable": flags("-path= -version="),
    "secrets list": flags("-format="),
    "kv put": flags("-format= -mount="),
    "kv get": flags("-format= -mount= -field= -version="),
    "kv list": flags("-format="),
    "kv delete": flags("-mount="),
}
# How many words each takes.
_WORDS: dict[str, tuple[int, int | None]] = {
    "operator unseal": (0, 1),
    "login": (0, None),
    "token lookup": (0, 1),
    "secrets enable": (1, 1),
    "kv put": (1, None),
    "kv get": (1, 1),
    "kv list": (1, 1),
    "kv delete": (1, 1),
}
_FORMATS = ("table", "json", "yaml", "pretty", "raw")
_NO_COMMAND = 127


class Wrong(Exception):
    """What Vault says of a line that it does not understand, and the status to end with."""

    def __init__(self, text: str, status: int = 1) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True)
class Request:
    """A command with its words and flags."""

    call: Call
    path: str
    words: list[str]
    given: dict[str, str]

    def on(self, name: str) -> bool:
        """Whether a flag that takes nothing was given."""
        return self.given.get(name) == "true"

    @property
    def as_json(self) -> bool:
        """Whether JSON was asked for."""
        return self.given.get("-format") == "json"


def read(call: Call) -> Request:
    """What was asked. Raises Wrong, NotRehearsed."""
    argv = list(call.argv)
    if argv and argv[0] in _VERSION:
        return Request(call, "", [], {})
    path = next((" ".join(argv[:length]) for length in (2, 1) if " ".join(argv[:length]) in TAKES), "")
    if not path:
        raise _no_command(argv)
    words, given = argv[len(path.split()) :], dict[str, str]()
    known = (*TAKES[path], *_GLOBAL)
    while words and words[0].startswith("-") and words[0] != "-":
        word = words.pop(0)
        if word == "--":
            break
        name, equals, value = ("-" + word.lstrip("-")).partition("=")
        flag = next((each for each in known if name in each.names), None)
        if flag is None:
            raise Wrong(f"flag provided but not defined: {name}")
        if not equals and flag.takes:
            if not words:
                raise Wrong(f"flag needs an argument: {name}")
            value = words.pop(0)
        given[name] = value if equals or flag.takes else "true"
        _check(flag, name, given[name])
    _count(path, words)
    return Request(call, path, words, given)


def usage(path: str) -> str:
    """What Vault tells of a command or of a group of them."""
    text: dict[str, str] = json.loads((Path(__file__).parent / "usage.json").read_text(encoding="utf-8"))
    return text.get(path, "")


def _check(flag: Flag, name: str, value: str) -> None:
    if name.startswith("-key-") and not value.isdecimal():
        why = f'strconv.ParseInt: parsing "{value}": invalid syntax'
        raise Wrong(f'invalid value "{value}" for flag {name}: {why}')
    if not flag.takes and value not in ("true", "false"):
        why = f'strconv.ParseBool: parsing "{value}": invalid syntax'
        raise Wrong(f'invalid boolean value "{value}" for {name}: {why}')
    if name == "-format" and value not in _FORMATS:
        raise Wrong(f"Invalid output format: {value}")
    if name == "-format" and value not in ("table", "json"):
        raise NotRehearsed(f"vault -format={value}")


def _count(path: str, words: list[str]) -> None:
    least, most = _WORDS.get(path, (0, 0))
    if len(words) < least:
        raise Wrong(f"Not enough arguments (expected {'' if most else '>'}{least}, got {len(words)})")
    if most is not None and len(words) > most:
        wanted = "0-1" if path == "token lookup" else most
        raise Wrong(f"Too many arguments (expected {wanted}, got {len(words)})")


def _no_command(argv: list[str]) -> Wrong:
    group = argv[0] if argv and any(path.startswith(f"{argv[0]} ") for path in TAKES) else ""
    return Wrong(usage(group), 1 if group else _NO_COMMAND)
