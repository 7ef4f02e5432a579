"""Lanes: tests that need real parts. Where a part is missing they are skipped, loudly; in CI the required ones fail."""

import os
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from tests.lab import dns, postgres, pulumi, registry, s3, signed_s3, sshd, swarm

_MISSING: dict[str, Callable[[], str]] = {
    "ssh": sshd.missing,
    "swarm": swarm.missing,
    "dns": dns.missing,
    "pulumi": pulumi.missing,
    "s3": s3.missing,
    "signed-s3": signed_s3.missing,
    "postgres": postgres.missing,
    "registry": registry.missing,
}
_REQUIRED = Path(__file__).parent.parent / ".ci/required-lanes"


@cache
def _missing(lane: str) -> str:
    return _MISSING[lane]()


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(LaneReport(required_lanes()), "lane-report")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for mark in item.iter_markers("lane"):
            for lane in mark.args:
                if lane not in _MISSING:
                    raise pytest.UsageError(f"{item.nodeid}: no lane {lane}; there are {', '.join(_MISSING)}")
                # Properties travel with the report, from the processes of xdist too.
                item.user_properties.append(("lane", lane))
                if reason := _missing(lane):
                    item.add_marker(pytest.mark.skip(reason=f"lane {lane}: {reason}"))


def required_lanes() -> list[str]:
    """The lanes that must run: those of .ci/required-lanes when CI is true, else none."""
    if os.environ.get("CI") != "true" or not _REQUIRED.exists():
        return []
    named = _REQUIRED.read_text().split()
    if unknown := [lane for lane in named if lane not in _MISSING]:
        raise pytest.UsageError(f"{_REQUIRED}: no lane {unknown[0]}; there are {', '.join(_MISSING)}")
    return named


class LaneReport:
    """Counts what ran and what was skipped in each lane, says so at the end, and fails when a required one did not."""

    def __init__(self, required: list[str]) -> None:
        self._required = required
        self._ran: Counter[str] = Counter()
        self._skipped: Counter[str] = Counter()
        self._reasons: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        lanes = [str(value) for name, value in report.user_properties if name == "lane"]
        for lane in lanes:
            if report.skipped:
                self._skipped[lane] += 1
                _, _, reason = report.longrepr if isinstance(report.longrepr, tuple) else ("", 0, "")
                self._reasons.setdefault(lane, reason.removeprefix("Skipped: ").removeprefix(f"lane {lane}: "))
            elif report.when == "call" or (report.when == "setup" and report.failed):
                self._ran[lane] += 1

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self._unfulfilled() and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        said = [self._line(lane) for lane in _MISSING if self._ran[lane] or self._skipped[lane]]
        if said:
            terminalreporter.write_line(f"lanes: {', '.join(said)}")
        for lane in self._unfulfilled():
            terminalreporter.write_line(f"lane {lane} is required and did not run in full", red=True)

    def _line(self, lane: str) -> str:
        parts = [f"ran {self._ran[lane]}"] if self._ran[lane] else []
        if self._skipped[lane]:
            parts.append(f"skipped {self._skipped[lane]} ({self._reasons[lane]})")
        return f"{lane} {', '.join(parts)}"

    def _unfulfilled(self) -> list[str]:
        return [lane for lane in self._required if self._skipped[lane] or not self._ran[lane]]
