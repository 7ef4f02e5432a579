"""The installed program looks at real certificates: good, run out, too early, of others, and Traefik's own."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.lab import images
from tests.lab.sshd import free_port, wait_until
from tests.lab.tls import Authorities, TlsServer, issued, signed_by_itself
from tests.walk.program import Program

NAMES = ("traefik.sprocket.lab.test", "fa.sprocket.lab.test")
KNOWN = Authorities()
Row = dict[str, Any]
Look = Callable[..., Row]


@pytest.fixture
def look(tmp_path: Path) -> Look:
    """The row of traefik's certificate, as the droplet (this machine's loopback) shows it on that port."""

    def looked(port: int) -> Row:
        config = tmp_path / ".config" / "sprocket-tui" / "profiles.yaml"
        config.parent.mkdir(parents=True, exist_ok=True)
        fields = {"environment": "production", "domain": "sprocket.lab.test", "address": "127.0.0.1"}
        config.write_text(yaml.safe_dump({"lab": {**fields, "https_port": port}}))
        trusted = tmp_path / "trusted.pem"
        trusted.write_bytes(KNOWN.trusted)
        id_ = "certificates.layer-1.traefik"
        done = Program(tmp_path, None)(
            "check", "--only", id_, "--profile", "lab", "--format", "json", SSL_CERT_FILE=str(trusted)
        )
        assert done.stdout.startswith("{"), done.stdout + done.stderr
        (row,) = [row for row in json.loads(done.stdout)["checks"] if row["id"] == id_]
        return row

    return looked


def good() -> ssl.SSLContext:
    return issued(KNOWN.lets_encrypt, *NAMES)


BROKEN: dict[str, tuple[ssl.SSLContext, str, str, str]] = {
    "expired": (issued(KNOWN.lets_encrypt, *NAMES, begins=-90, ends=-2), "fail", "has expired", "has run out"),
    "expired yesterday": (
        issued(KNOWN.lets_encrypt, *NAMES, begins=-90, ends=-1),
        "fail",
        "ended 1 day ago",
        "the clock of this machine is ahead",
    ),
    "expired just now": (
        issued(KNOWN.lets_encrypt, *NAMES, begins=-90, ends=-0.1),
        "fail",
        "ended less than a day ago",
        "has run out",
    ),
    "too early": (issued(KNOWN.lets_encrypt, *NAMES, begins=2), "fail", "not yet valid", "begins in the future"),
    "of staging": (issued(KNOWN.staging, *NAMES), "fail", "(STAGING) Let's Encrypt", "staging authority"),
    "for other names": (issued(KNOWN.lets_encrypt, "other.test"), "fail", "mismatch", "is for other names"),
    "for a wildcard too high": (issued(KNOWN.lets_encrypt, "*.lab.test"), "fail", "mismatch", "is for other names"),
    "about to run out": (issued(KNOWN.lets_encrypt, *NAMES, ends=5), "warn", "4 days left", "less than 14 are left"),
    "of another authority": (issued(KNOWN.other, *NAMES), "warn", "by Proxy Trust Ltd", "of another authority"),
    "of an unknown authority": (issued(Authorities().lets_encrypt, *NAMES), "fail", "is refused", "reached by"),
    "signed by itself": (signed_by_itself(Authorities().other), "fail", "self-signed", "signed the certificate itself"),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_a_certificate_that_is_not_right_is_told_by_its_own_reason_and_passes_once_it_is_replaced(
    broken: str, look: Look
) -> None:
    context, state, observed, why = BROKEN[broken]
    with TlsServer(context) as server:
        row = look(server.port)
        assert row["state"] == state
        assert observed in row["observed"]
        assert why in row["why"]
        assert row["remedy"]["text"]
        server.context = good()
        mended = look(server.port)
        assert mended["state"] == "pass"
        assert "is good, by Let's Encrypt, 59 days left" in mended["observed"]


def test_traefiks_own_certificate_is_recognised(look: Look, tmp_path: Path) -> None:
    if not images.traefik().exists():
        pytest.skip("needs traefik; tests/lab/prepare fetches it")
    port = free_port()
    argv = [str(images.traefik()), f"--entrypoints.secure.address=127.0.0.1:{port}", "--global.checknewversion=false"]
    with (tmp_path / "log").open("wb") as log, subprocess.Popen(argv, cwd=tmp_path, stdout=log, stderr=log) as traefik:
        try:
            wait_until(lambda: look(port)["state"] != "unknown", "Traefik to answer", 60)
            row = look(port)
        finally:
            traefik.kill()
    assert row["state"] == "fail"
    assert "CN=TRAEFIK DEFAULT CERT" in row["observed"]
    assert row["why"] == "Traefik has no certificate for the name and shows its own."


def test_a_port_without_a_server_makes_it_unknown(look: Look) -> None:
    row = look(free_port())
    assert row["state"] == "unknown"
    assert "nothing listens on" in row["observed"]
    assert row["remedy"]["text"].startswith("Bring up what answers there")


@pytest.mark.parametrize(
    ("says", "told", "to_do"),
    [
        (b"HTTP/1.0 400 Bad Request\r\n\r\n", "speaks no TLS", "Something that is not Traefik"),
        (b"", "speaks no TLS", "Something that is not Traefik"),
        (None, "did not answer in time", "The checklist ports tells the two apart"),
    ],
)
def test_what_shows_no_certificate_says_where_to_look(says: bytes | None, told: str, to_do: str, look: Look) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            with contextlib.suppress(OSError):
                while True:
                    asking, _ = server.accept()
                    held.append(asking)
                    if says is not None:
                        asking.recv(4096)
                        asking.sendall(says)
                        asking.close()

        held: list[socket.socket] = []
        threading.Thread(target=answer, daemon=True).start()
        row = look(server.getsockname()[1])
        for asking in held:
            asking.close()
    assert (row["state"], told in row["observed"], to_do in row["remedy"]["text"]) == ("unknown", True, True), row
