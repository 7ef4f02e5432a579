"""The actions by verb. A new verb is one module here, and its parameters in `guide/words.py`."""

from sprocket_tui.actions.base import Action, Context, Job
from sprocket_tui.actions.command import Command, job_of
from sprocket_tui.actions.pulumi import Pulumi, invoke

ACTIONS: dict[str, Action] = {"command": Command(), "pulumi": Pulumi()}


def look(context: Context, argv: tuple[str, ...]) -> Job:
    """A command that changes nothing: what opens a stack is asked for only where Pulumi is what looks."""
    return remedy(context, argv) if any("pulumi" in word for word in argv) else job_of(argv)


def remedy(context: Context, argv: tuple[str, ...]) -> Job:
    """A command that may help the step of `context`, with what opens the stack that such a step is about."""
    return invoke.remedy(context, argv) if context.step.verb.verb == "pulumi" else job_of(argv)
