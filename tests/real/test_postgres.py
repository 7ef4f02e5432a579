"""The installed program logs in to a real PostgreSQL: right, and broken in each way that it tells apart."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
import pytest
import trustme

from tests.lab.postgres import ADMIN, PostgresLab
from tests.real.dry_run import DryRun, alone
from tests.walk.program import Program

pytestmark = pytest.mark.lane("postgres")

CANARY = "canary 'pg' \\ 7c41=x"
LOGIN = "services.database"
MAIN = "services.database-main"
Row = dict[str, Any]
Report = Callable[..., dict[str, Row]]


@pytest.fixture(scope="module")
def shared() -> Iterator[PostgresLab]:
    with PostgresLab() as lab:
        yield lab


@pytest.fixture
def server(shared: PostgresLab) -> Iterator[PostgresLab]:
    """With the databases and the user that the deployment needs."""
    shared.psql(
        "create database defaultdb",
        f"create role {ADMIN} login createdb createrole password '{shared.password}'",
        f"create database sprocket_main owner {ADMIN}",
    )
    yield shared
    shared.hba()
    shared.psql(
        "drop database if exists defaultdb with (force)",
        "drop database if exists sprocket_main with (force)",
        f"drop role if exists {ADMIN}",
    )


@pytest.fixture
def report(tmp_path: Path, server: PostgresLab) -> Report:
    """The rows of the database's checks by id, asked with these variables beside the right ones."""

    def measured(*checks: str, code: int = 0, **given: str) -> dict[str, Row]:
        known = {
            "postgres_host": "localhost",
            "postgres_port": str(server.port),
            "postgres_username": ADMIN,
            "postgres_password": server.password,
            "postgres_ca": str(server.ca),
            **given,
        }
        file = tmp_path / "given.yaml"
        file.touch(mode=0o600)
        file.write_text(json.dumps(known))
        only = [word for check in checks or (LOGIN,) for word in ("--only", check)]
        # What a person's own configuration says must not matter.
        hostile = {"PGHOSTADDR": "192.0.2.1", "PGSSLMODE": "disable", "PGPASSWORD": "wrong", "PGOPTIONS": "-c x=y"}
        done = Program(tmp_path, None)(
            "check", "--target", "local", *only, "--given", str(file), "--format", "json", **hostile
        )
        for text in (done.stdout, done.stderr):
            assert known["postgres_password"] not in text
            assert json.dumps(known["postgres_password"])[1:-1] not in text
        assert done.returncode == code, done.stdout + done.stderr
        return {row["id"]: row for row in json.loads(done.stdout)["checks"]}

    return measured


def test_a_database_that_is_ready_passes_every_check_and_proves_its_name(report: Report) -> None:
    names = ("database", "database-main", "database-rights", "database-proof")
    rows = report(*(f"services.{name}" for name in names))
    assert {row["state"] for row in rows.values()} == {"pass"}
    observed = rows[LOGIN]["observed"]
    assert observed.startswith(f"{ADMIN} is let in to defaultdb at localhost port ")
    assert "TLSv1.3" in observed
    assert "of 20 connections free" in observed
    assert rows["services.database-rights"]["observed"] == f"{ADMIN} may make roles and databases"


def test_a_missing_database_is_made_by_the_command_of_the_remedy(report: Report, server: PostgresLab) -> None:
    server.psql("drop database sprocket_main")
    row = report("services.database-main", code=4)["services.database-main"]
    assert (row["state"], row["observed"]) == ("fail", "there is no database sprocket_main")
    remedy = row["remedy"]
    assert "psql asks for the password" in remedy["text"]
    assert server.password not in remedy["command"]
    subprocess.run(
        ["sh", "-c", remedy["command"]],
        env={"PATH": "/usr/bin:/bin", "PGPASSWORD": server.password, "LC_ALL": "C"},
        check=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )
    assert report("services.database-main")["services.database-main"]["state"] == "pass"


@pytest.mark.parametrize(
    ("broken", "mended"),
    [
        ("revoke connect on database sprocket_main from public", f"grant connect on database sprocket_main to {ADMIN}"),
        ("alter database sprocket_main allow_connections false", "alter database sprocket_main allow_connections true"),
        ("alter database sprocket_main connection limit 0", "alter database sprocket_main connection limit -1"),
    ],
)
def test_a_database_that_lets_nobody_in_is_told_from_one_that_is_not_there(
    report: Report, server: PostgresLab, broken: str, mended: str
) -> None:
    server.psql("alter database sprocket_main owner to postgres", f"grant create on database sprocket_main to {ADMIN}")
    server.psql(broken)
    row = report(MAIN, code=4)[MAIN]
    assert (row["state"], row["observed"]) == ("fail", f"{ADMIN} may not connect to sprocket_main")
    assert f'GRANT CONNECT, CREATE ON DATABASE sprocket_main TO "{ADMIN}"' in row["remedy"]["text"]
    assert not row["remedy"]["command"]
    server.psql(mended)
    row = report(MAIN)[MAIN]
    assert (row["state"], row["observed"]) == ("pass", f"sprocket_main is there, and open to {ADMIN}")


def test_a_database_of_somebody_else_in_which_no_schemas_can_be_made_is_a_warning(
    report: Report, server: PostgresLab
) -> None:
    server.psql("alter database sprocket_main owner to postgres")
    row = report(MAIN, code=4)[MAIN]
    assert (row["state"], row["observed"].endswith("and make no schemas in it")) == ("warn", True)
    server.psql(f'GRANT CONNECT, CREATE ON DATABASE sprocket_main TO "{ADMIN}"')
    assert report(MAIN)[MAIN]["state"] == "pass"


def test_the_role_and_the_database_of_grafana_are_looked_for_by_name(server: PostgresLab, tmp_path: Path) -> None:
    """A checkout without Vault asks for them; here the check is asked alone."""
    check = "services.database-grafana"
    given = {"postgres_host": "localhost", "postgres_port": str(server.port), "postgres_username": ADMIN}
    run = DryRun(tmp_path, given, {"postgres_password": server.password}, guide=alone(tmp_path, "services.yaml", check))
    server.psql('create role "grafana"')
    row = run.row(check)
    assert (row["state"], row["observed"]) == ("fail", "not there: grafana,Grafana")
    server.psql('create role "Grafana"', "create database grafana")
    try:
        assert run.row(check)["state"] == "pass"
    finally:
        server.psql("drop database grafana", 'drop role "Grafana"', "drop role grafana")


@pytest.mark.parametrize("wrong", [{"postgres_password": CANARY}, {"postgres_username": "nobody_at_all"}])
def test_a_wrong_password_reads_like_a_role_that_is_not_there(report: Report, wrong: dict[str, str]) -> None:
    row = report(code=4, **wrong)[LOGIN]
    assert row["state"] == "fail"
    assert "password authentication failed for user" in row["observed"]
    assert row["why"].startswith("The pair of user and password is wrong")
    assert "Copy both again" in row["remedy"]["text"]


def test_an_address_that_is_not_let_in_is_told_apart_from_a_wrong_password(report: Report, server: PostgresLab) -> None:
    server.hba(["hostssl all all 192.0.2.0/24 scram-sha-256"])
    row = report(code=4, postgres_password=CANARY)[LOGIN]
    assert row["state"] == "fail"
    assert 'no pg_hba.conf entry for host "127.0.0.1"' in row["observed"]
    assert "Add this machine to the database's trusted sources" in row["remedy"]["text"]
    server.hba(["hostssl all all 127.0.0.1/32 reject"])
    assert "pg_hba.conf rejects connection" in report(code=4)[LOGIN]["observed"]


def test_a_role_that_may_not_log_in_and_a_database_that_is_not_there_are_named(
    report: Report, server: PostgresLab
) -> None:
    server.psql(f"alter role {ADMIN} nologin")
    row = report(code=4)[LOGIN]
    assert row["why"].endswith(f'role "{ADMIN}" is not permitted to log in.')
    server.psql(f"alter role {ADMIN} login", "drop database defaultdb")
    row = report(code=4)[LOGIN]
    assert 'database "defaultdb" does not exist' in row["observed"]
    assert "make it again in the panel" in row["remedy"]["text"]


def test_a_role_that_trust_would_let_in_and_that_is_not_there_is_told_apart(
    report: Report, server: PostgresLab
) -> None:
    server.hba(["hostssl all all 127.0.0.1/32 trust"])
    assert 'role "gone" does not exist' in report(code=4, postgres_username="gone")[LOGIN]["observed"]


def test_a_user_without_rights_is_named(report: Report, server: PostgresLab) -> None:
    server.psql(f"alter role {ADMIN} nocreaterole")
    row = report("services.database-rights", code=4)["services.database-rights"]
    assert (row["state"], row["observed"]) == ("fail", f"{ADMIN} may not make roles and databases")


def test_a_server_without_a_free_connection_is_told_apart_and_passes_when_one_is_ended(
    report: Report, server: PostgresLab
) -> None:
    with ExitStack() as held:
        conninfo = f"host=localhost port={server.port} user={ADMIN} dbname=sprocket_main sslmode=require"
        for _ in range(17):
            held.enter_context(psycopg.connect(conninfo, password=server.password, connect_timeout=10))
        row = report(code=4)[LOGIN]
        assert row["state"] == "fail"
        assert "connection slots are reserved" in row["observed"]
        assert "larger plan" in row["remedy"]["text"]
    assert report()[LOGIN]["state"] == "pass"


def test_a_server_without_tls_is_told_apart_and_gets_no_password(report: Report, server: PostgresLab) -> None:
    server.restart(ssl="off")
    try:
        row = report(code=4)[LOGIN]
        assert row["why"].startswith("The server has no TLS")
    finally:
        server.restart()


def test_a_password_is_not_sent_in_clear_to_a_server_that_proved_nothing(report: Report, server: PostgresLab) -> None:
    server.hba(["hostssl all all 127.0.0.1/32 password"])
    row = report(code=4)[LOGIN]
    assert row["state"] == "unknown"
    assert "server requested a cleartext password" in row["observed"]


def test_a_certificate_of_another_name_or_of_another_ca_does_not_prove_it(
    report: Report, server: PostgresLab, tmp_path: Path
) -> None:
    check = "services.database-proof"
    server.certified("elsewhere.example")
    try:
        row = report(check, code=4)[check]
        assert row["state"] == "fail"
        assert 'certificate for "elsewhere.example"' in row["observed"]
        assert "do not give this host the password" in row["remedy"]["text"]
    finally:
        server.certified("localhost")
    other = tmp_path / "other.pem"
    other.write_bytes(trustme.CA().cert_pem.bytes())
    assert "certificate verify failed" in report(check, code=4, postgres_ca=str(other))[check]["observed"]
    assert report(check)[check]["state"] == "pass"


def test_a_server_that_is_down_is_unknown_and_not_a_refusal(report: Report, server: PostgresLab) -> None:
    server.stop()
    try:
        row = report(code=4)[LOGIN]
        assert row["state"] == "unknown"
        assert "Connection refused" in row["observed"]
    finally:
        server.start()
