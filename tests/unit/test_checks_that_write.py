"""A check that changes something where it measures: only once it is to be asked, and what may be left is told."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler

import pytest

from sprocket_tui.checks.observation import State, Verdict
from sprocket_tui.checks.pace import Pace
from sprocket_tui.checks.runner import run_checks
from sprocket_tui.guide.model import Check, Var
from sprocket_tui.secret import Secret
from tests.lab.web import serving
from tests.unit.checks_kit import check, fails, probe, says
from tests.unit.fakes import FakeLink

SHAPE = Var.model_validate(
    {"name": "shape", "title": "Shape", "why": "it matters", "measured_by": "a.shape", "measured": "value.out"}
)
KEYS = {"key": Secret("an-access-key", "key"), "hidden": Secret("a-secret-key-0001", "hidden")}


class Bucket:
    """A bucket that lets everybody do everything: `objects` lie in it, `came` are the requests by their methods."""

    def __init__(self) -> None:
        self.objects: set[str] = set()
        self.came: list[str] = []
        self.slow: dict[str, float] = {}
        self.broken: set[str] = set()
        self.endpoint = ""

    def handler(self) -> type[BaseHTTPRequestHandler]:
        bucket = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                bucket.came.append(self.command)
                time.sleep(bucket.slow.get(self.command, 0))
                if self.command == "PUT":
                    bucket.objects.add(self.path)
                if self.command == "DELETE" and "DELETE" not in bucket.broken:
                    bucket.objects.discard(self.path)
                body = b"<ListBucketResult/>" if self.command == "GET" else b""
                self.send_response(500 if self.command in bucket.broken else 200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_PUT = do_HEAD = do_DELETE = do_GET

            def log_message(self, format: str, *args: object) -> None:
                return

        return Handler


@pytest.fixture
def bucket() -> Iterator[Bucket]:
    found = Bucket()
    with serving(found.handler()) as found.endpoint:
        yield found


def writing(bucket: Bucket, **fields: object) -> Check:
    keys = {"access_key": "key", "secret_key": "hidden"}
    asked = probe("s3", endpoint=bucket.endpoint, bucket="abc", writes=True, timeout=10, **keys)
    return check("a.write", asked, where="here", **fields)


def run(*checks: Check, pace: Pace | None = None) -> dict[str, Verdict]:
    made = run_checks(checks, link=FakeLink(), values={}, secrets=KEYS, variables=(SHAPE,), pace=pace)
    return {verdict.id: verdict for verdict in made}


def test_what_does_not_apply_writes_nothing(bucket: Bucket) -> None:
    found = run(says("a.shape", "new"), writing(bucket, when={"eq": ["shape", "old"]}))
    assert found["a.write"].state is State.SKIPPED
    assert bucket.came == []


def test_what_needs_something_that_fails_writes_nothing(bucket: Bucket) -> None:
    found = run(fails("a.need"), writing(bucket, needs=["a.need"]))
    assert found["a.write"].blocked_by == "a.need"
    assert bucket.came == []


def test_what_applies_is_measured_once_that_is_known(bucket: Bucket) -> None:
    need = says("a.need", "there")
    found = run(says("a.shape", "old"), need, writing(bucket, when={"eq": ["shape", "old"]}, needs=["a.need"]))
    assert found["a.write"].state is State.PASS
    assert bucket.came == ["GET", "PUT", "HEAD", "DELETE"]
    assert bucket.objects == set()


def test_an_object_that_could_not_be_removed_is_named(bucket: Bucket) -> None:
    bucket.broken.add("DELETE")
    observed = run(writing(bucket))["a.write"].observed
    (left,) = bucket.objects
    assert f"the object {left.rpartition('/')[2]} may be left in the bucket" in observed


class Stops:
    """Wants it to end as soon as the bucket was asked for the object."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    def __call__(self) -> bool:
        return "HEAD" in self._bucket.came

    def wanted(self, names: Mapping[str, str]) -> None:
        pass

    def measured(self, key: str) -> None:
        pass

    def tick(self) -> None:
        pass


def test_an_interruption_waits_a_moment_for_the_object_to_be_removed(bucket: Bucket) -> None:
    bucket.slow["HEAD"] = 0.6
    stops = Stops(bucket)
    found = run(writing(bucket), pace=Pace(stopped=stops, teller=stops))
    assert bucket.objects == set()
    assert found["a.write"].state is State.PASS


def test_an_interruption_that_cannot_wait_so_long_says_what_may_be_left(bucket: Bucket) -> None:
    bucket.slow["HEAD"] = 5
    stops = Stops(bucket)
    began = time.monotonic()
    found = run(writing(bucket), pace=Pace(stopped=stops, teller=stops))
    assert time.monotonic() - began < 4
    assert found["a.write"].observed == (
        "interrupted before it was measured; an object named sprocket-tui-probe-... may be left in abc"
    )


def test_what_an_interrupted_run_had_found_out_decides_what_applies(bucket: Bucket) -> None:
    """What needs a second round gets none; that a check does not apply is known all the same."""
    asked = threading.Event()

    class Once(Stops):
        def measured(self, key: str) -> None:
            if '"old"' in key:
                asked.set()

        def __call__(self) -> bool:
            return asked.is_set()

    stops = Once(bucket)
    pace = Pace(stopped=stops, teller=stops)
    old, new = {"eq": ["shape", "old"]}, {"eq": ["shape", "new"]}
    other = says("a.other", "x", when=new)
    found = run(says("a.shape", "old"), writing(bucket, when=old), other, pace=pace)
    assert found["a.other"].observed.startswith("does not apply here")
    assert found["a.write"].observed == "interrupted before it was measured"
    assert bucket.came == []
