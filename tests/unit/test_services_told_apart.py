"""What a registry or a bucket lets us do, and what it leaves open: not taken for more than was seen."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler

import pytest

from sprocket_tui.checks import judge
from sprocket_tui.checks.measure import Measurement, Target, measure
from sprocket_tui.checks.observation import Verdict
from sprocket_tui.guide.loader import load_guide
from sprocket_tui.secret import Secret
from tests.lab.web import serving
from tests.unit.checks_kit import probe

CHECKS = load_guide().checks()
MANIFEST = {"Content-Type": "application/vnd.docker.distribution.manifest.v2+json"}
SECRETS = {
    "token": Secret("a-wrong-token", "token"),
    "key": Secret("AKEY", "key"),
    "hidden": Secret("s3cr3t", "hidden"),
}
Answer = tuple[int, dict[str, str], bytes]


def answering(answer: Callable[[str, str], Answer]) -> type[BaseHTTPRequestHandler]:
    """A server that answers each path; its own address is told too."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = answer(self.path, self.headers.get("Host", ""))
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_HEAD = do_GET

        def log_message(self, format: str, *args: object) -> None:
            return

    return Handler


def pulled(answer: Callable[[str, str], Answer]) -> Verdict:
    with serving(answering(answer)) as address:
        asked = probe("registry", registry=address, user="ada", password="token", images=["a/b:c"])
        seen = measure([Measurement(asked, "here")], target=Target(None), secrets=SECRETS, deadline=10)
    values = {"docker_username": "ada", "docker_registry": "x", "image_tag": "main"}
    return judge.judge(CHECKS["services.images"], next(iter(seen.values())), values)


def test_a_registry_that_asks_for_no_login_has_tried_no_token() -> None:
    def answer(path: str, host: str) -> Answer:
        return 200, {"Docker-Distribution-Api-Version": "registry/2.0"} if path == "/v2/" else MANIFEST, b""

    verdict = pulled(answer)
    assert (verdict.state, "were not tried" in verdict.why) == ("warn", True)


@pytest.mark.parametrize(("left", "state"), [("0", "warn"), ("19", "warn"), ("20", "pass"), ("", "pass")])
def test_pulls_that_are_used_up_are_told_before_the_tasks_wait_for_them(left: str, state: str) -> None:
    def answer(path: str, host: str) -> Answer:
        if path == "/v2/":
            return 401, {"WWW-Authenticate": f'Bearer realm="http://{host}/token",service="s"'}, b""
        if path.startswith("/token"):
            return 200, {}, b'{"token": "t"}'
        limits = {"ratelimit-limit": "200;w=21600", "ratelimit-remaining": f"{left};w=21600"} if left else {}
        return 200, {**MANIFEST, **limits}, b""

    verdict = pulled(answer)
    assert verdict.state == state
    if state == "warn":
        assert verdict.observed == f"{left} of 200 pulls are left to ada just now"


@pytest.mark.parametrize("code", ["NoSuchKey", "NoSuchBucket"])
def test_an_endpoint_that_names_the_bucket_already_is_told(code: str) -> None:
    """127 is the bucket's name here, and 127.0.0.1 the address that begins with it."""
    body = f"<Error><Code>{code}</Code><Message>m</Message></Error>".encode()
    with serving(answering(lambda path, host: (404, {}, body))) as address:
        asked = probe("s3", endpoint=address, bucket="127", access_key="key", secret_key="hidden")
        seen = measure([Measurement(asked, "here")], target=Target(None), secrets=SECRETS, deadline=10)
    verdict = judge.judge(CHECKS["services.vault-bucket"], next(iter(seen.values())), {})
    assert (verdict.state, "names the bucket too" in verdict.why) == ("fail", True)
    assert verdict.remedy
    assert "without the bucket's name" in verdict.remedy.text


def test_what_nobody_waited_for_took_the_time_that_was_waited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sprocket_tui.checks.measure.GRACE", 0.2)

    def never(*_: object) -> Answer:
        raise AssertionError("nobody asks a name that is not resolved")

    with serving(answering(never)) as address:
        hung = threading.Event()
        monkeypatch.setattr("sprocket_tui.checks.probes.exchange._connection", lambda *_: hung.wait())
        asked = probe("s3", endpoint=address, bucket="abc", access_key="key", secret_key="hidden")
        seen = measure([Measurement(asked, "here")], target=Target(None), secrets=SECRETS, deadline=1)
        hung.set()
    (observation,) = seen.values()
    assert observation.reason == "no answer within 1 s"
    assert observation.seconds >= 1


HUNG = {
    "s3": probe("s3", endpoint="s3.lab.test", bucket="abc", access_key="key", secret_key="hidden", timeout=1),
    "registry": probe("registry", registry="hub.lab.test", user="u", password="token", images=["a/b:c"], timeout=1),
    "doppler": probe("doppler", token="token", names=["A"], api="https://doppler.lab.test", timeout=1),
    "postgres": probe("postgres", host="db.lab.test", user="u", password="hidden", database="d", timeout=1),
}


@pytest.mark.parametrize("kind", HUNG)
def test_a_name_that_no_name_server_answers_for_costs_no_more_than_the_probes_own_time(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hung = threading.Event()
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: hung.wait(20))
    began = time.monotonic()
    (observation,) = measure(
        [Measurement(HUNG[kind], "here")], target=Target(None), secrets=SECRETS, deadline=30
    ).values()
    hung.set()
    assert time.monotonic() - began < 4
    assert observation.reason.startswith("no name server said in time where ")
    assert "/etc/resolv.conf" in observation.to_do
