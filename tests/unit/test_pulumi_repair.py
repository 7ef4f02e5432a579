"""After an interrupted update: what is found, what is proposed, and that the repair does just that, in its order."""

import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sprocket_tui.actions.base import Repair
from sprocket_tui.actions.pulumi import Pulumi, orphans
from sprocket_tui.actions.pulumi.orphans import Thing, Wanted
from sprocket_tui.actions.pulumi.state import State, parse_state
from sprocket_tui.errors import Unread
from sprocket_tui.secret import Secret
from tests.unit.pulumi_kit import Host, creating, resource

NOBODY = 4_194_303
SINCE = "2026-11-23T19:40:57.364927530Z"
ORPHAN = 'service abcdefghijklmnopqrstuvwxy redis-0a1b2c3 "2026-11-23T19:41:02.123456789Z"'
KNOWN = 'service bcdefghijklmnopqrstuvwxyz redis-9f9f9f9 "2026-11-23T19:00:00Z"'
PULUMI = Pulumi()


def here(moment: str) -> str:
    """A time as the clock of whoever reads it shows it, to the second."""
    return f"{datetime.fromisoformat(moment).astimezone():%Y-%m-%d %H:%M:%S}"


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def refusal(pid: int) -> str:
    """What pulumi says about a lock that the process took on this host."""
    holder = f"created by root@{os.uname().nodename} (pid {pid}) at {SINCE}"
    return f"error: the stack is currently locked by 1 lock(s).\n  file:///s/a.json: {holder}\n"


def locked(host: Host, pid: int, hostname: str = "") -> None:
    """A lock file of the stack, beside one of another stack and the attributes that pulumi keeps beside a lock."""
    for stack, holder in (("layer_1", pid), ("other", os.getpid())):
        place = host.root / "state" / ".pulumi" / "locks" / "organization" / "layer_1" / stack
        place.mkdir(parents=True)
        lock = {"pid": holder, "username": "root", "hostname": hostname or socket.gethostname(), "timestamp": SINCE}
        (place / "a.json").write_text(json.dumps(lock, separators=(",", ":")))
        (place / "a.json.attrs").write_text('{"pid":1}')


@contextmanager
def running(host: Host, name: str, *, marked: bool = True) -> Iterator[subprocess.Popen[bytes]]:
    """A process of that name, with the mark of an update of the stack or without."""
    program = host.root / name
    shutil.copy(shutil.which("sleep") or "", program)
    mark = {"SPROCKET_PULUMI": f"layer_1@file://{host.root}/state;"} if marked else {}
    with subprocess.Popen([program, "300"], env=mark) as process:
        try:
            deadline = time.monotonic() + 10
            while Path(f"/proc/{process.pid}/comm").read_text().strip() != name[:15]:
                assert time.monotonic() < deadline
            yield process
        finally:
            process.kill()


def examined(host: Host) -> Repair:
    return PULUMI.examine(host.context("up"))


def interrupted(host: Host) -> None:
    """One redis is known to the state, another was made by a call that finished after its update was killed."""
    host.state([resource("Service", "redis", "bcdefghijklmnopqrstuvwxyz")], [creating("Service", "redis")])
    host.things(KNOWN, ORPHAN, 'network n1 ingress "2026-11-23T19:00:00Z"')


def test_where_nothing_was_left_it_may_be_run_again(host: Host) -> None:
    host.state([resource("Network", "net", "n1")])
    found = examined(host)
    assert (found.job, found.card, found.blocked) == (None, None, "")
    assert "Nothing was left half done" in found.findings[0]


def test_an_engine_that_still_runs_is_waited_for(host: Host) -> None:
    host.state([])
    with running(host, "pulumi") as engine:
        found = examined(host)
        assert f"pid {engine.pid}" in found.blocked
        assert found.job is None


def test_an_engine_of_another_stack_is_no_concern(host: Host) -> None:
    host.state([])
    with running(host, "pulumi", marked=False):
        assert not examined(host).blocked


def test_a_lock_whose_holder_lives_is_respected(host: Host) -> None:
    host.state([])
    with running(host, "pulumi", marked=False) as other:
        locked(host, other.pid)
        found = examined(host)
    assert f"root@{socket.gethostname()} (pid {other.pid}) since {here(SINCE)}" in found.blocked


def test_a_lock_from_another_host_is_for_a_person_to_settle(host: Host) -> None:
    host.state([])
    locked(host, NOBODY, "laptop")
    assert "ask there" in examined(host).blocked


def test_a_pid_that_another_program_has_now_does_not_hold_a_lock(host: Host) -> None:
    host.state([])
    locked(host, os.getpid())
    found = examined(host)
    assert not found.blocked
    assert any("has ended" in each for each in found.findings)


def test_everything_that_was_left_is_named(host: Host) -> None:
    interrupted(host)
    locked(host, NOBODY)
    with running(host, "node") as plugin:
        found = examined(host)
    text = "\n".join(found.findings)
    assert f"node (pid {plugin.pid})" in text
    assert f"(pid {NOBODY}), which has ended" in text
    assert "Cut off while creating Service redis." in text
    assert f"The stack is locked since {here(SINCE)} by root@" in text
    assert f"The service redis-0a1b2c3 (abcdefghijkl, made {here('2026-11-23T19:41:02Z')}) exists" in text
    assert "redis-9f9f9f9" not in text
    assert found.card is not None
    assert [(change.op, change.kind, change.name) for change in found.card.plan] == [
        ("delete", "service", "redis-0a1b2c3")
    ]


def test_looking_changes_nothing(host: Host) -> None:
    interrupted(host)
    examined(host)
    assert {" ".join(call.split()[:3]) for call in host.calls if call.startswith("pulumi")} == {"pulumi stack export"}
    assert {call.split()[2] for call in host.calls if call.startswith("docker")} <= {"ls", "inspect"}


def test_a_swarm_that_does_not_answer_is_said(host: Host) -> None:
    interrupted(host)
    (host.root / "bin" / "docker").write_text("#!/bin/sh\necho 'Cannot connect to the Docker daemon' >&2; exit 1\n")
    with pytest.raises(Unread, match="Cannot connect to the Docker daemon"):
        examined(host)


def repaired(host: Host, found: Repair) -> tuple[int, str]:
    assert found.job is not None
    done = host.run(found.job)
    return done.status, done.stderr.decode()


def test_the_repair_ends_survivors_then_unlocks_then_removes_orphans_then_clears(host: Host) -> None:
    interrupted(host)
    host.answers("refresh", status=0)
    host.answers("refresh", err=refusal(NOBODY), status=255, once=True)
    host.answers("cancel")
    with running(host, "node") as plugin:
        found = examined(host)
        before = len(host.calls)
        status, said = repaired(host, found)
        assert plugin.wait(10) == -15
    assert (status, said) == (0, "")
    did = [
        re.sub(r" --stack layer_1 --non-interactive --color never| --suppress-outputs", "", c)
        for c in host.calls[before:]
    ]
    assert [each for each in did if not re.match(r"docker \w+ (ls|inspect)", each)] == [
        "pulumi refresh --yes --skip-preview",
        "pulumi cancel --yes",
        "pulumi refresh --yes --skip-preview",
        "docker service rm abcdefghijklmnopqrstuvwxy",
        "pulumi refresh --clear-pending-creates --yes --skip-preview",
        "pulumi refresh --preview-only --expect-no-changes",
    ]
    assert "redis-9f9f9f9" in (host.root / "things").read_text()


def test_the_repair_says_what_it_does(host: Host) -> None:
    interrupted(host)
    host.answers("refresh")
    context = host.context("up")
    found = examined(host)
    assert found.job is not None
    assert host.concluded(context, "repair", found.job).ok


def test_a_repair_refuses_when_more_was_made_since_it_was_shown(host: Host) -> None:
    interrupted(host)
    found = examined(host)
    host.things(KNOWN, ORPHAN, 'service zzzz redis-7777777 "2026-11-23T19:41:09Z"')
    before = len(host.calls)
    status, said = repaired(host, found)
    assert status == 75
    assert "look again" in said
    assert not [call for call in host.calls[before:] if call.startswith("pulumi") or " rm " in call]


def test_a_repair_does_not_lift_the_lock_of_a_living_engine(host: Host) -> None:
    interrupted(host)
    found = examined(host)
    with running(host, "pulumi", marked=False) as other:
        host.answers("refresh", err=refusal(other.pid), status=255)
        status, said = repaired(host, found)
    assert status == 75
    assert "its holder still runs" in said
    assert not [call for call in host.calls if call.startswith("pulumi cancel") or " rm " in call]


def test_a_repair_stops_when_an_engine_has_been_started_meanwhile(host: Host) -> None:
    interrupted(host)
    found = examined(host)
    with running(host, "pulumi"):
        status, said = repaired(host, found)
    assert status == 75
    assert "runs again" in said


def test_a_refresh_that_fails_for_another_reason_ends_the_repair_before_anything_is_removed(host: Host) -> None:
    interrupted(host)
    found = examined(host)
    host.answers("refresh", err="error: incorrect passphrase\n", status=255)
    status, said = repaired(host, found)
    assert status != 0
    assert "incorrect passphrase" in said
    assert "redis-0a1b2c3" in (host.root / "things").read_text()


def test_a_lock_in_a_bucket_is_looked_for_by_the_repair(host: Host) -> None:
    host.values["backend"] = "s3://bucket/state?region=us-east-1"
    host.secrets |= {"s3_backend_access_key": Secret("access"), "s3_backend_secret_key": Secret("hidden")}
    host.state([])
    found = examined(host)
    assert found.job is not None
    assert "shows only when it is used" in found.findings[-1]


def test_a_call_without_an_answer_leaves_an_orphan_that_no_state_mentions(host: Host) -> None:
    plans = {
        "urn:pulumi:layer_1::layer_1::docker:index/service:Service::web": {"goal": {}},
        "urn:pulumi:layer_1::layer_1::docker:index/service:Service::vault-service": {
            "goal": {"inputDiff": {"adds": {"name": "vault"}}}
        },
    }
    (host.root / "keep" / "plan-layer-1.up.json").write_text(json.dumps({"resourcePlans": plans}))
    host.state([])
    later, earlier = datetime.now(UTC) + timedelta(hours=1), datetime.now(UTC) - timedelta(hours=1)
    host.things(
        f'service s1 web-0000001 "{later.isoformat()}"',
        f'service s2 web-0000002 "{earlier.isoformat()}"',
        f'service s3 vault "{later.isoformat()}"',
        f'service s4 web-other "{later.isoformat()}"',
    )
    found = examined(host)
    assert found.card is not None
    assert [change.name for change in found.card.plan] == ["vault", "web-0000001"]


@pytest.mark.parametrize("listing", [b"", b"service x\n", b"\xff\xfe\n", b'service i n "no time"\n'])
def test_a_listing_of_another_shape_makes_nothing_up(listing: bytes) -> None:
    assert all(thing.created is None for thing in orphans.parse_listing(listing))


@pytest.mark.parametrize("plan", [b"", b"[]", b"{", b'{"resourcePlans": []}', b'{"resourcePlans": {"u": 3}}'])
def test_a_damaged_plan_names_no_fixed_name(plan: bytes) -> None:
    assert all(wanted.name == "" for wanted in orphans.planned_creates(plan, State(True)))


def test_orphans_are_removed_services_first() -> None:
    state = parse_state({"deployment": {"pending_operations": [creating(k, "x") for k in ("Volume", "Service")]}})
    things = [Thing(kind, kind[0], "x-0123456") for kind in ("volume", "network", "config", "service")]
    assert [thing.kind for thing in orphans.find(things, state, (), None)] == list(orphans.KINDS)


def test_a_cut_off_update_or_delete_makes_no_orphan() -> None:
    pending = [{"type": kind, "resource": resource("Service", "x", "id")} for kind in ("updating", "deleting")]
    state = parse_state({"deployment": {"pending_operations": pending}})
    assert orphans.find([Thing("service", "s", "x-0123456")], state, (), None) == ()


@pytest.mark.parametrize(
    ("name", "is_its"),
    [("redis-0a1b2c3", True), ("redis", False), ("redis-0a1b2c", False), ("redis-main-0a1b2c3", False), ("main", True)],
)
def test_a_name_is_the_logical_one_with_seven_hex_digits_or_the_fixed_one(name: str, is_its: bool) -> None:
    assert Wanted("redis", "main").names(Thing("service", "s", name)) is is_its


def test_an_export_is_read_with_and_without_the_list_of_pending_operations() -> None:
    for pending in ({}, {"pending_operations": None}, {"pending_operations": []}):
        assert parse_state({"deployment": {"resources": [], **pending}}).pending == ()
