"""A host with a pretended `pulumi` and `docker`, on which the scripts of the pulumi actions really run.

The pretended programs write down how they were called and answer from files, so that a test says what they know.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sprocket_tui.actions.base import Conclusion, Context, Job, Reader
from sprocket_tui.actions.pulumi import Pulumi
from sprocket_tui.guide.model import Step, Undo
from sprocket_tui.guide.words.verbs import PulumiVerb
from sprocket_tui.secret import Secret
from sprocket_tui.target.link import Completed
from sprocket_tui.values import JSON

URN = "urn:pulumi:layer_1::layer_1::docker:index/{kind}::{name}"

# $WORLD/answers/WORDS.{out,err,status} answers `pulumi WORDS...`; the longest known beginning of the words counts.
PULUMI = """#!/bin/sh
echo "pulumi $*" >>"$WORLD/calls"
env | grep -E '^(PULUMI|AWS)_' | sort >"$WORLD/environment"
case "$1 $2" in
"config set") for key; do case $key in layer_1:*) break;; esac; done
  case " $* " in *" --secret "*) cat >"$WORLD/set-$key";; esac; exit 0;;
"config get") for key; do :; done; [ -f "$WORLD/config/$key" ] && exec cat "$WORLD/config/$key"; exit 255;;
esac
for words in "$1-$2" "$1"; do
  a="$WORLD/answers/$words"
  [ -f "$a.once" ] && rm "$a.once" && a="$a-once"
  [ -f "$a.status" ] || continue
  cat "$a.out"; cat "$a.err" >&2
  exit "$(cat "$a.status")"
done
"""
# $WORLD/things holds a line "kind id name created" for everything in the Swarm.
DOCKER = """#!/bin/sh
echo "docker $*" >>"$WORLD/calls"
case $2 in
ls) grep "^$1 " "$WORLD/things" | cut -d' ' -f2; exit 0;;
inspect) grep "^$1 " "$WORLD/things"; exit 0;;
rm) grep -q "^$1 $3 " "$WORLD/things" || exit 1
  grep -v "^$1 $3 " "$WORLD/things" >"$WORLD/rest"; mv "$WORLD/rest" "$WORLD/things";;
esac
"""


@dataclass
class Host:
    """One pretended host. `values` and `secrets` are what a person has answered."""

    root: Path
    values: dict[str, JSON] = field(default_factory=dict)
    secrets: dict[str, Secret] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("bin", "answers", "config", "tmp", "attempt", "keep", "state", "work"):
            (self.root / name).mkdir()
        for name, text in (("pulumi", PULUMI), ("docker", DOCKER)):
            (self.root / "bin" / name).write_text(text)
            (self.root / "bin" / name).chmod(0o755)
        (self.root / "things").touch()
        (self.root / "calls").touch()
        (self.root / "work" / "Pulumi.yaml").write_text("name: layer_1\nruntime: nodejs\n")
        self.values.setdefault("backend", f"file://{self.root}/state")
        self.secrets.setdefault("pulumi_passphrase", Secret("correct horse battery", "pulumi_passphrase"))

    def answers(self, words: str, out: str = "", err: str = "", status: int = 0, *, once: bool = False) -> None:
        """What `pulumi WORDS` prints and ends with; `once` only the first time."""
        name = words.replace(" ", "-")
        if once:
            (self.root / "answers" / f"{name}.once").touch()
            name += "-once"
        for suffix, text in (("out", out and f"{out}\n"), ("err", err), ("status", str(status))):
            (self.root / "answers" / f"{name}.{suffix}").write_text(text)

    def state(self, resources: list[dict[str, Any]], pending: list[dict[str, Any]] | None = None) -> None:
        """What `pulumi stack export` gives."""
        deployment = {"resources": resources, "pending_operations": pending or []}
        self.answers("stack export", json.dumps({"version": 3, "deployment": deployment}, indent=4))

    def things(self, *lines: str) -> None:
        (self.root / "things").write_text("".join(f"{line}\n" for line in lines))

    @property
    def calls(self) -> list[str]:
        return (self.root / "calls").read_text().splitlines()

    @property
    def environment(self) -> dict[str, str]:
        lines = (self.root / "environment").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)

    def read(self, script: str, timeout: float, files: Mapping[str, Secret], /) -> Completed:
        for name, secret in files.items():
            (self.root / "tmp" / name).write_text(secret.reveal())
        done = subprocess.run(
            ["sh", "-c", script],
            env={
                "PATH": f"{self.root}/bin:{os.environ['PATH']}",
                "HOME": str(self.root),
                "WORLD": str(self.root),
                "SPROCKET_TMP": str(self.root / "tmp"),
                "SPROCKET_ATTEMPT": str(self.root / "attempt"),
            },
            cwd=self.root / "work",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout,
            check=False,
        )
        return Completed(done.returncode, done.stdout, done.stderr)

    def context(self, operation: str, **parameters: Any) -> Context:
        verb = PulumiVerb.model_validate({"verb": "pulumi", "operation": operation, "stack": "layer_1", **parameters})
        step = Step(id=f"layer-1.{operation}", title="A step", verb=verb, undo=Undo(kind="compensable", how="destroy"))
        return Context(step, str(self.root / "work"), self.values, self.secrets, str(self.root / "keep"), self.read)

    def run(self, job: Job) -> Completed:
        """Runs a job's script to its end."""
        for name in job.streams:
            (self.root / "tmp" / name).touch()
        return self.read(job.script, 60, job.files)

    def concluded(self, context: Context, stage: str, job: Job) -> Conclusion:
        """Runs a job and says how it ended, as its reader understands it."""
        done = self.run(job)
        reader = Pulumi().reader(context, stage)
        for stream, printed in (("out", done.stdout), ("err", done.stderr)):
            read_all(reader, stream, printed.decode())
        return reader.conclude(done.status)


def read_all(reader: Reader, stream: str, text: str) -> None:
    for line in text.splitlines():
        kept = reader.reduce(stream, line)
        if kept is not None:
            reader.feed(stream, kept)


def resource(kind: str, name: str, id_: str = "", **inputs: str) -> dict[str, Any]:
    """A resource as an exported state has it."""
    return {"urn": URN.format(kind=f"{kind.lower()}:{kind}", name=name), "id": id_, "inputs": inputs, "outputs": {}}


def creating(kind: str, name: str, **inputs: str) -> dict[str, Any]:
    """An operation that was cut off while it created something."""
    return {"type": "creating", "resource": resource(kind, name, **inputs)}
