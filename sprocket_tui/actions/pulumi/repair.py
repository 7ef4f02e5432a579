"""After an interrupted update: what it left behind, and the job that puts it right, in the only order that is safe.

Survivors first, because their calls still make things; then the lock, so that nobody else writes; then the orphans; and
only then are the pending creates cleared, because they are the only record of what may be an orphan.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from shlex import join, quote

from sprocket_tui.actions.base import Card, Change, Context, Job, Repair
from sprocket_tui.actions.pulumi import invoke, orphans, scene
from sprocket_tui.actions.pulumi.events import label_of, name_of
from sprocket_tui.actions.pulumi.orphans import Thing, Wanted
from sprocket_tui.actions.pulumi.reader import SAYS
from sprocket_tui.actions.pulumi.state import State, read_state
from sprocket_tui.errors import Unread

# How long the job waits for processes to end, and for a stopping task to let go of what is removed, in seconds.
_WAIT = 60
_CLEAR = ("--clear-pending-creates", "--yes", "--skip-preview")
_UNSEEN_LOCK = "Whether the stack is locked shows only when it is used; a lock of a process that has ended is lifted."
_UNDO = "none is needed: what the stack records is read from the droplet"
_NOTHING = "Nothing was left half done: no lock, no pending operation, no orphan. It may be run again."


def examine(context: Context, stack: invoke.Stack, plan_file: str) -> Repair:
    """Looks, read-only, and proposes. `blocked` says who must act first. Raises Unread when it cannot look."""
    seen = scene.look(context, stack)
    blocked = _blocked(seen)
    state = read_state(context, stack)
    wanted, since = _planned(context, plan_file, state)
    things = _things(context) if wanted or state.pending else ()
    left = orphans.find(things, state, wanted, since)
    findings = (*_scene_findings(seen), *_state_findings(state), *map(_orphan_finding, left))
    if blocked:
        return Repair(findings, blocked=blocked)
    unseen_lock = not stack.backend.startswith("file://")
    if not findings and not unseen_lock:
        return Repair((_NOTHING,))
    if unseen_lock:
        findings = (*findings, _UNSEEN_LOCK)
    return Repair(findings, _card(context, stack, seen, left), _job(stack, state, wanted, things, left))


def _blocked(seen: scene.Seen) -> str:
    if seen.alive:
        return f"the update still runs as pulumi (pid {seen.alive[0].pid}); wait for it, or stop it with abort"
    for lock, alive in seen.locks:
        who = f"{lock.user}@{lock.host} (pid {lock.pid}) since {_local(lock.since)}"
        if alive:
            return f"the stack is in use by {who}; wait until that has ended"
        if alive is None:
            return f"the stack is locked by {who}; ask there, and run `pulumi cancel` only when that has ended"
    return ""


def _scene_findings(seen: scene.Seen) -> tuple[str, ...]:
    survivors = ", ".join(f"{each.name} (pid {each.pid})" for each in seen.survivors)
    running = (f"Processes of the interrupted update still run: {survivors}.",) if survivors else ()
    locks = (
        f"The stack is locked since {_local(lock.since)} by {lock.user}@{lock.host} (pid {lock.pid}), which has ended."
        for lock, alive in seen.locks
        if alive is False
    )
    return (*running, *locks)


def _state_findings(state: State) -> tuple[str, ...]:
    return tuple(f"Cut off while {p.doing} {label_of(p.resource.urn)}." for p in state.pending)


def _orphan_finding(thing: Thing) -> str:
    when = f", made {_written(thing.created)}" if thing.created else ""
    return f"The {thing.kind} {thing.name} ({thing.id[:12]}{when}) exists, and the state does not know it."


def _local(since: str) -> str:
    """A time of Pulumi's, in UTC to the nanosecond, as whoever reads it has it on the clock; no time stays as it is."""
    try:
        return _written(datetime.fromisoformat(since))
    except ValueError:
        return since


def _written(moment: datetime) -> str:
    return f"{moment.astimezone():%Y-%m-%d %H:%M:%S}"


def _planned(context: Context, plan_file: str, state: State) -> tuple[tuple[Wanted, ...], datetime | None]:
    """What the saved plan would still create, and when it was saved."""
    file = quote(plan_file)
    done = context.read(f"[ -f {file} ] || exit 0; stat -c %Y {file} && cat {file}", invoke.SLOW, {})
    when, _, document = done.stdout.partition(b"\n")
    if done.status or not when.isdigit():
        return (), None
    return orphans.planned_creates(document, state), datetime.fromtimestamp(int(when), UTC)


def _things(context: Context) -> tuple[Thing, ...]:
    done = context.read(f"{orphans.LISTING}\nlisting", invoke.SLOW, {})
    if done.status:
        raise Unread(
            f"what runs in the Swarm could not be listed: {invoke.failure(done)}",
            remedy="start the Docker daemon, then look again",
        )
    return orphans.parse_listing(done.stdout)


def _refresh(stack: invoke.Stack, *more: str) -> tuple[str, ...]:
    return (*stack.argv("refresh", *more), "--suppress-outputs")


def _supervised(stack: invoke.Stack, *more: str) -> str:
    return invoke.supervised(("env", stack.mark, *_refresh(stack, *more)))


def _card(context: Context, stack: invoke.Stack, seen: scene.Seen, left: tuple[Thing, ...]) -> Card:
    changes = [
        *(f"ends {each.name} (pid {each.pid})" for each in seen.survivors),
        "lifts the lock of the stack when the process that took it has ended",
        *(f"removes the {each.kind} {each.name}" for each in left),
        "takes the operations that were cut off out of the state, after comparing it with what exists",
    ]
    undo = "irreversible: what is removed is gone; the next update makes it again" if left else _UNDO
    plan = tuple(Change("delete", each.kind, each.name, each.id) for each in left)
    lost = tuple(f"deletes the volume {each.name} and what is in it" for each in left if each.kind == "volume")
    return Card(_refresh(stack, *_CLEAR), tuple(changes), undo, plan, lost)


def _job(
    stack: invoke.Stack, state: State, wanted: tuple[Wanted, ...], things: tuple[Thing, ...], left: tuple[Thing, ...]
) -> Job:
    pending = [Wanted(name_of(p.resource.urn), p.resource.name) for p in state.pending]
    script = stack.script(
        _say("ending what the interrupted update left running"),
        _end_survivors(stack),
        _unchanged([*pending, *wanted], things),
        _say("comparing the state with what exists"),
        _unlocked_refresh(stack),
        *(_removal(thing) for thing in left),
        _say("clearing the operations that were cut off"),
        f"{_supervised(stack, *_CLEAR)} || exit",
        _say("proving that nothing is left"),
        f"{_supervised(stack, '--preview-only', '--expect-no-changes')} || exit",
    )
    return Job(script, _refresh(stack, *_CLEAR), files=stack.files)


def _say(words: str) -> str:
    return f"echo {quote(SAYS + words)}"


def _end_survivors(stack: invoke.Stack) -> str:
    """Ends the plugins, which never end by themselves; an engine that runs after all is left alone."""
    return f"""{scene.MARKED}
ended=
for p in $(marked {quote(stack.mark)}); do
c=; {{ read -r c <"/proc/$p/comm"; }} 2>/dev/null
if [ "$c" = pulumi ]; then echo "error: the update runs again (pulumi, pid $p)" >&2; exit 75; fi
kill "$p" 2>/dev/null; ended=yes
done
n=0
while [ -n "$(marked {quote(stack.mark)})" ]; do
n=$((n + 1)); [ "$n" -le {_WAIT} ] || {{ echo "error: processes of the interrupted update do not end" >&2; exit 75; }}
sleep 1
done
[ -z "$ended" ] || sleep 1"""


def _unchanged(wanted: Iterable[Wanted], things: tuple[Thing, ...]) -> str:
    """Refuses when something bearing one of the names has come or gone since the card was shown."""
    names = list(wanted)
    if not names:
        return ":"
    patterns = {f"{_ere(w.logical)}-[0-9a-f]{{7}}" for w in names} | {_ere(w.name) for w in names if w.name}
    pattern = "|".join(sorted(patterns))
    shown = sorted(f"{t.kind} {t.id} {t.name}" for t in things if any(w.names(t) for w in names))
    found = f"listing | cut -d' ' -f1-3 | grep -E {quote(f'^[a-z]+ [^ ]+ ({pattern})$')} | LC_ALL=C sort"
    return f"""{orphans.LISTING}
if [ "$({found})" != {quote(chr(10).join(shown))} ]; then
echo "error: more has been made or removed since this was shown; look again" >&2; exit 75; fi"""


def _ere(text: str) -> str:
    return re.sub(r"([][.{}()*+?^$|\\])", r"\\\1", text)


def _unlocked_refresh(stack: invoke.Stack) -> str:
    """A refresh, which takes the lock; when refused, a lock whose holders have all ended on this host is lifted.

    The refusal is shown only where it stays one: what was overcome is no error.
    """
    refresh = _supervised(stack, "--yes", "--skip-preview")
    return f"""if ! {refresh} 2>"$SPROCKET_TMP/refused"; then
held=$(sed -n 's/.*created by [^@]*@\\([^ ]*\\) (pid \\([0-9]*\\)).*/\\1 \\2/p' "$SPROCKET_TMP/refused")
[ -n "$held" ] || {{ cat "$SPROCKET_TMP/refused" >&2; exit 1; }}
echo "$held" | while read -r host pid; do
c=; {{ read -r c <"/proc/$pid/comm"; }} 2>/dev/null
[ "$host" = "$(uname -n)" ] && [ "$c" != pulumi ] || exit 1
done || {{ cat "$SPROCKET_TMP/refused" >&2
echo "error: its holder still runs, or runs on another host" >&2; exit 75; }}
{_say("lifting the lock of a process that has ended")}
{join(stack.argv("cancel", "--yes"))} && {refresh} || exit
fi"""


def _removal(thing: Thing) -> str:
    """Removes one orphan; what a stopping task still uses is tried again until it has let go."""
    return f"""{_say(f"removing the {thing.kind} {thing.name}")}
n=0
until docker {thing.kind} rm {quote(thing.id)} >/dev/null 2>"$SPROCKET_TMP/refused"; do
n=$((n + 1)); [ "$n" -le {_WAIT} ] || {{ sed 's/^/error: /' "$SPROCKET_TMP/refused" >&2; exit 1; }}
sleep 1
done"""
