"""Jobs: scripts that run detached on the target, at most once an attempt, and outlive the connection that started them.

An attempt is a directory `~/.sprocket/jobs/<run>/<step>/<attempt>/` of the login, mode 0700. `mkdir` claims it; the
wrapper writes `pid` (pid, start time, boot id) before it executes anything; `out` and `err` grow; `exit` appears whole,
by rename, after it was synced. So a directory without `pid` was never started, and a dead pid without `exit` means that
the outcome is unknown. Secrets and event streams lie in a 0700 directory on tmpfs, which the wrapper removes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from shlex import quote

from sprocket_tui.errors import SprocketError
from sprocket_tui.exits import Exit
from sprocket_tui.secret import Secret
from sprocket_tui.target import shell
from sprocket_tui.target.link import Completed, Link, Privilege
from sprocket_tui.terminal import clean_bytes, one_line

ASK_DEADLINE = 30.0
# How long the wrapper keeps the event streams on tmpfs for us to take in after the script has ended, in seconds.
LINGER = 900


@dataclass(frozen=True)
class Attempt:
    """Names one attempt; the parts are safe as file names (the guide's ids and our own run ids)."""

    run: str
    step: str
    number: int

    @property
    def directory(self) -> str:
        """Shell text for the attempt's directory, to be used unquoted."""
        return f'"$HOME/.sprocket/jobs/{self.run}/{self.step}/{self.number}"'

    @property
    def memory(self) -> str:
        """Shell text for its directory on tmpfs."""
        return f'"{shell.MEMORY}/{self.run}/{self.step}/{self.number}"'


@dataclass(frozen=True)
class Launch:
    """What to run. `script` holds no secret; `files` appear 0600 in `$SPROCKET_TMP`, `streams` are created there.

    `path` goes before the login's PATH; `environment` is exported; `directory` may start with a ~.
    """

    script: str
    directory: str
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    path: tuple[str, ...] = ()
    files: Mapping[str, Secret] = field(default_factory=dict[str, Secret])
    streams: tuple[str, ...] = ()
    privilege: Privilege = field(default_factory=Privilege)


class Phase(StrEnum):
    """Where an attempt is. LINGERING: the wrapper is gone, but the program it ran still runs."""

    ABSENT = "absent"
    CLAIMED = "claimed"
    RUNNING = "running"
    LINGERING = "lingering"
    ENDED = "ended"
    VANISHED = "vanished"


@dataclass(frozen=True)
class Sight:
    """What `look` found: the phase, the exit status when ENDED, the wrapper's pid once there is one."""

    phase: Phase
    status: int | None = None
    pid: int | None = None


def start(link: Link, attempt: Attempt, launch: Launch) -> bool:
    """Claims the attempt and starts it. False when it was claimed before (it is then not started again).

    Raises SprocketError when nothing could be started (no room, no permission), LinkLost when that is not known.
    """
    done = shell.run(link, _start_script(attempt, launch), deadline=ASK_DEADLINE)
    said = clean_bytes(done.stdout).strip()
    if said in ("started", "taken"):
        return said == "started"
    raise SprocketError(
        f"the job could not be started on {link.identity.host}: {one_line(clean_bytes(done.stderr) or said)}",
        remedy="look at the room and permissions of ~/.sprocket and /dev/shm there, then resume",
        code=Exit.FAILED,
    )


def look(link: Link, attempt: Attempt) -> Sight:
    """Where the attempt is now."""
    done = shell.run(link, _look_script(attempt), deadline=ASK_DEADLINE)
    words = clean_bytes(done.stdout).split()
    if not words or words[0] not in set(Phase):
        raise SprocketError(
            f"the state of a job could not be read: {one_line(clean_bytes(done.stderr))}", code=Exit.UNKNOWN
        )
    phase = Phase(words[0])
    number = int(words[1]) if len(words) > 1 else None
    if phase is Phase.ENDED:
        return Sight(phase, status=number)
    return Sight(phase, pid=number)


def fence(link: Link, attempt: Attempt) -> Sight:
    """Makes sure that an attempt that has not started never will; returns what it was when the fence fell.

    The directory is renamed away in one step. A wrapper that had written its pid by then is found in it and put back.
    """
    script = f"""
a={attempt.directory}
f="$a.fenced"
[ -e "$f" ] && exit 0
mkdir -p "${{a%/*}}" && mkdir "$a" 2>/dev/null
if [ ! -f "$a/pid" ] && mv "$a" "$f" && [ -f "$f/pid" ]; then mv "$f" "$a"; fi
"""
    shell.run(link, script, deadline=ASK_DEADLINE)
    return look(link, attempt)


def without_password(link: Link, *, sudo: bool) -> Privilege:
    """The privilege that can be had without asking anybody."""
    return Privilege("sudo") if sudo and link.identity.user != "root" else Privilege()


def stop(link: Link, attempt: Attempt, privilege: Privilege, signal: str = "TERM") -> None:
    """Asks the program whose pid the job's script recorded in `child` to end. Raises SprocketError when that fails."""
    script = f"""
a={attempt.directory}
[ -f "$a/exit" ] && exit 0
[ -f "$a/child" ] && cat "$a/child"
exit 0
"""
    pid = clean_bytes(shell.run(link, script, deadline=ASK_DEADLINE).stdout).strip()
    if pid.isdigit():
        done = shell.run(link, shell.as_root(f"kill -s {signal} {pid}", privilege), deadline=ASK_DEADLINE)
        if done.status != 0 and look(link, attempt).phase in (Phase.RUNNING, Phase.LINGERING):
            raise SprocketError(
                f"the program could not be asked to stop: {one_line(clean_bytes(done.stderr))}",
                remedy=f"on the target, as root: kill -s {signal} {pid}",
                code=Exit.FAILED,
            )


def under_way(link: Link) -> tuple[Attempt, ...]:
    """Every attempt, of whatever run, whose wrapper or program runs on the target now."""
    script = f"""
read -r now </proc/sys/kernel/random/boot_id
{_PROCESS}
for p in "$HOME"/.sprocket/jobs/*/*/*/pid; do
    [ -f "$p" ] && [ ! -f "${{p%/pid}}/exit" ] && read -r pid start boot <"$p" && [ "$boot" = "$now" ] || continue
    for f in /proc/[0-9]*/stat; do
        # The wrapper leads a session, and what it started stays in it.
        process "$f" && [ "$session" = "$pid" ] && echo "${{p%/pid}}" && break
    done
done
exit 0
"""
    done = shell.run(link, script, deadline=ASK_DEADLINE)
    places = (line.split("/")[-3:] for line in clean_bytes(done.stdout).splitlines())
    return tuple(Attempt(run, step, int(number)) for run, step, number in places)


def left_over(link: Link, attempt: Attempt) -> tuple[int, ...]:
    """The processes that an ended attempt left in its session (plugins of a killed program), by pid."""
    script = f"""
a={attempt.directory}
read -r pid start boot <"$a/pid" || exit 0
read -r now </proc/sys/kernel/random/boot_id
[ "$boot" = "$now" ] || exit 0
{_PROCESS}
for f in /proc/[0-9]*/stat; do
    process "$f" && [ "$session" = "$pid" ] && [ "$f" != "/proc/$pid/stat" ] && f=${{f%/stat}} && echo "${{f#/proc/}}"
done
exit 0
"""
    done = shell.run(link, script, deadline=ASK_DEADLINE)
    return tuple(int(word) for word in clean_bytes(done.stdout).split() if word.isdigit())


def end_left_over(link: Link, attempt: Attempt, privilege: Privilege, signal: str) -> None:
    """Sends `signal` to those processes, as the one who started them."""
    pids = " ".join(map(str, left_over(link, attempt)))
    if pids:
        shell.run(link, shell.as_root(f"kill -s {signal} {pids}", privilege), deadline=ASK_DEADLINE)


def finish(link: Link, attempt: Attempt) -> None:
    """Says that everything was taken in: the raw output and the tmpfs directory go, the record of the attempt stays."""
    script = f"""
a={attempt.directory} t={attempt.memory}
: >"$a/taken"
rm -f "$a/out" "$a/err"
rm -rf "$t"
rmdir "${{t%/*}}" "${{t%/*/*}}" 2>/dev/null
"""
    shell.run(link, script, deadline=ASK_DEADLINE)


def read(
    link: Link,
    script: str,
    *,
    directory: str,
    path: tuple[str, ...],
    files: Mapping[str, Secret],
    privilege: Privilege,
    deadline: float,
) -> Completed:
    """Runs a read-only `script` to its end with the surroundings of a job: directory, path, files, privilege.

    `files` appear in `$SPROCKET_TMP` on tmpfs and go with the script; `directory` is absolute.
    """
    inner = [shell.path_line(path), f"cd {quote(directory)} || exit 66", script]
    if not files:
        return shell.run(link, shell.as_root("\n".join(inner), privilege), deadline=deadline)
    name = shell.nonce()
    login = "$SUDO_UID" if privilege.kind == "sudo" else "$(id -u)"
    inner.insert(0, f"SPROCKET_TMP=/dev/shm/sprocket-{login}/{name}; export SPROCKET_TMP")
    lines = [
        "umask 077",
        shell.MEMORY_READY,
        f't="{shell.MEMORY}/{name}"',
        "trap 'rm -rf \"$t\"' EXIT",
        "trap 'exit 1' HUP INT TERM",
        'mkdir "$t" || exit 1',
        *_puts(files),
        shell.as_root("\n".join(inner), privilege),
    ]
    return shell.run(link, "\n".join(lines), deadline=deadline)


def _puts(files: Mapping[str, Secret]) -> list[str]:
    return [f'printf %s {quote(secret.reveal())} >"$t"/{quote(name)} || exit 1' for name, secret in files.items()]


def _start_script(attempt: Attempt, launch: Launch) -> str:
    parts = [
        "umask 077",
        f"a={attempt.directory} t={attempt.memory}",
        'mkdir -p "${a%/*}" || exit 1',
        'if ! mkdir "$a" 2>/dev/null; then [ -d "$a" ] && echo taken && exit 0; mkdir "$a"; exit 1; fi',
        'if [ -e "$a.fenced" ]; then rmdir "$a"; echo taken; exit 0; fi',
        shell.MEMORY_READY,
        'mkdir -p "$t" || exit 1',
        *_puts(launch.files),
        *(f': >"$t"/{quote(name)} || exit 1' for name in launch.streams),
        f'printf %s {quote(_payload(attempt, launch))} >"$t/payload" || exit 1',
        f'printf %s {quote(_wrapper(launch))} >"$a/wrapper" || exit 1',
        'cd "$a" && { setsid sh ./wrapper "$a" "$t" </dev/null >/dev/null 2>&1 & }',
        "echo started",
    ]
    return "\n".join(parts)


def _payload(attempt: Attempt, launch: Launch) -> str:
    """The script proper, after the password where sudo wants one; a function, so that it is read before it runs."""
    exports = [f"export {name}={quote(value)}" for name, value in launch.environment.items()]
    directory = launch.directory
    home = f'"$SPROCKET_HOME"{quote(directory[1:])}' if directory.startswith("~") else quote(directory)
    body = "\n".join(["umask 022", shell.path_line(launch.path), *exports, f"cd {home} || exit 66", launch.script])
    script = f"sprocket_job() {{\n{body}\n}}\nsprocket_job </dev/null\n"
    if launch.privilege.kind == "sudo" and launch.privilege.password is not None:
        return "\n".join([launch.privilege.password.reveal(), "", "", _marker(attempt), script])
    return script


def _marker(attempt: Attempt) -> str:
    return f"sprocket-payload-{attempt.run}-{attempt.number}"


def _wrapper(launch: Launch) -> str:
    carried = "SPROCKET_HOME SPROCKET_ATTEMPT SPROCKET_TMP"
    if launch.privilege.kind != "sudo":
        command = "sh -s"
    else:
        sets = " ".join(f'{name}="${name}"' for name in carried.split())
        if launch.privilege.password is None:
            command = f"sudo -n -- env {sets} sh -s"
        else:
            loop = 'while IFS= read -r l; do case "$l" in sprocket-payload-*) exec sh -s;; esac; done; exit 97'
            command = f"sudo -S -p '' -- env {sets} sh -c {quote(loop)}"
    secrets = " ".join(f'"$t"/{quote(name)}' for name in launch.files)
    kept = (
        f"""
waited=0
while [ ! -e "$a/taken" ] && [ "$waited" -lt {LINGER} ]; do sleep 1; waited=$((waited + 1)); done"""
        if launch.streams
        else ""
    )
    return f"""umask 077
a=$1 t=$2
read -r boot </proc/sys/kernel/random/boot_id
read -r stat </proc/$$/stat
set -- ${{stat##*) }}
shift 19
echo "$$ $1 $boot" >pid.new && sync pid.new . && mv pid.new "$a/pid" || {{ rm -rf "$t"; exit 1; }}
sync "$a" "$a/.."
exec 3<"$t/payload" && rm -f "$t/payload"
SPROCKET_HOME=$HOME SPROCKET_ATTEMPT=$a SPROCKET_TMP=$t
export {carried}
{command} <&3 >"$a/out" 2>"$a/err"
status=$?
exec 3<&-
rm -f "$t/payload" {secrets}
echo "$status" >"$a/exit.new" && sync "$a/exit.new" "$a/out" "$a/err" && mv "$a/exit.new" "$a/exit" && sync "$a"{kept}
rm -rf "$t"
"""


def _look_script(attempt: Attempt) -> str:
    return f"""
a={attempt.directory}
[ -d "$a" ] || {{ echo absent; exit; }}
[ -f "$a/pid" ] || {{ echo claimed; exit; }}
say() {{
    if [ -f "$a/exit" ] && read -r status <"$a/exit"; then echo "ended $status"; else echo "$1 $pid"; fi
    exit
}}
{_PROCESS}
read -r pid start boot <"$a/pid"
read -r now </proc/sys/kernel/random/boot_id
[ "$boot" = "$now" ] || say vanished
process "/proc/$pid/stat" && [ "$begun" = "$start" ] && say running
if [ -f "$a/child" ]; then
    read -r child <"$a/child" && process "/proc/$child/stat" && [ "$begun" -ge "$start" ] && say lingering
else
    for f in /proc/[0-9]*/stat; do process "$f" && [ "$session" = "$pid" ] && say lingering; done
fi
say vanished
"""


# Sets state, session and begun of the process whose stat file is $1; fails when it is gone or dead.
_PROCESS = """process() {
    { read -r stat <"$1"; } 2>/dev/null || return 1
    set -- ${stat##*) }
    state=$1 session=$4
    shift 19
    begun=$1
    [ "$state" != Z ] && [ "$state" != X ]
}"""


def tidy_script(keep: Iterable[str]) -> str:
    """A script that removes what the runs not in `keep` left on tmpfs, and prints what it removed, one path a line."""
    kept = " ".join(map(quote, keep))
    return f"""
for d in "{shell.MEMORY}"/*; do
    [ -d "$d" ] || continue
    case " {kept} " in *" ${{d##*/}} "*) continue;; esac
    rm -rf "$d" && echo "$d"
done
"""
