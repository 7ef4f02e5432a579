"""Reads again which commands and options the real tools have: `python -m tests.lab.vocabulary [TOOL...]`.

From what each tool says of itself, into sprocket_tui/practice/standins/vocabulary/TOOL.json. It needs no droplet:
nothing but help is asked for.
"""

import gzip
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from sprocket_tui.practice import standins
from tests.lab.tools import DOPPLER, PULUMI, VAULT, find_program, missing_files, tool_cache

DIRECTORY = Path(standins.__file__).parent / "vocabulary"
# What the packages of Docker's own makers bring beside the client.
_PLUGINS = "buildx compose model sandbox scan scout"
_ENVIRONMENT = {"HOME": "/nonexistent", "LANG": "C.UTF-8", "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"}
_ENVIRONMENT |= {"PULUMI_SKIP_UPDATE_CHECK": "true", "PAGER": "cat", "SYSTEMD_PAGER": "cat"}
_OPTION = re.compile(r"(?<![\w-])(--?[A-Za-z0-9][\w.-]*)")
_COMMANDS = re.compile(r"(?:Most used c|.*\bC|^C|Subc)ommands:$", re.I)
_COMMAND = re.compile(r"^ {1,4}([a-z][a-z0-9-]*(?: [a-z][a-z-]*)*)\*?(?= |$)")
# One of Vault's libraries brings a certificate that Go has come to refuse.
_ENVIRONMENT |= {"GODEBUG": "x509negativeserial=1"}
_BUILT = {"doppler": DOPPLER, "pulumi": PULUMI, "vault": VAULT}
_MANUAL = Path("/usr/share/man")
# Their help names commands alone, or few of the options.
_MANUALS = {"apt-get": "man8/apt-get.8.gz", "ufw": "man8/ufw.8.gz"}
_MANUALS |= {f"git {each}": f"man1/git-{each}.1.gz" for each in ("log", "diff")}
# The two halves of the table: words and options by command path.
Table = tuple[dict[str, set[str]], dict[str, set[str]]]
_NPM = """
const [npm] = process.argv.slice(1);
const list = require(npm + "/lib/utils/cmd-list.js");
const {definitions, shorthands} = require(npm + "/node_modules/@npmcli/config/lib/definitions");
const long = Object.keys(definitions).flatMap(each => ["--" + each, "--no-" + each]);
const short = Object.keys(shorthands).map(each => (each.length > 1 ? "--" : "-") + each);
console.log(JSON.stringify([[...list.commands, ...Object.keys(list.aliases)], [...long, ...short]]));
"""


def program(tool: str) -> str | None:
    """Where the real tool is; None where it is not installed."""
    if tool in _BUILT:
        real = tool_cache() / _BUILT[tool] / "bin" / tool
        return str(real) if real.exists() else None
    return find_program(tool)


def missing(tool: str) -> str:
    """Why a tool cannot be read here; "" when it can."""
    if program(tool) is None:
        return f"no {tool}"
    pages = [_MANUAL / page for name, page in _MANUALS.items() if name.split()[0] == tool]
    return missing_files(*pages)


def read(tool: str) -> dict[str, Any]:
    """The table of one tool, as its file holds it."""
    words, options = _READERS.get(tool, _plain)(tool)
    held = {"words": words, "options": options}
    flat = {
        kind: {path: " ".join(sorted(each)) for path, each in sorted(table.items())} for kind, table in held.items()
    }
    return {"version": version(tool), **flat, **({"plugins": _PLUGINS} if tool == "docker" else {})}


def version(tool: str) -> str:
    """The first line of what the tool says it is."""
    return _said(tool, "version" if tool == "pulumi" else "--version").splitlines()[0]


def _said(tool: str, *words: str) -> str:
    """Help comes on either stream, and with any status."""
    found = program(tool)
    assert found, tool
    done = subprocess.run([found, *words], capture_output=True, text=True, env=_ENVIRONMENT, timeout=60, check=False)
    return done.stdout + done.stderr


def _options(text: str) -> Iterator[str]:
    """What a line with an option begins with; "--[no-]x" is two."""
    for line in text.splitlines():
        head = re.split(r"  |\t", line.strip())[0]
        if line[:1] in (" ", "\t") and re.match(r"--?[\w\[]", head):
            for each in {head.replace("[no-]", ""), head.replace("[no-]", "no-")}:
                yield from _OPTION.findall(each)


def _commands(text: str) -> Iterator[str]:
    """The words of the sections that are headed so."""
    within = False
    for line in text.splitlines():
        if line[:1].strip() or not line:
            within = _COMMANDS.match(line) is not None
        elif within and (found := _COMMAND.match(line)):
            yield found[1]


def _plain(tool: str) -> Table:
    """What `--help` lists; a command of two words is one of its first."""
    text = _said(tool, "--help")
    words: dict[str, set[str]] = {}
    for each in _commands(text):
        first, *rest = each.split()
        words.setdefault("", set()).add(first)
        if rest:
            words.setdefault(first, set()).add(rest[0])
    return words, {"": {*_options(text), *_manual(tool), "--help", "--version"}}


def _manual(page: str) -> Iterator[str]:
    """The options that the manual tells, of the tools whose help does not."""
    file = _MANUAL / _MANUALS.get(page, "none")
    if file.is_file():
        text = gzip.decompress(file.read_bytes()).decode().replace("\\-", "-")
        # A letter in the plain text is another program's.
        yield from re.findall(r"(?:(?<=\\fB)|^)-[A-Za-z](?=[\\,<\[]|$)", text, re.M)
        yield from re.findall(r"(?<![\w-])--[a-z][a-z-]{2,}(?![\w-])", re.sub(r"\\f.", "", text))


def _cobra(tool: str) -> Table:
    """By command, of those below it too; whoever has another name is a command by that as well."""
    words, options, waiting = dict[str, set[str]](), dict[str, set[str]](), [""]
    with ThreadPoolExecutor(3) as pool:
        while waiting:
            texts = list(pool.map(lambda path: _said(tool, *path.split(), "--help"), waiting))
            asked, waiting = waiting, []
            for path, text in zip(asked, texts, strict=True):
                options[path] = {*_options(text), "--help"}
                below = set(_commands(text)) | ({"help"} if not path else set())
                if below:
                    words[path] = words.get(path, set()) | below
                waiting += [f"{path} {each}".strip() for each in sorted(below - {"help"})]
                _also(words, tool, path, text)
    return words, options


def _also(words: dict[str, set[str]], tool: str, path: str, text: str) -> None:
    found = re.search(r"^Aliases:\n +(.*)$", text, re.M)
    above, _, _ = path.rpartition(" ")
    for each in found[1].split(", ") if found else []:
        parent, _, word = each.removeprefix(f"{tool} ").rpartition(" ")
        if " " in each and parent != above:
            continue
        words.setdefault(above, set()).add(word)


def _git(tool: str) -> Table:
    porcelain = _said(tool, "--list-cmds=list-mainporcelain").split()
    words = {"": set(_said(tool, "--list-cmds=builtins,main").split())}
    options = {"": set(_OPTION.findall(_said(tool, "-h").partition("<command>")[0]))}
    for each in sorted({*porcelain, "rev-parse", "remote", "branch"} & words[""]):
        text = _said(tool, each, "-h")
        listed = _said(tool, each, "--git-completion-helper-all")
        longs = {word.rstrip("=") for word in listed.split() if re.fullmatch(r"--[a-z][\w-]*=?", word)}
        options[each] = {
            *_options(text),
            *_manual(f"git {each}"),
            *_OPTION.findall(_usage(text)),
            *longs,
            "-h",
            "--help",
        }
        if below := set(re.findall(rf"git {each} (?:\[[^\]]*\] )*([a-z][a-z-]+)(?= |$)", _usage(text), re.M)):
            words[each] = below
    return words, options


def _ps(tool: str) -> Table:
    """What is told without a dash is a letter, and any of them may stand in a word: no table holds those."""
    return {}, {"": {*_options(_said(tool, "--help", "all")), "--help", "--version"}}


def _usage(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if re.match(r"usage:|   or:", line))


def _npm(tool: str) -> Table:
    found = program(tool)
    assert found
    npm = Path(found).resolve().parents[1]
    done = subprocess.run(["node", "-e", _NPM, str(npm)], capture_output=True, text=True, check=True, timeout=60)
    words, options = json.loads(done.stdout)
    return {"": set(words)}, {"": set(options)}


_READERS: dict[str, Callable[[str], Table]] = {"git": _git, "npm": _npm, "ps": _ps} | dict.fromkeys(
    ("docker", "doppler", "pulumi", "vault"), _cobra
)


def main() -> None:
    """Writes the tables of the named tools, or of all that have one."""
    for tool in sys.argv[1:] or sorted(path.stem for path in DIRECTORY.glob("*.json")):
        (DIRECTORY / f"{tool}.json").write_text(json.dumps(read(tool), indent=1) + "\n", encoding="utf-8")
        print(tool, flush=True)


if __name__ == "__main__":
    main()
