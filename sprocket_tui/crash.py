"""What is kept of a crash: where in our own code it was, and nothing that was in memory."""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from sprocket_tui import __version__
from sprocket_tui.errors import SprocketError
from sprocket_tui.journal import runs

_OURS = "sprocket_tui"


def save(error: BaseException | None) -> Path:
    """Writes the report into the program's directory of state, 0600, and says where. Raises OSError."""
    directory = runs.home().parent
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = f"crash-{time.strftime('%Y%m%d-%H%M%S')}"
    for number in range(1, 100):
        path = directory / (f"{name}.txt" if number == 1 else f"{name}-{number}.txt")
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except FileExistsError:
            continue
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(report(error))
        return path
    raise FileExistsError(f"{directory / name}.txt and 98 more")


def report(error: BaseException | None) -> str:
    """The types of what was raised, our own lines on the way to it, and the last one. No value, no message but ours."""
    # Every command loads this module, and few need that one.
    from importlib.metadata import version  # noqa: PLC0415

    lines = [
        f"sprocket-tui {__version__}, textual {version('textual')}, Python {platform.python_version()}, {sys.platform}",
        time.strftime("%Y-%m-%d %H:%M:%S %z"),
        "",
    ]
    for number, each in enumerate(_chain(error)):
        lines.append(f"{'because of ' if number else ''}{type(each).__module__}.{type(each).__qualname__}")
        if isinstance(each, SprocketError):
            lines.append(f"  {each.message}")
        lines += [f"  {place}" for place in _places(each.__traceback__)]
    if error is None:
        lines.append("the reader of the terminal ended")
    return "\n".join(lines) + "\n"


def where(error: BaseException | None) -> str:
    """The innermost place, for one line on the screen."""
    found = [place for each in _chain(error) for place in _places(each.__traceback__)]
    return found[-1] if found else "?"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """What was raised, then what that came from."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        # A worker of Textual keeps what it failed with as an attribute.
        inner = getattr(error, "error", None)
        error = error.__cause__ or (inner if isinstance(inner, BaseException) else None) or error.__context__


def _places(trace: TracebackType | None) -> Iterator[str]:
    while trace is not None:
        frame = trace.tb_frame
        module = str(frame.f_globals.get("__name__", ""))
        if module.partition(".")[0] == _OURS or trace.tb_next is None:
            yield f"{module}:{trace.tb_lineno} {frame.f_code.co_name}"
        trace = trace.tb_next
