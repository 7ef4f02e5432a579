"""Every program there is."""

from __future__ import annotations

from collections.abc import Mapping

from sprocket_tui.practice import standins
from sprocket_tui.practice.interpreter import looking, matching, printing, scripts, signalling, testing, text, tree
from sprocket_tui.practice.interpreter.curl import curl
from sprocket_tui.practice.interpreter.standing_in import stand_in
from sprocket_tui.practice.interpreter.system import Program

_OURS: Mapping[str, Program] = {
    "[": testing.test,
    "bash": scripts.main,
    "cat": text.cat,
    "chmod": tree.chmod,
    "cmp": text.cmp,
    "curl": curl,
    "cut": text.cut,
    # Not the stand-in's, which starts the system's own.
    "date": looking.date,
    "du": looking.du,
    "echo": printing.echo,
    "env": signalling.env,
    "false": lambda run: 1,
    "grep": matching.grep,
    "head": text.head,
    "hostname": looking.hostname,
    "id": looking.identity,
    "install": tree.install,
    "jq": looking.jq,
    "kill": signalling.kill,
    "ls": looking.ls,
    "mkdir": tree.mkdir,
    "mktemp": tree.mktemp,
    "mv": tree.mv,
    "nohup": signalling.nohup,
    "printf": printing.printf,
    "pwd": printing.pwd,
    "rm": tree.rm,
    "rmdir": tree.rmdir,
    "sed": matching.sed,
    "sha256sum": text.sha256sum,
    "setsid": signalling.setsid,
    "sh": scripts.main,
    "sleep": signalling.sleep,
    "sort": text.sort,
    "stat": looking.stat,
    "sync": tree.sync,
    "tail": text.tail,
    "tee": text.tee,
    "test": testing.test,
    "timeout": signalling.timeout,
    "touch": tree.touch,
    "tr": text.tr,
    "true": lambda run: 0,
    "wc": text.wc,
    "xargs": text.xargs,
}
PROGRAMS: Mapping[str, Program] = {**dict.fromkeys(standins.NAMES, stand_in), **_OURS}
