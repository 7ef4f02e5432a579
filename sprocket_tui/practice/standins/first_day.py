"""What a world is like before anything of it was changed."""

from __future__ import annotations

import random

from sprocket_tui.practice.world import Docker, Doppler, Node, State


def fresh(seed: int, speed: float) -> State:
    """A droplet as on the day of a first deployment: software installed, nothing deployed. Same seed, same world."""
    node: Node = {
        "hostname": "sprocket-practice",
        "address": "127.0.0.1",
        "cpus": 4,
        "memory_mib": 7941,
        "available_mib": 6802,
        "swap_mib": 2048,
        "disk_gib": 154.9,
        "free_gib": 139.6,
        "inodes": 20643840,
        "free_inodes": 20411392,
        "release": "Ubuntu 24.04.3 LTS",
        "kernel": "6.8.0-71-generic",
        "arch": "x86_64",
        "clock": 0,
        "synchronised": True,
        "load": 0.21,
    }
    docker: Docker = {
        "version": "28.2.2",
        "api": "1.50",
        "oldest_api": "1.24",
        "running": True,
        "swarm": "inactive",
        "node_id": "",
        "advertised": "",
        "availability": "active",
        "services": [],
        "networks": [],
        "volumes": [],
        "configs": [],
        "secrets": [],
    }
    return {
        "schema": 1,
        "seed": seed,
        "made": 0,
        "speed": speed,
        "faults": [],
        "node": node,
        "ports": {"http": 8080, "https": 8443, "resolvers": [9053, 9453, 9853]},
        "software": {"node": "20.19.5", "npm": "10.8.2", "pulumi": "3.190.0", "git": "2.43.0"},
        "listeners": [],
        "firewall": ["22/tcp", "8080/tcp", "8443/tcp"],
        "docker": docker,
        "stacks": {},
        "backend": "",
        "registry": {},
        "names": {},
        "midway": {},
        "doppler": doppler(seed),
    }


def doppler(seed: int) -> Doppler:
    """An account in which nobody has logged in yet."""
    return {"mark": f"{random.Random(seed).getrandbits(48):012x}", "tokens": [], "made": 0}  # noqa: S311 a rehearsal's
