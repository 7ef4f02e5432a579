"""Reads saved reports. A file is somebody's: whatever is wrong with it is one sentence that names it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError

from sprocket_tui.errors import SprocketError
from sprocket_tui.files import whole
from sprocket_tui.reports.schema import SCHEMA, CheckRow, Report

# A report of all checks of ten hosts is some megabytes.
_LARGEST = 64 << 20
_MADE_BY = "give a file that `sprocket-tui check --format json --output FILE` wrote"


def read(file: str) -> tuple[Report, ...]:
    """The reports in a JSON document, one or an array of them. Raises SprocketError for anything else."""
    try:
        found: object = json.loads(whole(Path(file), _LARGEST))
    except OSError as error:
        raise SprocketError(f"{file or 'the empty name'} cannot be read: {error.strerror}", remedy=_MADE_BY) from error
    except (ValueError, RecursionError) as error:
        raise SprocketError(f"{file} is not JSON", remedy=_MADE_BY) from error
    documents = cast("list[object]", found) if isinstance(found, list) else [found]
    if not documents:
        raise SprocketError(f"{file} holds no report", remedy=_MADE_BY)
    return tuple(_report(file, document) for document in documents)


def _report(file: str, document: object) -> Report:
    given = cast("dict[str, Any]", document).get("schema") if isinstance(document, dict) else None
    if given != SCHEMA:
        family = SCHEMA.rpartition("/")[0]
        if isinstance(given, str) and given.startswith(f"{family}/"):
            raise SprocketError(f"{file} was written by a newer sprocket-tui", remedy="read it with that version")
        raise SprocketError(f"{file} is no report of sprocket-tui", remedy=_MADE_BY)
    try:
        report = Report.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise SprocketError(f"{file} is no whole report: {place}: {first['msg']}", remedy=_MADE_BY) from error
    if report.verdict == "go" and (against := next(filter(_keeps_back, report.checks), None)):
        raise SprocketError(f"{file} says go, and {against.id} in it does not: it was edited", remedy=_MADE_BY)
    return report


def _keeps_back(row: CheckRow) -> bool:
    return row.blocking and not row.waiver and (row.state in {"fail", "unknown"} or bool(row.blocked_by))
