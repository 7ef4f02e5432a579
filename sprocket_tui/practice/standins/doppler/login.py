"""`doppler login`, `logout`, `me` and `setup`: who asks, and for which project."""

from __future__ import annotations

from sprocket_tui.practice.standins.call import Call
from sprocket_tui.practice.standins.doppler import account, settings
from sprocket_tui.practice.standins.doppler.line import Request
from sprocket_tui.practice.standins.doppler.words import Refused, compact, table

_EVERYWHERE = "/"
_DASHBOARD = "https://dashboard.doppler.com"
_CODE = "practice_word_for_login"
_NO_BROWSER = "Unable to launch a browser"
# What the prompt sends to a terminal before and after the question.
_BEFORE, _AFTER = (
    "\x1b[0G\x1b[2K\x1b[0;1;92m? \x1b[0m\x1b[0;1;99m",
    "\x1b[?25l\x1b7\x1b[999;999f\x1b[6n\x1b8\x1b[?25h\x1b[6n",
)
_CHOICE = (
    "\x1b7\x1b[?25l\x1b8\x1b[0G\x1b[2K\x1b[0;1;92m? \x1b[0m\x1b[0;1;99mSelect an option:\x1b[0m  "
    "\x1b[0;36m[Use arrows to move, type to filter]\x1b[0m\n\x1b[0;1;36m> {first}\x1b[0m\n\x1b[0;39m  {second}\x1b[0m\n"
    "\x1b7\x1b[1A\x1b[0G\x1b[1A\x1b[0G\x1b8\x1b[?25h"
)


def _login(request: Request) -> int:
    call, scope = request.call, _EVERYWHERE
    before = settings.read(call).get(scope, {}).get(settings.TOKEN, "")
    if before and not request.on("--overwrite"):
        scope = _scope(call)
    silent = request.on("--silent")
    if not silent and not request.on("-y"):
        _agreed(call, "Open the authorization page in your browser?", "Y/n")
    call.stdout.flush()
    call.stderr.write(f"{_NO_BROWSER}\n")
    if silent:
        raise Refused('exec: "xdg-open": executable file not found in $PATH')
    call.say(f"Complete authorization at {_DASHBOARD}/workplace/auth/cli")
    call.say(f"Your auth code is:\n{_CODE}\n\nWaiting...")
    with call.world.change() as state:
        made = account.login(state)
        if before and scope == _EVERYWHERE:
            account.revoke(state, before)
    hosts = {"api-host": "https://api.doppler.com", "dashboard-host": _DASHBOARD}
    settings.keep(call, scope, {settings.TOKEN: made, **hosts})
    call.say(f"\nWelcome, {account.WHO}")
    return 0


def _scope(call: Call) -> str:
    """Where a second login is to hold."""
    call.say("Warning: You have already logged in.\n")
    call.say("Would you like to scope your new login to the current directory, or overwrite the existing global login?")
    first, second = f"Scope login to current directory ({call.directory})", "Overwrite global login (/)"
    answer = _answered(call, _CHOICE.format(first=first, second=second), f"1) {first}\n2) {second}\nSelect an option: ")
    return _EVERYWHERE if answer[:1] in ("2", "O", "o") else call.directory


def _logout(request: Request) -> int:
    call, known = request.call, settings.token(request)
    if not request.on("-y"):
        scope = settings.found(request, settings.TOKEN)[1]
        if not _agreed(call, f"Revoke auth token scoped to {scope}?", "y/N"):
            call.stderr.write("Aborting\n")
            return 0
    with call.world.change() as state:
        gone = account.revoke(state, known)
    call.say("Auth token has been revoked" if gone else "Invalid Auth token")
    settings.forget(call, known)
    return 0


def _me(request: Request) -> int:
    known = settings.token(request)
    who = account.actor(request.call.world.read(), known)
    if request.on("--json"):
        request.call.say(compact(who))
        return 0
    shown = {**who, "workplace": f"{who['workplace']['name']} ({who['workplace']['slug']})"}
    columns = ("name", "type", "workplace", "token_preview", "slug", "created_at", "last_seen_at")
    row = [str(shown[name]) for name in columns]
    request.call.say(table([name.replace("_", " ") for name in columns], [row]))
    return 0


def _setup(request: Request) -> int:
    call, known = request.call, settings.token(request)
    state, saved = call.world.read(), dict[str, str]()
    source = settings.found(request, settings.TOKEN)[1]
    if source == "environment":
        call.stderr.write("Using DOPPLER_TOKEN from the environment. To disable this, use --no-read-env.\n")
    if source in ("environment", "flag"):
        saved[settings.TOKEN] = known
    project, config = (request.given.get(flag, "") for flag in ("-p", "-c"))
    talks = not request.on("--no-interactive")
    if not project:
        account.reach(state, known, None, None, "Unable to fetch projects")
        project = account.PROJECT
        if talks:
            call.say(f"Selected only available project: {project}")
    if not config:
        account.reach(state, known, project, None, "Unable to fetch configs")
        config = account.CONFIG
        if talks:
            call.say(f"Selected only available config: {config}")
    settings.keep(call, call.directory, {settings.PROJECT: project, settings.CONFIG: config, **saved})
    if request.on("--json"):
        call.say(compact({settings.CONFIG: config, settings.PROJECT: project}))
    elif not request.on("--silent"):
        rows = [["config", config, call.directory], ["project", project, call.directory]]
        call.say(table(("name", "value", "scope"), rows))
    return 0


def _agreed(call: Call, question: str, choice: str) -> bool:
    shown = f"{_BEFORE}{question} \x1b[0m\x1b[0;37m({choice}) \x1b[0m{_AFTER}"
    answer = _answered(call, shown, f"? {question} ({choice}) ").strip().lower()
    return answer.startswith("y") if answer else choice.startswith("Y")


def _answered(call: Call, shown: str, plain: str) -> str:
    """What somebody types; a terminal would answer the prompt's own questions, so that it is asked plainly."""
    call.stdout.write(plain if call.stdin.isatty() else shown)
    call.stdout.flush()
    answer = call.stdin.readline()
    if not answer:
        raise Refused("EOF")
    return answer


COMMANDS = {"login": _login, "logout": _logout, "me": _me, "setup": _setup}
