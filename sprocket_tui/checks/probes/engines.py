"""Which versions of a program the packages of a directory ask for: "engines" of package.json and of its lock file."""

from __future__ import annotations

import re
from shlex import quote

from sprocket_tui.checks.probes.base import Answers, as_object, as_text, documents
from sprocket_tui.checks.probes.ranges import Version, satisfies
from sprocket_tui.target.batch import Command
from sprocket_tui.values import JSON

_KEY = "engines"
# A lock file is too long to be read whole; npm writes one engine a line there.
_SCRIPT = """\
cd {directory} 2>/dev/null || exit 0
if [ ! -f package.json ]; then exit 0; fi
cat package.json || exit 1
echo; echo locked:
if [ -f package-lock.json ]; then grep -oE {line} package-lock.json | sort -u; fi
exit 0
"""


def command(name: str, directory: str, timeout: float) -> Command:
    """The one question."""
    line = f'"{re.escape(name)}": *"[^"]*"'
    return Command(_KEY, _SCRIPT.format(directory=quote(directory), line=quote(line)), timeout)


def read(name: str, version: Version | None, answers: Answers) -> dict[str, JSON]:
    """{asks, unmet, fits}; raises ProbeError for a package.json that is none."""
    manifest, _, locked = answers.text(_KEY).partition("\nlocked:\n")
    asks: set[str] = set()
    if manifest.strip():
        (document, *_) = documents(manifest)
        asks = {as_text(as_object(as_object(document).get("engines")).get(name))}
    asks |= set(re.findall(r':\s*"([^"]*)"\s*$', locked, re.MULTILINE))
    # What is no range is a dependency that bears the program's name, or nothing.
    ranges = sorted(each for each in asks if each and satisfies((0, 0, 0), each) is not None)
    unmet = [each for each in ranges if version is not None and not satisfies(version, each)]
    known = bool(ranges) and version is not None
    return {"asks": [*ranges], "unmet": [*unmet], "fits": not unmet if known else None}
