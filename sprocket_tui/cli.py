"""Every command: parse, call, exit code. Only the standard library is imported before a command is known."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

from sprocket_tui import __version__
from sprocket_tui.exits import Exit
from sprocket_tui.once import register
from sprocket_tui.uncollected import loading

# Together with the commands it fits a terminal of 80 columns and 24 lines.
_DESCRIPTION = "Walks through a deployment of Sprocket. First: sprocket-tui practice --plain"
# The same as reports/ has, which is only loaded once there is something to write.
FORMATS = ("table", "json", "junit", "markdown", "html")
DIFF_FORMATS = ("table", "json", "markdown")
_EPILOG = """exit: 0 go, 1 internal error, 2 usage or guide, 3 failed or no-go, 4 warnings,
  5 unknown, 6 waived, 7 cancelled, 8 locked, 9 lost, 128+n ended by signal n"""


class _Parser(argparse.ArgumentParser):
    """Says one clear sentence for bad usage, with the program's exit code for it; what has one value is given once."""

    def __init__(self, *given: Any, **named: Any) -> None:  # noqa: ANN401 - argparse's own, and not looked at
        super().__init__(*given, **named)
        register(self)

    def error(self, message: str) -> NoReturn:
        self.exit(Exit.USAGE, f"sprocket-tui: {message}\nsee: {self.prog} --help\n")


def run(arguments: Sequence[str], refused: Callable[[SprocketError], None] | None = None) -> int:
    """Runs one command line and returns its exit code. Signals end it with 128 + n, after saving.

    `refused` is told of what a command cannot do, instead of the person.
    """
    try:
        options = parser().parse_args(arguments)
    except SystemExit:
        # argparse itself passes over a help that could not be written.
        try:
            sys.stdout.flush()
        except OSError as error:
            return unwritten(error)
        raise
    act: Callable[[argparse.Namespace], int] | None = getattr(options, "act", None)
    if act is None:
        return _opened(options)
    if options.first_theme or options.first_low_bandwidth:
        parser().error("--theme and --low-bandwidth stand behind the command: run, resume or practice")
    return _guarded(act, options, refused)


def _opened(options: argparse.Namespace) -> int:
    """Without a command: where to deploy is asked where there is a terminal, else there is the help."""
    if not (sys.stdin and sys.stdin.isatty() and sys.stdout.isatty()):
        parser().print_help()
        return Exit.USAGE
    from sprocket_tui.commands.choosing import Choosing

    choosing = Choosing(options.first_theme, low_bandwidth=options.first_low_bandwidth)
    while True:
        code = _guarded(choosing.choose, argparse.Namespace(keeps_run=False))
        if code != Exit.GO or not choosing.chosen.line:
            return code
        code = run(choosing.chosen.line, choosing.refuse)
        if not choosing.refused:
            return code


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = _Parser(
        prog="sprocket-tui",
        usage=f"%(prog)s [--version] [--theme NAME] [--low-bandwidth] [COMMAND ...]\n{_DESCRIPTION}",
        add_help=False,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("-h", "--help", action="help", help=argparse.SUPPRESS)
    top.add_argument("--version", action="version", version=f"sprocket-tui {__version__}", help=argparse.SUPPRESS)
    # Of the first screen, and of the walk that is begun there.
    top.add_argument("--theme", dest="first_theme", default="", help=argparse.SUPPRESS)
    top.add_argument("--low-bandwidth", dest="first_low_bandwidth", action="store_true", help=argparse.SUPPRESS)
    top.set_defaults(keeps_run=False)
    commands = top.add_subparsers(title="commands", metavar="COMMAND ...", prog="sprocket-tui")
    _add_check(commands)
    _add_plan(commands)
    _add_run(commands)
    _add_runs(commands)
    _add_reports(commands)
    _add_guide(commands)
    _add_whole(commands, "practice", "rehearse on a droplet of its own, where nothing is real", "practice.cli")
    return top


if TYPE_CHECKING:
    from sprocket_tui.errors import SprocketError

    Commands: TypeAlias = argparse._SubParsersAction[_Parser]  # pyright: ignore[reportPrivateUsage]


def _add_check(commands: Commands) -> None:
    check = commands.add_parser("check", help="measure checklists, change nothing, report")
    check.add_argument("checklist", nargs="*", metavar="CHECKLIST", help="checklists by id; all when none is given")
    _target(check, several=True)
    _guide(check)
    _documents(check)
    check.add_argument("--watch", action="store_true", help="go on, and measure again what expires, until Ctrl-C")
    check.add_argument("--only", action="append", default=[], metavar="ID", help="only this check and what it needs")
    check.add_argument("--given", metavar="FILE", help="values and secrets that it may use (YAML, by variable)")
    check.add_argument("--skip", action="append", default=[], metavar="ID", help="leave this check out")
    check.add_argument("--waive", action="append", default=[], metavar="ID", help="answer for this check as it is now")
    check.add_argument("--reason", action="append", default=[], metavar="TEXT", help="why, for the --waive before it")
    check.add_argument("--until", action="append", default=[], metavar="DATE", help="its last day, 90 days at most")
    check.set_defaults(act=_lazy("commands.check", "check"))

    waivers = commands.add_parser("waivers", help="list what is waived, or forget a waiver")
    waivers.add_argument("what", nargs="?", choices=("list", "forget"), default="list")
    waivers.add_argument("id", nargs="?", default="", metavar="ID", help="of the check whose waiver is forgotten")
    _target(waivers, required=False)
    waivers.set_defaults(act=_lazy("commands.waiving", "command"))


def _add_plan(commands: Commands) -> None:
    plan = commands.add_parser("plan", help="go or no-go for a date: calendar, people, cost, risks")
    said = 'now (the default), "tomorrow 10:00", "monday 09:30", "2026-12-01 09:00", or an ISO date-time'
    plan.add_argument("--at", metavar="WHEN", default="now", help=said)
    plan.add_argument("--team", type=int, choices=(1, 2), default=1, help="how many people (default: 1)")
    plan.add_argument(
        "--experience", choices=("first", "experienced"), default="first", help="their first time (default), or not"
    )
    _target(plan)
    _guide(plan)
    _documents(plan, ("table", "json", "markdown", "html"))
    plan.add_argument("--given", metavar="FILE", help="values and secrets that checks may use (YAML, by variable)")
    plan.set_defaults(act=_lazy("commands.plan", "plan"))


def _add_run(commands: Commands) -> None:
    walk = commands.add_parser("run", help="walk the guide step by step")
    _target(walk)
    _guide(walk)
    _face(walk)
    walk.add_argument("--answers", metavar="FILE", help="answers by screen and step id (YAML)")
    walk.set_defaults(act=_lazy("commands.walk", "start"), keeps_run=True)

    resume = commands.add_parser("resume", help="go on with a run, also one begun on another machine")
    resume.add_argument(
        "run", nargs="?", default="", metavar="RUN", help="its id or the beginning of it; the newest if absent"
    )
    _target(resume, required=False)
    resume.add_argument(
        "--trust-guide", metavar="SHA256", help="run the commands of the guide it brings without asking"
    )
    resume.add_argument(
        "--again", action="append", default=[], metavar="STEP", help="take this step, which has ended, once more first"
    )
    _face(resume)
    resume.add_argument("--answers", metavar="FILE", help="answers by screen and step id (YAML)")
    resume.set_defaults(act=_lazy("commands.walk", "resume"), keeps_run=True)


def _add_runs(commands: Commands) -> None:
    for name, said in (
        ("status", "where a run stands, and what runs on its target"),
        ("abort", "ask the program that a run left on its target to stop"),
    ):
        each = commands.add_parser(name, help=said)
        each.add_argument("run", nargs="?", default="", metavar="RUN")
        _target(each, required=False)
        each.set_defaults(act=_lazy("commands.remote", name))

    unlock = commands.add_parser("unlock", help="show who holds the target's lock, and remove a dead one")
    _target(unlock)
    unlock.add_argument("--force", metavar="RUN", help="remove the lock of this run although its heartbeat is fresh")
    unlock.set_defaults(act=_lazy("commands.remote", "unlock"))

    clean = commands.add_parser("clean", help="show and remove what runs left on a target")
    _target(clean)
    clean.add_argument("--yes", action="store_true", help="remove it without asking")
    clean.set_defaults(act=_lazy("commands.remote", "clean"))

    runs = commands.add_parser("runs", help="list, show, export or remove the runs kept on this machine")
    runs.add_argument("what", nargs="?", choices=("list", "show", "export", "rm"), default="list")
    runs.add_argument("run", nargs="?", default="", metavar="RUN")
    runs.set_defaults(act=_lazy("commands.runs", "runs"))

    profiles = commands.add_parser("profiles", help="list the profiles, make or forget one")
    profiles.add_argument("what", nargs="?", choices=("list", "add", "forget"), default="list")
    profiles.add_argument("name", nargs="?", default="", metavar="NAME")
    profiles.set_defaults(act=_lazy("commands.profiles", "profiles"))


def _add_reports(commands: Commands) -> None:
    report = commands.add_parser("report", help="show a saved report, or what changed between two")
    what = report.add_subparsers(metavar="show|diff", required=True)
    show = what.add_parser("show", help="a JSON report of `check` in another format")
    show.add_argument("file", metavar="FILE")
    _documents(show)
    show.set_defaults(act=_lazy("commands.report", "show"))
    diff = what.add_parser(
        "diff",
        help="what changed; exit 3 when a check newly blocks, 4 when another is worse, or passed and is not measured",
    )
    diff.add_argument("before", metavar="BEFORE")
    diff.add_argument("after", metavar="AFTER")
    _documents(diff, DIFF_FORMATS)
    diff.set_defaults(act=_lazy("commands.report", "diff"))

    bundle = commands.add_parser("bundle", help="an archive of a run for support, without secrets")
    bundle.add_argument(
        "run", nargs="?", default="", metavar="RUN", help="its id or the beginning of it; the newest if absent"
    )
    bundle.add_argument("--output", metavar="FILE", required=True, help="where it goes, as in support.tar.gz")
    bundle.add_argument(
        "--report",
        action="append",
        default=[],
        metavar="FILE",
        help="with this JSON report of `check`, which needs no run",
    )
    bundle.add_argument("--force", action="store_true", help="replace the file if it is there")
    bundle.set_defaults(act=_lazy("commands.bundle", "bundle"))


def _add_guide(commands: Commands) -> None:
    steps = commands.add_parser("steps", help="every step of the guide in order; nothing is executed")
    _guide(steps)
    steps.add_argument("--commands", action="store_true", help="with every command that would run")
    steps.add_argument("--profile", metavar="NAME", help="fill in this profile's values")
    steps.set_defaults(act=_lazy("commands.guides", "steps"))

    guide = commands.add_parser("guide", help="check a guide: `guide lint`")
    guide.add_argument("what", choices=("lint",))
    _guide(guide)
    guide.set_defaults(act=_lazy("commands.guides", "lint"))


def _add_whole(commands: Commands, name: str, said: str, module: str) -> None:
    """A command that reads the rest of the line itself."""
    # Without a prefix for options of ours, everything after the name is left to the command.
    whole = commands.add_parser(name, help=said, add_help=False, prefix_chars="\0")
    whole.add_argument("arguments", nargs="*")
    whole.set_defaults(act=_lazy(module, "main"))


def _target(command: argparse.ArgumentParser, *, required: bool = True, several: bool = False) -> None:
    said = "ssh://[user@]host[:port] (an alias of the SSH configuration will do), or local"
    if several:
        said += "; repeated: hosts of one swarm, side by side"
        command.add_argument("--target", action="append", default=[], metavar="URL", help=said)
    else:
        command.add_argument("--target", metavar="URL", help=said)
    command.add_argument(
        "--profile", metavar="NAME", help="a saved environment; its host is the target" if required else ""
    )
    command.add_argument("--ssh-config", metavar="FILE", help="as `ssh -F FILE`")


def _documents(command: argparse.ArgumentParser, formats: Sequence[str] = FORMATS) -> None:
    """Pairs of --format and --output; both go to one list, since their order says what belongs together."""
    command.add_argument(
        "--format", action=_Typed, dest="documents", choices=formats, help="with --output, repeated: several at once"
    )
    command.add_argument(
        "--output", action=_Typed, dest="documents", metavar="FILE", help="where the format before it goes"
    )


class _Typed(argparse.Action):
    """Appends (name of the option, value) to the list."""

    def __call__(
        self, parser: object, namespace: argparse.Namespace, values: object, option_string: str | None = None
    ) -> None:
        typed: list[tuple[str, object]] = getattr(namespace, self.dest) or []
        setattr(namespace, self.dest, [*typed, (self.option_strings[0].removeprefix("--"), values)])


def _face(command: argparse.ArgumentParser) -> None:
    said = "begin at this chapter; what comes before it is measured, not done"
    command.add_argument("--start-at", metavar="SCREEN", default="", help=said)
    command.add_argument("--plain", action="store_true", help="as lines of text instead of a screen")
    command.add_argument("--theme", metavar="NAME", help="dark, light, high-contrast or terminal (its own colours)")
    command.add_argument("--low-bandwidth", action="store_true", help="draw less often; found out by itself over SSH")


def _guide(command: argparse.ArgumentParser) -> None:
    command.add_argument("--guide", metavar="DIR", help="a guide of your own instead of the bundled one")
    command.add_argument("--trust-guide", metavar="SHA256", help="run that guide's commands without asking")


def _lazy(module: str, function: str) -> Callable[[argparse.Namespace], int]:
    """A command whose code is imported when it is called."""

    def act(options: argparse.Namespace) -> int:
        from importlib import import_module

        with loading(module):
            loaded = import_module(f"sprocket_tui.{module}")
        command: Callable[[argparse.Namespace], int] = getattr(loaded, function)
        return command(options)

    return act


def _guarded(
    act: Callable[[argparse.Namespace], int],
    options: argparse.Namespace,
    refused: Callable[[SprocketError], None] | None = None,
) -> int:
    """Calls a command; every way it can end badly becomes one sentence and the right exit code."""
    from sprocket_tui import crash, going_on
    from sprocket_tui.errors import SprocketError

    keeps = options.keeps_run
    saved, goes_on = ("; the run is saved", going_on.command()) if keeps else ("; nothing was changed", "")
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        # What was to be ignored stays so: nohup means it.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _on_signal)
    try:
        code = act(options)
        sys.stdout.flush()
    except SprocketError as error:
        if refused is None:
            _complain(error.message, error.remedy)
        else:
            refused(error)
        return error.code
    except KeyboardInterrupt as interrupt:
        # What was interrupted may say itself what is kept.
        said = str(interrupt)
        _complain(said or f"interrupted{saved}", "" if said else goes_on, apart=True)
        return 128 + signal.SIGINT
    except _Signalled as signalled:
        _complain(f"ended by {signal.Signals(signalled.number).name}{saved}", goes_on, apart=True)
        return 128 + signalled.number
    except OSError as error:
        return unwritten(error)
    except Exception as error:
        _complain(
            f"internal error: {type(error).__name__} at {crash.where(error)}",
            f"{f'the run is saved, {goes_on} goes on; ' if keeps else ''}please report {_kept(error)}",
        )
        return Exit.INTERNAL
    return code


def unwritten(error: OSError) -> int:
    """Says that something could not be written; the exit code. A reader of our output that has gone hears nothing."""
    gone = isinstance(error, BrokenPipeError)
    if not gone:
        _complain(f"{error.filename or 'the output'}: {error.strerror}", "make room or mend it there, then start again")
    # What is left in the buffer of stdout would only fail again.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    # A full disk is no error of ours, whether the output goes there by itself or by --output.
    return 128 + signal.SIGPIPE if gone else Exit.INTERNAL if error.filename else Exit.USAGE


class _Signalled(BaseException):
    """A signal that ends the program after saving."""

    def __init__(self, number: int) -> None:
        self.number = number


def _on_signal(number: int, _frame: object) -> NoReturn:
    raise _Signalled(number)


def _complain(message: str, remedy: str, *, apart: bool = False) -> None:
    """Says it on stderr; `apart` from the line of a terminal in which a question was open."""
    from sprocket_tui import wrapping

    lines = [f"sprocket-tui: {message}", *([f"do: {remedy}"] if remedy else [])]
    try:
        sys.stderr.write("\n" if apart and sys.stderr.isatty() else "")
        sys.stderr.write(wrapping.fitted("\n".join(lines), sys.stderr))
        sys.stderr.flush()
    except OSError:
        pass  # nobody reads it


def _kept(error: BaseException) -> str:
    """The file in which it is kept where this was, or this line where that cannot be written."""
    from sprocket_tui import crash

    try:
        return f"{crash.save(error)}, which holds no value"
    except (OSError, RuntimeError):  # the latter where nobody knows a home
        return "this line"
