"""The practice checkout: the files of its one commit, and who made that."""

from __future__ import annotations

import json
from pathlib import Path

URL = "https://github.com/SprocketBot/sprocket-infra.git"
REPOSITORY = "SprocketBot/sprocket-infra"
COMMIT = "0c41cfe655c0572a51607fd906b71d99f2c81374"
# Who made the one commit, when in seconds since the epoch, and what they said.
AUTHOR = ("Sprocket", "practice@sprocket.invalid")
COMMITTED = 1764806400
MESSAGE = "A small copy of the repository for practice"
# Directories that are not carried, at the end of their path.
IGNORED = ("node_modules", "global/services/vault/unseal-tokens")


def checkout(directory: Path) -> None:
    """Writes the practice checkout: what the checks look for, and what the programs mount."""
    for name, text in files().items():
        file = directory / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        if name.endswith(".sh"):
            file.chmod(0o755)
    (directory / ".git").mkdir(exist_ok=True)
    (directory / ".git" / "HEAD").write_text("ref: refs/heads/main\n", encoding="utf-8")


def files() -> dict[str, str]:
    """The checkout's files by their path in it."""
    found = {
        ".gitignore": "".join(f"{each}/\n" for each in IGNORED),
        "README.md": "# sprocket-infra\n\nA small copy of the repository for practice; nothing in it is real.\n",
        "layer_1/Pulumi.yaml": "name: layer_1\nruntime: nodejs\ndescription: Traefik, its login service and Vault\n",
        "layer_1/index.ts": 'export * from "./src";\n',
        "layer_1/src/index.ts": _PROGRAM,
        "global/services/vault/Vault.ts": _VAULT,
        "global/services/vault/scripts/auto-initialize.sh": _INITIALIZE,
    }
    for directory, packages in _PACKAGES.items():
        found |= {f"{directory}/{name}": text for name, text in _manifest(directory, packages).items()}
    return found


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
