"""What the real Vault printed and answered is understood: sealed or not, why it refused, and no key of it is kept."""

from __future__ import annotations

import base64
import json
import random
import re
from typing import Any

import pytest

from sprocket_tui.actions.command import CommandReader
from sprocket_tui.checks import judge
from sprocket_tui.checks.observation import Observation
from sprocket_tui.redaction import Redactor
from sprocket_tui.secret import Secret
from tests.unit.checks_kit import answered, probe
from tests.unit.recorded import GUIDE, recordings

RECORDED = recordings("vault")
# initialised, sealed, key shares, of which so many open it, and so many were given
NEW, SEALED, OPEN = (False, True, 0, 0, 0), (True, True, 5, 3, 0), (True, False, 5, 3, 0)
STATUS = {
    "01-status-uninitialized": NEW,
    "01-status-uninitialized-json": NEW,
    "03-status-sealed": SEALED,
    "03-status-sealed-json": SEALED,
    "04-status-after-failed-unseal": SEALED,
    "04-unseal-wrong-key": (True, True, 5, 3, 1),
    "05-unseal-1-of-3": (True, True, 5, 3, 1),
    "05-unseal-2-of-3-json": (True, True, 5, 3, 2),
    "05-unseal-3-of-3": OPEN,
    "05-unseal-same-key-again": (True, True, 5, 3, 1),
    "06-status-unsealed": OPEN,
    "06-status-unsealed-json": OPEN,
    "11-status-sealed-again": SEALED,
    "11-status-sealed-again-json": SEALED,
    "13-status-through-traefik": OPEN,
}
ANSWERS = {
    "01-api-health-uninitialized": 501,
    "03-api-health-sealed": 503,
    "06-api-health-active": 200,
    "01-api-seal-status-uninitialized": 200,
    "05-api-seal-status-progress": 200,
    "10-api-403": 403,
}
# The two answers that are asked for together, and how the guide judges them.
BOTH = {
    ("01-api-seal-status-uninitialized", "01-api-health-uninitialized"): (
        *("uninitialized", "fail", "501: not initialised yet; its start script does that within half a minute"),
    ),
    ("05-api-seal-status-progress", "03-api-health-sealed"): ("sealed", "fail", "503: sealed, 2 of 3 keys given"),
}
ERRORS = {
    "00-status-not-running": "Error checking seal status: Get",
    "01-unseal-uninitialized": "Vault is not initialized",
    "02-init-again": "Vault is already initialized",
    "03-read-while-sealed": "Vault is sealed",
    "03-token-lookup-while-sealed": "Vault is sealed",
    "04-unseal-bad-format": "'key' must be a valid hex or base64 string",
    "04-unseal-third-key-one-wrong": "unable to retrieve stored keys: invalid key",
    "07-bad-token-403": "permission denied",
    "07-no-token": "permission denied",
    "08-get-no-mount": "preflight capability check returned 403",
    "08-secrets-enable-again": "path is already in use at platform/",
    "08-secrets-enable-json": "Too many arguments (expected 1, got 2)",
    "09-kv-get-json": "Too many arguments (expected 1, got 2)",
    "09-kv-get-missing": "No value found at platform/data/sprocket/manual/oauth/nope",
    "10-revoked-token-403": "permission denied",
    "10-secrets-enable-403": "1 error occurred: permission denied",
    "10-write-403": "1 error occurred: permission denied",
    "12-https-to-http": "Error checking seal status: Get",
    "12-no-such-host": "Error checking seal status: Get",
    "13-status-https-guide-address": "Error checking seal status: Get",
    "13-status-https-skip-verify": "404 page not found",
    "13-status-traefik-no-router": "404 page not found",
    "status-via-traefik-backend-dead": "Bad Gateway",
    "status-via-traefik-backend-dead-json": "Bad Gateway",
}
HINTS = {
    "02-init-again": "web.vault-keys-lost",
    "03-read-while-sealed": "web.vault-sealed",
    "03-token-lookup-while-sealed": "web.vault-sealed",
    "03-api-health-sealed": "web.vault-sealed",
    "03-status-sealed-json": "web.vault-sealed",
    "11-status-sealed-again-json": "web.vault-sealed",
}
# What else went well, and a word of what was printed.
SAID = {
    "02-init-json": '"unseal_threshold": 3',
    "08-secrets-enable": "Success! Enabled the kv secrets engine at: platform/",
    "08-token-lookup-root": "auth/token/root",
    "08-token-lookup-root-json": '"path": "auth/token/root"',
    "09-kv-get": "platform/data/sprocket/manual/oauth/google",
    "09-kv-list": "google",
    "09-kv-put": "platform/data/sprocket/manual/oauth/google",
    "09-kv-put-json": '"version": 2',
    "09-secrets-list-json": '"type": "kv"',
    "11-seal": "Success! Vault is sealed.",
}


def test_every_recording_has_its_expectation() -> None:
    assert set(RECORDED) == set(STATUS) | set(ANSWERS) | set(ERRORS) | set(SAID)


@pytest.mark.parametrize("name", STATUS)
def test_the_state_of_the_seal_is_read_from_json_and_from_text(name: str) -> None:
    recording = RECORDED[name]
    if name.endswith("-json"):
        seen: dict[str, Any] = recording.value(read="json")["out"]
        found = tuple(seen[key] for key in ("initialized", "sealed", "n", "t", "progress"))
    else:
        rows = dict(re.split(r"  +", line, maxsplit=1) for line in recording.value(read="lines")["out"])
        given = int(rows.get("Unseal Progress", "0/0").partition("/")[0])
        truth = [rows[key] == "true" for key in ("Initialized", "Sealed")]
        found = (*truth, int(rows["Total Shares"]), int(rows["Threshold"]), given)
    assert found == STATUS[name]
    # A client that asks a sealed Vault for its state ends with 2, and has still measured; unsealing does not.
    asks = recording.argv[1] == "status"
    assert recording.value()["status"] == (2 if asks and STATUS[name][1] else 0)


def http(name: str) -> Observation:
    """What the probe for HTTP sees: curl was recorded as the probe itself calls it."""
    url = RECORDED[name].argv[-1]
    return answered(probe("http", url=url), f"curl\n{RECORDED[name].out}\nend")


@pytest.mark.parametrize("name", ANSWERS)
def test_the_answer_over_http_is_read(name: str) -> None:
    observation = http(name)
    assert isinstance(observation.value, dict)
    assert observation.value["status"] == ANSWERS[name]
    assert json.loads(str(observation.value["body"]))


@pytest.mark.parametrize("names", BOTH, ids=lambda names: names[1])
def test_seal_and_health_are_read_together_and_judged_by_the_guide(names: tuple[str, str]) -> None:
    asked = probe("vault", url="http://127.0.0.1:8200")
    observation = answered(asked, *(f"curl\n{RECORDED[name].out}\nend" for name in names))
    verdict = judge.judge(GUIDE.checks()["layer-1.vault-health"], observation, {})
    assert isinstance(observation.value, dict)
    assert (observation.value["state"], verdict.state, verdict.observed) == BOTH[names]


def test_the_progress_of_an_unseal_is_told_over_http() -> None:
    observation = http("05-api-seal-status-progress")
    assert isinstance(observation.value, dict)
    body = json.loads(str(observation.value["body"]))
    assert (body["t"], body["n"], body["progress"]) == (3, 5, 2)


@pytest.mark.parametrize("name", ERRORS)
def test_a_refusal_is_told_by_its_own_words(name: str) -> None:
    recording = RECORDED[name]
    conclusion = recording.concluded()
    assert not conclusion.ok
    assert conclusion.first_error.startswith(f"exit status {recording.exit}: {ERRORS[name]}")
    assert recording.value()["status"] == recording.exit


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("00-status-not-running", "connection refused"),
        ("12-https-to-http", "server gave HTTP response to HTTPS client"),
        ("12-no-such-host", "no such host"),
        ("13-status-https-guide-address", "not vault.sprocket.lab.test"),
    ],
)
def test_why_vault_was_not_reached_is_told_to_the_end(name: str, words: str) -> None:
    assert RECORDED[name].concluded().first_error.endswith(words)


@pytest.mark.parametrize("name", HINTS)
def test_the_hint_that_fits_comes_first(name: str) -> None:
    assert RECORDED[name].hints()[0] == HINTS[name]


@pytest.mark.parametrize("name", SAID)
def test_what_went_well_has_no_error(name: str) -> None:
    conclusion = RECORDED[name].concluded()
    assert (conclusion.ok, conclusion.first_error) == (True, "")
    assert SAID[name] in RECORDED[name].out


# -- no key survives ---------------------------------------------------------------------------------------------------

_FAKE = re.compile(r"hvs\.FAKE-[A-Z-]+|FAKE-UNSEAL-KEY-\d+")


def real(fake: str) -> str:
    """A value of the shape that stands there in a real output: the recordings hold names in its place."""
    chosen = random.Random(fake)
    if fake.startswith("hvs."):
        return f"hvs.{base64.urlsafe_b64encode(chosen.randbytes(72)).decode()}"
    key = chosen.randbytes(33)
    # Vault prints its five keys as base64 first, then as hex.
    return base64.b64encode(key).decode() if int(fake.rpartition("-")[2]) <= 5 else key.hex()


def with_keys(text: str) -> tuple[str, set[str]]:
    fakes = set(_FAKE.findall(text))
    return _FAKE.sub(lambda found: real(found.group()), text), {real(fake) for fake in fakes}


KEYS = [
    *((name, recording) for name, recording in RECORDED.items() if _FAKE.search(recording.out + recording.err)),
    ("the log of Vault's service", recordings("swarm")["layer_1-healthy-logs-vault"]),
]


@pytest.mark.parametrize(("name", "recording"), KEYS, ids=[name for name, _ in KEYS])
def test_no_key_or_token_that_vault_printed_is_kept(name: str, recording: Any) -> None:
    text, keys = with_keys(recording.out + recording.err)
    assert keys
    mask, reader = Redactor().text, CommandReader()
    kept = [mask(line) for raw in text.splitlines() if (line := reader.reduce("out", raw)) is not None]
    # Most of the text is no secret and stays readable; the mask is for the keys alone.
    assert len(kept) == sum(bool(line.strip()) for line in text.splitlines())
    assert "\n".join(kept).count("[secret]") == sum(text.count(key) for key in keys)
    assert not [key for key in keys if key in "\n".join(kept)]
    observed = answered(probe("command", argv=["vault"], read="text"), text)
    assert not [key for key in keys if key in mask(json.dumps(observed.value))]


def test_the_recordings_hold_every_kind_of_key() -> None:
    kinds = {fake.rstrip("0123456789") for _, each in KEYS for fake in _FAKE.findall(each.out + each.err)}
    assert kinds == {"FAKE-UNSEAL-KEY-", "hvs.FAKE-ROOT-TOKEN"}
    assert "FAKE-UNSEAL-KEY-10" in RECORDED["02-init-json"].out


def test_a_secret_that_was_given_is_masked_where_vault_shows_it_again() -> None:
    masked = Redactor([Secret("test-secret2", "google_client_secret")]).text(RECORDED["09-kv-get"].out)
    assert "test-secret2" not in masked
    assert "clientSecret    [secret google_client_secret]" in masked
