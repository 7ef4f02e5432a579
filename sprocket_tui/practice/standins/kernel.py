"""What the kernel says of the machine: the files below /proc that would show the host's, from the world's node."""

from __future__ import annotations

from sprocket_tui.practice.world import Node, State

BUILD = "#71-Ubuntu SMP PREEMPT_DYNAMIC Tue Jul 22 16:52:38 UTC 2025"
FILES = ("cmdline", "cpuinfo", "diskstats", "loadavg", "meminfo", "partitions", "version")


def texts(state: State) -> dict[str, str]:
    """The texts of FILES by name."""
    node = state["node"]
    load, blocks = f"{node['load']:.2f}", int(node["disk_gib"] * 1024 * 1024)
    return {
        "cmdline": f"BOOT_IMAGE=/vmlinuz-{node['kernel']} root=/dev/vda1 ro\n",
        "cpuinfo": "".join(f"processor\t: {number}\nmodel name\t: DO-Regular\n\n" for number in range(node["cpus"])),
        "diskstats": "",
        "loadavg": f"{load} {load} {load} 1/212 4711\n",
        "meminfo": _meminfo(node),
        "partitions": "major minor  #blocks  name\n\n"
        + "".join(f" 252 {number:>8} {blocks:>10} {name}\n" for number, name in enumerate(("vda", "vda1"))),
        "version": f"Linux version {node['kernel']} (practice) {BUILD}\n",
    }


def _meminfo(node: Node) -> str:
    rows = {
        "MemTotal": node["memory_mib"],
        "MemFree": node["available_mib"] // 2,
        "MemAvailable": node["available_mib"],
        "SwapTotal": node["swap_mib"],
        "SwapFree": node["swap_mib"],
    }
    return "".join(f"{name + ':':<16}{size * 1024:>8} kB\n" for name, size in rows.items())
