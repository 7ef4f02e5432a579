"""The certificates of a rehearsal: Traefik's default one, and one of the sites outside, by a made-up authority."""

from __future__ import annotations

import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sprocket_tui.practice import reading

_DAYS = 365
# The bytes of the largest file that is read as a certificate; ours come to a thousand.
_MOST = 1 << 16


def make(directory: Path, sites: tuple[str, ...]) -> None:
    """Writes authority.pem, traefik.pem and outside.pem (certificate and key together), unless they are there.

    A droplet that is older than one of the sites gets new ones.
    """
    if set(sites) <= _names(directory / "outside.pem"):
        return
    directory.mkdir(parents=True, exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Practice authority, trusted by no machine")])
    authority = _certificate(name, name, key, key, (), authority=True)
    _write(directory / "authority.pem", authority.public_bytes(serialization.Encoding.PEM))
    for file, common, names, issuer, signer in (
        ("traefik.pem", "TRAEFIK DEFAULT CERT", (), None, None),
        ("outside.pem", sites[0], sites, name, key),
    ):
        own = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
        made = _certificate(subject, issuer or subject, own, signer or own, names, authority=False)
        pem = made.public_bytes(serialization.Encoding.PEM) + own.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        _write(directory / file, pem)


def _names(file: Path) -> set[str]:
    """Whom the certificate in that file is for; nobody where there is none that can be read."""
    try:
        found = x509.load_pem_x509_certificate(reading.whole(file, _MOST))
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, x509.ExtensionNotFound):
        return set()
    return set(names.get_values_for_type(x509.DNSName))


def _write(file: Path, pem: bytes) -> None:
    """A new file, whatever somebody inside put in its place."""
    file.unlink(missing_ok=True)
    with file.open("xb") as made:
        made.write(pem)


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    names: tuple[str, ...],
    *,
    authority: bool,
) -> x509.Certificate:
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=_DAYS))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(each) for each in names]), False)
    return builder.sign(signer, hashes.SHA256())
