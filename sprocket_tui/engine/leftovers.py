"""What our runs leave on a target: `~/.sprocket` of the login, and its directory on tmpfs."""

from __future__ import annotations

from sprocket_tui.errors import SprocketError
from sprocket_tui.exits import Exit
from sprocket_tui.target import shell
from sprocket_tui.target.job import ASK_DEADLINE
from sprocket_tui.target.link import Link
from sprocket_tui.terminal import clean_bytes, one_line

_PLACES = f'"$HOME/.sprocket" "{shell.MEMORY}"'


def describe(link: Link) -> tuple[str, ...]:
    """One line for each directory of ours: its size and path."""
    script = f'for d in {_PLACES}; do [ -e "$d" ] && du -sh "$d"; done; exit 0'
    return tuple(clean_bytes(shell.run(link, script, deadline=ASK_DEADLINE).stdout).splitlines())


def remove(link: Link) -> None:
    """Removes them. A job that still runs is refused by name."""
    script = f"""
for p in "$HOME"/.sprocket/jobs/*/*/*/pid; do
    [ -f "$p" ] && [ ! -f "${{p%/pid}}/exit" ] && read -r pid start boot <"$p" || continue
    read -r now </proc/sys/kernel/random/boot_id
    [ "$boot" = "$now" ] && [ -d "/proc/$pid" ] && echo "${{p%/pid}} still runs" >&2 && exit 3
done
rm -rf {_PLACES}
"""
    done = shell.run(link, script, deadline=ASK_DEADLINE)
    if done.status != 0:
        raise SprocketError(
            one_line(clean_bytes(done.stderr)), remedy="`sprocket-tui abort`, or wait for it", code=Exit.FAILED
        )
