"""A probe that could not measure says so: for every probe there is, whatever its commands answer."""

from __future__ import annotations

import pytest

from sprocket_tui.checks.measure import Measurement, Target, measure, observe
from sprocket_tui.checks.probes import PROBES
from sprocket_tui.checks.probes.base import Answers
from sprocket_tui.guide import words
from sprocket_tui.guide.model import ProbeWords
from sprocket_tui.guide.words.probes import NodeProbe
from sprocket_tui.target.batch import CAP, Answer
from tests.unit.checks_kit import probe

# One of each kind, and of each form that is read differently.
SAMPLES = {
    "command": probe("command", argv=["docker", "info"], read="json"),
    "software": probe("software", name="node"),
    "port": probe("port", port="80"),
    "port holder": probe("port", port="80", holder=True),
    "http": probe("http", url="http://127.0.0.1/"),
    "checkout": probe("checkout", directory="/root/sprocket-infra"),
    "github": probe("github", url="git@github.com:SprocketBot/sprocket-infra.git"),
    "vault": probe("vault", url="http://127.0.0.1:8200"),
    "swarm-service": probe("swarm-service", name="vault"),
    "swarm-service prefix": probe("swarm-service", prefix="redis"),
    **{
        f"node {fact}": probe("node", fact=fact)
        for fact in NodeProbe.model_fields["fact"].annotation.__args__  # type: ignore[union-attr]
    },
}

ADVERSITIES = {
    "ran out of time": Answer(None, b"", b""),
    "is not permitted": Answer(1, b"", b"cat: /x: Permission denied\n"),
    "may not be started": Answer(126, b"", b"sh: 1: docker: Permission denied\n"),
    "is not there": Answer(127, b"", b"sh: 1: docker: not found\n"),
    "is empty": Answer(0, b"", b""),
    "is blank": Answer(0, b"\n\n", b""),
    "is garbage": Answer(0, b"\x00\xff\xfe\x1b[31m\x07" * 50, b""),
    "is text of another kind": Answer(0, b"Last login: Mon Nov 23 from 10.0.0.1\n", b""),
    "speaks another language": Answer(0, "Dateisystem 1B-Blöcke Benutzt Verfügbar Verw% Eingehängt\n".encode(), b""),
    "is huge": Answer(0, b"x" * CAP, b"", truncated=True),
    "is a deep document": Answer(0, b"[" * 100_000, b""),
    "died": Answer(137, b"", b""),
}


def test_every_probe_with_commands_is_sampled_here() -> None:
    assert {sample.kind for sample in SAMPLES.values()} == {kind for kind, each in PROBES.items() if each.commands}


def test_every_kind_of_words_has_a_probe() -> None:
    assert set(PROBES) == set(words.PROBES)


@pytest.mark.parametrize("adversity", ADVERSITIES)
@pytest.mark.parametrize("sample", SAMPLES)
def test_what_cannot_be_read_is_unknown_with_its_reason(sample: str, adversity: str) -> None:
    asked = SAMPLES[sample]
    commands = PROBES[asked.kind].commands
    assert commands
    answers = {command.key: ADVERSITIES[adversity] for command in commands(asked)}
    observation = observe(asked, Answers(answers))
    assert not observation.measured
    assert observation.value is None
    assert observation.reason


@pytest.mark.parametrize("sample", SAMPLES)
def test_an_answer_that_never_came_is_unknown(sample: str) -> None:
    assert observe(SAMPLES[sample], Answers({})).reason == "no answer came"


@pytest.mark.parametrize(
    "asked",
    [
        probe("http", url="http://no-such-host.invalid/"),
        probe("http", url="ftp://127.0.0.1/"),
        probe("http", url="not a url"),
        probe("port", host="no-such-host.invalid", port="80"),
        probe("port", port="http"),
        probe("port", port="80", holder=True),
        probe("dns", name="example.org", resolvers=""),
        probe("dns", name="example.org", resolvers="not-an-address"),
        probe("dns", name="", resolvers="127.0.0.1"),
        probe("dns", name="a..b", resolvers="127.0.0.1"),
        probe("doppler", token="doppler_token", names=["A"]),
    ],
    ids=lambda asked: asked.model_dump_json(exclude_defaults=True),
)
def test_what_cannot_be_asked_from_here_is_unknown_with_its_reason(asked: ProbeWords) -> None:
    wanted = Measurement(asked, "here")
    observation = measure([wanted], target=Target(None), secrets={}, deadline=10)[wanted.key]
    assert not observation.measured
    assert observation.reason
