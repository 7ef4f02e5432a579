"""What Pulumi prints for people where nobody sits: a line for each beginning and end, diagnostics, outputs, counts."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TextIO

from sprocket_tui.practice.standins.pulumi.cipher import Property
from sprocket_tui.practice.standins.pulumi.events import Properties, Step
from sprocket_tui.practice.standins.pulumi.program import UNKNOWN

_SIGNS = {
    "create": " + ",
    "update": " ~ ",
    "delete": " - ",
    "refresh": " ~ ",
    "create-replacement": " ++",
    "replace": " +-",
    "delete-replaced": " --",
}
# Of a preview; while it is done; when it was done.
_WORDS = {
    "create": ("create", "creating", "created"),
    "update": ("update", "updating", "updated"),
    "delete": ("delete", "deleting", "deleted"),
    "refresh": ("refreshing", "refreshing", ""),
    "create-replacement": ("create replacement", "creating replacement", "created replacement"),
    "replace": ("replace", "replacing", "replaced"),
    "delete-replaced": ("delete original", "deleting original", "deleted original"),
}
_COUNTED = (("create", "    + "), ("update", "    ~ "), ("delete", "    - "), ("replace", "    +-"))
_TITLES = {
    "preview": ("Previewing update", "previewing update"),
    "up": ("Updating", "updating"),
    "preview-refresh": ("Previewing refresh", "refreshing"),
    "refresh": ("Refreshing", "refreshing"),
    "destroy": ("Destroying", "destroying"),
}


def shown_type(kind: str) -> str:
    """A type without the file it is declared in: "docker:index:Service"."""
    module, _, name = kind.rpartition(":")
    return f"{module.partition('/')[0]}:{name}"


class Display:
    """The text of one run; `out` is None where only events are wanted. `seconds` is how long it has gone on."""

    def __init__(self, out: TextIO | None, what: str, seconds: Callable[[], float]) -> None:
        self._out, self._what, self._seconds = out, what, seconds
        self._planning = what.startswith("preview")
        self._said: dict[str, tuple[Properties, list[tuple[str, str]]]] = {}
        self._stack: Step | None = None
        self.stack_failed = False

    def title(self, stack: str) -> None:
        """The first line."""
        self.line(f"{_TITLES[self._what][0]} ({stack}):\n")

    def heartbeat(self, dots: int = 4) -> None:
        """That it still works."""
        self.line(f"@ {_TITLES[self._what][1]}{'.' * dots}")

    def stack(self, step: Step) -> None:
        """The stack itself, to which everything without a resource is said."""
        self._stack = step
        if step.op != "same":
            self.begins(step)

    def begins(self, step: Step) -> None:
        """A step begins."""
        self._row(step, self._doing(step, "0s"))

    def ends(self, step: Step, seconds: float) -> None:
        """A step has ended."""
        word = _WORDS[step.op][2]
        self._row(step, f"{word} ({f'{seconds:.2f}' if seconds < 1 else int(seconds)}s) ")

    def unchanged(self, step: Step) -> None:
        """A resource that was looked at and is as it was."""
        self._row(step, " ", sign="   ")

    def fails(self, step: Step, message: str) -> None:
        """A step has failed."""
        first = message.partition("\n")[0]
        self._row(step, f"**{_WORDS[step.op][1]} failed** error: {first}")

    def says(self, severity: str, message: str, about: Properties | None, step: Step | None) -> None:
        """A diagnostic, shown as it comes and once more at the end."""
        shown = step or self._stack
        assert shown
        subject = about or shown.subject
        self._said.setdefault(subject.urn, (subject, []))[1].append((severity, message))
        prefix = f"{severity}: " if severity in ("error", "warning") else ""
        first = message.lstrip().partition("\n")[0]
        doing = "running " if shown.op == "same" and not step else self._doing(shown, f"{int(self._seconds())}s")
        if step and step.op == "same":
            doing = " "
        self._row(shown, f"{doing}{prefix}{first}")

    def line(self, text: str) -> None:
        """A line of its own."""
        if self._out is not None:
            self._out.write(f"{text}\n")
            self._out.flush()

    def close(self, counts: Mapping[str, int], outputs: list[str], *, plain: bool = False) -> None:
        """The end: the stack's last line, diagnostics, outputs, counts and how long it took."""
        if self._stack and not plain:
            self._last(self._stack)
        if self._said:
            self._diagnostics()
        if outputs:
            self.line("Outputs:")
            for row in outputs:
                self.line(row)
            self.line("")
        self.line("Resources:")
        for row in self._counts(counts):
            self.line(row)
        self.line("")
        if not self._planning:
            self.line(f"Duration: {max(1, round(self._seconds()))}s\n")

    def _last(self, step: Step) -> None:
        said = self._said.get(step.subject.urn)
        severities = [severity for severity, _ in said[1]] if said else []
        parts = [
            f"{count} {word}{'s' if count != 1 else ''}"
            for word, count in (
                ("error", severities.count("error")),
                ("warning", severities.count("warning")),
                ("message", sum(each.startswith("info") for each in severities)),
            )
            if count
        ]
        text = "; ".join(parts)
        if step.op == "same":
            self._row(step, f"{'**failed**' if self.stack_failed and not self._planning else ''} {text}", sign="   ")
        elif self._planning:
            self._row(step, f"{_WORDS[step.op][0]} {text}")
        elif self.stack_failed:
            self._row(step, f"**{_WORDS[step.op][1]} failed** {text}")
        else:
            self._row(step, f"{_WORDS[step.op][2]} ({int(self._seconds())}s) {text}")

    def _diagnostics(self) -> None:
        self.line("Diagnostics:")
        for subject, messages in self._said.values():
            self.line(f"  {shown_type(subject.type)} ({subject.urn.rpartition('::')[2]}):")
            before = ""
            for severity, message in messages:
                if before and severity != before:
                    self.line("")
                before = severity
                prefix = f"{severity}: " if severity in ("error", "warning") else ""
                for row in (prefix + message.rstrip("\n")).split("\n"):
                    self.line(f"    {row}")
            self.line("")

    def _counts(self, counts: Mapping[str, int]) -> list[str]:
        tense = {"create": "created", "update": "updated", "delete": "deleted", "replace": "replaced"}
        rows, same = list[str](), counts.get("same", 0)
        changed = {op: counts[op] for op, _ in _COUNTED if counts.get(op)}
        for op, sign in _COUNTED:
            if op in changed:
                rows.append(f"{sign}{changed[op]} {f'to {op}' if self._planning else tense[op]}")
        if same and len(changed) > 1:
            rows.append(f"    {sum(changed.values())} changes. {same} unchanged")
        elif same:
            rows.append(f"    {same} unchanged")
        return rows

    def _doing(self, step: Step, since: str) -> str:
        if self._planning or step.subject.urn == "":
            return f"{_WORDS[step.op][0]} " if step.op in _WORDS else ""
        return f"{_WORDS[step.op][1]} ({since}) " if step.op in _WORDS else ""

    def _row(self, step: Step, text: str, sign: str | None = None) -> None:
        mark = _SIGNS.get(step.op, "   ") if sign is None else sign
        subject = step.subject
        diff = f"[diff: ~{','.join(step.diff)}]" if step.diff else ""
        self.line(f"{mark} {shown_type(subject.type)} {subject.urn.rpartition('::')[2]} {text}{diff}")


def outputs(before: Mapping[str, Any], after: Mapping[str, Any], op: str) -> list[str]:
    """The outputs of a stack as lines: new ones marked, those of a stack that is itself made are not."""
    rows, width = list[str](), max((len(name) for name in {*before, *after}), default=0)
    for name in sorted({*before, *after}):
        sign = "    "
        text = _text(after.get(name, before.get(name)))
        if name not in after:
            sign = "  - "
        elif op == "same" and name not in before:
            sign = "  + "
        elif op == "same" and before[name] != after[name]:
            sign, text = "  ~ ", f"{_text(before[name])} => {text}"
        rows.append(f"{sign}{name:<{width}}: {text}")
    return rows


def _text(value: Property) -> str:
    return "[unknown]" if value == UNKNOWN else json.dumps(value)
