"""Where documents go."""

from __future__ import annotations

import argparse

import pytest

from sprocket_tui.commands.delivery import wanted
from sprocket_tui.errors import SprocketError


def test_a_dash_is_no_file_and_the_way_to_standard_output_is_said() -> None:
    options = argparse.Namespace(documents=[("format", "json"), ("output", "-")])
    with pytest.raises(SprocketError, match="--output - is no file") as refused:
        wanted(options)
    assert refused.value.remedy.startswith("a last --format without --output is printed")
