"""What every probe is: commands for a machine and a reader of their answers, or a measurement made here."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Generic, TypeVar, cast

from sprocket_tui.checks.excerpt import excerpt
from sprocket_tui.checks.observation import Observation
from sprocket_tui.checks.once import Once
from sprocket_tui.guide.model import ProbeWords
from sprocket_tui.secret import Secret
from sprocket_tui.target.batch import CAP, Answer, Command
from sprocket_tui.target.link import Link, Privilege
from sprocket_tui.terminal import clean, clean_bytes
from sprocket_tui.values import JSON

W = TypeVar("W", bound=ProbeWords)
_HANGS = (
    "Log in and see what hangs: a machine that is busy (`uptime`), a disk, or Docker. Where `docker version` says "
    "nothing, `systemctl restart docker` starts it anew. Then check this again."
)
AS_ROOT = "Log in as root, or set sudo to yes in the profile."


class ProbeError(Exception):
    """A probe could not measure; the text is the observation's reason, `to_do` what would let it."""

    def __init__(self, reason: str, to_do: str = "") -> None:
        super().__init__(reason)
        self.to_do = to_do


class Unreached(ProbeError):
    """There is no connection to the place that was to be looked at."""


@dataclass(frozen=True)
class Answers:
    """What a probe's own commands answered, by key; `started` and `ended` are our clock (epoch seconds) around them."""

    by_key: Mapping[str, Answer]
    started: float = 0.0
    ended: float = 0.0

    def __getitem__(self, key: str) -> Answer:
        """The answer; raises ProbeError when it never came, ran out of time, or was cut short."""
        answer = self.by_key.get(key)
        if answer is None:
            raise ProbeError("no answer came")
        if answer.timed_out:
            raise ProbeError("the command did not answer in time", to_do=_HANGS)
        if answer.truncated:
            raise ProbeError(f"the answer was larger than {CAP // 1024} KiB")
        return answer

    def text(self, key: str) -> str:
        """The cleaned stdout of a command that ended well; raises ProbeError with what it said otherwise."""
        answer = self[key]
        if answer.status != 0:
            raise ProbeError(complaint(answer))
        return clean_bytes(answer.stdout)


@dataclass(frozen=True)
class Droplet:
    """The way to the droplet for a measurement that needs both ends: its link, and the surroundings of our scripts.

    `asked` is what its `asks` were answered in the batch, or why they were not.
    """

    link: Link
    path: tuple[str, ...] = ()
    privilege: Privilege = field(default_factory=Privilege)
    asked: Answers | Observation = field(default_factory=lambda: Answers({}))

    def answers(self) -> Answers:
        """What its `asks` were answered; raises ProbeError where they were not."""
        if isinstance(self.asked, Observation):
            raise (Unreached if self.asked.unreached else ProbeError)(self.asked.reason)
        return self.asked


def _no_droplet() -> AbstractContextManager[Droplet]:
    raise ProbeError("there is no connection to the target")


@dataclass(frozen=True)
class Here:
    """What a measurement made here may know.

    `droplet` lends the way there once the checks' own batch has ended, so that nothing in it sees what is begun for
    others; what several run there at that time goes in one channel. It raises ProbeError without a connection.
    `once` holds what several measurements that are made together find out alike.
    """

    secrets: Mapping[str, Secret] = field(default_factory=dict[str, Secret], repr=False)
    droplet: Callable[[], AbstractContextManager[Droplet]] = _no_droplet
    once: Once[Any] = field(default_factory=Once[Any], repr=False)

    def secret(self, name: str) -> Secret:
        """The secret of that name; raises ProbeError, which says who gives it, where it was not given."""
        given = self.secrets.get(name)
        if not given:
            raise ProbeError(
                f"{name} is not given here",
                to_do=f"The walk asks for it; `check` takes it from the file named with --given "
                f"(a line `{name}: {{file: PATH}}`).",
            )
        return given


@dataclass(frozen=True)
class Probe(Generic[W]):
    """A kind of measurement.

    `commands` and `read` are its two halves around a batch, for the droplet or for this machine; `measure` is made
    here without a shell, within its deadline in seconds. A probe has either or both; the words are already expanded.
    `needs_place` is False when it does not matter where it is measured; `both_ends` says of which words `measure` needs
    the droplet too, and `asks` is what it must know from there beforehand: that is asked in the batch, and costs no way
    there of its own. All of them raise ProbeError, but for those two.
    """

    kind: str
    commands: Callable[[W], tuple[Command, ...]] | None = None
    read: Callable[[W, Answers], Observation] | None = None
    measure: Callable[[W, Here, float], Observation] | None = None
    needs_place: bool = True
    both_ends: Callable[[W], bool] = lambda _words: False
    asks: Callable[[W], tuple[Command, ...]] = lambda _words: ()


def complaint(answer: Answer) -> str:
    """What a command that failed said, on one line; never empty."""
    said = first_line(clean_bytes(answer.stderr)) or first_line(clean_bytes(answer.stdout))
    return excerpt(said, 300) or f"the command ended with status {answer.status} and said nothing"


def first_line(text: str) -> str:
    """The first line of `text` that is not blank, or nothing."""
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


def unreadable(text: str) -> ProbeError:
    """The error for an answer that is not of the form its command gives."""
    said = excerpt(first_line(text), 120)
    return ProbeError(f"the answer could not be read: {said}" if said else "the answer was empty")


def documents(text: str) -> list[JSON]:
    """Every JSON document of `text`, one a line or spread over lines; raises ProbeError on anything else."""
    found: list[JSON] = []
    decoder, at = json.JSONDecoder(), 0
    try:
        while rest := text[at:].lstrip():
            document, length = decoder.raw_decode(rest)
            found.append(cast("JSON", document))
            at = len(text) - len(rest) + length
    except (json.JSONDecodeError, RecursionError) as error:
        raise ProbeError(f"the answer is not JSON: {excerpt(text, 120) or 'it is empty'}") from error
    return found


def as_object(document: JSON) -> dict[str, JSON]:
    """`document` when it is an object, else an empty one: remote documents may lack what we look for."""
    return document if isinstance(document, dict) else {}


def as_text(document: JSON) -> str:
    """`document` when it is text, else nothing."""
    return document if isinstance(document, str) else ""


def cleaned(document: object) -> JSON:
    """A JSON document whose texts hold no control character."""
    if isinstance(document, str):
        return clean(document)
    if isinstance(document, dict):
        return {clean(str(key)): cleaned(value) for key, value in cast("dict[Any, Any]", document).items()}
    if isinstance(document, list):
        return [cleaned(value) for value in cast("list[Any]", document)]
    return cast("JSON", document)


def lasting(ends: date | None, now: float) -> dict[str, JSON]:
    """{ends, days_left} of what ends on that day, counted from the day of `now`; both null where no day is known."""
    left = (ends - datetime.fromtimestamp(now, UTC).date()).days if ends else None
    return {"ends": ends.isoformat() if ends else None, "days_left": left}


def step(number: float) -> int:
    """The largest power of two that is not above `number`: another one once it has halved, and seldom before."""
    return 1 << (int(number).bit_length() - 1) if number >= 1 else 0
