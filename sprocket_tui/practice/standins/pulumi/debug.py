"""What the language host says to itself: most of all events, with secrets in clear, as in Pulumi's own logs."""

from __future__ import annotations

from collections.abc import Generator

from sprocket_tui.practice.standins.pulumi.cipher import Property
from sprocket_tui.practice.standins.pulumi.events import Log, Step


def registers(log: Log, step: Step) -> None:
    """Before a resource is registered."""
    subject = step.subject
    name, custom = subject.urn.rpartition("::")[2], "true" if subject.custom else "false"
    log.debug(f"Registering resource: t={subject.type}, name={name}, custom={custom}, remote=false")
    log.debug(f"RegisterResource RPC prepared: t={subject.type}, name={name}")


def registered(log: Log, step: Step) -> None:
    """After it, with all of its properties."""
    subject = step.subject
    name = subject.urn.rpartition("::")[2]
    said = ",".join([subject.urn, subject.id, *_flat(dict(subject.inputs))])
    log.debug(f"RegisterResource RPC finished: resource:{name}[{subject.type}]; err: null, resp: {said}")


def _flat(value: Property) -> Generator[str]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield f"{name},,"
            yield from _flat(each)
    elif isinstance(value, list):
        for each in value:
            yield ",,,"
            yield from _flat(each)
    else:
        yield str(value)
