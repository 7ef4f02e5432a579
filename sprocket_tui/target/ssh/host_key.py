"""Decides whether a host is the one it says it is: known_hosts first, then a person, never by itself."""

from __future__ import annotations

import base64
import time
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    SSHCertificate,
    SSHCertificateType,
    load_ssh_public_identity,
)

from sprocket_tui.errors import NeedsAnswer, SprocketError
from sprocket_tui.exits import Exit
from sprocket_tui.target.ssh import asking
from sprocket_tui.target.ssh.asking import Asker
from sprocket_tui.target.ssh.config import HostConfig
from sprocket_tui.target.ssh.known_hosts import (
    AUTHORITY,
    REVOKED,
    Entry,
    append,
    fingerprint,
    read_known_hosts,
)

_KINDS = ("ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa")
_CERTIFICATE = "-cert-v01@openssh.com"


@dataclass(frozen=True)
class OfferedKey:
    """What a host showed: the key as SSH sends it and, if it came with one, its certificate in OpenSSH's text form."""

    kind: str
    key: bytes
    certificate: bytes = b""

    @property
    def described(self) -> str:
        return f"{self.kind} {fingerprint(self.key)}"


class HostKeys:
    """What is known about one hop's host key. `check` is called once per connection."""

    def __init__(self, host: HostConfig) -> None:
        self._host = host
        self._known = read_known_hosts((*host.user_known_hosts, *host.global_known_hosts))
        self._seen: OfferedKey | None = None
        self.warnings: list[str] = list(self._known.warnings)

    @property
    def algorithms(self) -> tuple[str, ...]:
        """Signature algorithms in the order to negotiate: those that could match what is stored come first."""
        stored = {entry.kind for name in self._host.known_as for entry in self._known.of(name)}
        kinds = sorted(_KINDS, key=lambda kind: kind not in stored)
        plain = [algorithm for kind in kinds for algorithm in _algorithms(kind)]
        if self._authorities():
            return (*(algorithm + _CERTIFICATE for algorithm in plain), *plain)
        return tuple(plain)

    def check(self, offered: OfferedKey, asker: Asker) -> None:
        """Returns if the key is to be trusted. Raises SprocketError (failed) or NeedsAnswer."""
        if self._seen is not None:
            # A second connection of the same session (more keys to try) must meet the same host.
            if self._seen.key != offered.key:
                raise self._changed(offered, [])
            return
        self._refuse_revoked(offered)
        if not (self._certified(offered) or self._stored(offered)):
            self._ask(offered, asker)
        self._seen = offered

    def _refuse_revoked(self, offered: OfferedKey) -> None:
        for name in self._host.known_as:
            for entry in self._known.of(name, REVOKED):
                if entry.key in {offered.key, _authority_of(offered)}:
                    raise SprocketError(
                        f"the host key of {self._host.where} ({offered.described}) is revoked: {entry.place}",
                        remedy="do not connect; ask whoever runs the host for its new key",
                        code=Exit.FAILED,
                    )

    def _authorities(self) -> list[Entry]:
        return [entry for name in self._host.known_as for entry in self._known.of(name, AUTHORITY)]

    def _certified(self, offered: OfferedKey) -> bool:
        authorities = self._authorities()
        if not authorities:
            return False
        if not offered.certificate:
            places = ", ".join(entry.place for entry in authorities)
            self.warnings.append(f"{self._host.where} showed no certificate, though {places} names an authority for it")
            return False
        problem = _problem(offered.certificate, [entry.key for entry in authorities], self._principal)
        if problem:
            self.warnings.append(f"the host certificate of {self._host.where} does not hold: {problem}")
        return not problem

    @property
    def _principal(self) -> str:
        return (self._host.host_key_alias or self._host.hostname).lower()

    def _stored(self, offered: OfferedKey) -> bool:
        name, *without_port = self._host.known_as
        stored = self._known.of(name)
        if any(entry.key == offered.key for entry in stored):
            return True
        # A type that was stored would have been negotiated: if the host has none of them, its keys were replaced.
        if changed := [entry for entry in stored if entry.kind in _KINDS]:
            raise self._changed(offered, changed)
        return any(entry.key == offered.key for other in without_port for entry in self._known.of(other))

    def _changed(self, offered: OfferedKey, stored: list[Entry]) -> SprocketError:
        expected = "; ".join(f"{entry.kind} {fingerprint(entry.key)} at {entry.place}" for entry in stored)
        if not stored and self._seen is not None:
            expected = f"{self._seen.described} a moment ago"
        return SprocketError(
            f"the host key of {self._host.where} changed: it shows {offered.described}, known is {expected}",
            remedy="someone may be in between. If the host was reinstalled, check the fingerprint on its console "
            "and remove the old line",
            code=Exit.FAILED,
        )

    def _ask(self, offered: OfferedKey, asker: Asker) -> None:
        host = self._host
        file = host.user_known_hosts[0] if host.user_known_hosts else None
        if host.strict in {"yes", "true"}:
            raise NeedsAnswer(
                asking.HOST_KEY,
                f"the host key of {host.where} is not known: {offered.described}; "
                "StrictHostKeyChecking yes forbids asking",
                remedy=f"check the fingerprint and add the key to {file or 'a known_hosts file'}",
            )
        if not asker.host_key(
            host.where, offered.kind, fingerprint(offered.key), str(file or "no file (UserKnownHostsFile none)")
        ):
            raise NeedsAnswer(
                asking.HOST_KEY,
                f"the host key of {host.where} was not accepted: {offered.described}",
                remedy="compare it with the fingerprint on the host's console",
            )
        if file is None:
            return
        try:
            append(file, host.known_as[0], offered.kind, offered.key, hashed=host.hash_known_hosts)
        except OSError as error:
            self.warnings.append(f"the host key could not be stored in {file}: {error.strerror}")


def _algorithms(kind: str) -> tuple[str, ...]:
    return ("rsa-sha2-512", "rsa-sha2-256") if kind == "ssh-rsa" else (kind,)


def _authority_of(offered: OfferedKey) -> bytes:
    certificate = _certificate(offered.certificate)
    return _wire(certificate) if certificate else b""


def _certificate(text: bytes) -> SSHCertificate | None:
    try:
        identity = load_ssh_public_identity(text) if text else None
    except ValueError:
        return None
    return identity if isinstance(identity, SSHCertificate) else None


def _wire(certificate: SSHCertificate) -> bytes:
    text = certificate.signature_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    return base64.b64decode(text.split()[1])


def _problem(text: bytes, authorities: list[bytes], principal: str) -> str:
    """Why the host certificate does not prove that the host is `principal`; "" when it does."""
    certificate = _certificate(text)
    if certificate is None:
        return "it cannot be read"
    names = [name.decode(errors="replace").lower() for name in certificate.valid_principals]
    faults = (
        (_wire(certificate) not in authorities, "it is signed by another authority"),
        (not _signed(certificate), "its signature is wrong"),
        (certificate.type is not SSHCertificateType.HOST, "it is a user's certificate"),
        (bool(certificate.critical_options), "it has critical options"),
        (bool(names) and principal not in names, f"it is for {', '.join(names)}, not {principal}"),
        (not certificate.valid_after <= time.time() < certificate.valid_before, "it is not valid at this time"),
    )
    return next((reason for holds, reason in faults if holds), "")


def _signed(certificate: SSHCertificate) -> bool:
    try:
        certificate.verify_cert_signature()
    except InvalidSignature:
        return False
    return True
