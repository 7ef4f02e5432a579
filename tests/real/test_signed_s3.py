"""The installed program asks a real S3 server for Vault's bucket: right, and broken in each way that it tells apart."""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sprocket_tui.checks.measure import Measurement, Target, measure
from sprocket_tui.secret import Secret
from tests.lab.signed_s3 import BUCKET, KEEPER, OWNER, READER, STRANGER, SignedS3Lab
from tests.real.dry_run import unconditional
from tests.unit.checks_kit import probe
from tests.walk.program import Program

pytestmark = pytest.mark.lane("signed-s3")

LOOK, WRITE = "services.vault-bucket", "services.vault-bucket-write"
Row = dict[str, Any]
Report = Callable[..., dict[str, Row]]


@pytest.fixture(scope="module")
def server() -> Iterator[SignedS3Lab]:
    with SignedS3Lab() as lab:
        yield lab


@pytest.fixture
def report(tmp_path: Path, server: SignedS3Lab) -> Report:
    """The rows of the bucket's checks by id, asked with these keys; the program's clock may be another."""

    def measured(keys: tuple[str, str] = OWNER, *, code: int, clock: str = "", **given: str) -> dict[str, Row]:
        known = {
            "vault_s3_endpoint": server.endpoint,
            "vault_s3_bucket": BUCKET,
            "vault_s3_access_key": keys[0],
            "vault_s3_secret_key": keys[1],
            **given,
        }
        file = tmp_path / "given.yaml"
        file.touch(mode=0o600)
        file.write_text(json.dumps(known))
        guide = unconditional(tmp_path / "guide", "services", LOOK, WRITE)
        program = Program(tmp_path, guide)
        words = [
            "check",
            "--target",
            "local",
            *program.trusted(),
            "--only",
            WRITE,
            "--given",
            str(file),
            "--format",
            "json",
        ]
        # What a person's own configuration says must not matter.
        hostile = {
            "AWS_PROFILE": "none-such",
            "AWS_ACCESS_KEY_ID": "x",
            "AWS_SECRET_ACCESS_KEY": "y",
            "AWS_ENDPOINT_URL": "http://192.0.2.1",
            "HTTP_PROXY": "http://192.0.2.1:3128",
        }
        argv = ["faketime", "-f", clock, *program.argv(*words)] if clock else program.argv(*words)
        done = subprocess.run(
            argv, env=program.env(**hostile), capture_output=True, text=True, timeout=120, check=False
        )
        assert keys[1] not in done.stdout + done.stderr
        assert done.returncode == code, done.stdout + done.stderr
        return {row["id"]: row for row in json.loads(done.stdout)["checks"]}

    return measured


def test_keys_that_may_do_everything_pass_and_nothing_is_left_in_the_bucket(
    report: Report, server: SignedS3Lab
) -> None:
    rows = report(code=0)
    assert {row["state"] for row in rows.values()} == {"pass"}
    assert rows[WRITE]["observed"] == f"{BUCKET} at {server.endpoint}: list, put, head, delete allowed"
    assert rows[LOOK]["observed"] == f"{BUCKET} at {server.endpoint}: list allowed"
    assert server.objects == []


@pytest.mark.parametrize(
    ("keys", "given", "code", "remedy"),
    [
        (("NOBODY0000000000", OWNER[1]), {}, "InvalidAccessKeyId", "Copy the access key again"),
        ((OWNER[0], "not-the-secret-key"), {}, "SignatureDoesNotMatch", "Give the secret key of that pair"),
        (OWNER, {"vault_s3_bucket": "not-there"}, "NoSuchBucket", "Make it in the Spaces panel"),
        (STRANGER, {}, "AccessDenied", "take a bucket that is yours"),
    ],
    ids=["wrong key", "wrong secret", "no such bucket", "a stranger's key"],
)
def test_each_refusal_is_told_apart_and_says_what_to_do(
    report: Report, keys: tuple[str, str], given: dict[str, str], code: str, remedy: str
) -> None:
    rows = report(keys, code=3, **given)
    assert rows[LOOK]["state"] == "fail"
    assert f"answers to list: {code}" in rows[LOOK]["observed"]
    assert remedy in rows[LOOK]["remedy"]["text"]
    # Nothing is written where the list is refused.
    assert rows[WRITE]["blocked_by"] == LOOK


def test_a_key_for_reading_alone_is_found_by_the_write(report: Report) -> None:
    rows = report(READER, code=4)
    assert rows[LOOK]["state"] == "pass"
    assert rows[WRITE]["state"] == "fail"
    assert "answers to put: AccessDenied" in rows[WRITE]["observed"]
    assert rows[WRITE]["why"] == "The bucket can be read with this key, and not written."


def test_what_cannot_be_removed_again_is_named(report: Report, server: SignedS3Lab) -> None:
    row = report(KEEPER, code=4)[WRITE]
    (left,) = server.objects
    assert row["state"] == "warn"
    assert left.startswith("sprocket-tui-probe-")
    assert f"remove the object {left} from the bucket" in row["remedy"]["text"]
    server._client().delete_object(Bucket=BUCKET, Key=left)


def test_a_clock_that_is_two_hours_ahead_is_told_with_its_difference(report: Report) -> None:
    row = report(code=3, clock="+2h")[LOOK]
    assert "RequestTimeTooSkewed" in row["observed"]
    assert -7300 < row["value"]["skew"] < -7100
    assert row["remedy"]["text"].startswith("Set the clock of this machine")


def asked(server: SignedS3Lab, **words: Any) -> Any:
    given = {"endpoint": server.endpoint, "bucket": BUCKET, "access_key": "key", "secret_key": "secret", **words}
    wanted = Measurement(probe("s3", **given), "here")
    secrets = {name: Secret(value, name) for name, value in zip(("key", "secret"), OWNER, strict=True)}
    return measure([wanted], target=Target(None), secrets=secrets, deadline=20)[wanted.key]


def test_another_region_is_named_with_the_right_one(server: SignedS3Lab) -> None:
    value = asked(server, region="eu-west-1").value
    assert (value["state"], value["region"]) == ("wrong-region", "us-east-1")


def test_an_endpoint_without_a_scheme_is_asked_over_https(server: SignedS3Lab) -> None:
    observation = asked(server, endpoint=server.address)
    assert not observation.measured
    assert "WRONG_VERSION_NUMBER" in observation.reason


def test_a_bucket_can_be_part_of_the_host_name(server: SignedS3Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo
    names = {f"{BUCKET}.s3.lab.test"}
    # Stands in for the DNS alone.
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *rest, **more: real("127.0.0.1" if host in names else host, *rest, **more)
    )
    observation = asked(server, endpoint=f"http://s3.lab.test:{server.port}", addressing="virtual", writes=True)
    assert observation.value["state"] == "ok", observation.reason


def test_without_a_bucket_the_keys_own_list_is_asked_for(server: SignedS3Lab) -> None:
    assert asked(server, bucket="").value["state"] == "ok"
