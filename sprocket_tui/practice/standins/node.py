"""`node --version`; there are no programs for it to run on a practice droplet."""

from __future__ import annotations

from sprocket_tui.practice.standins.call import Call


def main(call: Call) -> int:
    """Answers `--version`; any other option as Node.js answers a bad one."""
    version = call.world.read()["software"].get("node")
    if version is None:
        return call.fail("sh: 1: node: not found", 127)
    if list(call.argv) in (["--version"], ["-v"]):
        call.say(f"v{version}")
        return 0
    word = call.argv[0] if call.argv else "-"
    if word.startswith("-"):
        return call.fail(f"node: bad option: {word}", 9)
    return call.fail(f"Error: Cannot find module '{call.path(word)}'")
