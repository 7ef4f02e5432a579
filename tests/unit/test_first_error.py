"""The first true error of an output, from what the real engine printed and from what other tools print."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from sprocket_tui.diagnosis.lines import first_error

RECORDINGS = Path(__file__).parent.parent / "recordings" / "pulumi"


def printed(name: str) -> list[str]:
    """What a recorded command printed, stdout before stderr."""
    found = [RECORDINGS / f"{name}.{stream}.gz" for stream in ("out", "err")]
    return "".join(gzip.decompress(path.read_bytes()).decode() for path in found if path.exists()).splitlines()


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("layer_1-00-select-missing", "no stack named 'layer_1' found"),
        ("layer_1-03-preview-shipped-secrets", "failed to decrypt configuration key 'layer_1:vault-s3-secret-key'"),
        ("layer_1-05-preview-no-npm-install", "It looks like the Pulumi SDK has not been installed."),
        ("layer_1-06-preview-no-npm-install-in-global", "Cannot find module '@pulumi/pulumi'"),
        (
            "layer_1-08-preview-config-missing",
            "Missing required configuration variable 'layer_1:discord-fa-client-secret'",
        ),
        ("layer_1-12-preview-hub-401", "Failed to look up asaxplayinghorse/discord-forward-auth:latest"),
        ("layer_1-14-up-no-daemon", "Unable to create network: Cannot connect to the Docker daemon"),
        ("layer_2-01-preview-as-guide", "Preview failed: organization name must be 'organization'"),
        ("layer_2-02-preview-no-root-token", "Vault root token not found."),
        ("layer_2-07-up-first", "error connecting to PostgreSQL server"),
        ("platform-01-preview-as-guide", "Missing required configuration variable 'platform:docker-username'"),
        ("platform-04-preview-vault-secret-missing", 'no secret found at "platform/data/main/manual/oauth/steam"'),
        ("platform-31-after-sigkill-up", "the stack is currently locked by 1 lock(s)."),
        (
            "platform-45-passphrase-wrong",
            "getting stack configuration: get stack secrets manager: incorrect passphrase",
        ),
        ("platform-52-up-sigterm", "update canceled"),
    ],
)
def test_the_true_error_of_a_recorded_run_is_found(name: str, error: str) -> None:
    assert first_error(printed(name)).startswith(error)


@pytest.mark.parametrize(
    "name", ["layer_1-01-init", "layer_1-09-preview", "layer_1-15-up-first", "layer_1-16-up-no-change"]
)
def test_a_run_that_went_well_has_no_error(name: str) -> None:
    lines = printed(name)
    assert lines
    assert first_error(lines) == ""


@pytest.mark.parametrize(
    ("output", "error"),
    [
        ("npm warn deprecated x@1\nnpm ERR! code E404\nnpm ERR! 404 Not Found - GET /x", "npm ERR! 404 Not Found"),
        ("fatal: not a git repository\nfatal: second", "fatal: not a git repository"),
        ("error: 1 error occurred:\n\t* no such host\n", "no such host"),
        ("Error making API request.\n\nURL: PUT /v1/x\nCode: 503. Errors:\n\n* Vault is sealed\n", "Vault is sealed"),
        ("added 3 packages, 0 vulnerabilities found 0 errors\nsh: 1: tsc: not found", "sh: 1: tsc: not found"),
        ("\x1b[31merror:\x1b[0m bad value\n", "bad value"),
    ],
)
def test_other_tools_are_understood_too(output: str, error: str) -> None:
    assert first_error(output.splitlines()).startswith(error)


def test_a_consequence_is_told_only_when_there_is_nothing_else() -> None:
    assert first_error(["error: update failed"]) == "update failed"
    assert first_error(["error: update failed", "RangeError: Invalid string length", "error: x refused"]) == "x refused"


def test_an_output_without_an_error_has_none() -> None:
    assert first_error([]) == ""
    assert first_error(["warning: something failed to be nice", "16 unchanged"]) == ""
