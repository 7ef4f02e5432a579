"""`git`: a clone of the infrastructure's repository as a small practice checkout, and what one asks of it first."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sprocket_tui.practice.standins import repository
from sprocket_tui.practice.standins.call import Call
from sprocket_tui.practice.standins.options import Line, Misuse, flags, read
from sprocket_tui.practice.standins.rehearsed import NotRehearsed
from sprocket_tui.practice.world import pause

_NO_CHECKOUT = "fatal: not a git repository (or any of the parent directories): .git"
_AMBIGUOUS = """\
fatal: ambiguous argument '{}': unknown revision or path not in the working tree.
Use '--' to separate paths from revisions, like this:
'git <command> [<revision>...] -- [<file>...]'"""
TAKES = {
    "git": {
        "": flags("-C= -v,--version"),
        "clone": (),
        "status": flags("-s,--short --porcelain"),
        "diff": flags("--stat"),
        "checkout": (),
        "restore": (),
        "log": flags("-1 -n= --oneline --format="),
        "rev-parse": flags("--short --abbrev-ref --show-toplevel"),
        "branch": flags("--show-current -a,--all"),
        "remote": flags("-v,--verbose"),
        "remote get-url": (),
        "fetch": (),
        "pull": (),
    }
}


@dataclass(frozen=True)
class Request:
    """A command in a checkout whose files begin at `top`; `directory` is where it was called."""

    call: Call
    top: Path
    directory: str
    line: Line

    def named(self, name: str) -> str:
        """A path as it was typed, from the top."""
        return str(self.call.path(f"{self.directory}/{name}").relative_to(self.top))


def main(call: Call) -> int:
    """Answers one command line."""
    software = call.world.read()["software"]
    if "git" not in software:
        return call.fail("sh: 1: git: not found", 127)
    words, directory = list(call.argv), call.directory
    while words[:1] == ["-C"] and len(words) > 1:
        directory = words[1]
        if not call.path(directory).is_dir():
            return call.fail(f"fatal: cannot change to '{directory}': No such file or directory", 128)
        words = words[2:]
    if words in (["--version"], ["version"], ["-v"]):
        call.say(f"git version {software['git']}")
        return 0
    if not words or words[0].startswith("-"):
        return _usage(call, words[0] if words else "")
    if words[0] not in TAKES["git"]:
        return _unknown(call, words[0])
    path = " ".join(words[:2]) if " ".join(words[:2]) in TAKES["git"] else words[0]
    return _command(call, directory, path, words[path.count(" ") + 1 :])


def _command(call: Call, directory: str, path: str, words: list[str]) -> int:
    place = call.path(directory)
    top = next((each for each in (place, *place.parents) if (each / ".git").is_dir()), None)
    if path != "clone" and (top is None or not top.is_relative_to(call.root)):
        return call.fail(_NO_CHECKOUT, 128)
    try:
        line = read(words, TAKES["git"][path])
    except Misuse as error:
        return _misuse(call, path, re.sub(r".*'(.*)'", r"\1", str(error)))
    return _answers(path)(Request(call, top or place, directory, line))


def _misuse(call: Call, path: str, option: str) -> int:
    from sprocket_tui.practice.standins import usage  # noqa: PLC0415 only who errs reads it

    if path == "log":
        return call.fail(f"fatal: unrecognized argument: {option}", 128)
    kind = f"option `{option[2:]}'" if option.startswith("--") else f"switch `{option}'"
    text = usage.GIT_OF.get(path, f"usage: git {path} [<options>]\n")
    return call.fail(f"error: unknown {kind}\n{text}", 129)


def _usage(call: Call, option: str) -> int:
    from sprocket_tui.practice.standins import usage  # noqa: PLC0415 only who errs reads it

    if option:
        return call.fail(f"unknown option: {option}\n{usage.GIT}", 129)
    call.say(f"{usage.GIT}\n\n{usage.GIT_COMMANDS}")
    return 1


def _unknown(call: Call, word: str) -> int:
    import difflib  # noqa: PLC0415 only who errs asks for it

    near = difflib.get_close_matches(word, [each for each in TAKES["git"] if each], 1, 0.8)
    hint = f"\n\nThe most similar command is\n\t{near[0]}" if near else ""
    return call.fail(f"git: '{word}' is not a git command. See 'git --help'.{hint}")


def _clone(request: Request) -> int:
    call, words = request.call, request.line.words
    if not words:
        from sprocket_tui.practice.standins import usage  # noqa: PLC0415 only who errs reads it

        return call.fail(f"fatal: You must specify a repository to clone.\n\n{usage.GIT_OF['clone']}", 129)
    url = words[0]
    name = words[1] if len(words) > 1 else url.rstrip("/").rpartition("/")[2].removesuffix(".git")
    place = call.path(f"{request.directory}/{name}" if not name.startswith(("/", "~")) else name)
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        return call.fail(f"fatal: destination path '{name}' already exists and is not an empty directory.", 128)
    ours = url.removesuffix(".git").endswith(repository.REPOSITORY)
    host = url.partition("://")[2].partition("/")[0].rpartition("@")[2]
    if not ours and _reached(call, host.partition(":")[0]):
        # Its address is not repeated, as there may be a password in it.
        raise NotRehearsed(f"git clone of another repository than {repository.REPOSITORY}", certain=False)
    call.stderr.write(f"Cloning into '{name}'...\n")
    if not ours:
        return call.fail(f"fatal: unable to access '{url.rstrip('/')}/': Could not resolve host: {host}", 128)
    pause(call.world.read(), 2)
    repository.checkout(place)
    return 0


def _reached(call: Call, host: str) -> bool:
    """Whether the droplet has something at that host, or needs none for a path or an address of SSH."""
    known = call.path("/etc/hosts")
    table = known.read_text(encoding="utf-8", errors="replace") if known.is_file() else ""
    return not host or host in repository.URL.split("/") or any(host in row.split()[1:] for row in table.splitlines())


def _log(request: Request) -> int:
    name, mail = repository.AUTHOR
    line, commit = request.line, repository.COMMIT
    if line.has("--format"):
        text = line.given["--format"]
        for mark, value in {"%H": commit, "%h": commit[:7], "%s": repository.MESSAGE, "%an": name}.items():
            text = text.replace(mark, value)
        request.call.say(text)
    elif line.has("--oneline"):
        request.call.say(f"{commit[:7]} {repository.MESSAGE}")
    else:
        at = time.gmtime(repository.COMMITTED)
        when = f"{time.strftime('%a %b', at)} {at.tm_mday} {time.strftime('%H:%M:%S %Y', at)} +0000"
        request.call.say(f"commit {commit}\nAuthor: {name} <{mail}>\nDate:   {when}\n\n    {repository.MESSAGE}")
    return 0


def _rev_parse(request: Request) -> int:
    call, line = request.call, request.line
    if line.has("--show-toplevel"):
        call.say(f"/{request.top.relative_to(call.root)}")
    for word in line.words:
        if word not in ("HEAD", "main", "origin/main"):
            call.say(word)
            call.stdout.flush()
            return call.fail(_AMBIGUOUS.format(word), 128)
        name = "main" if word == "HEAD" else word
        commit = repository.COMMIT
        call.say(name if line.has("--abbrev-ref") else commit[:7] if line.has("--short") else commit)
    return 0


def _branch(request: Request) -> int:
    said = "main" if request.line.has("--show-current") else "* main"
    if request.line.has("-a"):
        said += "\n  remotes/origin/HEAD -> origin/main\n  remotes/origin/main"
    request.call.say(said)
    return 0


def _remote(request: Request) -> int:
    verbose = [f"origin\t{repository.URL} ({what})" for what in ("fetch", "push")]
    request.call.say("\n".join(verbose) if request.line.has("-v") else "origin")
    return 0


def _get_url(request: Request) -> int:
    for name in request.line.words:
        if name != "origin":
            return request.call.fail(f"error: No such remote '{name}'", 2)
        request.call.say(repository.URL)
    return 0


def _fetch(request: Request) -> int:
    pause(request.call.world.read(), 1)
    return 0


def _pull(request: Request) -> int:
    pause(request.call.world.read(), 1)
    request.call.say("Already up to date.")
    return 0


def _answers(path: str) -> Callable[[Request], int]:
    from sprocket_tui.practice.standins import git_changes  # noqa: PLC0415 it asks for what stands here

    return {
        "clone": _clone,
        "status": git_changes.status,
        "diff": git_changes.diff,
        "checkout": git_changes.restore,
        "restore": git_changes.restore,
        "log": _log,
        "rev-parse": _rev_parse,
        "branch": _branch,
        "remote": _remote,
        "remote get-url": _get_url,
        "fetch": _fetch,
        "pull": _pull,
    }[path]
