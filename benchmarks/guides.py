"""Guides made for measuring: any number of the same small command checks."""

from __future__ import annotations

from pathlib import Path

import yaml

COMMANDS = (
    ["uname", "-a"],
    ["df", "-P", "/"],
    ["cat", "/proc/meminfo"],
    ["nproc"],
    ["cat", "/etc/os-release"],
    ["id"],
    ["date", "+%s"],
    ["ls", "/"],
)


def write(directory: Path, number: int) -> Path:
    """A guide with one checklist of `number` checks; says its directory."""
    checks = [
        {
            "id": f"many.c{each}",
            "title": f"Check {each}",
            "why": "It is one of many.",
            "probe": {"kind": "command", "argv": COMMANDS[each % len(COMMANDS)]},
            "outcomes": [{"when": {"eq": ["value.status", 0]}, "state": "pass"}],
            "expected": "status 0",
            "remedy": {"text": "Look at the output."},
        }
        for each in range(number)
    ]
    (directory / "screens").mkdir(parents=True)
    (directory / "checklists").mkdir()
    index = {"schema": 1, "name": "many", "version": "1", "checklists": ["many.yaml"]}
    (directory / "screens" / "index.yaml").write_text(yaml.safe_dump(index))
    many = {"id": "many", "title": "Many", "why": "To measure.", "pause_point": "before", "checks": checks}
    (directory / "checklists" / "many.yaml").write_text(yaml.safe_dump(many))
    return directory
