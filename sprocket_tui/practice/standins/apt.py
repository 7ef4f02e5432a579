"""`apt-get update` and `apt-get install` of the packages that the guide asks for."""

from __future__ import annotations

import shutil
from dataclasses import replace
from io import StringIO

from sprocket_tui.practice.standins.call import Call
from sprocket_tui.practice.standins.first_day import fresh
from sprocket_tui.practice.standins.options import Misuse, flags, read
from sprocket_tui.practice.standins.rehearsed import NotRehearsed
from sprocket_tui.practice.world import State, pause

# What a package brings of the software that a world may lack.
_BRINGS = {"docker.io": "docker", "npm": "npm", "nodejs": "node", "git": "git"}
_PRESENT = ("jq", "curl")
# What somebody who looks around may want, and every archive has.
ARCHIVED = """
apache2 bind9-dnsutils build-essential ca-certificates certbot dnsutils docker-compose fail2ban gnupg htop iotop
iproute2 iputils-ping less lsof man-db mtr nano ncdu net-tools netcat-openbsd nginx postgresql-client procps psmisc
python3 python3-pip redis-tools rsync screen strace sudo sysstat tcpdump tmux traceroute tree unzip vim wget whois zip
"""
TAKES = {
    "apt-get": {"": flags("-y,--yes -q,--quiet --no-install-recommends"), "update": (), "install": ()},
}


def main(call: Call) -> int:
    """As root, without questions; fails for a package that nobody knows."""
    try:
        line = read(call.argv, TAKES["apt-get"][""])
    except Misuse as error:
        return call.fail(f"E: {_wrong(str(error))}", 100)
    # Asked twice to be quiet, it says nothing but what is wrong.
    silent = sum(word.count("q") for word in call.argv if word[:1] == "-" and word[:2] != "--") > 1
    if silent:
        call = replace(call, stdout=StringIO())
    if line.words[:1] == ["install"] and (known := [each for each in line.words[1:] if each in ARCHIVED.split()]):
        raise NotRehearsed(f"apt-get install {known[0]}")
    with call.world.change() as state:
        match line.words:
            case ["update"]:
                pause(state, 2)
                call.say("Reading package lists...")
            case ["update", *_]:
                return call.fail("E: The update command takes no arguments", 100)
            case ["install", *packages]:
                call.say("Reading package lists...\nBuilding dependency tree...\nReading state information...")
                if unknown := [each for each in packages if each not in _BRINGS and each not in _PRESENT]:
                    call.stdout.flush()
                    return call.fail(f"E: Unable to locate package {unknown[0]}", 100)
                for text in _install(call, state, packages):
                    call.say(text)
            case _:
                return call.fail(f"E: Invalid operation {line.words[0] if line.words else ''}", 100)
    return 0


def _install(call: Call, state: State, packages: list[str]) -> list[str]:
    """Puts those in place that are not there; what apt says of it."""
    whole = fresh(0, 1)["software"]
    lacking = [each for each in packages if _BRINGS.get(each) in whole and _BRINGS[each] not in state["software"]]
    said = [f"{each} is already the newest version ({_version(each)})." for each in packages if each not in lacking]
    if lacking:
        said += ["The following NEW packages will be installed:", "  " + " ".join(sorted(lacking))]
    said.append(f"0 upgraded, {len(lacking)} newly installed, 0 to remove and 0 not upgraded.")
    if lacking:
        pause(state, 8)
        said += ["Need to get 0 B of archives.", "After this operation, 0 B of additional disk space will be used."]
    for each in lacking:
        name, version = _BRINGS[each], _version(each)
        state["software"][name] = whole[name]
        shutil.copy(call.path("/run/practice/launcher"), call.path(f"/usr/bin/{name}"))
        said += [
            f"Selecting previously unselected package {each}.",
            f"Preparing to unpack .../{each}_{version}_all.deb ...",
            f"Unpacking {each} ({version}) ...",
        ]
    return [*said, *(f"Setting up {each} ({_version(each)}) ..." for each in lacking)]


def _version(package: str) -> str:
    whole = fresh(0, 1)
    return whole["software"].get(
        _BRINGS.get(package, ""), whole["docker"]["version"] if package == "docker.io" else "1"
    )


def _wrong(text: str) -> str:
    """apt's own words for an option that it does not know."""
    named = text.split("'")[1]
    given = f"'{named}' [from -{named}]" if len(named) == 1 else named
    return f"Command line option {given} is not understood in combination with the other options" + (
        "." if len(named) == 1 else ""
    )
