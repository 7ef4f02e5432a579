"""What Doppler's command line keeps in the home: token, project and config, each for a directory and what is below."""

from __future__ import annotations

from sprocket_tui.practice.standins.call import Call
from sprocket_tui.practice.standins.doppler.line import Request
from sprocket_tui.practice.standins.doppler.words import Refused

TOKEN, PROJECT, CONFIG = "token", "enclave.project", "enclave.config"
_FILE = "~/.doppler/.doppler.yaml"
_VARIABLES = {TOKEN: "DOPPLER_TOKEN", PROJECT: "DOPPLER_PROJECT", CONFIG: "DOPPLER_CONFIG"}
_FLAGS = {TOKEN: "-t", PROJECT: "-p", CONFIG: "-c"}
_END = "version-check: {}\nanalytics:\n    disable: false\ntui:\n    introVersionSeen: 0\n"

Scopes = dict[str, dict[str, str]]


def read(call: Call) -> Scopes:
    """Settings by directory."""
    try:
        text = call.path(_FILE).read_text(encoding="utf-8")
    except OSError:
        return {}
    scopes, scope = Scopes(), ""
    for line in text.partition("scoped:\n")[2].splitlines():
        name, _, value = line.strip().partition(": ")
        if line.startswith(" " * 8):
            scopes[scope][name] = value
        elif line.startswith(" " * 4):
            scope = name.removesuffix(":")
            scopes[scope] = {}
        else:
            break
    return scopes


def write(call: Call, scopes: Scopes) -> None:
    """Keeps them, for nobody else to read."""
    file = call.path(_FILE)
    file.parent.mkdir(mode=0o700, exist_ok=True)
    lines = ["scoped:" if scopes else "scoped: {}"]
    for scope, settings in scopes.items():
        lines += [f"    {scope}:", *(f"        {name}: {value}" for name, value in settings.items())]
    file.touch(mode=0o600)
    file.write_text("\n".join(lines) + "\n" + _END, encoding="utf-8")


def keep(call: Call, scope: str, settings: dict[str, str]) -> None:
    """Keeps more of them for a directory."""
    scopes = read(call)
    scopes[scope] = {**scopes.get(scope, {}), **settings}
    write(call, scopes)


def forget(call: Call, token: str) -> None:
    """Forgets what was kept with a token."""
    scopes = read(call)
    kept = {scope: settings for scope, settings in scopes.items() if settings.get(TOKEN) != token}
    write(call, kept)


def found(request: Request, name: str) -> tuple[str, str]:
    """A setting with where it is from: "flag", "environment", or the nearest directory that has it; "" for none."""
    if _FLAGS[name] in request.given:
        return request.given[_FLAGS[name]], "flag"
    if not request.on("--no-read-env") and (value := request.call.environ.get(_VARIABLES[name])):
        return value, "environment"
    below = [
        (scope, settings[name])
        for scope, settings in read(request.call).items()
        if name in settings and f"{request.call.directory.rstrip('/')}/".startswith(f"{scope.rstrip('/')}/")
    ]
    scope, value = max(below, key=lambda each: len(each[0]), default=("", ""))
    return value, scope


def token(request: Request) -> str:
    """The token to ask with. Raises Refused where there is none."""
    value, _ = found(request, TOKEN)
    if not value.strip():
        raise Refused("you must provide a token")
    return value


def place(request: Request) -> tuple[str, str]:
    """Project and config, "" where nothing says which."""
    return found(request, PROJECT)[0], found(request, CONFIG)[0]
