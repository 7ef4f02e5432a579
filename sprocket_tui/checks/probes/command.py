"""Runs a read-only program and hands over what it printed: value {status, out, err}."""

from __future__ import annotations

import shlex

from sprocket_tui.checks.excerpt import excerpt
from sprocket_tui.checks.observation import Observation
from sprocket_tui.checks.probes.base import Answers, Probe, ProbeError, complaint, documents, first_line
from sprocket_tui.guide.words.probes import CommandProbe
from sprocket_tui.target.batch import Command
from sprocket_tui.terminal import clean_bytes, one_line
from sprocket_tui.values import JSON

# What the shell itself answers when it could not start the program.
_NOT_ALLOWED, _NOT_FOUND = 126, 127


def commands(words: CommandProbe) -> tuple[Command, ...]:
    """The program, each element of `argv` one word."""
    return (Command("run", shlex.join(words.argv), words.timeout),)


def read(words: CommandProbe, answers: Answers) -> Observation:
    """Status and output; not measured when the program could not be started, or its answer is not what `read` says."""
    answer = answers["run"]
    if answer.status == _NOT_FOUND:
        raise ProbeError(f"{words.argv[0]} was not found")
    if answer.status == _NOT_ALLOWED:
        raise ProbeError(f"{words.argv[0]} may not be run: {complaint(answer)}")
    text, err = clean_bytes(answer.stdout), clean_bytes(answer.stderr)
    value: dict[str, JSON] = {"status": answer.status, "out": _out(words, text, err), "err": err.strip()}
    said = excerpt(first_line(text) or first_line(err), 200)
    if answer.status != 0:
        said = f"status {answer.status}" + (f": {said}" if said else "")
    return Observation(value=value, seen=said or "no output", evidence=text or err)


def _out(words: CommandProbe, text: str, err: str) -> JSON:
    if words.read == "lines":
        return [line.rstrip() for line in text.splitlines() if line.strip()]
    if words.read == "text":
        return text.strip()
    if not text.strip():
        raise ProbeError(one_line(first_line(err)) or "the answer was empty")
    found = documents(text)
    return found[0] if len(found) == 1 else found


PROBE = Probe[CommandProbe](kind="command", commands=commands, read=read)
