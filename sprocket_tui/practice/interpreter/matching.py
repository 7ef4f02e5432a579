"""`grep` and `sed`."""

from __future__ import annotations

import fnmatch
import re
import stat
from collections.abc import Iterator

from sprocket_tui.practice.interpreter import options, patterns
from sprocket_tui.practice.interpreter.system import Run
from sprocket_tui.practice.interpreter.text import inputs
from sprocket_tui.practice.interpreter.unknown import NotKnown

_SUBSTITUTE = re.compile(r"s(.)((?:\\.|(?!\1).)*)\1((?:\\.|(?!\1).)*)\1((?:g?p?|pg)I?)")


def grep(run: Run) -> int:
    """`grep [-EFaioqlscrvx] [-e PATTERN] [--include GLOB] [--exclude-dir GLOB] [PATTERN] [FILE]...`."""
    pairs, rest = options.pairs(run, "EFaioqlscrvxe:", ["include=", "exclude-dir="])
    given, included = dict(pairs), [value for name, value in pairs if name == "include"]
    if "e" not in given and not rest:
        raise NotKnown(run.name)
    pattern = given["e"] if "e" in given else rest.pop(0)
    expression = patterns.posix(pattern, extended="E" in given, fixed="F" in given, fold="i" in given)
    found, status = False, 0
    for path, data in _sources(run, rest, given, included):
        if data is None:
            status = 2
            continue
        matched = _matched(run, expression, given, data)
        found = found or bool(matched)
        if "q" in given:
            if found:
                return 0
            continue
        prefix = f"{path}:".encode(errors="surrogateescape") if len(rest) > 1 or "r" in given else b""
        if "l" in given:
            run.out(f"{path}\n" if matched else "")
        elif "c" in given:
            run.out(prefix + f"{len(matched)}\n".encode())
        else:
            run.out(b"".join(prefix + line + b"\n" for line in matched))
    return status or int(not found)


def _sources(
    run: Run, paths: list[str], given: dict[str, str], included: list[str]
) -> Iterator[tuple[str, bytes | None]]:
    """What is searched, by its name; None where it cannot be read."""
    if not paths and "r" not in given:
        yield "-", run.stdin()
        return
    for path in paths or ["."]:
        for each in _below(run, path, given, included) if "r" in given else [path]:
            try:
                yield each, run.stdin() if each == "-" else run.read(each)
            except OSError as error:
                if "s" not in given:
                    run.failed(each, error)
                yield each, None


def _below(run: Run, path: str, given: dict[str, str], included: list[str]) -> Iterator[str]:
    found = run.files.exists(path, run.directory)
    if found is None or not stat.S_ISDIR(found.st_mode):
        if (
            found is None
            or not included
            or any(fnmatch.fnmatchcase(path.rpartition("/")[2], each) for each in included)
        ):
            yield path
        return
    for name in run.files.names(path, run.directory):
        child = f"{path.rstrip('/')}/{name}"
        kind = run.files.exists(child, run.directory)
        below = kind is not None and stat.S_ISDIR(kind.st_mode)
        if below and fnmatch.fnmatchcase(name, given.get("exclude-dir", "")):
            continue
        yield from _below(run, child, given, included)


def _matched(run: Run, expression: re.Pattern[str], given: dict[str, str], data: bytes) -> list[bytes]:
    found = list[bytes]()
    text = data.decode(errors="surrogateescape")
    for line in text.removesuffix("\n").split("\n") if text else []:
        match = expression.fullmatch(line) if "x" in given else expression.search(line)
        if bool(match) is ("v" in given):
            continue
        if "o" in given and match:
            found.extend(each[0].encode(errors="surrogateescape") for each in expression.finditer(line) if each[0])
        else:
            found.append(line.encode(errors="surrogateescape"))
    return found


def sed(run: Run) -> int:
    """`sed [-n] 's/EXPRESSION/TEXT/[g][p][I]'` and `sed -n Np`, one command."""
    given, rest = options.read(run, "n")
    if not rest:
        raise NotKnown(run.name)
    script, *paths = rest
    quiet = "n" in given
    found, status = inputs(run, paths)
    text = b"".join(data for _, data in found).decode(errors="surrogateescape")
    lines = text.removesuffix("\n").split("\n") if text else []
    if (match := re.fullmatch(r"(\d+)p", script)) and quiet:
        out = lines[int(match[1]) - 1 : int(match[1])] if int(match[1]) else []
    elif match := _SUBSTITUTE.fullmatch(script):
        out = list(_substituted(lines, match, quiet=quiet))
    else:
        raise NotKnown(" ".join(run.argv))
    run.out("".join(f"{line}\n" for line in out))
    return status


def _substituted(lines: list[str], match: re.Match[str], *, quiet: bool) -> Iterator[str]:
    _, pattern, replacement, flags = match.groups()
    expression = patterns.posix(pattern, extended=False, fold="I" in flags)
    pieces = re.findall(r"\\.|&|[^\\&]+", replacement, re.DOTALL)

    def put(found: re.Match[str]) -> str:
        filled = list[str]()
        for piece in pieces:
            if piece == "&":
                filled.append(found[0])
            elif piece[0] == "\\" and piece[1].isdecimal():
                filled.append(found[int(piece[1])] or "")
            else:
                filled.append("\n" if piece == "\\n" else piece[1:] if piece[0] == "\\" else piece)
        return "".join(filled)

    for line in lines:
        changed, count = expression.subn(put, line, count=0 if "g" in flags else 1)
        if not quiet:
            yield changed
        if count and "p" in flags:
            yield changed
