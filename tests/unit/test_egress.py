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


def test_an_answer_passes_and_a_connection_that_fails_stays_unknown() -> None:
    passed = answered(ASKED, "curl\nHTTP/1.1 301 Moved\nlocation: https://x.test\n\n\nend")
    assert judge(CHECK, passed, VALUES).state is State.PASS
    refused = answered(ASKED, "curl\ncurl: (7) Failed to connect to hub.docker.com port 443: Connection refused\n\nend")
    assert judge(CHECK, refused, VALUES).state is State.UNKNOWN


def test_from_here_it_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "create_connection", lost)
    assert judge(CHECK, measure(ASKED, Here(), 5), VALUES).state is State.FAIL
