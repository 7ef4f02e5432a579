"""Reads known_hosts files line by line, as OpenSSH does: a broken line costs itself, never the file.

paramiko's own reader fails as a whole at @revoked, @cert-authority or bad base64, and knows no patterns.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import re
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sprocket_tui.files import whole

AUTHORITY = "@cert-authority"
REVOKED = "@revoked"


@dataclass(frozen=True)
class Entry:
    """One line: `marker` is "", AUTHORITY or REVOKED; `names` is the first field; `key` the key as SSH sends it."""

    marker: str
    names: str
    kind: str
    key: bytes
    place: str

    def matches(self, name: str) -> bool:
        """Does this line speak of `name` (lower case; `[host]:port` for other ports than 22)?"""
        if self.names.startswith("|1|"):
            return _matches_hash(self.names, name)
        found = False
        for pattern in self.names.lower().split(","):
            if _like(pattern.removeprefix("!"), name):
                if pattern.startswith("!"):
                    return False
                found = True
        return found


@dataclass(frozen=True)
class KnownHosts:
    """All lines of several files, and a sentence for every line that could not be read."""

    entries: tuple[Entry, ...] = ()
    warnings: tuple[str, ...] = ()

    def of(self, name: str, marker: str = "") -> list[Entry]:
        return [entry for entry in self.entries if entry.marker == marker and entry.matches(name)]


def fingerprint(key: bytes) -> str:
    """`SHA256:...`, as ssh and ssh-keygen print it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(key).digest()).decode().rstrip("=")


def read_known_hosts(files: Iterable[Path]) -> KnownHosts:
    """Reads `files` in order; one that does not exist is empty, one that cannot be read is a warning."""
    entries: list[Entry] = []
    warnings: list[str] = []
    for file in files:
        try:
            text = whole(file).decode("utf-8", "replace")
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            warnings.append(f"{file} cannot be read: {error.strerror}")
            continue
        for number, line in enumerate(text.splitlines(), 1):
            place = f"{file}:{number}"
            try:
                entry = _parse(line, place)
            except ValueError as error:
                warnings.append(f"{place}: {error}; the line is left out")
                continue
            if entry is not None:
                entries.append(entry)
    return KnownHosts(tuple(entries), tuple(warnings))


def append(file: Path, name: str, kind: str, key: bytes, *, hashed: bool) -> None:
    """Adds one line at the end of `file` (made 0600 if new), in one write. Raises OSError."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    line = f"{_hash(name) if hashed else name} {kind} {base64.b64encode(key).decode()}\n".encode()
    descriptor = os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        size = os.fstat(descriptor).st_size
        if size and os.pread(descriptor, 1, size - 1) != b"\n":
            line = b"\n" + line
        os.write(descriptor, line)
    finally:
        os.close(descriptor)


def _parse(line: str, place: str) -> Entry | None:
    fields: Sequence[str] = line.split()
    if not fields or fields[0].startswith("#"):
        return None
    marker = ""
    if fields[0].startswith("@"):
        marker, *fields = fields
        if marker not in {AUTHORITY, REVOKED}:
            raise ValueError(f"the marker {marker!r} is unknown")
    if len(fields) < 3:
        raise ValueError("names, key type and key are expected")
    names, kind, encoded = fields[:3]
    if names.startswith("|") and not re.fullmatch(r"\|1\|[A-Za-z0-9+/]+=*\|[A-Za-z0-9+/]+=*", names):
        raise ValueError("the hashed name is broken")
    try:
        key = base64.b64decode(encoded, validate=True)
        length = struct.unpack_from(">I", key)[0]
    except (binascii.Error, struct.error):
        raise ValueError("the key is not valid base64") from None
    if key[4 : 4 + length] != kind.encode():
        raise ValueError(f"the key is not of the type {kind!r}")
    return Entry(marker, names, kind, key, place)


def _like(pattern: str, name: str) -> bool:
    # Only `*` and `?` are special: the brackets of `[host]:port` are themselves.
    expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(expression, name) is not None


def _matches_hash(names: str, name: str) -> bool:
    _, _, salt, digest = names.split("|")
    try:
        expected = base64.b64decode(digest, validate=True)
        found = hmac.digest(base64.b64decode(salt, validate=True), name.encode(), "sha1")
    except binascii.Error:
        return False
    return hmac.compare_digest(found, expected)


def _hash(name: str) -> str:
    salt = os.urandom(20)
    digest = hmac.digest(salt, name.encode(), "sha1")
    return f"|1|{base64.b64encode(salt).decode()}|{base64.b64encode(digest).decode()}"
