"""The values a face knows of, for what it says."""

from __future__ import annotations

from collections.abc import Mapping

from sprocket_tui.guide.model import Guide
from sprocket_tui.values import JSON


def known(guide: Guide, values: Mapping[str, JSON]) -> dict[str, JSON]:
    """`values` (of the profile, answered or measured) by the names of their variables, and the defaults of others."""
    plain = [var for var in guide.vars if not var.secret]
    found: dict[str, JSON] = {
        var.name: list(var.default) if isinstance(var.default, tuple) else var.default
        for var in plain
        if var.default is not None
    }
    found |= {var.name: values[var.profile] for var in plain if var.profile in values}
    return {**found, **values}
