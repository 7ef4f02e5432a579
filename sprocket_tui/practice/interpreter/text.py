"""Programs that pass text on: `cat`, `head`, `tail`, `wc`, `cut`, `sort`, `tr`, `cmp`, `tee`, `xargs`, `sha256sum`."""

from __future__ import annotations

import hashlib
import os
import re

from sprocket_tui.practice.interpreter import options
from sprocket_tui.practice.interpreter.streams import CHUNK
from sprocket_tui.practice.interpreter.system import Run, shell_status
from sprocket_tui.practice.interpreter.unknown import NotKnown


def cat(run: Run) -> int:
    """`cat [FILE]...`."""
    _, paths = options.read(run)
    status = 0
    for path in paths or ["-"]:
        try:
            stream = run.process.files.get(0) if path == "-" else run.files.open(path, run.directory, os.O_RDONLY, 0)
        except OSError as error:
            status = run.failed(path, error)
            continue
        stream.held()
        try:
            while data := stream.read(CHUNK, run.process.alive):
                run.out(data)
        finally:
            stream.released()
    return status


def inputs(run: Run, paths: list[str]) -> tuple[list[tuple[str, bytes]], int]:
    """The contents of the files, of stdin without any; and the status of what could not be read."""
    found, status = list[tuple[str, bytes]](), 0
    for path in paths or ["-"]:
        try:
            found.append((path, run.stdin() if path == "-" else run.read(path)))
        except OSError as error:
            status = run.failed(path, error)
    return found, status


def head(run: Run) -> int:
    """`head [-n N|-c N] [FILE]`."""
    given, paths = options.read(run, "n:c:")
    if len(paths) > 1:
        raise NotKnown(" ".join(run.argv))
    count = options.whole(run, given.get("c") or given.get("n") or "10")
    if count < 0:
        raise NotKnown(" ".join(run.argv))
    path = paths[0] if paths else "-"
    try:
        stream = run.process.files.get(0) if path == "-" else run.files.open(path, run.directory, os.O_RDONLY, 0)
    except OSError as error:
        return run.complain(f"cannot open '{path}' for reading: {error.strerror}")
    stream.held()
    try:
        # No more is read than is wanted: what writes for ever is then ended by its pipe.
        while count > 0 and (data := stream.read(min(CHUNK, count) if "c" in given else CHUNK, run.process.alive)):
            if "c" not in given:
                lines = data.splitlines(keepends=True)[:count]
                data = b"".join(lines)
                count -= sum(line.endswith(b"\n") for line in lines)
            else:
                count -= len(data)
            run.out(data)
    finally:
        stream.released()
    return 0


def tail(run: Run) -> int:
    """`tail [-n [+]N|-c [+]N] [FILE]`."""
    given, paths = options.read(run, "n:c:")
    if len(paths) > 1:
        raise NotKnown(" ".join(run.argv))
    wanted = given.get("c") or given.get("n") or "10"
    count = abs(options.whole(run, wanted))
    found, status = inputs(run, paths)
    for _, data in found:
        pieces = data if "c" in given else data.splitlines(keepends=True)
        cut = pieces[max(0, count - 1) :] if wanted.startswith("+") else pieces[max(0, len(pieces) - count) :]
        run.out(cut if isinstance(cut, bytes) else b"".join(cut))
    return status


def wc(run: Run) -> int:
    """`wc [-c|-l|-w] [FILE]...`."""
    given, paths = options.read(run, "clw")
    if len(given) > 1:
        raise NotKnown(" ".join(run.argv))
    found, status = inputs(run, paths)
    rows = [(_counts(data, "".join(given)), path) for path, data in found]
    if len(rows) > 1:
        rows.append(([sum(column) for column in zip(*(counts for counts, _ in rows), strict=True)], "total"))
    width = max((len(str(number)) for counts, _ in rows for number in counts), default=1)
    width = width if len(rows) > 1 or not given else 1
    for counts, path in rows:
        numbers = " ".join(str(number).rjust(width) for number in counts)
        run.out(f"{numbers}\n" if path == "-" else f"{numbers} {path}\n")
    return status


def _counts(data: bytes, what: str) -> list[int]:
    counts = {"l": data.count(b"\n"), "w": len(data.split()), "c": len(data)}
    return [counts[what]] if what else list(counts.values())


def cut(run: Run) -> int:
    """`cut -d CHAR -f LIST [FILE]...`."""
    given, paths = options.read(run, "d:f:")
    if "f" not in given or len(given.get("d", "\t")) != 1:
        raise NotKnown(" ".join(run.argv))
    delimiter, wanted = given.get("d", "\t").encode(), _ranges(run, given["f"])
    found, status = inputs(run, paths)
    for _, data in found:
        for line in data.splitlines():
            fields = line.split(delimiter)
            kept = [
                field for number, field in enumerate(fields, 1) if any(low <= number <= high for low, high in wanted)
            ]
            run.out((line if len(fields) == 1 else delimiter.join(kept)) + b"\n")
    return status


def _ranges(run: Run, text: str) -> list[tuple[int, int]]:
    found = list[tuple[int, int]]()
    for part in text.split(","):
        match = re.fullmatch(r"(\d+)(?:(-)(\d*))?", part)
        if not match:
            raise NotKnown(f"{run.name}: {text}")
        low = int(match[1])
        found.append((low, low if not match[2] else int(match[3] or 1 << 30)))
    return found


def sort(run: Run) -> int:
    """`sort [-nruV] [-t CHAR] [-k FIELD] [FILE]...`, by bytes."""
    given, paths = options.read(run, "nruVt:k:")
    if "k" in given and not re.fullmatch(r"[1-9]\d*", given["k"]):
        raise NotKnown(" ".join(run.argv))
    found, status = inputs(run, paths)
    lines = [line for _, data in found for line in data.splitlines()]

    def key(line: bytes) -> tuple[tuple[float | bytes | int, ...], bytes]:
        field = _from_field(line, int(given.get("k", "1")), given.get("t", ""))
        if "n" in given:
            match = re.match(rb"\s*(-?\d*\.?\d*)", field)
            number = match[1] if match else b""
            return (float(number) if number.strip(b"-.") else 0.0,), line
        if "V" in given:
            pieces = re.findall(rb"\d+|\D+", field)
            return tuple(
                part for piece in pieces for part in ((1, int(piece)) if piece.isdigit() else (0, piece))
            ), line
        return (field,), line

    lines.sort(key=key, reverse="r" in given)
    if "u" in given:
        lines = [line for number, line in enumerate(lines) if number == 0 or key(line)[0] != key(lines[number - 1])[0]]
    run.out(b"".join(line + b"\n" for line in lines))
    return status


def _from_field(line: bytes, number: int, separator: str) -> bytes:
    if number == 1:
        return line
    if separator:
        return separator.encode().join(line.split(separator.encode())[number - 1 :])
    match = re.match(rb"(?:\s*\S+){%d}" % (number - 1), line)
    return line[match.end() :] if match else b""


def tr(run: Run) -> int:
    """`tr SET SET` and `tr -d SET`, of single characters, ranges and escapes."""
    given, sets = options.read(run, "d")
    if len(sets) != (1 if "d" in given else 2):
        raise NotKnown(" ".join(run.argv))
    first, *rest = (_set(run, each) for each in sets)
    second = rest[0] if rest else b""
    if rest:
        if not second:
            raise NotKnown(" ".join(run.argv))
        second = second[: len(first)] + second[-1:] * (len(first) - len(second))
    table = None if "d" in given else bytes.maketrans(first, second)
    while data := run.process.files.get(0).read(CHUNK, run.process.alive):
        run.out(data.translate(table, first if table is None else b""))
    return 0


def _set(run: Run, text: str) -> bytes:
    if "[" in text:
        raise NotKnown(f"{run.name}: {text}")
    plain = re.sub(
        r"\\([0-7]{1,3}|.)",
        lambda match: chr(int(match[1], 8)) if match[1].isdecimal() else {"n": "\n", "t": "\t"}.get(match[1], match[1]),
        text,
    )
    try:
        whole = re.sub(
            "(.)-(.)", lambda match: "".join(map(chr, range(ord(match[1]), ord(match[2]) + 1))), plain, flags=re.DOTALL
        )
        return whole.encode("latin-1")
    except UnicodeEncodeError as error:
        raise NotKnown(f"{run.name}: {text}") from error


def cmp(run: Run) -> int:
    """`cmp [-s] FILE FILE`."""
    given, paths = options.read(run, "s")
    if len(paths) != 2:
        raise NotKnown(" ".join(run.argv))
    found, status = inputs(run, paths)
    if status:
        return 2
    if found[0][1] == found[1][1]:
        return 0
    if "s" not in given:
        run.out(f"{paths[0]} {paths[1]} differ\n")
    return 1


def tee(run: Run) -> int:
    """`tee [-a] [FILE]...`."""
    given, paths = options.read(run, "a")
    data, status = run.stdin(), 0
    run.out(data)
    for path in paths:
        flags = os.O_WRONLY | os.O_CREAT | (os.O_APPEND if "a" in given else os.O_TRUNC)
        try:
            stream = run.files.open(path, run.directory, flags, run.process.umask).held()
        except OSError as error:
            status = run.failed(path, error)
            continue
        stream.write(data, run.process.alive)
        stream.released()
    return status


def xargs(run: Run) -> int:
    """`xargs [-r] COMMAND...`: once, with every word of stdin."""
    given, command = options.read(run, "r", first=True)
    words = run.stdin().decode(errors="surrogateescape")
    if not command or set(words) & set("'\"\\"):
        raise NotKnown(" ".join(run.argv))
    if not words.split() and "r" in given:
        return 0
    run.system.program(command[0], run.process.environ, run.directory)
    argv = [*command, *words.split()]
    child = run.system.table.start(run.process, argv, run.process.environ)
    status = shell_status(run.system.carry_out(child, lambda: run.system.become(child, argv, child.environ)))
    return 0 if status == 0 else status if status in (126, 127) else 123


def sha256sum(run: Run) -> int:
    """`sha256sum [FILE]...`, and `sha256sum [--ignore-missing] -c [FILE]`."""
    given, paths = options.read(run, "c", ["ignore-missing"])
    found, status = inputs(run, paths)
    if "c" not in given:
        run.out("".join(f"{hashlib.sha256(data).hexdigest()}  {path}\n" for path, data in found))
        return status
    for path, data in found:
        rows = re.findall(r"^([0-9a-f]{64}) [ *](.+)$", data.decode(errors="surrogateescape"), re.MULTILINE)
        if not rows:
            return run.complain(f"{path}: no properly formatted checksum lines found")
        for digest, name in rows:
            if "ignore-missing" in given and run.files.exists(name, run.directory) is None:
                continue
            listed, _ = inputs(run, [name])
            same = [hashlib.sha256(content).hexdigest() for _, content in listed] == [digest]
            run.out(f"{name}: {'OK' if same else 'FAILED'}\n")
            status = status if same else 1
    return status
