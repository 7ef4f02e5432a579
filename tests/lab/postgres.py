"""A real PostgreSQL server of the lab: its own cluster in its own directory, as a user without rights, with TLS."""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
import trustme

from tests.lab.sshd import free_port, wait_until

ADMIN = "doadmin"
_OWNER = "nobody"
# Over TLS with a password, as the managed one; all else is refused.
OPEN = ("hostssl all all 127.0.0.1/32 scram-sha-256",)


class PostgresLab:
    """One cluster on a free port of 127.0.0.1, whose superuser is the only one that can log in at first."""

    def __init__(self) -> None:
        self.port = free_port()
        self.password = secrets.token_urlsafe(18)
        self._directory = Path(tempfile.mkdtemp(prefix="postgres-", dir="/tmp"))
        self._data = self._directory / "data"
        self._server: subprocess.Popen[bytes] | None = None
        try:
            self._make()
            self.start()
        except BaseException:
            self.close()
            raise

    def psql(self, *statements: str) -> None:
        """Runs statements as the superuser, over the socket, which needs no password."""
        with psycopg.connect(self._local(), autocommit=True, connect_timeout=5) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def hba(self, rules: Sequence[str] = OPEN) -> None:
        """Who may connect over TCP from now on."""
        text = "\n".join(["local all postgres trust", *rules, ""])
        (self._data / "pg_hba.conf").write_text(text)
        self.psql("select pg_reload_conf()")

    def restart(self, **settings: str) -> None:
        """Ends the server, and starts it with these settings beside those it always has."""
        self.stop()
        self.start(**settings)

    def start(self, **settings: str) -> None:
        """Starts the server; returns when it lets somebody in."""
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with (self._directory / "log").open("ab") as log:
            argv = [_program("postgres"), "-D", str(self._data), *options]
            self._server = subprocess.Popen(
                argv, user=_OWNER, group=_group(), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        wait_until(self._serving, "PostgreSQL to start", 60)

    def stop(self) -> None:
        """Ends the server and all its connections."""
        if self._server and self._server.poll() is None:
            self._server.send_signal(signal.SIGINT)
            self._server.wait(timeout=30)
        self._server = None

    @property
    def ca(self) -> Path:
        """The certificate of the CA that signed the server's."""
        return self._directory / "ca.pem"

    def certified(self, name: str) -> None:
        """Gives the server a certificate for that name, of the CA."""
        self._written(self._ca.issue_cert(name))
        self.psql("select pg_reload_conf()")

    def close(self) -> None:
        """Ends the server and removes its files."""
        if self._server and self._server.poll() is None:
            self._server.send_signal(signal.SIGQUIT)
            self._server.wait(timeout=30)
        shutil.rmtree(self._directory, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _make(self) -> None:
        self._directory.chmod(0o755)
        self._data.mkdir(mode=0o700)
        shutil.chown(self._data, _OWNER, _group())
        subprocess.run(
            [
                _program("initdb"),
                "-D",
                str(self._data),
                "-U",
                "postgres",
                "-A",
                "trust",
                "--no-sync",
                "-E",
                "UTF8",
                "--locale=C",
            ],
            user=_OWNER,
            group=_group(),
            cwd="/",
            check=True,
            capture_output=True,
            timeout=120,
        )
        self._ca = trustme.CA()
        self._ca.cert_pem.write_to_path(self.ca)
        self._written(self._ca.issue_cert("localhost", "127.0.0.1"))
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(self._data),
            "ssl": "on",
            "max_connections": "20",
            "fsync": "off",
            "logging_collector": "off",
        }
        with (self._data / "postgresql.conf").open("a") as config:
            config.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
        (self._data / "pg_hba.conf").write_text("\n".join(["local all postgres trust", *OPEN, ""]))

    def _written(self, certificate: trustme.LeafCert) -> None:
        for name, blob in (("server.crt", certificate.cert_chain_pems[0]), ("server.key", certificate.private_key_pem)):
            path = self._data / name
            path.touch(mode=0o600)
            blob.write_to_path(path)
            shutil.chown(path, _OWNER, _group())

    def _local(self) -> str:
        return f"host={self._data} port={self.port} user=postgres dbname=postgres"

    def _serving(self) -> bool:
        assert self._server
        if self._server.poll() is not None:
            raise RuntimeError(f"PostgreSQL ended: {(self._directory / 'log').read_text()[-2000:]}")
        try:
            psycopg.connect(self._local(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True


def _group() -> int:
    return pwd.getpwnam(_OWNER).pw_gid


def _program(name: str) -> str:
    """A program of the newest server that is installed; Debian keeps them off the PATH."""
    return str(next(iter(sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)), name))


def missing() -> str:
    """Why no PostgreSQL can be had here; "" when it can."""
    if os.geteuid() != 0:
        return "needs root"
    return "" if Path(_program("initdb")).is_file() and shutil.which("psql") else "no PostgreSQL"
