"""Operation up: a preview that is approved, and an update that makes exactly that or refuses.

What was approved is what runs: the preview saves a plan, and the engine holds the update to it. Both refuse to begin
while operations of an earlier update are cut off, because the engine would make their resources a second time.
"""

from __future__ import annotations

from collections.abc import Mapping
from shlex import join, quote

from sprocket_tui.actions.base import Card, Context, Job, Repair
from sprocket_tui.actions.pulumi import invoke, plan, repair
from sprocket_tui.actions.pulumi.reader import PENDING_REFUSAL, SAYS, PulumiReader
from sprocket_tui.actions.pulumi.state import read_state
from sprocket_tui.checks.observation import Observation
from sprocket_tui.errors import SprocketError
from sprocket_tui.exits import Exit
from sprocket_tui.values import JSON

# An export indents by four: at this depth stands the deployment's own list, and only when it is not empty.
_REFUSE_PENDING = f"""if {{export}} | grep -q '^        "pending_operations": \\[$'; then
echo {quote(PENDING_REFUSAL)} >&2; exit 75; fi"""


class Up:
    """`pulumi preview`, then `pulumi up` held to its plan."""

    def measures(self, context: Context) -> str:
        return "The resources in the state of the stack"

    def observe(self, context: Context) -> Observation:
        """Value {exists, resources, pending}. Whether anything would change, only a preview tells."""
        try:
            state = read_state(context, invoke.stack_of(context))
        except SprocketError as error:
            return invoke.missing_value(error)
        value: dict[str, JSON] = {
            "exists": state.exists,
            "resources": len(state.resources),
            "pending": len(state.pending),
        }
        if not state.exists:
            return Observation(value, "there is no such stack")
        cut = f", {len(state.pending)} operations cut off" if state.pending else ""
        return Observation(value, f"{len(state.resources)} resources in the state{cut}")

    def prepare(self, context: Context) -> Job | None:
        """The preview. Its plan holds property values (secrets encrypted), so only root or the login may read it."""
        stack = invoke.stack_of(context)
        saved = _plan_file(context)
        argv = (*stack.argv("preview"), "--json", "--save-plan", saved)
        script = stack.script(
            _refuse_pending(stack),
            f"rm -f {quote(saved)}",
            "PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true; export PULUMI_ENABLE_STREAMING_JSON_PREVIEW; umask 077",
            invoke.supervised(argv),
        )
        return Job(script, argv, files=stack.files)

    def reader(self, context: Context, stage: str) -> PulumiReader:
        if stage == "prepare":
            return PulumiReader("preview")
        return PulumiReader("update" if stage == "perform" else "command")

    def card(self, context: Context, facts: Mapping[str, JSON]) -> Card:
        stack = invoke.stack_of(context)
        changes = plan.from_facts(facts)
        lost = [change for change in changes if change.op in ("delete", "replace")]
        warnings = tuple(f"{change.op}s {change.kind} {change.name}" for change in lost)
        undo = context.step.undo
        return Card(
            argv=_argv(context, stack),
            changes=context.step.changes,
            undo=f"{undo.kind}: {undo.how}" if undo else "",
            plan=changes,
            warnings=warnings,
        )

    def perform(self, context: Context, facts: Mapping[str, JSON]) -> Job:
        """The update, held to the plan of the preview that `facts` came from. Raises SprocketError without one."""
        steps = facts.get("steps")
        if not isinstance(steps, int):
            raise SprocketError(
                "there is no preview of this update", remedy="preview again, then approve that", code=Exit.FAILED
            )
        stack = invoke.stack_of(context)
        argv = _argv(context, stack)
        script = stack.script(
            _refuse_pending(stack),
            f"echo {quote(f'{SAYS}steps {steps}')}",
            "PULUMI_DEBUG_COMMANDS=true; export PULUMI_DEBUG_COMMANDS",
            invoke.supervised(("env", stack.mark, *argv), '--event-log "$SPROCKET_TMP/events"'),
        )
        return Job(script, argv, files=stack.files, streams=("events",))

    def examine(self, context: Context) -> Repair:
        return repair.examine(context, invoke.stack_of(context), _plan_file(context))


def _plan_file(context: Context) -> str:
    return f"{context.keep}/plan-{context.step.id}.json"


def _argv(context: Context, stack: invoke.Stack) -> tuple[str, ...]:
    return (*stack.argv("up"), "--yes", "--skip-preview", "--suppress-outputs", "--plan", _plan_file(context))


def _refuse_pending(stack: invoke.Stack) -> str:
    return _REFUSE_PENDING.format(export=join(stack.argv("stack", "export")))
