"""An archive for support where nobody has walked: a report is enough."""

from __future__ import annotations

import argparse
import json
import tarfile
from pathlib import Path

import pytest

from sprocket_tui.checks.observation import Observation, Remedy, State
from sprocket_tui.commands.bundle import bundle
from sprocket_tui.errors import SprocketError
from sprocket_tui.reports.document import as_json
from tests.unit.checks_kit import verdict
from tests.unit.reports_kit import ONE_OF_EACH, made


@pytest.fixture(autouse=True)
def no_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def options(tmp_path: Path, run: str = "", reports: int = 1) -> argparse.Namespace:
    report = tmp_path / "report.json"
    report.write_text(as_json([made(ONE_OF_EACH)]), encoding="utf-8")
    return argparse.Namespace(run=run, output=str(tmp_path / "out.tgz"), report=[str(report)] * reports, force=False)


def test_reports_make_an_archive_without_a_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert bundle(options(tmp_path)) == 0
    assert "out.tgz: 1 report and manifest.json, which says what was left out." in capsys.readouterr().out
    with tarfile.open(tmp_path / "out.tgz") as archive:
        assert archive.getnames() == [
            f"sprocket-support-reports/{name}" for name in ("reports/1.json", "manifest.json")
        ]
        manifest = json.load(archive.extractfile("sprocket-support-reports/manifest.json"))  # type: ignore[arg-type]
    assert (manifest["run"], manifest["target"], manifest["begun"]) == (None, None, "")


def test_a_report_of_an_older_version_is_masked_on_its_way_in_wherever_an_address_stands(tmp_path: Path) -> None:
    text = "https://bob:CANARY1@s3.test/x?access_token=CANARY2&n=1#id_token=CANARY3"
    seen = Observation(value={text: [text]}, seen=text, evidence=f"{text}\n{text}")
    told = {"title": text, "observed": text, "expected": text, "why": text, "remedy": Remedy(text, ("curl", text))}
    given = options(tmp_path)
    Path(given.report[0]).write_text(
        as_json([made([verdict("a.b", State.FAIL, observation=seen, **told)], target="ssh://bob:CANARY4@droplet")])
    )
    assert bundle(given) == 0
    with tarfile.open(tmp_path / "out.tgz") as archive:
        held = archive.extractfile("sprocket-support-reports/reports/1.json")
        assert held
        written = held.read().decode()
    assert "CANARY" not in written
    assert json.loads(written)["checks"][0]["expected"] == (
        "https://bob:[secret]@s3.test/x?access_token=[secret]&n=1#id_token=[secret]"
    )


@pytest.mark.parametrize(("run", "reports"), [("", 0), ("abcd", 1)])
def test_a_run_that_is_asked_for_is_missed(run: str, reports: int, tmp_path: Path) -> None:
    with pytest.raises(SprocketError, match="there is no run"):
        bundle(options(tmp_path, run, reports))
    assert not (tmp_path / "out.tgz").exists()
