"""What the guide's prerequisites ask for beyond the walk: later tools, names without DNS, later layers."""

from __future__ import annotations

from pathlib import Path

import pytest

from sprocket_tui.checks.observation import State, Verdict
from sprocket_tui.checks.runner import run_checks
from sprocket_tui.guide.loader import load_guide
from sprocket_tui.target.local import LocalLink
from sprocket_tui.values import JSON

CHECKS = load_guide().checks()


def judged(id_: str, *path: Path, **values: JSON) -> Verdict:
    """The verdict of that check alone, as it is measured on this machine."""
    alone = CHECKS[id_].model_copy(update={"needs": (), "when": None})
    (verdict,) = run_checks([alone], link=LocalLink(), path=tuple(map(str, path)), values=values, secrets={})
    return verdict


def program(directory: Path, name: str, script: str) -> Path:
    file = directory / name
    file.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    file.chmod(0o755)
    return directory


@pytest.mark.parametrize(
    ("name", "says", "state"),
    [
        ("vault", "Vault v1.10.0 (7738ec5d0d6f5bf94a809ee0f6ff0142cfa525a6)", State.PASS),
        ("vault", "Vault v1.9.3 (7dbdd57243a0d8d9d9e07cd01eb657369f8e1b8a)", State.WARN),
        ("doppler", "v3.66.0", State.PASS),
        ("doppler", "2.9.0", State.WARN),
    ],
)
def test_a_tool_of_a_later_chapter_is_judged_where_it_is_installed(
    name: str, says: str, state: State, tmp_path: Path
) -> None:
    verdict = judged(f"software.{name}", program(tmp_path, name, f"echo '{says}'"))
    assert (verdict.state, str(tmp_path) in verdict.observed) == (state, True)


@pytest.mark.parametrize("name", ["vault", "doppler"])
def test_without_it_that_is_said_and_nothing_is_missing(name: str) -> None:
    absent = CHECKS[f"software.{name}"].probe.model_copy(update={"name": f"no-such-{name}"})
    alone = CHECKS[f"software.{name}"].model_copy(update={"probe": absent})
    (verdict,) = run_checks([alone], link=LocalLink(), values={}, secrets={})
    assert (verdict.state, verdict.observed.startswith("not installed, and not needed")) == (State.SKIPPED, True)


def hosts(directory: Path, **leads: str) -> Path:
    """A `getent` that knows localhost and these names."""
    known = "\n".join(f'    {name}.localhost) echo "{to} STREAM x" ;;' for name, to in leads.items())
    script = f'case "$2" in\n    localhost) echo "127.0.0.1 STREAM localhost" ;;\n{known}\n    *) exit 2 ;;\nesac'
    return program(directory, "getent", script)


@pytest.mark.parametrize(
    ("leads", "state", "said"),
    [
        ({"fa": "127.0.0.1", "vault": "127.0.0.1", "api": "127.0.1.1"}, State.PASS, "all four lead to this machine"),
        ({"fa": "127.0.0.1", "vault": "127.0.0.1"}, State.FAIL, "api.localhost leads nowhere"),
        (
            {"fa": "192.0.2.7", "vault": "127.0.0.1"},
            State.FAIL,
            "fa.localhost leads to 192.0.2.7, api.localhost leads nowhere",
        ),
        (
            {"fa": "192.0.2.7", "vault": "127.0.0.1", "api": "127.0.0.1"},
            State.WARN,
            "fa.localhost leads to 192.0.2.7",
        ),
    ],
)
def test_without_dns_the_names_must_lead_to_this_machine(
    leads: dict[str, str], state: State, said: str, tmp_path: Path
) -> None:
    verdict = judged("hosts.names", hosts(tmp_path, traefik="127.0.0.1", **leads), hostname="localhost")
    assert (verdict.state, verdict.observed) == (state, said)


def test_where_not_even_localhost_is_found_nothing_is_said_of_the_names(tmp_path: Path) -> None:
    assert judged("hosts.names", program(tmp_path, "getent", "exit 2"), hostname="localhost").state is State.UNKNOWN


@pytest.mark.parametrize(
    ("there", "state", "said"),
    [
        (("layer_2/Pulumi.yaml", "platform/Pulumi.yaml", "scripts/x"), State.PASS, "layer_2, platform and scripts"),
        (("layer_2/Pulumi.yaml", "platform/Pulumi.yaml"), State.WARN, "not there: scripts/"),
        (("layer_2/README.md", "scripts/x"), State.FAIL, "not there: layer_2/Pulumi.yaml, platform/Pulumi.yaml"),
    ],
)
def test_a_part_of_the_repository_is_told_from_the_whole(
    there: tuple[str, ...], state: State, said: str, tmp_path: Path
) -> None:
    for name in there:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    verdict = judged("repository.layers", checkout=str(tmp_path))
    assert (verdict.state, verdict.observed) == (state, said)


def test_without_a_checkout_nothing_is_said_of_its_layers(tmp_path: Path) -> None:
    assert judged("repository.layers", checkout=str(tmp_path / "none")).state is State.UNKNOWN
