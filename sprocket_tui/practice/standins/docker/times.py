"""Moments and spans as Docker writes them."""

from __future__ import annotations

import time


def span(seconds: float) -> str:
    """A span in words: "Less than a second", "12 seconds", "About a minute", "3 hours"."""
    if seconds < 1:
        return "Less than a second"
    if seconds < 60:
        return "1 second" if int(seconds) == 1 else f"{int(seconds)} seconds"
    minutes, hours = int(seconds // 60), int(seconds / 3600 + 0.5)
    if minutes < 60:
        return "About a minute" if minutes == 1 else f"{minutes} minutes"
    if hours < 48:
        return "About an hour" if hours <= 1 else f"{hours} hours"
    for size, unit in ((24, "days"), (24 * 7, "weeks"), (24 * 30, "months")):
        if hours < {"days": 24 * 14, "weeks": 24 * 60, "months": 24 * 730}[unit]:
            return f"{hours // size} {unit}"
    return f"{hours // (24 * 365)} years"


def ago(seconds: float) -> str:
    """How long ago, in words."""
    return f"{span(seconds)} ago"


def stamp(moment: float) -> str:
    """A moment in seconds since the epoch, as JSON bears it."""
    fraction = f"{moment % 1:.9f}"[1:].rstrip("0").rstrip(".")
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(moment))}{fraction}Z"


def second(moment: float) -> str:
    """A moment as JSON of volumes bears it, to the second."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))


def listed(moment: float, *, fraction: bool = False) -> str:
    """A moment as lists show it."""
    part = f"{moment % 1:.9f}"[1:].rstrip("0").rstrip(".") if fraction else ""
    return f"{time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime(moment))}{part} +0000 UTC"
