"""From the output of what failed to the hint that fits, the true cause first."""

import re

import pytest

from sprocket_tui.actions.pulumi.reader import PENDING_REFUSAL
from sprocket_tui.diagnosis.diagnose import diagnose
from sprocket_tui.guide.loader import load_guide

HINTS = load_guide().hints

# What real tools print, and the first cause.
OUTPUTS = {
    "error: Missing required configuration variable 'layer_1:docker-user'\nRangeError: Invalid string length": "config",
    "error: failed to decrypt configuration key 'layer_1:vault-s3-secret-key': bad value": "decrypt",
    "error: incorrect passphrase": "passphrase",
    "error: It looks like the Pulumi SDK has not been installed. Have you run npm install or yarn install?": "sdk",
    "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es)": "locked",
    "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?": "daemon",
    'invalid mount config for type "bind": bind source path does not exist: /root/x/unseal-tokens': "bind",
    "no suitable node (host-mode port already in use on 1 node)": "port",
    "no suitable node (scheduling constraints not satisfied on 1 node)": "label",
    "No such image: lab/none:1": "image",
    "write /var/lib/docker/tmp/x: no space left on device": "disk",
    "organization name must be 'organization'": "organi",
    "error: resource urn:pulumi:layer_1::layer_1::x::y violates plan: properties changed": "plan",
    PENDING_REFUSAL: "another run",
    "connect ECONNREFUSED /var/run/docker.sock": "daemon",
}


@pytest.mark.parametrize(("output", "word"), OUTPUTS.items())
def test_the_first_hint_names_the_cause(output: str, word: str) -> None:
    found = diagnose(output, HINTS)
    assert found, output
    first = found[0].hint
    assert word in f"{first.id} {first.title} {first.cause}".lower(), [each.hint.id for each in found]


@pytest.mark.parametrize(
    "output",
    ["", "Resources:\n    16 unchanged\n", "npm warn deprecated x@1\nadded 312 packages in 7s", "update failed"],
)
def test_what_is_no_failure_has_no_hint(output: str) -> None:
    assert diagnose(output, HINTS) == ()


def test_the_earliest_error_decides() -> None:
    text = "error: incorrect passphrase\nno space left on device\n"
    first, *rest = diagnose(text, HINTS)
    assert "passphrase" in first.line
    assert all(each.number > first.number for each in rest if each.line != first.line)


def test_what_a_symptom_names_is_there_for_the_remedy() -> None:
    (missing, *_) = diagnose("error: Missing required configuration variable 'layer_1:docker-user'", HINTS)
    assert missing.named == {"project": "layer_1", "key": "layer_1:docker-user"}
    (mount, *_) = diagnose(
        'invalid mount config for type "bind": bind source path does not exist: /root/x/tokens"', HINTS
    )
    assert mount.named == {"path": "/root/x/tokens"}
    (waited, *_) = diagnose("Vault runs: bind source path does not exist: /root/x/tokens, after 68 s", HINTS)
    assert waited.named == {"path": "/root/x/tokens"}


def test_every_hint_has_a_cause_a_remedy_and_a_way_to_be_found() -> None:
    for hint in HINTS:
        assert hint.cause
        assert hint.remedy.text
        assert hint.symptoms, hint.id


# Words of commands that change something.
CHANGING = re.compile(
    r"(?<!\{)\b(add|update|prune|init|scale|stop|kill|rm|mv|cp|install|clone|checkout|enable|disable|set-ntp|mount|allow"
    r"|insert|prepend|delete|ci|pull|state upgrade|rollback|cancel|refresh|restart|set|unlock|mkdir|leave|create|tar)\b"
    r"|[^2]>(?!/dev/null)"
)


def test_every_remedy_that_is_run_only_reads_or_names_what_it_changes() -> None:
    guide = load_guide()
    remedies = [hint.remedy for hint in guide.hints]
    for check in guide.checks().values():
        remedies += [check.remedy, *(each.remedy for each in check.outcomes if each.remedy)]
    for remedy in remedies:
        command = " ".join(remedy.command)
        assert remedy.reads is bool(command and not CHANGING.search(command)), command


def test_every_probe_and_verb_is_in_the_docs() -> None:
    from pathlib import Path

    from sprocket_tui.guide.words import PROBES, VERBS

    page = (Path(__file__).resolve().parents[2] / "docs" / "writing-guides.md").read_text()
    for name in (*PROBES, *VERBS):
        assert f"`{name}`" in page
