"""`report show` and `report diff`: what saved reports say, without measuring anything."""

from __future__ import annotations

import argparse

from sprocket_tui.commands import delivery
from sprocket_tui.exits import Exit
from sprocket_tui.reports.diff import differences
from sprocket_tui.reports.diff_formats import DIFF_FORMATS
from sprocket_tui.reports.formats import render
from sprocket_tui.reports.reading import read


def show(options: argparse.Namespace) -> int:
    """Saved reports in any format. The exit code says that they were read, not what they say."""
    documents = delivery.wanted(options)
    reports = read(options.file)
    delivery.deliver(documents, lambda name, style: render(name, reports, style))
    return Exit.GO


def diff(options: argparse.Namespace) -> int:
    """What changed from one report to the other; 3 for what newly keeps a deployment back, 4 for what else is
    worse or, having passed, is not measured any more.
    """
    documents = delivery.wanted(options)
    found = differences(read(options.before), read(options.after))
    delivery.deliver(documents, lambda name, style: DIFF_FORMATS[name](found, style))
    codes = {each.exit for each in found}
    return next((code for code in (Exit.FAILED, Exit.WARNINGS) if code in codes), Exit.GO)
