"""`sprocket-tui practice`: the walk on a droplet of its own, a server for any SSH client, faults, and a fresh start."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from sprocket_tui import going_on
from sprocket_tui.errors import SprocketError
from sprocket_tui.exits import Exit
from sprocket_tui.guide.loader import load_guide
from sprocket_tui.journal.file import by, events_in, is_written
from sprocket_tui.journal.replay import replay
from sprocket_tui.once import register
from sprocket_tui.practice import droplet, ending, faults, keeping, telling
from sprocket_tui.practice.droplet import Address, Droplet

PROFILE = "practice"
_KEYS = "keys.toml"
_FASTEST = 1000.0
_AGAIN = "sprocket-tui practice"
# What each form goes by.
_TAKES = {
    "walk": ("fault", "seed", "speed", "plain", "answers", "again", "start_at", "theme", "low_bandwidth"),
    "serve": ("fault", "seed", "speed", "json"),
    "mend": ("id",),
    "faults": (),
    "reset": (),
}


def main(options: argparse.Namespace) -> int:
    """Runs one of the forms of the command. Raises SprocketError."""
    given = _given(options.arguments)
    match given.what:
        case "reset":
            return _reset()
        case "faults":
            return _faults()
        case "mend":
            return _mend(given.id)
        case "serve":
            return _serve(given)
        case _:
            return _walk(given)


def _given(arguments: list[str]) -> argparse.Namespace:
    """The arguments; one that a form would only ignore is refused, as somebody means something by it."""
    parser = _parser()
    given = parser.parse_args(arguments)
    for name, value in vars(given).items():
        if name != "what" and name not in _TAKES[given.what] and value != parser.get_default(name):
            parser.error(f"{given.what} takes no {name.upper() if name == 'id' else '--' + name.replace('_', '-')}")
    if given.what == "mend" and given.id is None:
        parser.error("mend takes the ID of a fault; `sprocket-tui practice faults` lists them")
    return given


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sprocket-tui practice", description=__doc__)
    register(parser)
    parser.add_argument("what", nargs="?", choices=("walk", "serve", "faults", "mend", "reset"), default="walk")
    parser.add_argument("id", nargs="?", metavar="ID", help="mend: the fault that somebody mends elsewhere")
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="ID[@STEP]",
        help="what is wrong, or goes wrong when a step is about to begin; random: one that the seed draws; repeatable",
    )
    parser.add_argument(
        "--seed", type=_seed, metavar="N", help="the same seed gives the same world; 1 when none is said"
    )
    parser.add_argument("--speed", type=_speed, metavar="X", help="how many times as fast waits pass, or max")
    parser.add_argument("--plain", action="store_true", help="as lines of text instead of a screen")
    parser.add_argument("--theme", metavar="NAME", help="dark, light, high-contrast or terminal (its own colours)")
    parser.add_argument("--low-bandwidth", action="store_true", help="draw less often; found out by itself over SSH")
    parser.add_argument("--answers", metavar="FILE", help="answers by screen and step id (YAML)")
    parser.add_argument("--start-at", metavar="SCREEN", help="begin at a later chapter; what is before it is measured")
    parser.add_argument(
        "--again",
        action="append",
        default=[],
        metavar="STEP",
        help="take a step of the newest run once more; repeatable",
    )
    parser.add_argument("--json", action="store_true", help="serve: one line of JSON that says how to get in")
    return parser


def _seed(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text} is no seed: a whole number, 0 or more")
    return int(text)


def _speed(text: str) -> float:
    if text == "max":
        return _FASTEST
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed <= _FASTEST:
        raise argparse.ArgumentTypeError(f"{text} is no speed: more than 0 and at most {_FASTEST:g}, or max")
    return speed


def _reset() -> int:
    base = droplet.base_directory()
    for journal in filter(is_written, _journals(base)):
        raise SprocketError(
            f"run {journal.parent.name} on the practice droplet is being driven{by(journal)}",
            remedy="leave that one first",
            code=Exit.LOCKED,
        )
    gone = droplet.remove(base)
    sys.stdout.write(f"The practice droplet in {base} was removed.\n" if gone else "There is no practice droplet.\n")
    return Exit.GO


def _faults() -> int:
    base = droplet.base_directory()
    telling.listing(faults.faults().values(), droplet.faults_in(base), sys.stdout)
    return Exit.GO


def _mend(id_: str) -> int:
    """What is done elsewhere about a fault, so that it can be rehearsed too: at a provider, by a colleague."""
    fault, base = faults.known(id_), droplet.base_directory()
    with keeping.room(base):
        done = droplet.mend(base, fault)
    sys.stdout.write(f"{done}\n")
    return Exit.GO


def _serve(given: argparse.Namespace) -> int:
    base = droplet.base_directory()
    with _droplet(given, base) as served:
        end, other = ending.Told(), _other(served, base)
        with keeping.room(base):
            config = served.write_profile(PROFILE)
        if given.json:
            telling.faults(served.faults, sys.stderr)
            telling.way_on(other, served, sys.stderr)
            way = {**asdict(served.address), "ssh_config": str(served.ssh_configuration()), "config": str(config)}
            sys.stdout.write(json.dumps(way) + "\n")
        else:
            telling.begin(served, base, sys.stdout)
            telling.way_on(other, served, sys.stdout)
            telling.way_in(served, sys.stdout)
            telling.measuring(config, PROFILE, sys.stdout)
        sys.stdout.flush()
        # Python has no standard input where the caller gave none.
        end.wait(sys.stdin.fileno() if sys.__stdin__ else None)
    return Exit.GO


def _walk(given: argparse.Namespace) -> int:
    base = droplet.base_directory()
    if given.answers and not Path(given.answers).is_file():
        raise SprocketError(f"{given.answers}: there is no such file", remedy="give --answers a YAML file")
    with _droplet(given, base) as served:
        telling.begin(served, base, sys.stderr)
        other = _other(served, base)
        telling.another(other, sys.stderr)
        with keeping.room(base):
            config = served.write_profile(PROFILE)
            own_keys(config / "sprocket-tui")
        own = {"XDG_CONFIG_HOME": str(config), "XDG_STATE_HOME": str(base / "runs"), going_on.VARIABLE: _AGAIN}
        telling.paragraph(
            "Where a secret is asked for, anything will do; what you type is checked by nobody.", sys.stderr
        )
        # The same program again, which knows of nothing but one more profile.
        code = _program(_words(given, base, served.address), {**os.environ, **own})
        if code not in (Exit.GO, Exit.WARNINGS):
            telling.another(other, sys.stderr)
        on = f"`{_AGAIN}` goes on here, " if _unfinished(base) else ""
        telling.marked(f"*** PRACTICE *** {on}`{_AGAIN} reset` throws the droplet away.", sys.stderr)
        return code


def own_keys(settings: Path) -> None:
    """Gives the walk, whose settings are its own, the keys of the person; what is wrong with them names their file."""
    base = os.environ.get("XDG_CONFIG_HOME") or ""
    config = Path(base) if base.startswith("/") else Path.home() / ".config"
    keys, link = config / "sprocket-tui" / _KEYS, settings / _KEYS
    link.unlink(missing_ok=True)
    if keys.exists():
        link.symlink_to(keys)


def _droplet(given: argparse.Namespace, base: Path) -> Droplet:
    struck = faults.chosen(given.fault, load_guide)
    drawn = given.fault.count(faults.RANDOM)
    with keeping.room(base):
        telling.work(sys.stderr, new=not droplet.there(base))
        return Droplet(base, seed=given.seed, speed=given.speed, faults=struck, drawn=drawn)


def _words(given: argparse.Namespace, base: Path, address: Address) -> list[str]:
    answers = ["--answers", str(Path(given.answers).resolve())] if given.answers else []
    run = _last(base) if given.again else _unfinished(base)
    if given.again and not run:
        raise SprocketError("there is no walk of which a step could be taken again", remedy=_AGAIN, code=Exit.USAGE)
    words = [*(["resume", run] if run else ["run"]), *(["--plain"] if given.plain else [])]
    words += [part for step in given.again for part in ("--again", step)]
    words += ["--start-at", given.start_at] if given.start_at else []
    words += ["--theme", given.theme] if given.theme else []
    words += ["--low-bandwidth"] if given.low_bandwidth else []
    # The port is another one each time, so that a run that is gone on with is told where its droplet is now.
    return [*words, "--profile", PROFILE, "--target", f"ssh://{address.user}@{address.host}:{address.port}", *answers]


def _unfinished(base: Path) -> str:
    """The newest run, where it was left before its end."""
    newest = _last(base)
    left = replay(events_in(_runs(base) / newest / "journal.jsonl")).left if newest else None
    return newest if left is None or left.how != "done" else ""


def _last(base: Path) -> str:
    """The newest run; "" where there is none."""
    newest = max(_journals(base), key=lambda each: each.stat().st_mtime, default=None)
    return newest.parent.name if newest else ""


def _journals(base: Path) -> list[Path]:
    return list(_runs(base).glob("*/journal.jsonl"))


def _runs(base: Path) -> Path:
    return base / "runs" / "sprocket-tui" / "runs"


def _other(served: Droplet, base: Path) -> str:
    return served.cut_off({each.parent.name for each in _journals(base)})


def _program(words: Sequence[str], environment: dict[str, str]) -> int:
    # However we end, also by a kill, the other end of the pipe tells the walk.
    with ending.life() as life:
        argv = [sys.executable, "-P", "-m", "sprocket_tui.practice.companion", str(life), *words]
        return _ended(subprocess.Popen(argv, env=environment, pass_fds=[life]))  # noqa: S603 ourselves


def _ended(walk: subprocess.Popen[bytes]) -> int:
    with walk as child, ending.passing_on(child):
        while True:
            try:
                status = child.wait()
            except KeyboardInterrupt:
                # The walk was interrupted as well, by the same key, and says itself what that means.
                continue
            if status < 0:
                raise SprocketError(f"the walk was ended by signal {-status}", remedy=f"{_AGAIN} goes on")
            return status
