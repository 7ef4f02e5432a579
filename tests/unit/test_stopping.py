"""A signal ends a measurement early; what was to be ignored is."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from sprocket_tui.commands.stopping import Stopping


@pytest.fixture(autouse=True)
def kept() -> Iterator[None]:
    before = signal.getsignal(signal.SIGHUP)
    # Whoever runs these tests by nohup ignores it, and so would they.
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_a_signal_is_kept(number: signal.Signals) -> None:
    stopping = Stopping()
    with stopping.heard():
        os.kill(os.getpid(), number)
        assert stopping.number == number


def test_a_hangup_that_nohup_ignores_stays_ignored() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    stopping = Stopping()
    with stopping.heard():
        os.kill(os.getpid(), signal.SIGHUP)
    assert stopping.number == 0
    assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
