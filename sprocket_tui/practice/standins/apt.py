"""`apt-get update` and `apt-get install` of the packages that the guide asks for."""

from __future__ import annotations

import shutil

from sprocket_tui.practice.standins.call import Call
from sprocket_tui.practice.world import fresh, pause

# What a package brings of the software that a world may lack.
_BRINGS = {"docker.io": "docker", "npm": "npm", "nodejs": "node", "git": "git"}
_PRESENT = ("jq", "curl")


def main(call: Call) -> int:
    """As root, without questions; fails for a package that nobody here knows."""
    words = [word for word in call.argv if not word.startswith("-")]
    with call.world.change() as state:
        match words:
            case ["update"]:
                pause(state, 2)
                call.say("Reading package lists...")
            case ["install", *packages] if packages:
                if unknown := [each for each in packages if each not in _BRINGS and each not in _PRESENT]:
                    return call.fail(f"E: Unable to locate package {unknown[0]}", 100)
                pause(state, 8)
                whole = fresh(0, 1)["software"]
                for package in packages:
                    name = _BRINGS.get(package)
                    if name in whole:
                        state["software"].setdefault(name, whole[name])
                        shutil.copy(call.path("/run/practice/launcher"), call.path(f"/usr/bin/{name}"))
                    call.say(f"Setting up {package} ...")
            case _:
                return call.fail(f"E: Invalid operation {words[0] if words else ''}", 100)
    return 0
