"""A real S3 server that checks keys, signatures, regions, clocks and policies: Versity's gateway over a directory."""

import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.lab.sshd import free_port, wait_until
from tests.lab.tools import VERSITYGW, missing_files, missing_programs, tool_cache

OWNER = ("LABOWNER000000001", "lab-owner-secret-key-1")
READER = ("LABREADER00000002", "lab-reader-secret-key-2")
STRANGER = ("LABSTRANGER000003", "lab-stranger-secret-key-3")
KEEPER = ("LABKEEPER00000004", "lab-keeper-secret-key-4")
BUCKET = "vault-secrets"


class SignedS3Lab:
    """One server with one bucket: its owner may do everything, the reader read, the keeper all but delete."""

    def __init__(self) -> None:
        self.port, self._admin = free_port(), free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.endpoint = f"http://{self.address}"
        self._directory = Path(tempfile.mkdtemp(prefix="signed-s3-", dir="/tmp"))
        for name in ("data", "iam"):
            (self._directory / name).mkdir()
        access, secret = OWNER
        keys = ["--access", access, "--secret", secret]
        places = [
            "--port",
            self.address,
            "--admin-port",
            f"127.0.0.1:{self._admin}",
            "--iam-dir",
            str(self._directory / "iam"),
        ]
        with (self._directory / "log").open("wb") as log:
            self._server = subprocess.Popen(
                [
                    str(_PROGRAM),
                    *places,
                    *keys,
                    "--virtual-domain",
                    f"s3.lab.test:{self.port}",
                    "posix",
                    str(self._directory / "data"),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        try:
            wait_until(self._serving, "the S3 server to answer", 30)
            self._fill()
        except BaseException:
            self.close()
            raise

    @property
    def objects(self) -> list[str]:
        """The names in the bucket."""
        found = self._client().list_objects_v2(Bucket=BUCKET).get("Contents", [])
        return [each["Key"] for each in found]

    def close(self) -> None:
        """End the server and remove its files."""
        self._server.kill()
        self._server.wait()
        shutil.rmtree(self._directory, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _fill(self) -> None:
        for access, secret in (READER, STRANGER, KEEPER):
            argv = [str(_PROGRAM), "admin", "-a", OWNER[0], "-s", OWNER[1], "-er", f"http://127.0.0.1:{self._admin}"]
            subprocess.run(
                [*argv, "create-user", "-a", access, "-s", secret, "-r", "user"],
                check=True,
                capture_output=True,
                timeout=30,
            )
        client = self._client()
        client.create_bucket(Bucket=BUCKET)
        bucket, inside = f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"
        rules = [
            _allowed([READER, KEEPER], "s3:ListBucket", bucket),
            _allowed([READER, KEEPER], "s3:GetObject", inside),
            _allowed([KEEPER], "s3:PutObject", inside),
        ]
        client.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps({"Version": "2012-10-17", "Statement": rules}))

    def _client(self) -> Any:
        import boto3  # slow to import, and needed by few tests
        from botocore.config import Config

        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            aws_access_key_id=OWNER[0],
            aws_secret_access_key=OWNER[1],
            region_name="us-east-1",
            config=Config(s3={"addressing_style": "path"}),
        )

    def _serving(self) -> bool:
        if self._server.poll() is not None:
            raise RuntimeError(f"the S3 server ended: {(self._directory / 'log').read_text()[-2000:]}")
        try:
            self._client().list_buckets()
        except Exception:
            return False
        return True


_PROGRAM = tool_cache() / VERSITYGW / "bin/versitygw"


def _allowed(who: list[tuple[str, str]], action: str, resource: str) -> dict[str, object]:
    return {
        "Effect": "Allow",
        "Principal": {"AWS": [key for key, _ in who]},
        "Action": [action],
        "Resource": [resource],
    }


def missing() -> str:
    """Why no such server can be had here; "" when it can."""
    return missing_files(_PROGRAM) or missing_programs("faketime")
