"""Every format of a report, by name. Each is made from the reports alone, so that a saved one can be shown again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sprocket_tui.reports.document import as_json
from sprocket_tui.reports.schema import Report
from sprocket_tui.reports.style import Style
from sprocket_tui.reports.table import table


def _junit(reports: Sequence[Report], _style: Style) -> str:
    from sprocket_tui.reports.junit import junit  # noqa: PLC0415 a parser of XML is only loaded for this format

    return junit(reports)


def _markdown(reports: Sequence[Report], _style: Style) -> str:
    from sprocket_tui.reports.markdown import markdown  # noqa: PLC0415 as above

    return markdown(reports)


def _html(reports: Sequence[Report], _style: Style) -> str:
    from sprocket_tui.reports.html import html  # noqa: PLC0415 the template engine is only loaded for this format

    return html(reports)


FORMATS: Mapping[str, Callable[[Sequence[Report], Style], str]] = {
    "table": table,
    "json": lambda reports, _style: as_json(reports),
    "junit": _junit,
    "markdown": _markdown,
    "html": _html,
}


def render(name: str, reports: Sequence[Report], style: Style) -> str:
    """The text of one or more reports; `style` is for what is read on a terminal."""
    return FORMATS[name](reports, style)
