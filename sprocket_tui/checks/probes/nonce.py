"""Whether the droplet itself answers at a port of a name: a listener there says a word that nobody else can know.

Value {state, listened, holder, said}. Where nobody holds the port, a listener is started on the droplet for a moment
(`listened`), which answers one connection and ends, at the latest when its time is up, whatever becomes of us. State:
  droplet   its word came back                     other      somebody else answered; `said` is how that began
  refused   filtered                               as for any port, although the droplet listened
Where somebody holds the port (`holder`), or on a rehearsal's droplet, whose ports are shown by another program, nothing
is started there, and the state is open, refused or filtered, without a word of who answered.
"""

from __future__ import annotations

import re
from shlex import quote

from sprocket_tui.checks.excerpt import excerpt
from sprocket_tui.checks.observation import Observation
from sprocket_tui.checks.probes.base import AS_ROOT, Droplet, Here, ProbeError, as_object, first_line
from sprocket_tui.checks.probes.holder import holder_of, read_holder
from sprocket_tui.checks.probes.reaching import Address, Reached, addresses, reach, reached
from sprocket_tui.checks.rooted import rooted
from sprocket_tui.errors import LinkLost, SprocketError
from sprocket_tui.target import shell
from sprocket_tui.target.link import Link
from sprocket_tui.terminal import clean_bytes
from sprocket_tui.values import JSON

# Beyond the time that a command on the droplet takes: its answer on a slow link.
_GRACE = 10.0
_KEPT = 16384

# Each tool takes one connection, says the word, and ends. bash cannot listen; perl is in every Debian and Ubuntu.
_PYTHON = """\
import socket, sys
both = socket.has_dualstack_ipv6()
family = socket.AF_INET6 if both else socket.AF_INET
with socket.create_server(("", int(sys.argv[1])), family=family, dualstack_ipv6=both) as server:
    with server.accept()[0] as other:
        other.sendall(sys.argv[2].encode() + b"\\n")
"""
_PERL = """\
my %on = (LocalPort => $ARGV[0], Listen => 1, ReuseAddr => 1);
my $server = IO::Socket::IP->new(%on, LocalHost => "::", V6Only => 0)
    || IO::Socket::IP->new(%on, LocalHost => "0.0.0.0") || die "$!\\n";
my $other = $server->accept() || die "$!\\n";
print $other "$ARGV[1]\\n";
"""
# Whether the port is listened on is read from the kernel, since not every tool says so.
_LISTEN = """\
port={port} word={word} wait={wait:g}
listen() {{
    if command -v python3 >/dev/null 2>&1; then exec timeout -k 1 "$wait" python3 -c {python} "$port" "$word"
    elif command -v perl >/dev/null 2>&1; then exec timeout -k 1 "$wait" perl -MIO::Socket::IP -e {perl} "$port" "$word"
    elif command -v socat >/dev/null 2>&1; then
        exec timeout -k 1 "$wait" socat -u "EXEC:echo $word" "TCP6-LISTEN:$port,ipv6only=0,reuseaddr"
    elif command -v busybox >/dev/null 2>&1; then
        exec timeout -k 1 "$wait" busybox nc -l -p "$port" -e echo "$word"
    fi
    echo {mark} none
}}
listen </dev/null 2>&1 &
job=$! tried=0
until grep -q {listening} /proc/net/tcp /proc/net/tcp6 2>/dev/null; do
    tried=$((tried + 1))
    kill -0 "$job" 2>/dev/null && [ "$tried" -lt 60 ] || break
    sleep 0.05
done
grep -q {listening} /proc/net/tcp /proc/net/tcp6 2>/dev/null && echo {mark} listens
wait "$job"
echo {mark} "ended $?"
"""
_TOOLS = "python3, perl, socat and busybox"


def with_nonce(host: str, port: int, wait: float, here: Here) -> Observation:
    """Who answers at the port; raises ProbeError where nothing can be listened with, or who answered cannot be told."""
    found = addresses(host, port)
    try:
        with here.droplet() as droplet:
            practice = droplet.link.identity.practice
            holder = "" if practice else _holder(droplet, port)
            if not practice and not holder:
                return _asked(host, port, wait, found, droplet)
    except LinkLost as error:
        raise ProbeError(f"connection lost: {error.message}") from error
    except SprocketError as error:
        raise ProbeError(error.message) from error
    # Nobody waits for the droplet meanwhile.
    return _unproved(host, port, reached(host, port, wait), holder)


def told(host: str, port: int, state: str) -> str:
    """How a port looks, in words."""
    words = {
        "open": "is open",
        "refused": "can be reached, and nothing listens there yet (connection refused)",
        "filtered": "does not answer (filtered or dropped)",
        "droplet": "is answered by the droplet itself",
    }
    return f"{host} port {port} {words[state]}"


def _asked(host: str, port: int, wait: float, found: tuple[Address, ...], droplet: Droplet) -> Observation:
    link = rooted(droplet.link, droplet.privilege)
    each = wait / len(found)
    rounds = [_round(link, droplet.path, port, address, each) for address in found]
    for state in ("other", "filtered", "refused", "droplet"):
        for one in rounds:
            if one.state == state:
                return _proved(host, port, one)
    raise ProbeError(f"this machine has no network to reach {host}")


def _holder(droplet: Droplet, port: int) -> str:
    return holder_of(as_object(read_holder(port, droplet.answers()).value))


def _round(link: Link, path: tuple[str, ...], port: int, address: Address, wait: float) -> Reached:
    """One listener and one connection to it. The state is `droplet`, `other`, or how the connection failed."""
    mark, word = shell.nonce(), shell.nonce()
    script = _LISTEN.format(
        port=port,
        word=word,
        mark=mark,
        wait=wait + 1,
        python=quote(_PYTHON),
        perl=quote(_PERL),
        listening=f"':{port:04X} [0-9A-F]*:0000 0A'",
    )
    heard = bytearray()
    seen: list[Reached] = []

    def on_output(piece: bytes) -> None:
        heard.extend(piece[: max(0, _KEPT - len(heard))])
        if not seen and f"{mark} listens".encode() in heard:
            seen.append(reach(address, wait, listen=True))

    link.follow(f"{shell.path_line(path)}\n{script}", on_output, silence=2 * wait + _GRACE)
    said = clean_bytes(bytes(heard))
    if not seen:
        raise _unheard(said, mark, port, link.identity.user)
    one = seen[0]
    if word.encode() in one.said:
        return Reached("droplet")
    if not one.said and f"{mark} ended 0" in said:
        raise ProbeError("somebody else connected first and took the one answer; check again")
    return Reached("other", one.said) if one.state == "open" else one


def _unheard(said: str, mark: str, port: int, user: str) -> ProbeError:
    """Why nothing listened."""
    if f"{mark} none" in said:
        return ProbeError(f"nothing to listen with on the droplet: {_TOOLS} are all missing")
    if re.search(r"permission denied", said, re.IGNORECASE):
        return ProbeError(
            f"{user} may not listen on port {port} of the droplet: ports below 1024 are root's",
            to_do=AS_ROOT,
        )
    if re.search(r"address (?:already )?in use", said, re.IGNORECASE):
        return ProbeError(f"somebody took port {port} of the droplet at that moment; check again")
    lines = [line.strip() for line in said.splitlines() if line.strip() and mark not in line]
    last = excerpt(lines[-1], 200) if lines else "it said nothing"
    return ProbeError(f"the listener on the droplet did not start: {last}")


def _proved(host: str, port: int, one: Reached) -> Observation:
    said = excerpt(first_line(clean_bytes(one.said)), 120)
    value: dict[str, JSON] = {"state": one.state, "listened": True, "holder": "", "said": said}
    if one.state == "other":
        began = f": {said}" if said else ", who says nothing"
        return Observation(value, f"{host} port {port} is answered by somebody else{began}")
    if one.state == "refused":
        return Observation(value, f"{host} port {port} refuses connections, though the droplet listens there")
    return Observation(value, told(host, port, one.state))


def _unproved(host: str, port: int, state: str, holder: str) -> Observation:
    value: dict[str, JSON] = {"state": state, "listened": False, "holder": holder, "said": ""}
    if holder and state == "refused":
        return Observation(value, f"{host} port {port} refuses connections, though {holder} holds it on the droplet")
    where = f"; on the droplet {holder} holds it" if holder else ""
    return Observation(value, told(host, port, state) + where)
