"""A file of values and secrets for a dry run, which asks nothing.

    vault_s3_bucket: vault-secrets
    docker_access_token: {file: /run/user/1000/token}

A secret is read from the file named, or stands in the file itself when only its owner may read that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import cast

from sprocket_tui.faces import filed
from sprocket_tui.guide.fitting import parse
from sprocket_tui.guide.model import Guide
from sprocket_tui.guide.problems import Problem, unknown
from sprocket_tui.guide.shape import problem
from sprocket_tui.guide.written import faulty, opened
from sprocket_tui.secret import Secret
from sprocket_tui.values import JSON


@dataclass(frozen=True)
class Given:
    """What a person gave: values by variable, and secrets likewise; `warnings` are sentences about their files."""

    values: Mapping[str, JSON] = field(default_factory=dict[str, JSON])
    secrets: Mapping[str, Secret] = field(default_factory=dict[str, Secret], repr=False)
    warnings: tuple[str, ...] = ()


def load(path: Path, guide: Guide) -> Given:
    """Reads such a file. Raises SprocketError with the line and the name of all that is wrong, and without values."""
    document = opened(path, remedy="give --given a YAML file")
    if document is None:
        return Given()
    names = {var.name: var for var in guide.vars if not var.measured_by}
    measured = {var.name: var.measured_by for var in guide.vars if var.measured_by}
    private = filed.is_private(path)
    values: dict[str, JSON] = {}
    secrets: dict[str, Secret] = {}
    problems: list[Problem] = []
    warnings: list[str] = []
    for name, entry in ((str(name), entry) for name, entry in document.data.items()):
        where = f"{path}:{document.line((name,))}: {name}"
        if name in measured:
            problems.append(problem(document, (name,), f"the check {measured[name]} measures it; it cannot be given"))
        elif name not in names:
            problems.append(problem(document, (name,), unknown("variable", name, names)))
        elif names[name].secret:
            secrets[name] = filed.secret(path, where, name, entry, private=private)
            warnings += filed.exposed(entry, name)
            if not secrets[name].reveal().strip():
                problems.append(problem(document, (name,), "the secret is empty"))
        else:
            wrong, values[name] = parse(names[name], filed.text(where, _plain(entry)))
            if wrong:
                problems.append(problem(document, (name,), f"it does not fit: {wrong}"))
    if problems:
        raise faulty(problems)
    return Given(values, secrets, tuple(warnings))


def _plain(entry: object) -> object:
    """What YAML made more of than a person typed: a date, and a list of names."""
    if isinstance(entry, list):
        return ", ".join(map(str, cast("list[object]", entry)))
    return entry.isoformat() if isinstance(entry, date) else entry
