"""The shell: carries out what the grammar read."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager

from sprocket_tui.practice.interpreter import expansion, patterns, syntax
from sprocket_tui.practice.interpreter.builtins import BUILTINS, SPECIAL
from sprocket_tui.practice.interpreter.expansion import Unset
from sprocket_tui.practice.interpreter.grammar import parse
from sprocket_tui.practice.interpreter.leaving import Jumped, Left, Returned
from sprocket_tui.practice.interpreter.limits import MOST_OF_ALL, TooLong, checked
from sprocket_tui.practice.interpreter.processes import Process
from sprocket_tui.practice.interpreter.redirection import Unredirected, redirect
from sprocket_tui.practice.interpreter.streams import Captured, Null, Stream, pipe
from sprocket_tui.practice.interpreter.system import Run, System, shell_status
from sprocket_tui.practice.interpreter.unknown import NotKnown

# Nested more deeply, a script is more than Python's own stack takes.
_DEEPEST = 50


class Shell:
    """One shell process. `traps` are texts by the number of a signal, 0 for the exit."""

    def __init__(self, system: System, process: Process, name: str, positional: list[str]) -> None:
        self.system, self.process, self.name, self.positional = system, process, name, positional
        self.variables = {"IFS": " \t\n", **process.environ, "PWD": process.directory}
        self.exported = set(process.environ)
        self.functions = dict[str, syntax.Command]()
        self.traps = dict[int, str]()
        self.jobs = list[Process]()
        self.status, self.calls, self.loops = 0, 0, 0
        self._pid, self._last, self._substituted, self._depth = process.pid, "", 0, 0
        self._noted = list[int]()

    def script(self, text: str) -> int:
        """Carries out a whole script, or nothing of it; the status to end with."""
        try:
            parsed = parse(text)
        except NotKnown as what:
            return self.system.refuse(self.process, what)
        return self.alone(lambda: self.sequence(parsed))()

    def alone(self, body: Callable[[], object]) -> Callable[[], int]:
        """`body` as all that this shell does, with what it trapped for its exit; the status to end with."""

        def live() -> int:
            status = self._guarded(body)
            action = self.traps.pop(0, "")
            if action:
                self.status = status
                self._guarded(lambda: self.sequence(parse(action)))
            return status

        return live

    def _guarded(self, body: Callable[[], object]) -> int:
        try:
            body()
        except Left as left:
            return left.status
        except TooLong:
            return self.complain("Out of space", 2)
        except Unset as unset:
            return self.complain(str(unset), 2)
        except Jumped:
            pass
        return self.status

    def sequence(self, body: syntax.Sequence) -> int:
        """One after the other; the status of the last."""
        for item in body.items:
            self.attend()
            if item.background:
                self._beside(item)
            else:
                self._and_or(item)
        self.attend()
        return self.status

    def attend(self) -> None:
        """Raises Ended when somebody ended this shell, and does what was trapped."""
        self.process.alive()
        while self._noted:
            action, status = self.traps.get(self._noted.pop(0), ""), self.status
            self.sequence(parse(action))
            self.status = status

    def note(self, number: int) -> None:
        """A trapped signal came; it is seen to between two commands."""
        self._noted.append(number)

    def interrupted(self) -> bool:
        """Whether a trapped signal waits to be seen to."""
        return bool(self._noted)

    def complain(self, text: str, status: int) -> int:
        """A line on stderr as the shell says it; the status."""
        return Run(self.system, self.process, [self.name]).complain_in_full(f"{self.name}: 1: {text}", status)

    def _and_or(self, item: syntax.AndOr) -> int:
        for operator, pipeline in item.parts:
            if not operator or (operator == "&&") is (self.status == 0):
                self._pipeline(pipeline)
        return self.status

    def _pipeline(self, pipeline: syntax.Pipeline) -> None:
        if len(pipeline.commands) == 1:
            self.command(pipeline.commands[0])
        else:
            self._side_by_side(pipeline.commands)
        if pipeline.negated:
            self.status = int(not self.status)

    def _side_by_side(self, commands: tuple[syntax.Command, ...]) -> None:
        above: Stream | None = None
        started = list[Process]()
        for command in commands:
            child = self._forked()
            if above is not None:
                child.process.files.put(0, above)
            body = child.alone(lambda child=child, command=command: child.command(command, last=True))
            if command is commands[-1]:
                self.status = shell_status(self.system.carry_out(child.process, body))
                break
            above, end = pipe()
            child.process.files.put(1, end)
            started.append(child.process)
            self.system.beside(child.process, body)
        self.process.pause(None, lambda: all(each.status is not None for each in started))

    def _beside(self, item: syntax.AndOr) -> None:
        child = self._forked()
        child.process.files.put(0, Null())
        child.process.handlers[signal.SIGINT] = child.process.handlers[signal.SIGQUIT] = None
        self.jobs.append(child.process)
        self._last, self.status = str(child.process.pid), 0
        self.system.beside(child.process, child.alone(lambda: child._alone_with(item)))

    def _alone_with(self, item: syntax.AndOr) -> None:
        """All that this shell does: a single command takes its place, and holds nothing open but what it is given."""
        match item.parts:
            case ((_, syntax.Pipeline(commands=(only,), negated=False)),):
                self.command(only, last=True)
            case _:
                self._and_or(item)

    def _forked(self) -> Shell:
        """The same shell as a child process; what was trapped is not, there."""
        child = Shell(self.system, self._child(), self.name, list(self.positional))
        child.variables, child.exported = dict(self.variables), set(self.exported)
        child.functions, child.status = dict(self.functions), self.status
        child._pid, child._last, child._depth, child.calls = self._pid, self._last, self._depth, self.calls
        return child

    def _child(self) -> Process:
        try:
            return self.system.table.start(self.process, self.process.argv, self.process.environ)
        except OSError as error:
            raise Left(self.complain(f"Cannot fork: {error.strerror}", 2)) from error

    def command(self, command: syntax.Command, *, last: bool = False) -> int:
        """Carries out one command; its status is then this shell's. The `last` takes the shell's own place."""
        self._depth += 1
        try:
            if self._depth > _DEEPEST:
                raise Left(self.system.refuse(self.process, NotKnown("commands nested so deeply")))
            match command:
                case syntax.Simple():
                    self._simple(command, last=last)
                case syntax.Function():
                    self.functions[command.name] = command.body
                    self.status = 0
                case _:
                    with self._redirected(command.redirects):
                        self._compound(command)
        except NotKnown as what:
            self.status = self.system.refuse(self.process, what)
        except Unredirected as error:
            self.status = self.complain(str(error), 2)
        finally:
            self._depth -= 1
        return self.status

    def _compound(self, command: syntax.Compound) -> None:
        match command:
            case syntax.Group(subshell=True):
                child = self._forked()
                body = child.alone(lambda: child.sequence(command.body))
                self.status = shell_status(self.system.carry_out(child.process, body))
            case syntax.Group():
                self.sequence(command.body)
            case syntax.If():
                self._if(command)
            case syntax.Loop():
                self._loop(command)
            case syntax.For():
                self._for(command)
            case syntax.Case():
                self._case(command)

    def _if(self, command: syntax.If) -> None:
        for condition, body in command.branches:
            if self.sequence(condition) == 0:
                self.sequence(body)
                return
        self.status = 0
        if command.otherwise is not None:
            self.sequence(command.otherwise)

    def _loop(self, command: syntax.Loop) -> None:
        status = 0
        with self._looping():
            while (self.sequence(command.condition) == 0) is not command.negated:
                self._once(command.body)
                status = self.status
            self.status = status

    def _for(self, command: syntax.For) -> None:
        words = self.positional if command.words is None else self.fields(command.words)
        self.status = 0
        with self._looping():
            for word in list(words):
                self.assign(command.name, word)
                self._once(command.body)

    @contextmanager
    def _looping(self) -> Generator[None]:
        self.loops += 1
        try:
            yield
        except Jumped as jumped:
            if jumped.count > 1 and self.loops > 1:
                raise Jumped(jumped.count - 1, on=jumped.on) from None
            self.status = 0
        finally:
            self.loops -= 1

    def _once(self, body: syntax.Sequence) -> None:
        """One turn of a loop. Raises Jumped where it is the last."""
        try:
            self.sequence(body)
        except Jumped as jumped:
            if not jumped.on or (jumped.count > 1 and self.loops > 1):
                raise
            self.status = 0

    def _case(self, command: syntax.Case) -> None:
        value = expansion.text(command.word, self)
        self.status = 0
        for words, body in command.branches:
            if any(re.fullmatch(patterns.shell(expansion.pieces_of(word, self)), value) for word in words):
                self.sequence(body)
                return

    def _simple(self, command: syntax.Simple, *, last: bool) -> None:
        self._substituted = 0
        words = self.fields(command.words)
        assignments = {name: expansion.text(word, self) for name, word in command.assignments}
        if words:
            self._run(words, assignments, command.redirects, last=last)
            return
        for name, value in assignments.items():
            self.assign(name, value)
        with self._redirected(command.redirects):
            self.status = self._substituted

    def _run(
        self, words: list[str], assignments: dict[str, str], redirects: tuple[syntax.Redirect, ...], *, last: bool
    ) -> None:
        name, run = words[0], Run(self.system, self.process, words)
        if name in SPECIAL:
            for each, value in assignments.items():
                self.assign(each, value)
            self._special(name, run, redirects)
        elif name in self.functions:
            with self._assigned(assignments), self._redirected(redirects):
                self._call(name, words)
        elif name in BUILTINS:
            with self._assigned(assignments), self._redirected(redirects):
                self.status = self.system.run(lambda run: BUILTINS[name](self, run), run)
        else:
            self._program(words, {**self.environment(), **assignments}, redirects, last=last)

    def _special(self, name: str, run: Run, redirects: tuple[syntax.Redirect, ...]) -> None:
        """What ends the shell when its redirect fails, and for `exec` keeps it."""
        try:
            if name == "exec":
                for each in redirects:
                    redirect(self.system, self, self.process, each)
                redirects = ()
            with self._redirected(redirects):
                self.status = self.system.run(lambda run: SPECIAL[name](self, run), run)
        except Unredirected as error:
            raise Left(self.complain(str(error), 2)) from error

    @contextmanager
    def _assigned(self, assignments: dict[str, str]) -> Generator[None]:
        """The assignments before a function or a builtin, which hold as long as it runs."""
        before = {name: self.variables.get(name) for name in assignments}
        self.variables.update(assignments)
        try:
            yield
        finally:
            for each, value in before.items():
                if value is None:
                    self.variables.pop(each, None)
                else:
                    self.variables[each] = value

    def _call(self, name: str, words: list[str]) -> None:
        before, loops = self.positional, self.loops
        self.positional, self.loops = words[1:], 0
        self.calls += 1
        try:
            self.command(self.functions[name])
        except Returned as returned:
            self.status = returned.status
        finally:
            self.positional, self.loops = before, loops
            self.calls -= 1

    def _program(
        self, words: list[str], environ: dict[str, str], redirects: tuple[syntax.Redirect, ...], *, last: bool
    ) -> None:
        child = self.process if last else self._child()

        def live() -> int:
            for each in redirects:
                redirect(self.system, self, child, each)
            return self.system.become(child, words, environ)

        if last:
            raise Left(live())
        self.status = shell_status(self.system.carry_out(child, live))

    @contextmanager
    def _redirected(self, redirects: tuple[syntax.Redirect, ...]) -> Generator[None]:
        """The redirects in force, and what was there before after that. Raises Unredirected."""
        files = self.process.files
        before = [(each.number, files.find(each.number)) for each in redirects]
        for _, stream in before:
            if stream is not None:
                stream.held()
        try:
            for each in redirects:
                redirect(self.system, self, self.process, each)
            yield
        finally:
            for number, stream in reversed(before):
                if self.process.status is None:
                    files.put(number, stream)
                if stream is not None:
                    stream.released()

    def fields(self, words: tuple[syntax.Word, ...]) -> list[str]:
        """Words, expanded."""
        return expansion.fields(words, self, self.system.files)

    def environment(self) -> dict[str, str]:
        """What a program is given."""
        return {name: self.variables[name] for name in sorted(self.exported) if name in self.variables}

    def value(self, name: str) -> str | None:
        """See `Values.value`."""
        if name.isdecimal() and name != "0":
            return self.positional[int(name) - 1] if int(name) <= len(self.positional) else None
        special = {
            "0": self.name,
            "?": str(self.status),
            "$": str(self._pid),
            "!": self._last,
            "#": str(len(self.positional)),
            "-": "",
        }
        return special[name] if name in special else self.variables.get(name)

    def assign(self, name: str, value: str) -> None:
        """See `Values.assign`."""
        checked(len(value))
        checked(len(value) + sum(len(name) + len(held) for name, held in self.variables.items()), MOST_OF_ALL)
        self.variables[name] = value

    def directory(self) -> str:
        """See `Values.directory`."""
        return self.process.directory

    def substituted(self, body: syntax.Sequence) -> str:
        """See `Values.substituted`."""
        child, captured = self._forked(), Captured()
        child.process.files.put(1, captured)
        status = self.system.carry_out(child.process, child.alone(lambda: child.sequence(body)))
        if not captured.whole:
            raise TooLong
        self._substituted = self.status = shell_status(status)
        return captured.data.replace(b"\0", b"").decode(errors="surrogateescape").rstrip("\n")
