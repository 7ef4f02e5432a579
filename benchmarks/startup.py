"""What the program costs before it does anything, and what a large guide costs to load."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.checks import command
from benchmarks.guides import write
from benchmarks.timing import Entrant, race

GUIDE = 500


def main(rounds: int = 15) -> None:
    """Prints the tables, and how many modules `--version` imports beyond a bare interpreter's."""
    env = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
    bare = Entrant("python -c pass", [sys.executable, "-c", "pass"], env=env)
    ours = [
        Entrant(f"sprocket-tui {word}", [command("sprocket-tui"), word], env=env) for word in ("--version", "--help")
    ]
    race("Start", [*ours, bare], rounds)
    print(f"  modules beyond a bare interpreter's with --version: {extra_modules()}")
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        guide = write(Path(name) / "guide", GUIDE)
        imports = "import sys; from pathlib import Path; from sprocket_tui.guide.loader import load_guide"
        load = f"{imports}; load_guide(Path(sys.argv[1]))"
        plain = "import sys, yaml; yaml.load(open(sys.argv[1]), yaml.CSafeLoader)"
        checks = str(guide / "checklists" / "many.yaml")
        race(
            f"Load a guide of {GUIDE} checks",
            [
                Entrant("load_guide", [sys.executable, "-c", load, str(guide)]),
                Entrant("yaml.CSafeLoader alone", [sys.executable, "-c", plain, checks]),
            ],
            rounds,
        )


def extra_modules() -> int:
    """Modules that `--version` imports and `pass` does not."""

    def loaded(*argv: str) -> set[str]:
        done = subprocess.run([sys.executable, "-X", "importtime", *argv], capture_output=True, text=True, check=True)
        return {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}

    return len(loaded("-m", "sprocket_tui", "--version") - loaded("-c", "pass"))


if __name__ == "__main__":
    main()
