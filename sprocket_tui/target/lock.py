"""One run per target: a directory made by `mkdir`, with who holds it and a heartbeat by the target's own clock."""

from __future__ import annotations

from dataclasses import dataclass
from shlex import quote

from sprocket_tui.errors import SprocketError
from sprocket_tui.exits import Exit
from sprocket_tui.target import shell
from sprocket_tui.target.job import ASK_DEADLINE
from sprocket_tui.target.link import Link
from sprocket_tui.terminal import clean_bytes, one_line

# A holder that has not renewed its heartbeat for this long, in seconds, may be taken over by consent.
STALE = 60

_LOCK = '"$HOME/.sprocket/lock"'


@dataclass(frozen=True)
class Holder:
    """Who holds the lock: run, person, since when (the target's clock, ISO 8601), seconds since the last heartbeat."""

    run: str
    who: str
    since: str
    token: str
    silent: int

    @property
    def stale(self) -> bool:
        return self.silent >= STALE

    def __str__(self) -> str:
        return f"run {self.run}, held by {self.who} since {self.since}, last heard {self.silent} s ago"


def beat_file(token: str) -> str:
    """Shell text for the heartbeat file of the holder with `token`; touching it after a take-over changes nothing."""
    return f'"$HOME/.sprocket/lock/beat.{token}"'


def acquire(link: Link, run: str, who: str, token: str) -> Holder | None:
    """Takes the lock; None on success, else who holds it. Taking it again with the same token succeeds."""
    script = f"""
umask 077
l={_LOCK}
mkdir -p "$HOME/.sprocket" || exit 1
if mkdir "$l" 2>/dev/null; then
    since=$(date -u +%Y-%m-%dT%H:%M:%SZ)
    printf '%s\\n' {quote(run)} {quote(who)} "$since" {quote(token)} >"$l/holder" || {{ rm -rf "$l"; exit 1; }}
    : >{beat_file(token)}
fi
[ -d "$l" ] || {{ mkdir "$l"; exit 1; }}
{_SHOW}
"""
    holder = _read(link, script)
    if holder is None:
        raise SprocketError(
            "the lock changed hands while it was taken", remedy="try again in a moment", code=Exit.LOCKED
        )
    return None if holder.token == token else holder


def holder(link: Link) -> Holder | None:
    """Who holds the lock now, or None."""
    return _read(link, f"l={_LOCK}\n{_SHOW}")


def take_over(link: Link, old: Holder, run: str, who: str, token: str) -> Holder | None:
    """Takes the lock from `old` if it still holds it; None on success, else who holds it now."""
    script = f"""
l={_LOCK}
[ "$(sed -n 4p "$l/holder" 2>/dev/null)" = {quote(old.token)} ] && mv "$l" "$l.{token}" && rm -rf "$l.{token}"
"""
    shell.run(link, script, deadline=ASK_DEADLINE)
    return acquire(link, run, who, token)


def renew(link: Link, token: str) -> bool:
    """Renews the heartbeat; False when the lock is no longer ours."""
    done = shell.run(link, f"[ -f {beat_file(token)} ] && touch {beat_file(token)}", deadline=ASK_DEADLINE)
    return done.status == 0


def remove(link: Link, old: Holder) -> None:
    """Removes the lock that `old` holds, or that nobody finished taking; one that changed hands since stays."""
    script = f"""
l={_LOCK}
token=$(sed -n 4p "$l/holder" 2>/dev/null || echo -)
[ "${{token:--}}" = {quote(old.token)} ] && mv "$l" "$l.removed" && rm -rf "$l.removed"
"""
    shell.run(link, script, deadline=ASK_DEADLINE)


def release(link: Link, token: str) -> None:
    """Gives the lock back if it is ours."""
    script = f"""
l={_LOCK}
[ -f {beat_file(token)} ] && mv "$l" "$l.{token}" && rm -rf "$l.{token}"
"""
    shell.run(link, script, deadline=ASK_DEADLINE)


# Prints the holder and the seconds since its heartbeat; a lock without a holder file was cut off while being taken.
_SHOW = """
if [ -d "$l" ]; then
    now=$(date +%s)
    if [ -f "$l/holder" ]; then cat "$l/holder"; else printf '%s\\n' - unknown - -; fi
    newest=$(stat -c %Y "$l" "$l"/* 2>/dev/null | sort -n | tail -n 1)
    echo $((now - ${newest:-$now}))
fi
"""


def _read(link: Link, script: str) -> Holder | None:
    done = shell.run(link, script, deadline=ASK_DEADLINE)
    lines = clean_bytes(done.stdout).splitlines()
    if done.status != 0:
        raise SprocketError(
            f"the lock on {link.identity.host} could not be taken: {one_line(clean_bytes(done.stderr))}",
            remedy="the login needs to write to ~/.sprocket there: look at its room and permissions",
            code=Exit.UNKNOWN,
        )
    if len(lines) < 5:
        return None
    run, who, since, token, silent = lines[:5]
    return Holder(run, who, since, token, max(0, int(silent)))
