"""What the infrastructure's own scripts printed is cleaned and told by its first error; an exit of 0 proves nothing."""

import pytest

from sprocket_tui.diagnosis.lines import first_error
from sprocket_tui.terminal import clean
from tests.unit.recorded import recordings

RECORDED = recordings("scripts")
ERRORS = {
    "bootstrap-00-before-layer_2": "exit status 1: ✗ Failed to create/update: platform/sprocket/manual/oauth/google",
    "bootstrap-01-variable-missing": "exit status 1: GOOGLE_CLIENT_ID is not set (required for Google OAuth)",
    "bootstrap-02-after-layer_2": "",
    "layer_2-16-refresh-tokens-script": "exit status 255: --yes or --skip-preview must be passed in to proceed",
    "verify-00-quick-test": "",
    "verify-01-verify-deployment": "",
}


def test_every_recording_has_its_expectation() -> None:
    assert set(RECORDED) == set(ERRORS)


@pytest.mark.parametrize("name", ERRORS)
def test_a_script_is_told_by_its_first_error_without_its_colours(name: str) -> None:
    conclusion = RECORDED[name].concluded()
    assert conclusion.ok is (ERRORS[name] == "")
    assert conclusion.first_error.startswith(ERRORS[name])
    assert "\x1b" not in conclusion.first_error


@pytest.mark.parametrize("name", [name for name in ERRORS if not name.startswith("layer_2")])
def test_every_colour_is_taken_out_and_nothing_else(name: str) -> None:
    text = RECORDED[name].out
    assert "\x1b[0;3" in text
    cleaned = clean(text)
    assert "\x1b" not in cleaned
    assert len(text) - len(cleaned) == sum(len(code) for code in _colours(text))


def test_a_step_before_its_layer_is_told_with_what_vault_answered() -> None:
    details = "\n".join(RECORDED["bootstrap-00-before-layer_2"].concluded().details)
    assert "HTTP Status: 404" in details
    assert 'no handler for route \\"platform/data/sprocket/manual/oauth/google\\"' in details


def test_the_token_script_stops_at_its_last_update_after_it_replaced_two_tokens() -> None:
    recording = RECORDED["layer_2-16-refresh-tokens-script"]
    assert recording.out.count("vault:index:Token policies-infra-token replaced") == 1
    assert recording.out.count("vault:index:Token policies-platform-token replaced") == 1
    assert recording.hints() == ["pulumi.not-interactive"]


def test_a_check_that_ends_well_may_have_found_an_error() -> None:
    quick, long = (RECORDED[name] for name in ("verify-00-quick-test", "verify-01-verify-deployment"))
    assert (quick.exit, long.exit) == (0, 0)
    assert first_error(quick.lines) == "Checking Traefik router for web service... Router not found"
    assert first_error(long.lines) == "✗ Service matching 'traefik-d3127fd' not found"
    assert clean(long.out).count("no such host") == 10


def _colours(text: str) -> list[str]:
    return [f"\x1b{piece.partition('m')[0]}m" for piece in text.split("\x1b")[1:]]
