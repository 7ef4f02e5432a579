"""The command line: which command, its words and its flags, refused as Pulumi refuses them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sprocket_tui.practice.standins.options import flags

# Every failure of Pulumi ends with it.
FAILED = 255
# Flags by their long name; "=" follows the name of one that takes a value, a letter that of a short form.
_GLOBAL = (
    "help:h color= cwd=C non-interactive disable-integrity-checking emoji:e fully-qualify-stack-names:Q logtostderr"
)
_STACK = "stack=s"


def _spelled(flag: str) -> str:
    """A flag of the table as it is written."""
    long, takes, short = flag.partition("=") if "=" in flag else flag.partition(":")
    return f"--{long}{f',-{short}' if short else ''}{'=' if takes == '=' else ''}"


_FLAGS: dict[str, str] = {
    "version": "",
    "login": "",
    "logout": "",
    "whoami": "json:j verbose:v",
    "plugin install": "",
    "stack": f"{_STACK} show-ids:i show-urns:u show-name",
    "stack ls": "json:j all:a",
    "stack init": _STACK,
    "stack select": f"{_STACK} create:c",
    "stack export": _STACK,
    "stack output": f"{_STACK} json:j show-secrets",
    "stack rm": f"{_STACK} yes:y force:f",
    "config": f"{_STACK} json:j show-secrets",
    "config get": f"{_STACK} json:j",
    "config set": f"{_STACK} secret plaintext",
    "config rm": _STACK,
    "preview": f"{_STACK} json:j save-plan= suppress-outputs",
    "up": f"{_STACK} yes:y skip-preview:f suppress-outputs plan=",
    "refresh": f"{_STACK} yes:y skip-preview:f preview-only suppress-outputs expect-no-changes clear-pending-creates",
    "destroy": f"{_STACK} yes:y skip-preview:f suppress-outputs",
    "cancel": f"{_STACK} yes:y",
}
_WORDS: dict[str, tuple[int, int]] = {
    "login": (0, 1),
    "logout": (0, 1),
    "stack init": (0, 1),
    "stack select": (0, 1),
    "stack output": (0, 1),
    "stack rm": (0, 1),
    "config get": (1, 1),
    "config set": (1, 2),
    "config rm": (1, 1),
    "cancel": (0, 1),
}
_LOGGED = ("up", "refresh", "destroy")
ALIASES = {"update": "up"}
_GROUPS = ("stack", "config", "plugin")
# Every command of the real one, for whoever mistypes.
_ALL = (
    *("about", "cancel", "config", "console", "convert", "destroy", "env", "gen-completion", "import", "install"),
    *("login", "logout", "logs", "new", "org", "package", "plugin", "policy", "preview", "project", "refresh"),
    *("schema", "stack", "state", "up", "version", "watch", "whoami"),
)
TAKES = {
    "pulumi": {
        command: flags(" ".join(_spelled(each) for each in f"{_GLOBAL if not command else ''} {given}".split()))
        for command, given in {"": "", **_FLAGS}.items()
    }
}


class Refused(Exception):
    """The command ends with 255 and `error: TEXT` on stderr; `helped` is the command whose help is shown before."""

    def __init__(self, text: str, helped: str | None = None) -> None:
        super().__init__(text)
        self.helped = helped


class Asked(Exception):
    """The help of a command, and nothing else: it ends with 0."""


@dataclass(frozen=True)
class Line:
    """A command line that was understood. `flags` by long name; one without a value is "true"."""

    command: str
    words: tuple[str, ...]
    flags: Mapping[str, str]

    def has(self, flag: str) -> bool:
        """Whether a flag was given."""
        return self.flags.get(flag, "false") not in ("false", "")

    def value(self, flag: str) -> str:
        """The value of a flag; "" when it was not given."""
        return self.flags.get(flag, "")


def read(argv: Sequence[str], environ: Mapping[str, str]) -> Line:
    """The command line. Raises Refused."""
    command, rest = _command(argv)
    flags = _known(command, environ)
    words, found = list[str](), dict[str, str]()
    place = 0
    while place < len(rest):
        word = rest[place]
        place += 1
        if word == "--":
            words.extend(rest[place:])
            break
        if not word.startswith("-") or word == "-":
            words.append(word)
            continue
        name, given, value = word.partition("=")
        if name not in flags:
            raise Refused(_unknown(name))
        long, takes = flags[name]
        if takes and not given:
            if place == len(rest):
                raise Refused(f"flag needs an argument: {name}")
            value = rest[place]
            place += 1
        found[long] = value if takes or given else "true"
    if "help" in found:
        raise Asked(command)
    _count(command, words)
    return Line(command, tuple(words), found)


def _command(argv: Sequence[str]) -> tuple[str, list[str]]:
    """The command's one or two words and everything else; global flags may stand before it."""
    rest = list(argv)
    place = _next_word(rest, 0)
    if place is None:
        known = _known("", {})
        if wrong := next((word for word in rest if word.startswith("-") and word.partition("=")[0] not in known), ""):
            raise Refused(_unknown(wrong.partition("=")[0]))
        raise Asked("")
    first = ALIASES.get(rest[place], rest[place])
    del rest[place]
    if first in _GROUPS:
        second = _next_word(rest, place)
        if second is not None and "--" not in rest[:second]:
            whole = f"{first} {rest[second]}"
            if whole in _FLAGS:
                del rest[second]
                return whole, rest
            if first not in _FLAGS:
                raise Asked(first)
            raise Refused(f'unknown command "{rest[second]}" for "pulumi {first}"', first)
        if first not in _FLAGS:
            raise Asked(first)
    if first not in _FLAGS:
        raise Refused(f'unknown command "{first}" for "pulumi"{_near(first)}')
    return first, rest


def _near(word: str) -> str:
    """The commands that somebody may have meant, as an error goes on."""
    near = [each for each in _ALL if _distance(word, each) <= 2 or each.startswith(word.lower())]
    rows = "".join(f"\t{each}\n" for each in near)
    return f"\n\nDid you mean this?\n{rows}" if near else ""


def _distance(one: str, other: str) -> int:
    """How many letters must be changed, added or taken away."""
    row = list(range(len(other) + 1))
    for number, letter in enumerate(one, 1):
        above, row = row, [number]
        for place, each in enumerate(other):
            row.append(min(above[place] + (letter != each), above[place + 1] + 1, row[place] + 1))
    return row[-1]


def _next_word(rest: Sequence[str], start: int) -> int | None:
    place = start
    while place < len(rest):
        word = rest[place]
        if not word.startswith("-"):
            return place
        place += 2 if word in ("--color", "--cwd", "-C", "--stack", "-s") else 1
    return None


def _known(command: str, environ: Mapping[str, str]) -> dict[str, tuple[str, bool]]:
    """Long name and whether it takes a value, by flag as it is written."""
    found: dict[str, tuple[str, bool]] = {}
    logged = "event-log=" if command in _LOGGED and environ.get("PULUMI_DEBUG_COMMANDS") == "true" else ""
    for each in f"{_GLOBAL} {_FLAGS.get(command, '')} {logged}".split():
        long, takes, short = each.partition("=") if "=" in each else each.partition(":")
        found[f"--{long}"] = (long, takes == "=")
        if short:
            found[f"-{short}"] = (long, takes == "=")
    return found


def _unknown(name: str) -> str:
    return f"unknown flag: {name}" if name.startswith("--") else f"unknown shorthand flag: {name[1]!r} in {name}"


def _count(command: str, words: Sequence[str]) -> None:
    least, most = _WORDS.get(command, (0, 0))
    if least <= len(words) <= most:
        return
    if command in ("config get", "config rm") and not words:
        raise Refused("missing required argument: key", command)
    if command in ("config get", "config rm"):
        raise Refused(f"too many arguments: got {len(words)}, expected 1", command)
    if most == 0 and command != "stack export":
        raise Refused(f'unknown command "{words[0]}" for "pulumi {command}"', command)
    allowed = f"between {least} and {most}" if least else f"at most {most}"
    raise Refused(f"accepts {allowed} arg(s), received {len(words)}", command)
