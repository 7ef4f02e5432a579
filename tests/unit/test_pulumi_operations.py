"""The operations login, stack, config and up, their scripts really run against a pretended pulumi."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sprocket_tui.actions import remedy
from sprocket_tui.actions.pulumi import Pulumi, plan
from sprocket_tui.errors import SprocketError
from sprocket_tui.guide.templates import MissingVar
from sprocket_tui.secret import Secret
from tests.unit.pulumi_kit import URN, Host, creating, resource

KEYS = [
    {"key": "layer_1:hostname", "var": "hostname"},
    {"key": "layer_1:vault-s3-secret-key", "var": "vault_key"},
    {"key": "layer_1:docker-access-token", "var": "docker_token"},
]
PULUMI = Pulumi()


@pytest.fixture
def host(tmp_path: Path) -> Host:
    secrets = {"vault_key": Secret("planted-vault-key"), "docker_token": Secret("planted-docker-token")}
    return Host(tmp_path, {"hostname": "sprocket.lab.test"}, secrets)


def configured(host: Host, *, vault: str | None = "planted-vault-key", plain: str = "sprocket.lab.test") -> None:
    """The stack's configuration: hostname, the vault key (None: not decryptable), and the docker token."""
    secret: dict[str, Any] = {"secret": True}
    listed = {
        "layer_1:hostname": {"value": plain, "secret": False},
        "layer_1:vault-s3-secret-key": secret,
        "layer_1:docker-access-token": secret,
    }
    host.answers("config", json.dumps(listed, indent=2))
    (host.root / "config" / "layer_1:docker-access-token").write_text("planted-docker-token\n")
    if vault is not None:
        (host.root / "config" / "layer_1:vault-s3-secret-key").write_text(f"{vault}\n")


def test_every_call_names_the_stack_and_proves_the_backend(host: Host) -> None:
    host.state([])
    PULUMI.observe(host.context("up"))
    assert host.calls == ["pulumi stack export --stack layer_1 --non-interactive --color never"]
    assert host.environment["PULUMI_BACKEND_URL"] == f"file://{host.root}/state"
    assert host.environment["PULUMI_SKIP_UPDATE_CHECK"] == "true"
    assert host.environment["PULUMI_CONFIG_PASSPHRASE_FILE"] == str(host.root / "tmp" / "passphrase")


def test_a_command_that_may_help_such_a_step_is_given_the_passphrase_only_where_it_is_pulumis(host: Host) -> None:
    assert not remedy(host.context("up"), ("docker", "service", "ls")).files
    assert not remedy(host.context("up"), ("docker", "image", "prune", "--all", "--force")).files
    assert "passphrase" in remedy(host.context("up"), ("pulumi", "stack", "--show-urns")).files


def test_a_remedy_of_such_a_step_finds_the_passphrase_and_not_in_its_script(host: Host) -> None:
    host.answers("refresh", "refreshed")
    job = remedy(host.context("up"), ("pulumi", "refresh", "--yes"))
    assert host.run(job).stdout == b"refreshed\n"
    assert host.calls == ["pulumi refresh --yes"]
    assert host.environment["PULUMI_CONFIG_PASSPHRASE_FILE"] == str(host.root / "tmp" / "passphrase")
    assert "correct horse battery" not in job.script


@pytest.mark.parametrize("operation", ["login", "stack", "config", "up"])
def test_no_secret_is_in_a_script_or_an_argv(host: Host, operation: str) -> None:
    host.values["backend"] = "s3://bucket/state?region=us-east-1"
    host.secrets |= {"s3_backend_access_key": Secret("planted-access"), "s3_backend_secret_key": Secret("planted-s3")}
    configured(host, vault="another")
    context = host.context(operation, keys=KEYS if operation == "config" else [])
    job = PULUMI.perform(context, {"steps": 1})
    assert job.files
    for secret in host.secrets.values():
        assert secret.reveal() not in f"{job.script} {job.argv} {job.environment} {PULUMI.card(context, {}).argv}"


def test_the_keys_of_a_bucket_are_a_credentials_file(host: Host) -> None:
    host.values["backend"] = "s3://bucket/state?region=us-east-1"
    host.secrets |= {"s3_backend_access_key": Secret("access"), "s3_backend_secret_key": Secret("hidden")}
    host.answers("whoami", json.dumps({"url": "s3://bucket/state?region=us-east-1", "user": "root"}))
    PULUMI.observe(host.context("login"))
    assert host.environment["AWS_SHARED_CREDENTIALS_FILE"] == str(host.root / "tmp" / "aws")
    assert "AWS_SECRET_ACCESS_KEY" not in host.environment
    assert "aws_secret_access_key=hidden\n" in (host.root / "tmp" / "aws").read_text()


def test_the_hosted_service_gets_its_token_at_login_and_no_passphrase(host: Host) -> None:
    host.values["backend"] = "https://api.pulumi.com"
    host.secrets["pulumi_access_token"] = Secret("pul-token")
    host.answers("login")
    assert host.run(PULUMI.perform(host.context("login"), {})).status == 0
    assert host.environment["PULUMI_ACCESS_TOKEN"] == "pul-token"
    assert "PULUMI_CONFIG_PASSPHRASE_FILE" not in host.environment


def test_a_backend_that_opens_under_its_own_address_is_the_same(host: Host) -> None:
    host.answers("whoami", json.dumps({"url": host.values["backend"], "user": "root"}))
    assert PULUMI.observe(host.context("login")).value == {
        "open": True,
        "same": True,
        "url": host.values["backend"],
        "user": "root",
    }


def test_another_backend_is_not_the_same(host: Host) -> None:
    host.answers("whoami", json.dumps({"url": "file:///elsewhere", "user": "root"}))
    value = PULUMI.observe(host.context("login")).value
    assert isinstance(value, dict)
    assert (value["open"], value["same"]) == (True, False)


def test_a_backend_that_does_not_open_is_an_answer_with_its_reason(host: Host) -> None:
    host.answers("whoami", err="error: unable to open bucket file:///srv/nostate\n", status=255)
    seen = PULUMI.observe(host.context("login"))
    assert seen.measured
    assert "unable to open bucket" in seen.seen


def test_a_host_without_pulumi_was_not_measured(host: Host) -> None:
    (host.root / "bin" / "pulumi").unlink()
    for operation in ("login", "stack", "up"):
        assert not PULUMI.observe(host.context(operation)).measured


@pytest.mark.parametrize("operation", ["login", "stack", "config", "up"])
def test_without_a_passphrase_nothing_is_looked_at_and_the_value_is_named(host: Host, operation: str) -> None:
    del host.secrets["pulumi_passphrase"]
    context = host.context(operation, keys=KEYS if operation == "config" else [])
    assert "pulumi_passphrase" in PULUMI.observe(context).reason
    with pytest.raises(MissingVar):
        PULUMI.perform(context, {"steps": 1})
    assert host.calls == []


@pytest.mark.parametrize(
    ("names", "exists"), [([], False), (["layer_1"], True), (["me/layer_1"], True), (["l"], False)]
)
def test_a_stack_exists_when_it_is_listed(host: Host, names: list[str], exists: bool) -> None:
    host.answers("stack ls", json.dumps([{"name": name, "current": False} for name in names]))
    assert PULUMI.observe(host.context("stack")).value == {"exists": exists}


def test_a_configuration_that_holds_every_answer_is_complete(host: Host) -> None:
    configured(host)
    seen = PULUMI.observe(host.context("config", keys=KEYS))
    assert seen.value == {"missing": [], "different": [], "undecryptable": False, "complete": True}


def test_what_differs_is_told_apart_from_what_cannot_be_decrypted(host: Host) -> None:
    configured(host, vault=None, plain="old.lab.test")
    keys = [*KEYS, {"key": "layer_1:postgres-port", "var": "postgres_port"}]
    host.values["postgres_port"] = 25060
    seen = PULUMI.observe(host.context("config", keys=keys))
    assert seen.value == {
        "missing": ["layer_1:postgres-port"],
        "different": ["layer_1:hostname"],
        "undecryptable": True,
        "complete": False,
    }
    assert "layer_1:vault-s3-secret-key" in seen.seen


def test_a_secret_with_another_value_is_different_and_never_shown(host: Host) -> None:
    configured(host, vault="what-the-stack-holds")
    seen = PULUMI.observe(host.context("config", keys=KEYS))
    assert isinstance(seen.value, dict)
    assert seen.value["different"] == ["layer_1:vault-s3-secret-key"]
    assert "what-the-stack-holds" not in repr(seen)


def test_a_secret_that_lies_there_in_clear_is_different(host: Host) -> None:
    configured(host)
    keys = [{"key": "layer_1:hostname", "var": "hostname"}]
    host.secrets["hostname"] = Secret("sprocket.lab.test")
    (host.root / "config" / "layer_1:hostname").write_text("sprocket.lab.test\n")
    value = PULUMI.observe(host.context("config", keys=keys)).value
    assert isinstance(value, dict)
    assert value["different"] == ["layer_1:hostname"]


def test_a_configuration_of_no_stack_lacks_every_key(host: Host) -> None:
    host.answers("config", err="error: no stack named 'layer_1' found\n", status=255)
    value = PULUMI.observe(host.context("config", keys=KEYS)).value
    assert isinstance(value, dict)
    assert value["missing"] == [key["key"] for key in KEYS]


def test_only_what_is_missing_or_different_is_set_and_a_secret_by_stdin(host: Host) -> None:
    configured(host, vault="another")
    context = host.context("config", keys=KEYS)
    job = PULUMI.perform(context, {})
    before = len(host.calls)
    assert host.concluded(context, "perform", job).ok
    assert host.calls[before:] == [
        "pulumi config set --secret layer_1:vault-s3-secret-key --stack layer_1 --non-interactive --color never"
    ]
    assert (host.root / "set-layer_1:vault-s3-secret-key").read_text() == "planted-vault-key"


def test_a_plain_value_that_looks_like_an_option_stays_a_value(host: Host) -> None:
    configured(host)
    host.values["hostname"] = "--stack=other; touch $HOME/touched"
    job = PULUMI.perform(host.context("config", keys=KEYS), {})
    host.run(job)
    assert host.calls[-1].endswith("-- layer_1:hostname --stack=other; touch $HOME/touched")
    assert not (host.root / "touched").exists()


def test_the_state_tells_resources_and_what_was_cut_off(host: Host) -> None:
    host.state([resource("Network", "net", "n1")], [creating("Service", "redis")])
    assert PULUMI.observe(host.context("up")).value == {"exists": True, "resources": 1, "pending": 1}
    host.answers("stack export", err="error: no stack named 'layer_1' found\n", status=255)
    assert PULUMI.observe(host.context("up")).value == {"exists": False, "resources": 0, "pending": 0}


@pytest.mark.parametrize("stage", ["prepare", "perform"])
def test_nothing_is_begun_while_operations_are_cut_off(host: Host, stage: str) -> None:
    host.state([], [creating("Service", "redis")])
    context = host.context("up")
    job = PULUMI.prepare(context) if stage == "prepare" else PULUMI.perform(context, {"steps": 1})
    assert job is not None
    found = host.concluded(context, stage, job)
    assert found.interrupted
    assert not found.ok
    assert "cut off" in found.first_error
    assert [call.split()[1:3] for call in host.calls] == [["stack", "export"]]


def test_a_preview_replaces_the_plan_of_an_earlier_one(host: Host) -> None:
    host.state([])
    host.answers("preview", err="error: update failed\n", status=255)
    saved = host.root / "keep" / "plan-layer-1.up.json"
    saved.write_text("{}")
    context = host.context("up")
    job = PULUMI.prepare(context)
    assert job is not None
    assert not host.concluded(context, "prepare", job).ok
    assert not saved.exists()


def test_a_preview_without_a_summary_approves_nothing(host: Host) -> None:
    host.state([])
    host.answers("preview", "Resources:\n    16 unchanged\n")
    context = host.context("up")
    job = PULUMI.prepare(context)
    assert job is not None
    found = host.concluded(context, "prepare", job)
    assert not found.ok
    assert found.facts["nothing"] is False


def test_the_update_is_held_to_the_plan_and_leaves_its_pid(host: Host) -> None:
    host.state([])
    host.answers("up", "Resources:\n    + 1 created\n\nDuration: 1s\n")
    context = host.context("up")
    assert host.concluded(context, "perform", PULUMI.perform(context, {"steps": 1})).ok
    assert f"--plan {host.root}/keep/plan-layer-1.up.json --event-log {host.root}/tmp/events" in host.calls[-1]
    assert (host.root / "attempt" / "child").read_text().strip().isdigit()


def test_without_a_preview_there_is_no_update(host: Host) -> None:
    with pytest.raises(SprocketError, match="no preview"):
        PULUMI.perform(host.context("up"), {})


def test_the_total_comes_from_the_preview_and_grows_when_more_is_done(host: Host) -> None:
    reader = PULUMI.reader(host.context("up"), "perform")
    reader.feed("out", "sprocket: steps 1")
    seen: list[tuple[str, int | None, int | None]] = []
    for name in ("a", "b"):
        for event in ("resourcePreEvent", "resOutputsEvent"):
            metadata = {"op": "create", "urn": URN.format(kind="service:Service", name=name), "type": "t"}
            kept = reader.reduce("events", json.dumps({event: {"metadata": metadata}}))
            assert kept is not None
            notes = reader.feed("events", kept)
            seen += [(each.moved.state, each.done, each.total) for each in notes if each.moved]
    assert seen == [("started", 0, 1), ("done", 1, 1), ("started", 1, 2), ("done", 2, 2)]


def test_a_card_warns_of_what_is_deleted_or_replaced(host: Host) -> None:
    urn = URN.format(kind="volume:Volume", name="data")
    steps = [("create-replacement", urn), ("replace", urn), ("delete-replaced", urn), ("same", "x"), ("create", "y")]
    changes = plan.changes_of(steps)
    assert [change.op for change in changes] == ["replace", "create"]
    card = PULUMI.card(host.context("up"), {"changes": plan.as_json(changes), "steps": 4})
    assert card.warnings == ("replaces Volume data",)
    assert card.plan == changes
    assert card.undo == "compensable: destroy"


def test_a_digest_tells_plans_apart_and_not_their_order() -> None:
    one, two = plan.changes_of([("create", "a"), ("update", "b")])
    assert plan.digest_of([one, two]) == plan.digest_of([two, one])
    assert plan.digest_of([one, two]) != plan.digest_of([one, replace(two, op="delete")])


ABORTED = """Diagnostics:
  docker:index:Network (traefik-network):
    error: 1 error occurred:
    \t* Post "http://docker/v1.45/networks/create": context canceled

  pulumi:pulumi:Stack (layer_1-layer_1):
    error: update failed

Resources:
    + 6 created

Duration: 2s"""
TOLD = "SIGTERM received; cancelling. If you would like to terminate immediately, send SIGTERM again."


@pytest.mark.parametrize("printed", [ABORTED, f"{TOLD}\n{ABORTED.replace('context canceled', 'not allowed')}"])
def test_an_update_that_was_stopped_while_nobody_followed_it_is_examined_by_its_text_alone(host: Host, printed) -> None:
    reader = PULUMI.reader(host.context("up"), "perform")
    for line in printed.splitlines():
        reader.feed("out", line)
    assert reader.conclude(255).interrupted


def test_an_update_that_failed_by_an_answer_is_not_taken_for_a_cut_off_one(host: Host) -> None:
    reader = PULUMI.reader(host.context("up"), "perform")
    for line in ABORTED.replace("context canceled", "not allowed").splitlines():
        reader.feed("out", line)
    assert not reader.conclude(255).interrupted
