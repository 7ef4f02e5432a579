from collections.abc import Iterator
from pathlib import Path

import pytest

from sprocket_tui.target.local import LocalLink


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
