from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from sprocket_tui.target.local import LocalLink

# A busy machine is no fault: property tests have no deadline of their own.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home of its own, for us and for the local target."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def link(home: Path) -> Iterator[LocalLink]:
    """This machine as a target, with that home."""
    local = LocalLink()
    yield local
    local.close()
