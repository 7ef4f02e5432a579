"""Every format of a report, by name. Each is made from the reports alone, so that a saved one can be shown again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sprocket_tui.reports.document import as_json
from sprocket_tui.reports.junit import junit
from sprocket_tui.reports.markdown import markdown
from sprocket_tui.reports.schema import Report
from sprocket_tui.reports.table import Style, table

FORMATS: Mapping[str, Callable[[Sequence[Report], Style], str]] = {
    "table": table,
    "json": lambda reports, _style: as_json(reports),
    "junit": lambda reports, _style: junit(reports),
    "markdown": lambda reports, _style: markdown(reports),
}


def render(name: str, reports: Sequence[Report], style: Style) -> str:
    """The text of one or more reports; `style` is for what is read on a terminal."""
    return FORMATS[name](reports, style)
