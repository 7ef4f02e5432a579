"""`node --version`; no program is run on a practice droplet."""

from __future__ import annotations

from sprocket_tui.practice.standins.call import Call
from sprocket_tui.practice.standins.options import flags
from sprocket_tui.practice.standins.rehearsed import NotRehearsed

TAKES = {"node": {"": flags("-v,--version")}}
_NO_MODULE = """\
node:internal/modules/cjs/loader:1210
  throw err;
  ^

Error: Cannot find module '{}'
    at Module._resolveFilename (node:internal/modules/cjs/loader:1207:15)
    at Module._load (node:internal/modules/cjs/loader:1038:27)
    at Function.executeUserEntryPoint [as runMain] (node:internal/modules/run_main:164:12)
    at node:internal/main/run_main_module:28:49 {{
  code: 'MODULE_NOT_FOUND',
  requireStack: []
}}

Node.js v{}"""


def main(call: Call) -> int:
    """Answers `--version`, and what Node.js says of an option or a program that there is not."""
    version = call.world.read()["software"].get("node")
    if version is None:
        return call.fail("sh: 1: node: not found", 127)
    word = call.argv[0] if call.argv else "-"
    if word == "-":
        raise NotRehearsed("node without a program")
    if word in TAKES["node"][""][0].names:
        call.say(f"v{version}")
        return 0
    if word.startswith("-"):
        return call.fail(f"node: bad option: {word}", 9)
    if any(call.path(f"{word}{end}").exists() for end in ("", ".js", ".json", ".node")):
        raise NotRehearsed(f"node {word}")
    seen = f"/{call.path(word).relative_to(call.root)}"
    return call.fail(_NO_MODULE.format(seen, version))
