"""What the shell does itself, because it is about the shell."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable
from typing import TYPE_CHECKING

from sprocket_tui.practice.interpreter import testing
from sprocket_tui.practice.interpreter.expansion import split_for_read
from sprocket_tui.practice.interpreter.grammar import parse
from sprocket_tui.practice.interpreter.leaving import Jumped, Left, Returned
from sprocket_tui.practice.interpreter.limits import checked
from sprocket_tui.practice.interpreter.printing import echo, printf, pwd
from sprocket_tui.practice.interpreter.processes import Process
from sprocket_tui.practice.interpreter.signalling import kill, signal_number
from sprocket_tui.practice.interpreter.system import Run, shell_status
from sprocket_tui.practice.interpreter.unknown import NotKnown

if TYPE_CHECKING:
    from sprocket_tui.practice.interpreter.shell import Shell

Builtin = Callable[["Shell", Run], int]
_NAME = re.compile(r"[A-Za-z_]\w*")


def _break(shell: Shell, run: Run) -> int:
    if shell.loops:
        raise Jumped(_number(run, 1), on=run.name == "continue")
    return 0


def _exit(shell: Shell, run: Run) -> int:
    raise Left(_number(run, shell.status) & 0xFF)


def _return(shell: Shell, run: Run) -> int:
    status = _number(run, shell.status) & 0xFF
    raise Returned(status) if shell.calls else Left(status)


def _number(run: Run, default: int) -> int:
    if not run.words:
        return default
    if len(run.words) > 1 or not run.words[0].isdecimal():
        raise NotKnown(" ".join(run.argv))
    return int(run.words[0])


def _exec(shell: Shell, run: Run) -> int:
    if not run.words:
        return 0
    shell.traps.clear()
    raise Left(run.system.become(run.process, run.words, shell.environment()))


def _eval(shell: Shell, run: Run) -> int:
    return shell.sequence(parse(" ".join(run.words)))


def _export(shell: Shell, run: Run) -> int:
    for word in run.words:
        name, given, value = word.partition("=")
        if not _NAME.fullmatch(name):
            raise NotKnown(" ".join(run.argv))
        if given:
            shell.assign(name, value)
        shell.exported.add(name)
    return 0


def _unset(shell: Shell, run: Run) -> int:
    for name in run.words:
        if not _NAME.fullmatch(name):
            raise NotKnown(" ".join(run.argv))
        shell.variables.pop(name, None)
        shell.exported.discard(name)
    return 0


def _set(shell: Shell, run: Run) -> int:
    match run.words:
        case ["--", *positional]:
            shell.positional = positional
        case [first, *_] if not first.startswith(("-", "+")):
            shell.positional = run.words
        case _:
            raise NotKnown(" ".join(run.argv))
    return 0


def _shift(shell: Shell, run: Run) -> int:
    count = _number(run, 1)
    if count > len(shell.positional):
        raise Left(shell.complain("shift: can't shift that many", 2))
    del shell.positional[:count]
    return 0


def _trap(shell: Shell, run: Run) -> int:
    if len(run.words) < 2:
        raise NotKnown(" ".join(run.argv))
    action, *names = run.words
    parse(action)
    for name in names:
        number = 0 if name in ("0", "EXIT") else signal_number(name)
        if action == "-":
            shell.traps.pop(number, None)
            shell.process.handlers.pop(number, None)
            continue
        shell.traps[number] = action
        if number:
            shell.process.handlers[number] = shell.note if action else None
    return 0


def _cd(shell: Shell, run: Run) -> int:
    if len(run.words) > 1 or run.words[:1] == ["-"]:
        raise NotKnown(" ".join(run.argv))
    where = run.words[0] if run.words else shell.value("HOME") or "/"
    try:
        names = run.files.names(where, run.directory)
    except OSError as error:
        return shell.complain(f"cd: can't cd to {where}: {error.strerror}", 2)
    del names
    shell.process.directory = run.files.absolute(where, run.directory)
    shell.assign("PWD", shell.process.directory)
    return 0


def _read(shell: Shell, run: Run) -> int:
    raw = run.words[:1] == ["-r"]
    names = run.words[1:] if raw else run.words
    if not names or not all(_NAME.fullmatch(name) for name in names):
        raise NotKnown(" ".join(run.argv))
    line, ended = _line(run, raw=raw)
    separators = shell.value("IFS")
    found = split_for_read(line, len(names), " \t\n" if separators is None else separators)
    for name, value in zip(names, found, strict=True):
        shell.assign(name, value)
    return 0 if ended else 1


def _line(run: Run, *, raw: bool) -> tuple[str, bool]:
    """Up to the end of a line and no byte further, because others read on from there; and whether there was one."""
    stream, found = run.process.files.get(0), bytearray()
    while char := stream.read(1, run.process.alive):
        if char == b"\\" and not raw:
            char = stream.read(1, run.process.alive)
            found += b"" if char == b"\n" else char
            continue
        if char == b"\n":
            break
        found += char
        checked(len(found))
    return found.replace(b"\0", b"").decode(errors="surrogateescape"), char == b"\n"


def _umask(shell: Shell, run: Run) -> int:
    if not run.words:
        run.out(f"{shell.process.umask:04o}\n")
        return 0
    if len(run.words) > 1 or not re.fullmatch("[0-7]{1,4}", run.words[0]):
        raise NotKnown(" ".join(run.argv))
    shell.process.umask = int(run.words[0], 8) & 0o777
    return 0


def _wait(shell: Shell, run: Run) -> int:
    if all(word.isdecimal() for word in run.words):
        wanted = {int(word) for word in run.words}
        jobs = [each for each in shell.jobs if not wanted or each.pid in wanted]
        if wanted and len(jobs) != len(wanted):
            return 127

        def done() -> bool:
            return shell.interrupted() or all(each.status is not None for each in jobs)

        shell.process.pause(None, done)
        if shell.interrupted():
            return 128 + signal.SIGTERM
        shell.jobs = [each for each in shell.jobs if each not in jobs]
        return _ended(jobs[-1]) if wanted else 0
    raise NotKnown(" ".join(run.argv))


def _ended(process: Process) -> int:
    return shell_status(process.ended.result())


def _command(shell: Shell, run: Run) -> int:
    match run.words:
        case ["-v", name]:
            if name in SPECIAL or name in BUILTINS or name in shell.functions:
                run.out(f"{name}\n")
                return 0
            place = run.system.find(name, shell.variables, run.directory)
            if place:
                run.out(f"{place}\n")
            return 0 if place else 127
        case _:
            raise NotKnown(" ".join(run.argv))


SPECIAL: dict[str, Builtin] = {
    ":": lambda shell, run: 0,
    "break": _break,
    "continue": _break,
    "eval": _eval,
    "exec": _exec,
    "exit": _exit,
    "export": _export,
    "return": _return,
    "set": _set,
    "shift": _shift,
    "trap": _trap,
    "unset": _unset,
}
BUILTINS: dict[str, Builtin] = {
    "[": lambda shell, run: testing.test(run),
    "cd": _cd,
    "command": _command,
    "echo": lambda shell, run: echo(run),
    "false": lambda shell, run: 1,
    "kill": lambda shell, run: kill(run),
    "printf": lambda shell, run: printf(run),
    "pwd": lambda shell, run: pwd(run),
    "read": _read,
    "test": lambda shell, run: testing.test(run),
    "true": lambda shell, run: 0,
    "umask": _umask,
    "wait": _wait,
}
