"""A guide with five thousand checks over the bundled one: what it costs to load, to lint and to plan with."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import yaml

from benchmarks.checks import command
from benchmarks.guides import write
from benchmarks.timing import Entrant, race

CHECKS = 5000


def main(rounds: int = 5) -> None:
    """Prints the table, all of it cold processes beside the YAML alone."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        guide = write(Path(name) / "guide", CHECKS)
        index = guide / "screens" / "index.yaml"
        index.write_text(yaml.safe_dump({**yaml.safe_load(index.read_text()), "extends": "bundled"}))
        env = {"HOME": name, "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        load = "import sys; from pathlib import Path; from sprocket_tui.guide.loader import load_guide"
        plain = "import sys, yaml; yaml.load(open(sys.argv[1]), yaml.CSafeLoader)"
        ours = command("sprocket-tui")
        given = ["--guide", str(guide)]
        race(
            f"A guide of {CHECKS} checks",
            [
                Entrant(
                    "load_guide", [sys.executable, "-c", f"{load}; load_guide(Path(sys.argv[1]))", str(guide)], env=env
                ),
                Entrant("guide lint", [ours, "guide", "lint", *given], env=env),
                # Whether the date is good is not what is timed.
                Entrant("plan", [ours, "plan", *given, "--at", "tuesday 09:00"], env=env, ok=(0, 3, 4, 5)),
                Entrant(
                    "yaml.CSafeLoader alone",
                    [sys.executable, "-c", plain, str(guide / "checklists" / "many.yaml")],
                    env=env,
                ),
            ],
            rounds,
        )


if __name__ == "__main__":
    main()
