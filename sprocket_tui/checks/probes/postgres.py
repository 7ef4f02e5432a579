"""Logs in to a PostgreSQL server from this machine, and looks at what the deployment needs of it.

Value {state, message, tls: {used, version, verified, reason}, login: {user, superuser, create_database, create_role},
database, databases, roles, missing, closed, fixed, version: {text, major, ends, days_left}, connections: {max, used,
free, free_from}}: `databases` and `roles` say of each name asked for whether it is there, `missing` lists those that
are not, `closed` the databases that the login may not connect to, `fixed` those in which it may not make schemas;
`ends` and `days_left` are as those of a release in `node`, by the words' table of majors; `free_from` is the power of
two below `free`. All but state, message and database is null or empty unless the state is ok.

The states: ok, no-such-database, no-such-role, wrong-password (which a server also says of a role it does not have),
no-login (the role may not log in), no-connect-right, not-a-trusted-source, tls-required, tls-refused (the server has no
TLS), tls-not-verified, too-many-connections. What the server answered stands in `message`; an answer in other words,
and what is no answer of PostgreSQL (refused, timed out, garbage), raises ProbeError.
"""

from __future__ import annotations

import os
import re
import socket
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.rows import tuple_row

from sprocket_tui.checks.excerpt import excerpt
from sprocket_tui.checks.observation import Observation
from sprocket_tui.checks.probes.base import Here, Probe, ProbeError, lasting, step
from sprocket_tui.checks.probes.reaching import look_up
from sprocket_tui.guide.words.probes import PostgresProbe
from sprocket_tui.terminal import one_line
from sprocket_tui.values import JSON

# What PostgreSQL, libpq and PgBouncer say, in the order in which one message can hold two of them.
_SAID = (
    ("wrong-password", r"password authentication failed"),
    ("no-such-role", r'role "[^"]*" does not exist'),
    ("no-login", r"is not permitted to log in"),
    ("no-such-database", r'database "[^"]*" does not exist'),
    ("no-connect-right", r"permission denied for database"),
    (
        "too-many-connections",
        r"too many clients already|connection slots are reserved|too many connections for|no more connections allowed",
    ),
    ("tls-required", r"pg_hba\.conf.*(no encryption|SSL off)"),
    ("not-a-trusted-source", r"no pg_hba\.conf entry|pg_hba\.conf rejects connection"),
    ("tls-refused", r"server does not support SSL"),
    ("tls-not-verified", r"certificate verify failed|server certificate for .* does not match host name"),
)
_UNTRUSTED = (
    "Is this machine among the database's trusted sources? Digital Ocean lets connections of others run out of time."
    " Add it there for as long as the check takes, or ask from a machine that is one."
)
_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?|[0-9A-Fa-f:.]+")

# pg_stat_database counts everybody's connections for any role; pg_stat_activity hides what kind the others' are.
_LOOK = """
select session_user::text, current_setting('server_version'), current_setting('server_version_num')::int,
       r.rolsuper, r.rolcreatedb, r.rolcreaterole,
       current_setting('max_connections')::int,
       current_setting('superuser_reserved_connections')::int
           + coalesce(current_setting('reserved_connections', true), '0')::int,
       (select coalesce(sum(numbackends), 0)::int from pg_stat_database),
       (select version from pg_stat_ssl where pid = pg_backend_pid()),
       array(select datname::text from pg_database where datname::text = any(%s::text[])),
       array(select rolname::text from pg_roles where rolname::text = any(%s::text[])),
       array(select datname::text from pg_database where datname::text = any(%s::text[])
             and (not datallowconn or datconnlimit = -2 or (datconnlimit = 0 and not r.rolsuper)
                  or not has_database_privilege(oid, 'connect'))),
       array(select datname::text from pg_database where datname::text = any(%s::text[])
             and not has_database_privilege(oid, 'create'))
from pg_roles r where r.rolname = session_user
"""


def measure(words: PostgresProbe, here: Here, deadline: float) -> Observation:
    """What the server answers; raises ProbeError when no PostgreSQL did, or in words that are not known here."""
    until = time.monotonic() + min(words.timeout, deadline)
    parameters = _parameters(words, until)
    secret = here.secret(words.password)
    password = secret.reveal()
    if "\0" in password:
        raise ProbeError(f"{secret.name} holds characters that no password has; give it again")
    look_up(words.host, until)
    try:
        with _connected(parameters, password, until) as connection:
            return _seen(words, _looked(connection, words), tls=bool(connection.pgconn.ssl_in_use))
    except psycopg.errors.ConnectionTimeout:
        raise ProbeError(f"{_name(words)} did not answer in time", _UNTRUSTED) from None
    except psycopg.Error as error:
        if time.monotonic() >= until:
            raise ProbeError(f"{_name(words)} did not answer in time", _UNTRUSTED) from None
        return _refused(words, one_line(str(error)))


def _parameters(words: PostgresProbe, until: float) -> dict[str, str | int]:
    """The connection's parameters; all that the environment and the home directory could say instead is named."""
    if not _HOST.fullmatch(words.host):
        raise ProbeError(f"{one_line(words.host)} is not the name of a host")
    if not words.port.isdecimal() or not 0 < int(words.port) < 65536:
        raise ProbeError(f"{words.port} is not a port number")
    if words.ca and not Path(words.ca).expanduser().is_file():
        raise ProbeError(f"there is no file {one_line(words.ca)} with the CA's certificate on this machine")
    proved = bool(words.ca)
    return {
        "host": words.host,
        "hostaddr": "",
        "port": words.port,
        "user": words.user,
        "dbname": words.database,
        "passfile": os.devnull,
        "sslmode": "disable" if not words.tls else "verify-full" if proved else "require",
        "sslrootcert": str(Path(words.ca).expanduser()) if proved else "",
        "sslcrl": "",
        "sslcrldir": "",
        "sslcertmode": "disable",
        "gssencmode": "disable",
        "target_session_attrs": "any",
        "options": "",
        # Nobody has proved who listens there: the password is used for a challenge, and not sent as it is.
        "require_auth": "scram-sha-256,md5,none" + (",password" if words.tls and proved else ""),
        "connect_timeout": max(2, int(until - time.monotonic() - 0.5)),
        "application_name": "sprocket-tui",
    }


@contextmanager
def _connected(
    parameters: dict[str, str | int], password: str, until: float
) -> Generator[psycopg.Connection[tuple[Any, ...]]]:
    """A connection that is cut when the time is up: a query has no end of its own."""
    connection = psycopg.Connection.connect(
        make_conninfo("", password=password, **parameters),
        autocommit=True,
        prepare_threshold=None,
        row_factory=tuple_row,
    )
    held = socket.socket(fileno=os.dup(connection.pgconn.socket))
    watch = threading.Timer(max(0.1, until - time.monotonic()), _cut, (held,))
    watch.daemon = True
    watch.start()
    try:
        yield connection
    finally:
        watch.cancel()
        connection.close()
        held.close()


def _cut(held: socket.socket) -> None:
    try:
        held.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


def _looked(connection: psycopg.Connection[tuple[Any, ...]], words: PostgresProbe) -> tuple[Any, ...]:
    asked = list(words.databases)
    row = connection.execute(_LOOK, (asked, list(words.roles), asked, asked)).fetchone()
    if row is None:
        raise ProbeError(f"{_name(words)} does not list the role {words.user} that it let in")
    return row


def _seen(words: PostgresProbe, row: tuple[Any, ...], *, tls: bool) -> Observation:
    user, version, number, superuser, databases, roles, most, reserved, used, cipher, found, known, shut, fixed = row
    free = max(0, int(most) - int(used) - (0 if superuser else int(reserved)))
    major = int(number) // 10000
    missing = [name for name in words.databases if name not in found]
    missing += [name for name in words.roles if name not in known]
    value = _value(words, "ok", "")
    value |= {
        "tls": {
            "used": tls,
            "version": cipher if tls else None,
            "verified": tls and bool(words.ca),
            "reason": "" if words.ca or not tls else "no CA was given to verify it by",
        },
        "login": {"user": user, "superuser": superuser, "create_database": databases, "create_role": roles},
        "databases": {name: name in found for name in words.databases},
        "roles": {name: name in known for name in words.roles},
        "missing": [*missing],
        "closed": [*shut],
        "fixed": [*fixed],
        "version": {"text": version, "major": major, **lasting(words.ends.get(str(major)), time.time())},
        "connections": {"max": int(most), "used": int(used), "free": free, "free_from": step(free)},
    }
    secured = (cipher or "TLS") if tls else "no TLS"
    lacking = f"; not there: {', '.join(missing)}" if missing else ""
    seen = f"{user} is let in to {words.database} at {_name(words)}: PostgreSQL {version}, {secured}, "
    return Observation(value=value, seen=one_line(f"{seen}{free} of {most} connections free{lacking}"))


def _refused(words: PostgresProbe, said: str) -> Observation:
    """The state that the server's words tell; raises ProbeError where they are no answer of PostgreSQL, or unknown."""
    message = excerpt(re.sub(r"^.*?connection to server at .*? failed: ", "", said), 300)
    for state, pattern in _SAID:
        if re.search(pattern, said):
            return Observation(
                value=_value(words, state, message), seen=f"{_name(words)} answers: {message}", evidence=said
            )
    lost = re.search(r"timeout|timed out", said, re.IGNORECASE)
    raise ProbeError(f"{_name(words)} gave no answer that can be judged: {message}", _UNTRUSTED if lost else "")


def _value(words: PostgresProbe, state: str, message: str) -> dict[str, JSON]:
    return {
        "state": state,
        "message": message,
        "tls": None,
        "login": None,
        "database": words.database,
        "databases": {},
        "roles": {},
        "missing": [],
        "closed": [],
        "fixed": [],
        "version": None,
        "connections": None,
    }


def _name(words: PostgresProbe) -> str:
    return f"{words.host} port {words.port}"


PROBE = Probe[PostgresProbe](kind="postgres", measure=measure)
