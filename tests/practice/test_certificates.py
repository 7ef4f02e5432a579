"""The sites outside a rehearsal: all that the checks ask for, each proved by the rehearsal's own authority."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from sprocket_tui.guide.loader import load_guide
from sprocket_tui.practice import certificates
from sprocket_tui.practice.droplet import SITES


def proved(directory: Path, name: str) -> bool:
    """Whether who trusts the authority alone takes outside.pem for that name."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(directory / "outside.pem")
    client = ssl.create_default_context(cafile=str(directory / "authority.pem"))
    ours, theirs = ssl.MemoryBIO(), ssl.MemoryBIO()
    inner, outer = client.wrap_bio(ours, theirs, server_hostname=name), server.wrap_bio(theirs, ours, server_side=True)
    for _ in range(4):
        for each in (inner, outer):
            try:
                each.do_handshake()
            except ssl.SSLWantReadError:
                continue
            except ssl.SSLCertVerificationError:
                return False
    return inner.version() is not None


def test_every_site_that_the_droplet_must_reach_is_one_of_the_rehearsal() -> None:
    asked = load_guide().checks()["egress.https"].for_each["site"]
    assert {"registry-1.docker.io", "auth.docker.io", "acme-v02.api.letsencrypt.org"} <= set(asked) <= set(SITES)


def test_a_droplet_that_is_older_than_a_site_proves_that_one_too(tmp_path: Path) -> None:
    certificates.make(tmp_path, ("old.test",))
    assert proved(tmp_path, "old.test")
    assert not proved(tmp_path, "new.test")
    certificates.make(tmp_path, ("old.test", "new.test"))
    assert proved(tmp_path, "old.test")
    assert proved(tmp_path, "new.test")


def test_what_is_there_and_right_stays(tmp_path: Path) -> None:
    certificates.make(tmp_path, SITES)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    certificates.make(tmp_path, SITES)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


@pytest.mark.parametrize("left", ["a link", "rubbish", "nothing"])
def test_what_somebody_inside_left_there_is_replaced_and_no_link_is_written_through(left: str, tmp_path: Path) -> None:
    there, elsewhere = tmp_path / "tls", tmp_path / "mine"
    certificates.make(there, SITES)
    elsewhere.write_text("mine")
    for file in there.iterdir():
        file.unlink()
        if left == "a link":
            file.symlink_to(elsewhere)
        elif left == "rubbish":
            file.write_bytes(b"\xff\x00 no certificate\n")
    certificates.make(there, SITES)
    assert proved(there, "hub.docker.com")
    assert elsewhere.read_text() == "mine"
