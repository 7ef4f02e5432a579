"""`git`: the version, a clone of the infrastructure's repository as a small practice checkout, and files put back."""

from __future__ import annotations

import json
from pathlib import Path

from sprocket_tui.practice.standins.call import Call
from sprocket_tui.practice.world import pause

_REPOSITORY = "SprocketBot/sprocket-infra"
_COMMIT = "0c41cfe655c0572a51607fd906b71d99f2c81374"
URL = "https://github.com/SprocketBot/sprocket-infra.git"
# Who made the one commit, when in seconds since the epoch, and what they said.
AUTHOR = ("Sprocket", "practice@sprocket.invalid")
COMMITTED = 1764806400
MESSAGE = "A small copy of the repository for practice"


def main(call: Call) -> int:
    """Answers `--version`, `clone URL [DIR]`; in a checkout `checkout -- FILE`, `status --short`, `rev-parse HEAD`."""
    software = call.world.read()["software"]
    if "git" not in software:
        return call.fail("sh: 1: git: not found", 127)
    words, directory = list(call.argv), call.directory
    while words[:1] == ["-C"] and len(words) > 1:
        directory = words[1]
        if not call.path(directory).is_dir():
            return call.fail(f"fatal: cannot change to '{directory}': No such file or directory", 128)
        words = words[2:]
    match words:
        case ["--version" | "version" | "-v"]:
            call.say(f"git version {software['git']}")
            return 0
        case ["clone", *rest]:
            return _clone(call, [word for word in rest if word != "--"])
        case _:
            return _in_checkout(call, directory, words)


def _in_checkout(call: Call, directory: str, words: list[str]) -> int:
    match words:
        case ["checkout", "--", *names] if names:
            answer = _restore
        case ["status", "--short" | "--porcelain" | "-s"]:
            answer, names = _status, []
        case ["rev-parse", "HEAD"]:
            answer, names = _head, []
        case [word, *_] if word.startswith("-"):
            return call.fail(f"unknown option: {word}", 129)
        case [word, *_]:
            return call.fail(f"git: '{word}' is not a git command. See 'git --help'.")
        case _:
            return call.fail("usage: git [-v | --version] [-h | --help] [-C <path>] <command> [<args>]")
    place = call.path(directory)
    top = next((each for each in (place, *place.parents) if (each / ".git").is_dir()), None)
    if top is None or not top.is_relative_to(call.root):
        return call.fail("fatal: not a git repository (or any of the parent directories): .git", 128)
    return answer(call, top, [str(call.path(f"{directory}/{name}").relative_to(top)) for name in names])


def checkout(directory: Path) -> None:
    """Writes the practice checkout: what the checks look for, and what the programs mount."""
    for name, text in _files().items():
        file = directory / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        if name.endswith(".sh"):
            file.chmod(0o755)
    (directory / ".git").mkdir(exist_ok=True)
    (directory / ".git" / "HEAD").write_text("ref: refs/heads/main\n", encoding="utf-8")


def _clone(call: Call, words: list[str]) -> int:
    if unknown := next((word for word in words if word.startswith("-")), ""):
        return call.fail(f"error: unknown option `{unknown.lstrip('-')}'", 129)
    if not words:
        return call.fail("fatal: You must specify a repository to clone.\n", 129)
    url = words[0]
    name = words[1] if len(words) > 1 else url.rstrip("/").rpartition("/")[2].removesuffix(".git")
    place = call.path(name)
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        return call.fail(f"fatal: destination path '{name}' already exists and is not an empty directory.", 128)
    call.stderr.write(f"Cloning into '{name}'...\n")
    if not url.removesuffix(".git").endswith(_REPOSITORY):
        host = url.partition("://")[2].partition("/")[0] or url
        return call.fail(f"fatal: unable to access '{url}/': Could not resolve host: {host}", 128)
    pause(call.world.read(), 2)
    checkout(place)
    return 0


def _restore(call: Call, top: Path, names: list[str]) -> int:
    files = _files()
    wanted = {name: [each for each in files if each == name or each.startswith(f"{name}/")] for name in names}
    if unknown := next((name for name, found in wanted.items() if not found), ""):
        return call.fail(f"error: pathspec '{unknown}' did not match any file(s) known to git")
    for each in [each for found in wanted.values() for each in found]:
        (top / each).parent.mkdir(parents=True, exist_ok=True)
        (top / each).write_text(files[each], encoding="utf-8")
    return 0


def _status(call: Call, top: Path, names: list[str]) -> int:
    files = _files()
    for name, text in sorted(files.items()):
        if not (top / name).is_file():
            call.say(f" D {name}")
        elif (top / name).read_text(encoding="utf-8") != text:
            call.say(f" M {name}")
    for file in sorted(top.glob("*/Pulumi.*.yaml")):
        call.say(f"?? {file.relative_to(top)}")
    return 0


def _head(call: Call, top: Path, names: list[str]) -> int:
    call.say(_COMMIT)
    return 0


def _files() -> dict[str, str]:
    """The checkout's files by their path in it."""
    files = {
        ".gitignore": "node_modules/\nglobal/services/vault/unseal-tokens/\n",
        "README.md": "# sprocket-infra\n\nA small copy of the repository for practice; nothing in it is real.\n",
        "layer_1/Pulumi.yaml": "name: layer_1\nruntime: nodejs\ndescription: Traefik, its login service and Vault\n",
        "layer_1/index.ts": 'export * from "./src";\n',
        "layer_1/src/index.ts": _PROGRAM,
        "global/services/vault/Vault.ts": _VAULT,
        "global/services/vault/scripts/auto-initialize.sh": _INITIALIZE,
    }
    for directory, packages in _PACKAGES.items():
        files |= {f"{directory}/{name}": text for name, text in _manifest(directory, packages).items()}
    return files


def _manifest(directory: str, packages: dict[str, str]) -> dict[str, str]:
    manifest = {"name": directory, "version": "1.0.0", "private": True, "dependencies": packages}
    locked = {
        f"node_modules/{name}": {
            "version": version,
            "resolved": f"https://registry.npmjs.org/{name}/-/{name.rpartition('/')[2]}-{version}.tgz",
            "engines": {"node": ">=20"},
        }
        for name, version in packages.items()
    }
    root = {key: manifest[key] for key in ("name", "version", "dependencies")}
    lock = {
        "name": directory,
        "version": "1.0.0",
        "lockfileVersion": 3,
        "requires": True,
        "packages": {"": root, **locked},
    }
    return {
        name: json.dumps(each, indent=2) + "\n"
        for name, each in (("package.json", manifest), ("package-lock.json", lock))
    }


_PACKAGES = {
    "layer_1": {"@pulumi/docker": "3.6.1", "@pulumi/pulumi": "3.190.0", "@types/node": "20.19.17"},
    "global": {"@pulumi/docker": "3.6.1", "@pulumi/pulumi": "3.190.0", "@pulumi/vault": "5.20.0", "axios": "1.12.2"},
}
_PROGRAM = """\
import { Traefik } from "global/services/traefik";
import { Vault } from "global/services/vault/Vault";

export const traefik = new Traefik("traefik");
export const vault = new Vault("vault", { ingress: traefik.network });
"""
_VAULT = """\
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();
export const storage = {
    bucket: config.require("vault-s3-bucket"),
    endpoint: config.require("vault-s3-endpoint"),
    accessKey: config.requireSecret("vault-s3-access-key"),
    secretKey: config.requireSecret("vault-s3-secret-key"),
};
"""
_INITIALIZE = "#!/bin/sh\n# Starts Vault, initialises it once and unseals it.\n"
