"""What the real Pulumi printed is understood: every recording, its true first error, what was made, what was left."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sprocket_tui.actions.base import Conclusion
from sprocket_tui.actions.pulumi.reader import PulumiReader

HERE = Path(__file__).resolve().parents[1] / "recordings" / "pulumi"
EXPECTED: dict[str, dict[str, Any]] = json.loads((HERE / "expected.json").read_text())
STREAMS = {"out": "out", "err": "err", "events": "events.jsonl"}
TOKENS = ("hvs.CAESIplantedplantedplanted", "planted-influx-token-0001")


def lines(name: str, stream: str) -> list[str]:
    file = HERE / f"{name}.{STREAMS[stream]}.gz"
    return gzip.decompress(file.read_bytes()).decode(errors="replace").splitlines() if file.exists() else []


def concluded(name: str) -> Conclusion:
    reader = PulumiReader(EXPECTED[name]["stage"])
    for stream in STREAMS:
        for line in lines(name, stream):
            kept = reader.reduce(stream, line)
            if kept is not None:
                reader.feed(stream, kept)
    ended = json.loads((HERE / f"{name}.meta.json").read_text())["exit"]
    return reader.conclude(ended if ended >= 0 else None)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_recording_is_understood(name: str) -> None:
    expected, found = EXPECTED[name], concluded(name)
    assert (found.ok, found.interrupted) == (expected["ok"], expected["interrupted"])
    assert found.first_error.startswith(expected["first_error"])
    assert found.facts["missing_keys"] == expected["missing"]
    assert found.facts["pending"] == expected["pending"]
    for count in ("done", "steps"):
        if count in expected:
            assert found.facts[count] == expected[count]
    if "failed" in expected:
        failed = found.facts["failed"]
        assert isinstance(failed, list)
        assert len(failed) == expected["failed"]


def test_every_recording_is_in_the_table() -> None:
    assert {file.name.removesuffix(".meta.json") for file in HERE.glob("*.meta.json")} == set(EXPECTED)


@pytest.mark.parametrize("name", [name for name, row in EXPECTED.items() if not row["ok"]])
def test_what_only_follows_from_an_error_is_never_the_first_error(name: str) -> None:
    said = concluded(name).first_error
    assert said
    assert "RangeError" not in said
    assert "error reading from server" not in said


def test_the_first_preview_of_layer_1_creates_sixteen() -> None:
    facts = concluded("layer_1-11-preview-json-streaming").facts
    assert facts["counts"] == {"create": 16, "update": 0, "replace": 0, "delete": 0, "same": 0}
    assert facts["nothing"] is False


def test_three_ups_of_the_platform_tell_what_was_left_pending() -> None:
    assert concluded("platform-27-up-after-sigint-twice").facts["pending"] == 4
    assert concluded("platform-40-up-pending").facts["pending"] == 12
    assert concluded("platform-40-up-pending").interrupted


@pytest.mark.parametrize("name", [name for name in EXPECTED if (HERE / f"{name}.events.jsonl.gz").exists()])
def test_no_debug_event_is_stored(name: str) -> None:
    reader = PulumiReader("update")
    for line in lines(name, "events"):
        if '"severity":"debug"' in line:
            assert reader.reduce("events", line) is None


@given(
    st.text(max_size=300), st.sampled_from(["out", "err", "events"]), st.sampled_from(["preview", "update", "command"])
)
def test_no_line_makes_the_reader_fail(line: str, stream: str, stage: str) -> None:
    reader = PulumiReader(stage)  # pyright: ignore[reportArgumentType]
    kept = reader.reduce(stream, line)
    if kept is not None:
        reader.feed(stream, kept)
    assert not reader.conclude(255).ok


@given(st.sampled_from(TOKENS), st.text(max_size=40), st.integers(0, 9))
def test_no_secret_of_a_debug_event_or_of_a_property_survives(token: str, before: str, number: int) -> None:
    debug = {"diagnosticEvent": {"message": before + token, "severity": "debug", "color": "never"}}
    urn = "urn:pulumi:s::p::docker:index/service:Service::n"
    outputs = {
        "resOutputsEvent": {
            "metadata": {
                "op": "create",
                "urn": urn,
                "type": "docker:index/service:Service",
                "new": {"outputs": {"t": token}},
            }
        }
    }
    reader = PulumiReader("update")
    for event in (debug, outputs):
        kept = reader.reduce("events", json.dumps({"sequence": number, "timestamp": 1, **event}))
        assert token not in (kept or "")


def test_a_long_line_is_taken_in() -> None:
    event = {"sequence": 1, "timestamp": 1, "diagnosticEvent": {"message": "x" * 300_000, "severity": "error"}}
    reader = PulumiReader("update")
    kept = reader.reduce("events", json.dumps(event))
    assert kept is not None
    reader.feed("events", kept)
    assert not reader.conclude(255).ok
