"""What a server shows for a name in TLS, from here: its chain, and whether this machine believes it.

Value {protocol, chain, issuer, names, days_left, verified, reason, self_signed, mismatch, expired, not_yet,
lets_encrypt, staging, traefik_default}. `chain` is what was sent, the server's own certificate first: {subject, issuer,
names, not_before, not_after (ISO 8601, UTC), days_left}. `verified` is OpenSSL's word with this machine's authorities,
`reason` its reason against it. `not_yet`: it begins in the future, or this machine's clock is behind. `lets_encrypt` is
any issuer of Let's Encrypt that browsers know, `staging` one of its staging authority; `traefik_default` is the
certificate that Traefik shows while it has none of its own.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from cryptography import x509
from cryptography.x509.oid import NameOID

from sprocket_tui.checks.observation import Observation
from sprocket_tui.checks.probes.base import Here, Probe, ProbeError
from sprocket_tui.guide.words.probes import TlsProbe
from sprocket_tui.terminal import one_line
from sprocket_tui.values import JSON

# What lets it be measured, told to somebody who has not met it before.
_ANOTHER = (
    "Something that is not Traefik takes the port, or Traefik was only starting. The checklist ports says who holds "
    "it; stop that, and check this again."
)
_SILENT = (
    "A firewall drops what is sent there, or what holds the port hangs. The checklist ports tells the two apart; "
    "let the port in, or start anew what holds it, and check this again."
)
_WAY = "Compare the address with the droplet's, and see that this machine is on the network; then check this again."
_LETS_ENCRYPT, _STAGING, _TRAEFIK = "Let's Encrypt", "(STAGING)", "TRAEFIK DEFAULT CERT"


@dataclass(frozen=True)
class _Certificate:
    subject: str
    subject_name: str
    issuer: str
    issuer_organisation: str
    issuer_name: str
    names: tuple[str, ...]
    begins: datetime
    ends: datetime

    def days_left(self, now: datetime) -> int:
        """Whole days, counted towards the end: one that ended an hour ago has 0 left, not -1."""
        return int((self.ends - now) / timedelta(days=1))

    def left(self, now: datetime) -> str:
        days = self.days_left(now)
        told = f"{abs(days)} day{'' if abs(days) == 1 else 's'}"
        if now <= self.ends:
            return f"{told} left"
        return f"ended {told if days else 'less than a day'} ago"

    def told(self, now: datetime) -> dict[str, JSON]:
        return {
            "subject": self.subject,
            "issuer": self.issuer,
            "names": [*self.names],
            "not_before": self.begins.isoformat(),
            "not_after": self.ends.isoformat(),
            "days_left": self.days_left(now),
        }


def measure(words: TlsProbe, here: Here, deadline: float) -> Observation:
    """The chain and the verdict on it; raises ProbeError without a handshake or a certificate that can be read."""
    name, port = words.name or words.host, _port(words)
    wait = max(0.2, min(words.timeout, deadline) / 2)
    protocol, sent = _shown(words.host, port, name, wait)
    try:
        chain = [_read(der) for der in sent]
    except ValueError as error:
        raise ProbeError(f"the certificate of {name} could not be read: {error}") from error
    if not chain:
        raise ProbeError(f"{words.host} port {port} shows no certificate for {name}")
    return _observed(words, name, protocol, chain, _refusal(words.host, port, name, wait))


def _shown(host: str, port: int, name: str, wait: float) -> tuple[str, list[bytes]]:
    """The protocol and every certificate that is sent, whatever it is worth."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with closing(_handshake(context, host, port, name, wait)) as sock:
            return sock.version() or "", _sent(sock)
    except TimeoutError as error:
        raise ProbeError(f"{host} port {port} did not answer in time", to_do=_SILENT) from error
    except ConnectionRefusedError as error:
        raise ProbeError(
            f"nothing listens on {host} port {port}",
            to_do="Bring up what answers there (Traefik, with Layer 1), then check this again.",
        ) from error
    except (ssl.SSLError, ConnectionError) as error:
        raise ProbeError(f"{host} port {port} speaks no TLS for {name}: {_said(error)}", to_do=_ANOTHER) from error
    except (OSError, ValueError) as error:
        raise ProbeError(f"{host} port {port} could not be reached for {name}: {_said(error)}", to_do=_WAY) from error


def _refusal(host: str, port: int, name: str, wait: float) -> str:
    """Why this machine would not believe the server; nothing when it does."""
    try:
        _handshake(ssl.create_default_context(), host, port, name, wait).close()
    except ssl.SSLCertVerificationError as error:
        return one_line(error.verify_message)
    except (OSError, ValueError) as error:
        raise ProbeError(f"{host} port {port} could not be asked a second time: {_said(error)}") from error
    return ""


def _handshake(context: ssl.SSLContext, host: str, port: int, name: str, wait: float) -> ssl.SSLSocket:
    plain = socket.create_connection((host, port), timeout=wait)
    try:
        return context.wrap_socket(plain, server_hostname=name)
    except BaseException:
        plain.close()
        raise


def _sent(sock: ssl.SSLSocket) -> list[bytes]:
    """The chain as DER. Before Python 3.13 only the object below the socket gives it."""
    public: Any = getattr(sock, "get_unverified_chain", None)
    if public:
        return list(public())
    below: Any = cast("Any", sock)._sslobj
    return [ssl.PEM_cert_to_DER_cert(each.public_bytes()) for each in below.get_unverified_chain() or ()]


def _read(der: bytes) -> _Certificate:
    certificate = x509.load_der_x509_certificate(der)
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        names = [*found.get_values_for_type(x509.DNSName), *map(str, found.get_values_for_type(x509.IPAddress))]
    except x509.ExtensionNotFound:
        names = []
    return _Certificate(
        subject=certificate.subject.rfc4514_string(),
        subject_name=_attribute(certificate.subject, NameOID.COMMON_NAME),
        issuer=certificate.issuer.rfc4514_string(),
        issuer_organisation=_attribute(certificate.issuer, NameOID.ORGANIZATION_NAME),
        issuer_name=_attribute(certificate.issuer, NameOID.COMMON_NAME),
        names=tuple(names),
        begins=certificate.not_valid_before_utc,
        ends=certificate.not_valid_after_utc,
    )


def _attribute(name: x509.Name, oid: x509.ObjectIdentifier) -> str:
    return next((str(each.value) for each in name.get_attributes_for_oid(oid)), "")


def _observed(words: TlsProbe, name: str, protocol: str, chain: Sequence[_Certificate], refusal: str) -> Observation:
    own, now = chain[0], datetime.now(UTC)
    staging = own.issuer_name.startswith(_STAGING) or own.issuer_organisation.startswith(_STAGING)
    value: dict[str, JSON] = {
        "protocol": protocol,
        "chain": [each.told(now) for each in chain],
        "issuer": own.issuer,
        "names": [*own.names],
        "days_left": own.days_left(now),
        "verified": not refusal,
        "reason": refusal,
        "self_signed": own.subject == own.issuer,
        "mismatch": not any(covers(pattern, name) for pattern in own.names),
        "expired": now > own.ends,
        "not_yet": now < own.begins,
        "lets_encrypt": own.issuer_organisation == _LETS_ENCRYPT,
        "staging": staging,
        "traefik_default": own.subject_name == _TRAEFIK,
    }
    good = f"by {own.issuer_organisation or own.issuer_name or own.issuer}, {own.left(now)}"
    told = f"is refused: {refusal} ({own.subject}, {good})" if refusal else f"is good, {good}"
    return Observation(value=value, seen=one_line(f"the certificate of {name} {told}"))


def covers(pattern: str, name: str) -> bool:
    """Whether a name of a certificate stands for `name`; its star stands for one whole label (RFC 9525)."""
    pattern, name = pattern.lower().rstrip("."), name.lower().rstrip(".")
    try:
        return ipaddress.ip_address(pattern) == ipaddress.ip_address(name)
    except ValueError:
        pass
    first, _, rest = name.partition(".")
    return pattern == name or (bool(first) and bool(rest) and pattern == f"*.{rest}")


def _port(words: TlsProbe) -> int:
    if not words.port.isdecimal() or not 0 < int(words.port) < 65536:
        raise ProbeError(f"{words.port} is not a port number")
    return int(words.port)


def _said(error: Exception) -> str:
    said = error.reason if isinstance(error, ssl.SSLError) else str(error)
    return one_line(said or type(error).__name__)


PROBE = Probe[TlsProbe](kind="tls", measure=measure)
