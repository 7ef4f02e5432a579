"""The SSH link: OpenSSH's habits (configuration, known hosts, keys, jump hosts) on paramiko."""

import sys

# What paramiko runs `Match exec` with loads asyncio and a test library: half of what paramiko costs at a start. OpenSSH
# reads the configuration wherever it is installed, and `fallback` says what is missing where it is not.
sys.modules.setdefault("invoke", None)  # pyright: ignore[reportArgumentType] a module that is absent
