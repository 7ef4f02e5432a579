"""`npm ls`: which packages are there of those that a program asks for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Branch:
    """A package in the tree, with those that it asks for."""

    name: str
    text: str
    below: list[Branch] = field(default_factory=list["Branch"])
    missing: bool = False


def tree(place: Path, shown: str) -> tuple[Branch, list[str]]:
    """The tree of a program, and what it lacks: "NAME@VERSION, required by NAME@VERSION". Raises ValueError."""
    manifest: dict[str, Any] = {}
    if (place / "package.json").exists():
        manifest = json.loads((place / "package.json").read_text(encoding="utf-8"))
    named = f"{manifest['name']}@{manifest['version']} {shown}" if {"name", "version"} <= manifest.keys() else shown
    root, lacks = Branch("", named), list[str]()
    try:
        lock = json.loads((place / "node_modules/.package-lock.json").read_text(encoding="utf-8"))
        rows: dict[str, dict[str, Any]] = lock["packages"]
    except (OSError, ValueError, KeyError):
        rows = {}
    wanted: Mapping[str, str] = manifest.get("dependencies", {})
    _grow(root, wanted, place, rows, (), lacks, named.partition(" ")[0])
    return root, lacks


def drawn(root: Branch, depth: int) -> str:
    """The tree for people, so many levels below the first; two line ends close it."""
    rows = [root.text, *_drawn(root.below, "", depth)]
    if not root.below:
        rows.append("└── (empty)")
    return "\n".join([*rows, ""])


def only(root: Branch, names: Sequence[str]) -> Branch:
    """What leads to packages of these names."""
    kept = [only(each, names) for each in root.below]
    below = [each for each in kept if each.below or each.name in names]
    return Branch(root.name, root.text, below, root.missing)


def _grow(
    branch: Branch,
    wanted: Mapping[str, str],
    place: Path,
    rows: Mapping[str, Mapping[str, Any]],
    above: tuple[str, ...],
    lacks: list[str],
    asker: str,
) -> None:
    for name, version in sorted(wanted.items()):
        file = place / "node_modules" / name / "package.json"
        if not file.exists():
            lacks.append(f"{name}@{version}, required by {asker}")
            branch.below.append(Branch(name, f"UNMET DEPENDENCY {name}@{version}", missing=True))
            continue
        held = f"{name}@{json.loads(file.read_text(encoding='utf-8'))['version']}"
        made = Branch(name, held)
        branch.below.append(made)
        deeper = rows.get(f"node_modules/{name}", {}).get("dependencies", {})
        if name not in above:
            _grow(made, deeper, place, rows, (*above, name), lacks, held)


def _drawn(below: Sequence[Branch], lead: str, depth: int) -> list[str]:
    rows = list[str]()
    for each in below:
        last = each is below[-1]
        deeper = _drawn(each.below, f"{lead}{'  ' if last else '│ '}", depth - 1) if depth > 0 else []
        rows.append(f"{lead}{'└─' if last else '├─'}{'┬' if deeper else '─'} {each.text}")
        rows += deeper
    return rows
