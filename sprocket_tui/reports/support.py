"""A support archive: what a run kept and reports, every text masked once more, with a manifest of what is in it.

What is stored was masked by the secrets of its session; here what merely looks like a secret is, in the texts that the
JSON holds, since an escape before a token would hide it in the raw line.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from sprocket_tui.journal.runs import RunDirectory
from sprocket_tui.redaction import Keys
from sprocket_tui.values import JSON

SCHEMA = "sprocket-tui/support/1"
LEFT_OUT = (
    "secrets, keys, known hosts and the SSH configuration",
    "files that were named with --answers or --given, profiles and settings",
    "the environment of the program",
    "the run's copy of its guide: its digest is named here",
    "what a person copied from a screen",
)
_KEPT = ("output.jsonl", "progress.jsonl")
# Up to this many bytes a file is prepared in memory.
_SPOOLED = 8 << 20

Mask = Callable[[str], str]


@dataclass(frozen=True)
class Part:
    """A file of the archive: its name, and its lines as they are stored."""

    name: str
    lines: Iterable[bytes]


def parts_of(run: RunDirectory) -> Iterator[Part]:
    """The journal and what attempts printed. What is no regular file is not followed."""
    attempts = sorted(run.path.glob("attempts/*/*/*"))
    for path in (run.journal, *(each for each in attempts if each.name in _KEPT)):
        if path.is_file() and not path.is_symlink():
            yield Part(f"runs/{run.id}/{path.relative_to(run.path).as_posix()}", _lines(path))


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from file


def write(file: IO[bytes], parts: Iterable[Part], about: Mapping[str, JSON], mask: Mask, name: str) -> int:
    """Writes the archive, everything in it below the directory `name`; how many files it holds besides the manifest.

    Only the owner can read what is unpacked. `about` goes into the manifest. Raises OSError where it cannot be written.
    """
    listed: list[JSON] = []
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        for part in parts:
            with tempfile.SpooledTemporaryFile(_SPOOLED) as prepared:
                digest, keys = hashlib.sha256(), Keys()
                for line in part.lines:
                    masked = masked_line(line, mask, keys)
                    prepared.write(masked)
                    digest.update(masked)
                size = prepared.tell()
                prepared.seek(0)
                archive.addfile(_member(f"{name}/{part.name}", size), cast("IO[bytes]", prepared))
            listed.append({"name": part.name, "size": size, "sha256": digest.hexdigest()})
        manifest: dict[str, JSON] = {"schema": SCHEMA, **about, "files": listed, "left_out": list(LEFT_OUT)}
        text = mask(json.dumps(manifest, indent=2, ensure_ascii=False)).encode() + b"\n"
        archive.addfile(_member(f"{name}/manifest.json", len(text)), io.BytesIO(text))
    return len(listed)


def masked_line(line: bytes, mask: Mask, keys: Keys) -> bytes:
    """A line of JSON with every text in it masked; one that is torn is masked as it stands."""
    text = line.decode("utf-8", "replace")
    try:
        document = cast("JSON", json.loads(text))
    except (ValueError, RecursionError):
        return mask(text).encode()
    masked = _masked(_keyless(document, keys), mask)
    return line if masked == document else json.dumps(masked, ensure_ascii=False).encode() + b"\n"


def _keyless(record: JSON, keys: Keys) -> JSON:
    """A record of what was printed, without its line where that is one of a private key."""
    if isinstance(record, dict) and isinstance(line := record.get("line"), str):
        return {**record, "line": keys.masked(str(record.get("s")), line)}
    return record


def _masked(value: JSON, mask: Mask) -> JSON:
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, list):
        return [_masked(each, mask) for each in value]
    if isinstance(value, dict):
        return {mask(name): _masked(each, mask) for name, each in value.items()}
    return value


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode, member.mtime = size, 0o600, int(time.time())
    return member
