"""The actions by verb. A new verb is one module here, and its parameters in `guide/words/`."""

from sprocket_tui.actions.base import Action, Context, Job
from sprocket_tui.actions.command import Command, job_of
from sprocket_tui.actions.pulumi import Pulumi, invoke

ACTIONS: dict[str, Action] = {"command": Command(), "pulumi": Pulumi()}


def remedy(context: Context, argv: tuple[str, ...]) -> Job:
    """A command that may help the step of `context`; only Pulumi itself is given what opens the step's stack."""
    opens = context.step.verb.verb == "pulumi" and any("pulumi" in word for word in argv)
    return invoke.remedy(context, argv) if opens else job_of(argv)
