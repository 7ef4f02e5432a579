"""What pulumi prints for people, read line by line: its errors by resource, its counts of resources, how it ended.

Needed where there is no event stream: for the small commands, and for an update whose stream on tmpfs is already gone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_INLINE = re.compile(r"(?:^|.* )error: (?P<message>\S.*)$")
_RESOURCE = re.compile(r"^  (?P<type>\S+) \((?P<name>.+)\):$")
_MESSAGE = re.compile(r"^    (?P<severity>error|warning): (?P<first>.*)$")
_COUNT = re.compile(r"^    (?:[-+~<>=*]+ ?)?(?P<count>\d+) (?P<what>[a-z][a-z ]*)$")
_HEARTBEAT = re.compile(r"^@ \w+(?: \w+)*\.+$")


@dataclass
class _Said:
    severity: str
    resource: str
    lines: list[str]


@dataclass
class TextOutput:
    """Collects what was printed. `counts` are those of the last "Resources:" block: {"created": 3, "unchanged": 1}."""

    counts: dict[str, int] = field(default_factory=dict[str, int])
    ended: bool = False
    _block: str = ""
    _resource: str = ""
    _said: list[_Said] = field(default_factory=list[_Said])
    _inline: list[str] = field(default_factory=list[str])

    def feed(self, line: str) -> None:
        """Takes in one cleaned line."""
        if line and not line.startswith(" "):
            self._block = line.partition(":")[0] if line.startswith(("Diagnostics:", "Resources:", "Duration:")) else ""
            if self._block == "Resources":
                self.counts.clear()
            self.ended = self.ended or self._block in ("Resources", "Duration")
        if self._block == "Diagnostics":
            self._diagnostic(line)
        elif self._block == "Resources" and (count := _COUNT.match(line)):
            self.counts[count["what"]] = int(count["count"])
        elif found := _INLINE.match(line):
            self._inline.append(found["message"])

    def errors(self) -> list[tuple[str, str]]:
        """Every error as (resource, message); the resource is "" for the stack and where none is named."""
        listed = [(said.resource, "\n".join(said.lines)) for said in self._said if said.severity == "error"]
        return listed or [("", message) for message in self._inline]

    def _diagnostic(self, line: str) -> None:
        if resource := _RESOURCE.match(line):
            kind = resource["type"].rpartition(":")[2]
            self._resource = "" if kind == "Stack" else f"{kind} {resource['name']}"
        elif message := _MESSAGE.match(line):
            self._said.append(_Said(message["severity"], self._resource, [message["first"]]))
        elif self._said:
            self._said[-1].lines.append(line.strip())


def is_heartbeat(line: str) -> bool:
    """Whether the line only says that pulumi still works ("@ updating....")."""
    return _HEARTBEAT.match(line.strip()) is not None
