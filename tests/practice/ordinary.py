"""Scripts in a practice droplet of whoever runs this: `python -m tests.practice.ordinary BASE`, the scripts on stdin.

Both ways as JSON: scripts by name; then why there is no sandbox ("" where there is one), and what each printed.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from sprocket_tui.practice.droplet import Droplet
from tests.practice.conftest import shell_of


def main() -> None:
    """Runs them one after the other in one droplet."""
    scripts: dict[str, str] = json.load(sys.stdin)
    with Droplet(Path(sys.argv[1]), speed=1000) as droplet, tempfile.TemporaryDirectory() as directory:
        printed = dict[str, str]()
        for name, script in scripts.items() if not droplet.refused else ():
            done = shell_of(droplet, Path(directory))(script)
            printed[name] = done.stdout + done.stderr
        print(json.dumps({"refused": droplet.refused, "printed": printed}))


if __name__ == "__main__":
    main()
