"""What is said of a practice droplet: the banner, the faults in it, and how a walk on it is gone on with."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from sprocket_tui import colour, wrapping
from sprocket_tui.practice.droplet import Droplet
from sprocket_tui.practice.faults import Fault
from sprocket_tui.practice.faults.present import Found, Present

_BANNER = (
    "*** PRACTICE *** Nothing here is real: this droplet lives in {base}, stops when you leave, and is kept for the "
    "next time."
)
_INTERPRETED = (
    "*** PRACTICE *** {refused}.\nSo this droplet has no shell and starts no program: an interpreter in this process "
    "knows the command lines of the guide, and answers any other with status 126."
)
_WIDTH = 80
_NAMES = "`sprocket-tui practice faults`"


def marked(text: str, out: TextIO) -> None:
    """Writes paragraphs whose PRACTICE cannot be missed."""
    for each in text.splitlines():
        out.write(colour.environment(wrapping.wrapped(each, _WIDTH), "PRACTICE", out))


def work(out: TextIO, *, new: bool) -> None:
    """A sign of work for whoever sits before it: making a droplet takes a while."""
    if out.isatty():
        what = "Making the practice droplet" if new else "Opening the practice droplet as it was left"
        out.write(f"{what}; this takes some seconds.\n")
        out.flush()


def begin(served: Droplet, base: Path, out: TextIO) -> None:
    """The banner, and the faults that are in the droplet."""
    marked(_BANNER.format(base=base), out)
    if served.refused:
        marked(_INTERPRETED.format(refused=served.refused), out)
    faults(served.faults, out)


def faults(found: Found, out: TextIO) -> None:
    """One sentence each about those from before, those that came, and those that do not come again."""
    before, added = _named(found.before), _named(found.added)
    said = [f"Faults in it from before: {before}."] if before else []
    said += [f"Faults that came now: {added}."] if added else []
    there = sum(each.drawn for each in (*found.before, *found.added))
    if found.drawn:
        which = "1 fault was" if found.drawn == 1 else f"{found.drawn} faults were"
        gone = f" ({found.drawn - there} no longer there)" if there < found.drawn else ""
        them = "it" if found.drawn == 1 else "them"
        said.append(f"{which} drawn by seed {found.seed}{gone}; {_NAMES} names {them}.")
    if found.over:
        over = ", ".join(found.over)
        said.append(f"Mended before, and not made again: {over}. After `sprocket-tui practice reset` they can be.")
    for each in said:
        paragraph(each, out)


def another(run: str, out: TextIO) -> None:
    """That a run was begun here from elsewhere and cut off in the middle of something, and what to do about it."""
    if run:
        text = (
            f"{_another(run)} `sprocket-tui practice serve` says how it goes on; `practice reset` throws it away too."
        )
        paragraph(text, out)


def way_on(run: str, served: Droplet, out: TextIO) -> None:
    """How such a run is gone on with while the droplet is served."""
    if run:
        words = ["sprocket-tui", "resume", run, *_target(served)]
        paragraph(f"{_another(run)} While this is served it goes on with:", out)
        out.write(f"{shlex.join(words)}\n")


def way_in(served: Droplet, out: TextIO) -> None:
    """How an SSH client gets in."""
    address = served.address
    options = ["-p", str(address.port), "-i", address.key, "-o", f'UserKnownHostsFile="{address.known_hosts}"']
    # Where nobody can be given a shell, one command line is what works.
    words = ["docker service ls"] if served.refused else []
    out.write(shlex.join(["ssh", *options, f"{address.user}@{address.host}", *words]) + "\n")


def measuring(config: Path, profile: str, out: TextIO) -> None:
    """How the droplet is measured from outside: by its profile, which knows its names, resolvers and ports."""
    out.write(
        f"XDG_CONFIG_HOME={shlex.quote(str(config))} {shlex.join(['sprocket-tui', 'check', '--profile', profile])}\n"
    )


def _target(served: Droplet) -> list[str]:
    address = served.address
    target = f"ssh://{address.user}@{address.host}:{address.port}"
    return ["--target", target, "--ssh-config", str(served.ssh_configuration())]


def _another(run: str) -> str:
    return (
        f"Run {run} was begun on this droplet from elsewhere and cut off in the middle of something, "
        "which only that run puts right."
    )


def listing(every: Iterable[Fault], here: dict[str, Present], out: TextIO) -> None:
    """All that can be rehearsed, and which of it is in the droplet that is there."""
    for fault in every:
        rows = ", ".join(fault.rehearses) or "no row of the guide"
        when = f"strikes at {fault.at}" if fault.at else "from the start"
        out.write(f"{fault.id:18} {fault.title}\n{'':18} {rows}; {when}\n")
        if fault.id in here:
            out.write(f"{'':18} {_here(here[fault.id])}\n")
    if here:
        names = f"In your droplet now: {', '.join(here)}."
        out.write("\n")
        paragraph(names, out)


def paragraph(text: str, out: TextIO) -> None:
    """Writes it in lines that break between words."""
    out.write(wrapping.wrapped(text, _WIDTH))


def _here(fault: Present) -> str:
    how = f"waits for {fault.at} in your droplet" if fault.at else "here: in your droplet now"
    return f"{how}, drawn by its seed" if fault.drawn else how


def _named(present: Iterable[Present]) -> str:
    """Those that were asked for by name; to name what was drawn would spoil the rehearsal."""
    return ", ".join(f"{each.id} (at {each.at})" if each.at else each.id for each in present if not each.drawn)
