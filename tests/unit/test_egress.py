"""What the droplet must reach: a name that it cannot look up is a failure to be mended, not something unknown."""

from __future__ import annotations

import socket

import pytest

from sprocket_tui.checks.judge import judge
from sprocket_tui.checks.observation import State
from sprocket_tui.checks.probes.base import Here
from sprocket_tui.checks.probes.http import measure
from sprocket_tui.guide.loader import load_guide
from sprocket_tui.guide.words.probes import HttpProbe
from tests.unit.checks_kit import answered

CHECK = load_guide().checks()["egress.https"]
ASKED = HttpProbe(kind="http", url="https://hub.docker.com/", method="HEAD", resolves=True)
VALUES = {"site": "hub.docker.com"}


@pytest.mark.parametrize(
    "said",
    [
        "curl\ncurl: (6) Could not resolve host: hub.docker.com\n\nend",
        "wget\nwget: unable to resolve host address 'hub.docker.com'\n\nend",
        "wget\nwget: bad address 'hub.docker.com'\n\nend",
        "curl\ncurl: (6) getaddrinfo: Temporary failure in name resolution\n\nend",
    ],
)
def test_a_name_that_does_not_resolve_fails_with_what_to_do_about_the_resolver(said: str) -> None:
    verdict = judge(CHECK, answered(ASKED, said), VALUES)
    assert (verdict.state, verdict.observed) == (State.FAIL, "the name hub.docker.com does not resolve")
    assert verdict.remedy
    assert "name servers" in verdict.remedy.text


@pytest.mark.parametrize(
    "said",
    [
        "curl\ncurl: (28) Connection timed out after 7000 milliseconds\n\nend",
        "curl\ncurl: (28) Failed to connect to hub.docker.com port 443 after 7000 ms: Timeout was reached\n\nend",
        "curl\ncurl: (28) Connection timed out after 7000 milliseconds\n\nconnected with \nend",
        "curl\ncurl: (7) Failed to connect to hub.docker.com port 443: Connection refused\n\nend",
        "curl\ncurl: (7) Couldn't connect to server\n\nend",
        "wget\nconnect to hub.docker.com port 443 failed: Network is unreachable.\n\nend",
        "wget\nwget: can't connect to remote host (192.0.2.7): No route to host\n\nend",
    ],
)
def test_a_connection_that_does_not_come_about_fails_with_what_to_do_about_the_firewall(said: str) -> None:
    verdict = judge(CHECK, answered(ASKED, said), VALUES)
    assert (verdict.state, verdict.observed.startswith("no connection to hub.docker.com port 443: ")) == (
        State.FAIL,
        True,
    )
    assert verdict.remedy
    assert "Allow outbound HTTPS in the cloud firewall" in verdict.remedy.text
    assert verdict.remedy.reads


@pytest.mark.parametrize(
    "said",
    [
        "curl\ncurl: (28) Operation timed out after 7001 milliseconds with 0 bytes received\n\nend",
        # Who takes the connection up and then says nothing of TLS.
        "curl\ncurl: (28) Connection timed out after 7000 milliseconds\n\nconnected with 192.0.2.7\nend",
        "curl\ncurl: (28) Connection timed out after 7000 milliseconds\n\nconnected with 2001:db8::7\nend",
        "curl\ncurl: (28) SSL connection timeout\n\nconnected with 192.0.2.7\nend",
        "curl\ncurl: (28) SSL connection timeout\n\nend",
        "curl\ncurl: (60) SSL certificate problem: self-signed certificate\n\nend",
        "wget\n\nend",
    ],
)
def test_a_site_that_was_reached_and_gave_no_answer_stays_unknown(said: str) -> None:
    assert judge(CHECK, answered(ASKED, said), VALUES).state is State.UNKNOWN


def test_an_answer_passes_and_a_failure_of_the_site_itself_is_not_the_firewall_s() -> None:
    passed = answered(ASKED, "curl\nHTTP/1.1 301 Moved\nlocation: https://x.test\n\n\nconnected with 192.0.2.7\nend")
    assert judge(CHECK, passed, VALUES).state is State.PASS
    assert "connected with" not in passed.evidence
    failing = judge(CHECK, answered(ASKED, "curl\nHTTP/1.1 503 Unavailable\n\n\nend"), VALUES)
    assert (failing.state, failing.remedy and "status page" in failing.remedy.text) == (State.WARN, True)


def test_from_here_it_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "create_connection", lost)
    assert judge(CHECK, measure(ASKED, Here(), 5), VALUES).state is State.FAIL


@pytest.mark.parametrize("error", [ConnectionRefusedError(111, "refused"), OSError(113, "No route to host")])
def test_from_here_a_connection_that_does_not_come_about_is_the_same_too(
    error: OSError, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(socket, "create_connection", lost)
    assert judge(CHECK, measure(ASKED, Here(), 5), VALUES).state is State.FAIL
