"""The program `sh`, which is `bash` too."""

from __future__ import annotations

from sprocket_tui.practice.interpreter.shell import Shell
from sprocket_tui.practice.interpreter.system import Run
from sprocket_tui.practice.interpreter.unknown import STATUS, NotKnown

_NO_SESSION = (
    "This practice droplet is an interpreter without a sandbox: it has no login shell. Give it one command line at a "
    "time, as in: ssh ... 'docker service ls'"
)


def main(run: Run) -> int:
    """`sh -s`, `sh -c TEXT`, `sh FILE`: a whole script; there is no shell to talk to."""
    name, positional = run.argv[0], list[str]()
    match run.words:
        case ["-c", text, *rest]:
            name, positional = (rest[0], rest[1:]) if rest else (name, [])
        case [] | ["-s", *_]:
            if run.process.files.get(0).interactive:
                raise NotKnown("a session at a terminal")
            text, positional = run.stdin().decode(errors="surrogateescape"), run.words[1:]
        case [file, *rest] if not file.startswith("-"):
            try:
                text = run.read(file).decode(errors="surrogateescape")
            except OSError as error:
                return run.complain_in_full(f"{name}: 0: cannot open {file}: {error.strerror}", 2)
            name, positional = file, rest
        case ["-l"]:
            return run.complain_in_full(_NO_SESSION, STATUS)
        case words:
            raise NotKnown(" ".join([run.name, *words]))
    return Shell(run.system, run.process, name, positional).script(text)
