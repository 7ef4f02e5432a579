"""The keys to try, in OpenSSH's order: agent keys that are configured, other agent keys, then key files."""

from __future__ import annotations

import base64
import binascii
import io
import os
import socket
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from paramiko.agent import AgentKey, AgentSSH
from paramiko.message import Message
from paramiko.pkey import PublicBlob

from sprocket_tui.files import whole
from sprocket_tui.secret import Secret
from sprocket_tui.target.ssh import asking
from sprocket_tui.target.ssh.asking import Asker
from sprocket_tui.target.ssh.config import HostConfig
from sprocket_tui.terminal import one_line

_AGENT_TIMEOUT = 10
_PASSPHRASE_TRIES = 3
_MAGIC = b"openssh-key-v1\0"
_CERTIFICATE = "-cert-v01@openssh.com"


@dataclass(frozen=True)
class Candidate:
    """A key to offer. `load` reads it (and may ask for its passphrase); None when it cannot be used."""

    label: str
    load: Callable[[], paramiko.PKey | None]


class KeyRing:
    """All keys for one host. `notes` says what was left out and why; `missing` lists named files that do not exist."""

    def __init__(self, host: HostConfig, asker: Asker) -> None:
        self._host = host
        self._asker = asker
        self._agent = _Agent(host.identity_agent)
        self.notes: list[str] = [self._agent.problem] if self._agent.problem else []
        self.missing: list[Path] = []

    def candidates(self) -> Iterator[Candidate]:
        """Each key once; one with a certificate first with it."""
        if not self._host.pubkey:
            return
        files = {file: _public_part(file) for file in self._host.identity_files}
        if self._host.identities_named:
            self.missing += [file for file in files if not file.exists() and not _public_file(file).exists()]
        held = [(_plain(key.blob), _usable(key)) for key in self._agent.get_keys()]
        named = [(public, key) for wanted in files.values() for public, key in held if public == wanted]
        others = [] if self._host.identities_only else [pair for pair in held if pair not in named]
        for public, key in (*named, *others):
            yield from self._with_certificates(f"agent key {one_line(key.comment)}", public, lambda key=key: key.key)
        in_agent = {public for public, _ in held}
        for file, public in files.items():
            if public not in in_agent and file.exists():
                yield from self._with_certificates(
                    f"key file {file}", public, _Once(lambda file=file: self._read(file))
                )

    def close(self) -> None:
        self._agent.close()

    def _with_certificates(
        self, label: str, public: bytes, load: Callable[[], paramiko.PKey | None]
    ) -> Iterator[Candidate]:
        beside = [_beside(file, "-cert.pub") for file in self._host.identity_files]
        for file in dict.fromkeys((*self._host.certificate_files, *beside)):
            blob = _certificate(file)
            if blob is not None and public and _plain(blob.key_blob) == public:
                yield Candidate(f"{label} with {file}", lambda blob=blob: _certified(load(), blob))
        yield Candidate(label, load)

    def _read(self, file: Path) -> paramiko.PKey | None:
        try:
            mode = file.stat()
            if mode.st_uid == os.getuid() and stat.S_IMODE(mode.st_mode) & 0o077:
                self.notes.append(f"{file} is left out: others may read it; run chmod 600 {file}")
                return None
            raw = whole(file)
            return self._unlock(file, raw)
        except (OSError, ValueError, TypeError, UnsupportedAlgorithm, paramiko.SSHException) as error:
            reason = getattr(error, "strerror", None) or "it is no private key that can be used"
            self.notes.append(f"{file} is left out: {one_line(str(reason))}")
            return None

    def _unlock(self, file: Path, raw: bytes) -> paramiko.PKey | None:
        try:
            return _private_key(raw, None)
        except TypeError:
            pass  # cryptography's way to say that it is encrypted
        for attempt in range(_PASSPHRASE_TRIES):
            again = "" if attempt == 0 else "not right; "
            answer = self._asker.secret(asking.PASSPHRASE, f"{again}passphrase for the key {file}")
            if answer is None:
                return None
            with suppress(ValueError):
                return _private_key(raw, answer)
        self.notes.append(f"{file} is left out: the passphrase was wrong {_PASSPHRASE_TRIES} times")
        return None


@dataclass(frozen=True)
class _Held:
    """A key of the agent."""

    comment: str
    key: paramiko.PKey


class _Once:
    """Loads a key the first time and keeps it: a passphrase is asked once, also with several certificates."""

    def __init__(self, load: Callable[[], paramiko.PKey | None]) -> None:
        self._load = load
        self._loaded: list[paramiko.PKey | None] = []

    def __call__(self) -> paramiko.PKey | None:
        if not self._loaded:
            self._loaded.append(self._load())
        return self._loaded[0]


class _Agent(AgentSSH):
    """The agent at a socket path; without one, or when it does not answer, it holds no keys."""

    if TYPE_CHECKING:

        def _connect(self, conn: socket.socket) -> None: ...
        def _close(self) -> None: ...

    def __init__(self, path: str) -> None:
        super().__init__()
        self.problem = ""
        if not path:
            return
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(_AGENT_TIMEOUT)
        try:
            connection.connect(path)
            self._connect(connection)
        except (OSError, paramiko.SSHException) as error:
            connection.close()
            self.problem = f"the SSH agent at {path} does not answer: {one_line(str(error))}"

    def close(self) -> None:
        self._close()


def _usable(held: AgentKey) -> _Held:
    # paramiko offers an RSA certificate of the agent by the plain key, which servers refuse.
    if held.name.endswith(_CERTIFICATE):
        return _Held(held.comment, _CertifiedKey(held, PublicBlob(held.name, held.blob)))
    return _Held(held.comment, held)


def _private_key(raw: bytes, passphrase: Secret | None) -> paramiko.PKey:
    """A key from any format of a key file. Raises TypeError when it is encrypted, ValueError for a wrong passphrase."""
    password = passphrase.reveal().encode() if passphrase is not None else None
    if b"BEGIN OPENSSH PRIVATE KEY" in raw:
        key = serialization.load_ssh_private_key(raw, password)
    else:
        key = serialization.load_pem_private_key(raw, password)
    if isinstance(key, rsa.RSAPrivateKey):
        return paramiko.RSAKey(key=key)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return paramiko.ECDSAKey(vals=(key, key.public_key()))
    if isinstance(key, ed25519.Ed25519PrivateKey):
        text = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
        )
        return paramiko.Ed25519Key.from_private_key(io.StringIO(text.decode()))
    raise UnsupportedAlgorithm("unknown key type")


def _certified(key: paramiko.PKey | None, blob: PublicBlob) -> paramiko.PKey | None:
    return None if key is None else _CertifiedKey(key, blob)


class _CertifiedKey(paramiko.PKey):
    """A key that is offered with its certificate, beside the same key without."""

    def __init__(self, key: paramiko.PKey, certificate: PublicBlob) -> None:
        super().__init__()
        self._key = key
        self.public_blob = certificate

    def get_name(self) -> str:
        return self._key.get_name()

    def asbytes(self) -> bytes:
        return self._key.asbytes()

    def sign_ssh_data(self, data: bytes, algorithm: str | None = None) -> Message:
        return self._key.sign_ssh_data(data, algorithm)


def _beside(file: Path, suffix: str) -> Path:
    return file.with_name(file.name + suffix)


def _public_file(file: Path) -> Path:
    return file if file.suffix == ".pub" else _beside(file, ".pub")


def _public_part(file: Path) -> bytes:
    """The public key of a key file without its passphrase, from the file itself or `.pub`; b"" when neither tells."""
    with suppress(OSError, ValueError, IndexError):
        return base64.b64decode(whole(_public_file(file)).decode().split()[1], validate=True)
    with suppress(OSError, ValueError, paramiko.SSHException):
        raw = whole(file)
        if b"BEGIN OPENSSH PRIVATE KEY" not in raw:
            return _private_key(raw, None).asbytes()
        message = Message(base64.b64decode(b"".join(raw.strip().splitlines()[1:-1])))
        if message.get_bytes(len(_MAGIC)) == _MAGIC:
            for _ in range(3):  # cipher, key derivation, its options
                message.get_binary()
            message.get_int()
            return message.get_binary()
    return b""


def _certificate(file: Path) -> PublicBlob | None:
    try:
        return PublicBlob.from_string(whole(file).decode())
    except (OSError, ValueError, binascii.Error, paramiko.SSHException):
        return None


def _plain(blob: bytes) -> bytes:
    """The public key in `blob`, which may be a certificate for it."""
    kind = Message(blob).get_binary()
    if not kind.endswith(_CERTIFICATE.encode()):
        return blob
    try:
        identity = serialization.load_ssh_public_identity(kind + b" " + base64.b64encode(blob))
    except (ValueError, UnsupportedAlgorithm):
        return blob
    if not isinstance(identity, serialization.SSHCertificate):
        return blob
    public = identity.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    return base64.b64decode(public.split()[1])
