"""The stand-in of pulumi, killed or stopped, leaves behind what the real one leaves behind."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from sprocket_tui.actions.pulumi import messages
from sprocket_tui.actions.pulumi.state import parse_state
from tests.practice.pulumi_world import (
    ALWAYS,
    LOCKS,
    Droplet,
    conclude,
    configured,
)


@pytest.fixture
def droplet(tmp_path: Path) -> Droplet:
    return configured(tmp_path)


class TestInterrupted:
    @pytest.fixture
    def slow(self, droplet: Droplet) -> Droplet:
        droplet.change(lambda state: state.update(speed=8.0))
        return droplet

    def begin(self, droplet: Droplet, *argv: str) -> subprocess.Popen[str]:
        """An update while Vault's service is being made."""
        process = droplet.start(
            "pulumi", "up", "--yes", "--skip-preview", "--event-log", "/root/events", *argv, *ALWAYS
        )
        # The config before it in the same wave was made: by then the plugin has been asked for the whole wave.
        droplet.until(
            lambda state: (
                any(_creates(each, "vault-service") for each in state["stacks"]["layer_1"]["pending"])
                and any(each["urn"].endswith("::traefik-fa-config") for each in state["stacks"]["layer_1"]["resources"])
            )
        )
        return process

    def test_killed_it_leaves_lock_pending_operation_and_orphan(self, slow: Droplet) -> None:
        process = self.begin(slow)
        process.kill()
        out, err = process.communicate()
        assert err == "" and "Resources:" not in out
        locked = slow.pulumi("up", "--yes", "--skip-preview")
        assert (locked.returncode, locked.stdout) == (255, "")
        lock = json.loads(next((slow.root / LOCKS).glob("*.json")).read_text())
        assert [(each.pid, each.host) for each in messages.locks(locked.stderr)] == [(process.pid, lock["hostname"])]
        slow.until(lambda state: any(each["name"] == "vault" for each in state["docker"]["services"]))
        export = slow.pulumi("stack", "export").stdout
        assert re.search(r'^        "pending_operations": \[$', export, re.MULTILINE)
        held = parse_state(json.loads(export))
        assert "creating" in {each.doing for each in held.pending}
        services = {each["id"] for each in slow.state()["docker"]["services"]}
        assert services - {each.id for each in held.resources}
        assert conclude("update", -9, (slow.root / "root/events").read_text(), out).interrupted

    def test_then_cancel_and_refresh_make_it_good(self, slow: Droplet) -> None:
        process = self.begin(slow)
        process.kill()
        process.communicate()
        assert (
            slow.pulumi("cancel", "--yes").stdout == "The currently running update for 'layer_1' has been canceled!\n"
        )
        slow.pulumi("refresh", "--yes", "--skip-preview")
        assert slow.state()["stacks"]["layer_1"]["pending"]
        slow.pulumi("refresh", "--yes", "--skip-preview", "--clear-pending-creates")
        assert not slow.state()["stacks"]["layer_1"]["pending"]
        assert slow.pulumi("refresh", "--preview-only", "--expect-no-changes").returncode == 0

    def test_an_update_over_pending_operations_warns(self, slow: Droplet) -> None:
        process = self.begin(slow)
        process.kill()
        process.communicate()
        slow.pulumi("cancel", "--yes")
        count = len(slow.state()["stacks"]["layer_1"]["pending"])
        assert messages.pending(slow.pulumi("up", "--yes", "--skip-preview").stdout) == count > 0

    @pytest.mark.parametrize(
        ("number", "said"),
        [(signal.SIGINT, "^C received; cancelling."), (signal.SIGTERM, "SIGTERM received; cancelling.")],
    )
    def test_a_signal_ends_it_in_order(self, slow: Droplet, number: signal.Signals, said: str) -> None:
        process = self.begin(slow)
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
        assert (process.returncode, err) == (255, "")
        assert said in out and "context canceled" in out and "error: update failed" in out
        assert not list((slow.root / LOCKS).glob("*"))
        assert not slow.state()["stacks"]["layer_1"]["pending"]
        assert conclude("update", 255, (slow.root / "root/events").read_text(), out).interrupted

    def test_a_signal_before_anything_is_made(self, slow: Droplet) -> None:
        slow.change(lambda state: state.update(speed=1.0))
        process = slow.start("pulumi", "up", "--yes", "--skip-preview", *ALWAYS)
        for _ in range(500):
            if list((slow.root / LOCKS).glob("*.json")):
                break
            time.sleep(0.01)
        time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=30)
        assert process.returncode == 255 and "error: update canceled" in out

    def test_asked_twice_it_leaves_what_was_under_way(self, slow: Droplet) -> None:
        process = self.begin(slow)
        process.send_signal(signal.SIGINT)
        time.sleep(0.03)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        assert (process.returncode, err) == (255, "error: update cancelled\n")
        assert "^C received; terminating" in out
        assert slow.state()["stacks"]["layer_1"]["pending"]
        assert not list((slow.root / LOCKS).glob("*"))

    def test_what_was_removed_by_hand_only_a_refresh_sees(self, droplet: Droplet) -> None:
        droplet.pulumi("up", "--yes", "--skip-preview")
        droplet.change(lambda state: state["docker"]["services"].pop())
        assert "16 unchanged" in droplet.pulumi("preview").stdout
        looked = droplet.pulumi("refresh", "--preview-only", "--expect-no-changes")
        assert (looked.returncode, looked.stderr) == (255, "error: no changes were expected but changes occurred\n")
        assert "- 1 deleted\n    15 unchanged" in droplet.pulumi("refresh", "--yes", "--skip-preview").stdout
        assert "+ 1 created" in droplet.pulumi("up", "--yes", "--skip-preview").stdout


def _creates(operation: dict[str, Any], name: str) -> bool:
    return operation["type"] == "creating" and operation["resource"]["urn"].endswith(f"::{name}")
