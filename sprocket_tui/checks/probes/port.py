"""Whether a port answers, from here or from the droplet, and who holds it there.

Values: {state}, one of open, refused, filtered (nothing came back within the time); or, with `holder`, {free, process,
pid, container, name}: process and pid are null where only root may see them, container is the container or Swarm
service that publishes the port ("service web"), name its name alone, and both are empty where there is none. With
`nonce` as `nonce.py` says.
"""

from __future__ import annotations

import re
from dataclasses import replace
from shlex import quote

from sprocket_tui.checks.excerpt import excerpt
from sprocket_tui.checks.observation import Observation
from sprocket_tui.checks.probes.base import Answers, Here, Probe, ProbeError, first_line, unreadable
from sprocket_tui.checks.probes.holder import holder_commands, read_holder
from sprocket_tui.checks.probes.nonce import told, with_nonce
from sprocket_tui.checks.probes.reaching import reached
from sprocket_tui.guide.words.probes import PortProbe
from sprocket_tui.target.batch import Command
from sprocket_tui.terminal import clean_bytes

_MAX_WAIT = 5.0

# Each tool is told the same time to wait; bash is asked first because its words are the system's own.
_CONNECT = """\
host={host} port={port}
if command -v bash >/dev/null 2>&1; then
    echo bash
    timeout {wait} bash -c 'exec 3<>"/dev/tcp/$1/$2"' bash "$host" "$port" 2>&1
elif command -v nc >/dev/null 2>&1; then
    echo nc
    timeout {wait} nc -v -w {wait} "$host" "$port" 2>&1 </dev/null
elif command -v curl >/dev/null 2>&1; then
    echo curl
    timeout {wait} curl -q -v -sS --noproxy '*' -m {wait} "telnet://$host:$port" 2>&1 </dev/null
else
    echo none
fi
echo "
status $?"
"""


def commands(words: PortProbe) -> tuple[Command, ...]:
    """A connection attempt on the droplet, or the questions who listens."""
    port = _port(words)
    if words.nonce:
        raise ProbeError("a nonce of the droplet is only asked for from here")
    if words.holder:
        return holder_commands(words.timeout)
    wait = max(1, int(min(_MAX_WAIT, words.timeout - 1)))
    script = _CONNECT.format(host=quote(words.host), port=port, wait=wait)
    return (Command("connect", script, words.timeout),)


def read(words: PortProbe, answers: Answers) -> Observation:
    """The state or the holder; raises ProbeError when the droplet has no tool, or the name does not resolve."""
    if words.holder:
        return read_holder(_port(words), answers)
    text = clean_bytes(answers["connect"].stdout)
    match = re.fullmatch(r"(bash|nc|curl|none)\n(.*?)\nstatus (\d+)\s*", text, re.DOTALL)
    if not match:
        raise unreadable(text)
    tool, said, status = match[1], match[2], int(match[3])
    if tool == "none":
        raise ProbeError("no tool on the droplet to connect with: bash, nc and curl are all missing")
    return replace(_observed(words, _state(tool, said, status)), evidence=text)


def _state(tool: str, said: str, status: int) -> str:
    # nc and curl stay in the connection until their time is up, so that their words count before their status.
    if status == 0 or re.search(r"\) open|succeeded|Connected to", said):
        return "open"
    if re.search(r"refused", said, re.IGNORECASE):
        return "refused"
    if re.search(r"not known|resolve|Name or service|bad address|lookup fail|Temporary failure", said, re.IGNORECASE):
        raise ProbeError(f"the name does not resolve there: {excerpt(first_line(said), 200)}")
    if status in (124, 137, 143) or re.search(r"timed out|No route to host|prohibited", said, re.IGNORECASE):
        return "filtered"
    if tool == "curl" and status == 28:
        return "filtered"
    raise ProbeError(f"{tool} did not say how the connection went: {excerpt(said, 200) or f'status {status}'}")


def measure(words: PortProbe, here: Here, deadline: float) -> Observation:
    """The state as seen from this machine; raises ProbeError when there is no address or no network to ask over."""
    if words.holder:
        raise ProbeError("who holds a port is only measured on the droplet")
    port, wait = _port(words), min(_MAX_WAIT, max(0.5, deadline - 0.5))
    if words.nonce:
        return with_nonce(words.host, port, wait, here)
    return _observed(words, reached(words.host, port, wait))


def _observed(words: PortProbe, state: str) -> Observation:
    return Observation(value={"state": state}, seen=told(words.host, _port(words), state))


def _port(words: PortProbe) -> int:
    if not words.port.isdecimal() or not 0 < int(words.port) < 65536:
        raise ProbeError(f"{words.port} is not a port number")
    return int(words.port)


PROBE = Probe[PortProbe](
    kind="port",
    commands=commands,
    read=read,
    measure=measure,
    both_ends=lambda words: words.nonce,
    asks=lambda words: holder_commands(words.timeout) if words.nonce else (),
)
