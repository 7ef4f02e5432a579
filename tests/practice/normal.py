"""What answers differ in from machine to machine and from moment to moment, as one table: each pattern gives a mark."""

from __future__ import annotations

import re
from collections.abc import Sequence

_MOMENT = (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z", "<moment>")
_ADDRESS = (r"(?<![\d.])(?!0\.0\.0\.0|127\.0\.)\d+\.\d+\.\d+\.\d+(?:/\d+)?(?![\d.])", "<address>")
_UNITS = (
    (r"(?<=since )[A-Z][a-z]{2} .* UTC; .* ago", "<moment>; <span> ago"),
    (r"(?<=Main PID: ).*", "<process>"),
    (r"^ +(?:Tasks|Memory|CPU): .*\n", ""),
    (r"(?<=└─).*", "<process>"),
)
_RULES: dict[str, tuple[tuple[str, str], ...]] = {
    "docker": (
        # The lab's own address pool; a droplet has none.
        (r"^ Default Address Pools:\n   Base: .*\n", ""),
        (r'"DefaultAddressPools":\[[^\]]*\],', ""),
        # What `docker info` and the like tell of the machine: by its heading, and by its name in JSON.
        (
            r"^( *(?:Kernel Version|Operating System|Architecture|CPUs|Total Memory|ID|Cgroup Driver|Cgroup Version|"
            r"Docker Root Dir|init version|Runtimes)): .*$",
            r"\1: <machine>",
        ),
        (
            r'"(KernelVersion|OperatingSystem|OSVersion|NCPU|MemTotal|NanoCPUs|MemoryBytes|NFd|NGoroutines|SystemTime|'
            r"Index|Pid|CgroupDriver|CgroupVersion|TrustRoot|CertIssuerPublicKey|MacAddress|FailingStreak|"
            r'IPPrefixLen)":( ?)(?:"(?:[^"\\]|\\.)*"|\d+)',
            r'"\1":\2<machine>',
        ),
        (r"/tmp/droplet-\w+/docker", "/var/lib/docker"),
        (r"SWMTKN-1-\w{50}-\w{25}", "<token>"),
        (r"SWMKEY-1-[A-Za-z0-9+/]{43}", "<key>"),
        (r"(?<![0-9A-Za-z])[A-Z2-7]{4}(?::[A-Z2-7]{4}){11}", "<identity>"),
        (r"(?<![0-9A-Za-z])[0-9a-f]{64}(?![0-9A-Za-z])", "<digest>"),
        (r"(?<![0-9A-Za-z])[0-9a-z]{25}(?![0-9A-Za-z])", "<id>"),
        (r"(?<![0-9A-Za-z])(?=[a-z]*\d)[0-9a-z]{12}(?![0-9A-Za-z])", "<short id>"),
        (r"^[0-9a-z]{12}(?=\s)|(?<=\.\d\.)[0-9a-z]{12}(?=@)", "<short id>"),
        _MOMENT,
        (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)? \+0000 UTC", "<moment>"),
        _ADDRESS,
        (r"(?<![\d.])\d+(?:\.\d+)?(?:GiB|MiB|KiB|kB|MB|GB|B)(?![a-z])", "<size>"),
        (r"\d+(?:\.\d+)?%", "<share>"),
        (r"(?<=service )\w{1,4}(?= is ambiguous)|(?<=provided prefix: )\w{1,4}$", "<shared>"),
        (r"(?<=on interface eth0 \()\S+ and [^)]+", "<address> and <address>"),
        (
            r"(?i:less than a second|about an? (?:minute|hour)|"
            r"\d+ (?:second|minute|hour|day|week|month|year)s?)",
            "<span>",
        ),
    ),
    # How many there are, and what the machine is.
    "nproc": ((r"^\d+$", "<number>"),),
    "uname": (
        (r"^(Linux(?: sprocket-practice)?) \d\S*", r"\1 <kernel>"),
        (r"^\d\S*-\S+$", "<kernel>"),
        (r"#\d.*?(?= x86_64|$)", "<build>"),
        (r"\b(?:x86_64|aarch64|unknown)\b(?: (?:x86_64|aarch64)\b)*", "<machine>"),
    ),
    "date": (
        (r"^\d{10}$", "<moment>"),
        (r"^\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\dZ)?$", "<moment>"),
        (r"^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000$", "<moment>"),
        (r"^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d UTC 20\d\d$", "<moment>"),
    ),
    "df": (
        # Of what is mounted, only the root and the shared memory are on every machine.
        (r"^(?!df: |Filesystem)\S.* (?!/$|/dev/shm$)/.*\n", ""),
        (r"^/dev/\S+", "<device>"),
        (r"(?<= )ext4(?= )", "<type>"),
        (r"(?<= )\d+(?:\.\d+)?[KMGT]?(?= )", "<number>"),
        (r"\d+%", "<share>"),
    ),
    "free": ((r"(?<= )\d+(?:\.\d+)?(?:[KMGT]i|B)?$|(?<= )\d+(?:\.\d+)?(?:[KMGT]i|B)?(?= )", "<number>"),),
    "ss": (
        (r"(?<=LISTEN)( +)\d+( +)\d+", r"\1<number>\2<number>"),
        (r"pid=\d+,fd=\d+", "pid=<number>,fd=<number>"),
        # The heading of two narrow columns runs together.
        (r"PortProcess", "Port Process"),
        (r" +$", ""),
    ),
    "ps": (
        # Of all that runs, only what listens on the droplet does so on every machine.
        (r"^(?!.*(?:sshd: |\b(?:sshd|nginx)(?:$| TCP4))) *(?:\S+ +)?\d+ .*\n", ""),
        (r"(?:sshd: /usr/sbin/sshd|/run/listening/sshd).*", "<sshd>"),
        (r"(?:/usr/sbin/nginx|/run/listening/nginx).*", "<nginx>"),
        (r"(?<= )(?:\?|pts/\d+)(?= )", "<terminal>"),
        (r"(?<= )[SR][<Nsl+]*(?= )", "<state>"),
        (r"[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}", "<moment>"),
        (r"(?<![\w:.])(?:\d+-)?(?:\d+:)?\d+:\d\d(?![\w:.])|(?<= )[A-Z][a-z]{2}\d\d(?= )", "<span>"),
        (r"(?<![\w.:])\d+(?:\.\d+)?(?![\w.:])", "<number>"),
        (r"^ +| +$", ""),
    ),
    "apt-get": (
        # Where packages come from, how large they are, and how far dpkg is.
        (r"^(?:Get|Ign|Hit|Fetched)\b.*\n", ""),
        (r"^\(Reading database \.\.\. .*\n", ""),
        (r"(?<=Preparing to unpack )\S+", "<file>"),
        (r"(?<=Need to get ).*(?= of archives)", "<size>"),
        (r"(?<=After this operation, )\d.*B(?= of additional)", "<size>"),
        (r"\(\d[^ )]*\)", "(<version>)"),
    ),
    "git": (
        # The practice checkout's commit is named after the one that the guide is about.
        (r"(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])", "<commit>"),
        (r"^[0-9a-f]{7}(?=$| A small)", "<commit>"),
        # git's own usage is of two minds.
        (r"--recursive(?: \.\.\. +|\[=<pathspec>\]\n +)alias", "--recursive alias"),
        # Where the lab's git finds the repository.
        (r"file:///run/upstream\.git", "https://github.com/SprocketBot/sprocket-infra.git"),
    ),
    "npm": (
        (r"\S*/_logs/\S+", "<log>"),
        (r"(?<=current: \{ node: )'[^']*'", "<version>"),
        (r"(?<= in )[\dms ]+$", "<span>"),
        # npm 11 tells about every option of a command, npm 10 names them.
        (r"^npm error Options:\n(?:npm error(?! aliases).*\n)*", ""),
    ),
    "pulumi": (
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z", "<moment>"),
        (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ \+0000 UTC", "<moment>"),
        (r"(?:now|\d+ seconds? ago)(?= |$|,)", "<span>"),
        (r"(?<=v1:)[A-Za-z0-9+/=]{12}:v1:[A-Za-z0-9+/=]+:[A-Za-z0-9+/=]+", "<salt>"),
        (r"Duration: \d+s", "Duration: <span>"),
        (r'(?<="duration": )\d+', "<number>"),
        # A program that ends on an error and its language host that sees it end: either is told first.
        (r"^(.* error: error reading from server: EOF\n\n?)(.* error: It looks like .*\n\n?)", r"\2\1"),
        (
            r'(\{\s*"message": "error: error reading from server: EOF[^}]*\})(,\s*)'
            r'(\{\s*"message": "error: It looks[^}]*\})',
            r"\3\2\1",
        ),
        # What it logs for whoever asked for it, and the beat while one waits.
        (r"^[IWE]\d{4} .*\n", ""),
        (r"^@ .*\n\n?", ""),
    ),
    "doppler": (
        (r"(?<=dp\.ct\.)\w{43}|(?<=dp\.st\.prd\.)\w{43}", "<token>"),
        # How it begins and ends, which may go over two lines.
        (r"(?<=dp\.[cs]t\.)\w\w(?= +│|\w…)", "<begin>"),
        (r"\w…\w{6}", "<end>"),
        # What is drawn from the world's seed stands at the end of every value.
        (r"(?<=practice-)[0-9a-f]{12}", "<drawn>"),
    ),
    "vault": (
        (r"(?<=Vault v)[\d.]+.*", "<version>"),
        (
            r"(?<![\w+/=])(?:[A-Za-z0-9+/]{43}=|[A-Za-z0-9+/]{44})(?![\w+/=])|(?<![0-9a-f])(?:[0-9a-f]{2}){32,33}(?![0-9a-f])",
            "<key>",
        ),
        (r"hvs\.\w{24}(?!\w)", "<token>"),
        (r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", "<number>"),
        (r"(?<=vault-cluster-)[0-9a-f]{8}|(?<=_)[0-9a-f]{8}(?=\W|$)", "<mark>"),
        (r"(?<=accessor            )\w{24}|(?<=token_accessor       )\w{24}|(?<=accessor\": \")\w{24}", "<accessor>"),
        (r"(?<=creation_time)(\s+|\": )\d{10}", r"\1<moment>"),
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", "<moment>"),
    ),
    "systemctl": _UNITS,
    "timedatectl": (
        (r"[A-Z][a-z]{2} \d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?: UTC)?", "<moment>"),
        # A droplet in the lab has no other clock, and nobody keeps the one that it has.
        (r"(?<=RTC time: ).*", "<moment>"),
        (r"(?<=System clock synchronized: ).*", "<kept>"),
        (r"(?<=NTPSynchronized=).*", "<kept>"),
    ),
}
# The spaces between a tool's columns, which are as wide as what stands in them; and what may be wider elsewhere.
_COLUMNS = {"docker": 3, "pulumi": 2, "df": 1, "free": 1, "ps": 1, "ss": 1}
_WIDE = re.compile(r"<(?:span|size|number)>|^State|^Filesystem|PID|COMMAND")
_UNORDERED = {("docker", "image"), ("docker", "images"), ("docker", "ps"), ("docker", "stats")}
_UNORDERED |= {("df", word) for word in ("-h", "-hT", "-i")}
# ss lists sockets in the order in which the kernel comes upon them.
_UNORDERED |= {("ss", word) for word in ("-ltn", "-ltnp", "-Hltnp", "-tan", "-4ltn", "-lt", "--tcp")}
_ONCE_PER_SECOND = re.compile(r"^verify: Waiting \d+ seconds to verify that tasks are stable\.\.\. ?\n", re.M)


def normalised(tool: str, text: str) -> str:
    """The text with marks for what differs."""
    if tool == "docker":
        text = _progress(text)
    for pattern, mark in _RULES.get(tool, ()):
        text = re.sub(pattern, mark, text, flags=re.M)
    least = _COLUMNS.get(tool, 0)
    if least and _WIDE.search(text):
        text = re.sub(f" {{{least},}}", " " * least, text)
    return text


def ordered(argv: Sequence[str]) -> bool:
    """Images and containers that were made in the same second come in any order."""
    return tuple(argv[:2]) not in _UNORDERED


def _progress(text: str) -> str:
    """What is shown while one waits: how it began and the verdict; what came between depends on when one looks."""
    begin, *blocks = re.split(r"(?=^overall progress: )", _ONCE_PER_SECOND.sub("", text), flags=re.M)
    if not blocks:
        return begin
    verdict = re.search(r"^verify: .*\n", blocks[-1], flags=re.M)
    return begin + blocks[0].split("\n")[0] + "\n" + (verdict[0] if verdict else "")
