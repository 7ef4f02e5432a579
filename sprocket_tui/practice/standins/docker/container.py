"""A container as `docker inspect` tells it."""

from __future__ import annotations

import hashlib
import json
import time
from typing import Any

from sprocket_tui.practice.standins.docker import images, specification
from sprocket_tui.practice.standins.docker.tasks import Task
from sprocket_tui.practice.standins.docker.template import Shape
from sprocket_tui.practice.standins.docker.times import stamp
from sprocket_tui.practice.world import State

SHAPE = Shape({}, ("State.Health",))
# Where a published port is bound, for both families of addresses.
HOSTS = ("0.0.0.0", "[::]")  # noqa: S104 what Docker says
_NEVER = "0001-01-01T00:00:00Z"
_NOT_FOUND = "wget: server returned error: HTTP/1.1 404 Not Found\n"
_UNKNOWN = ["/entrypoint.sh"]
# Every limit and right that a service leaves as it is.
_UNLIMITED = json.loads(
    '{"AutoRemove":false,"VolumeDriver":"","VolumesFrom":null,"CapAdd":null,"CapDrop":null,"CgroupnsMode":"host",'
    '"Dns":null,"DnsOptions":null,"DnsSearch":null,"ExtraHosts":null,"GroupAdd":null,"IpcMode":"private","Cgroup":"",'
    '"Links":null,"OomScoreAdj":0,"PidMode":"","Privileged":false,"PublishAllPorts":false,"ReadonlyRootfs":false,'
    '"SecurityOpt":null,"UTSMode":"","UsernsMode":"","ShmSize":67108864,"Runtime":"runc","ConsoleSize":[0,0],'
    '"Isolation":"default","CpuShares":0,"Memory":0,"NanoCpus":0,"CgroupParent":"","BlkioWeight":0,'
    '"BlkioWeightDevice":null,"BlkioDeviceReadBps":null,"BlkioDeviceWriteBps":null,"BlkioDeviceReadIOps":null,'
    '"BlkioDeviceWriteIOps":null,"CpuPeriod":0,"CpuQuota":0,"CpuRealtimePeriod":0,"CpuRealtimeRuntime":0,'
    '"CpusetCpus":"","CpusetMems":"","Devices":null,"DeviceCgroupRules":null,"DeviceRequests":null,"KernelMemory":0,'
    '"KernelMemoryTCP":0,"MemoryReservation":0,"MemorySwap":0,"MemorySwappiness":null,"OomKillDisable":false,'
    '"PidsLimit":null,"Ulimits":[],"CpuCount":0,"CpuPercent":0,"IOMaximumIOps":0,"IOMaximumBandwidth":0,'
    '"MaskedPaths":["/proc/asound","/proc/acpi","/proc/kcore","/proc/keys","/proc/latency_stats","/proc/timer_list",'
    '"/proc/timer_stats","/proc/sched_debug","/proc/scsi","/sys/firmware"],"ReadonlyPaths":["/proc/bus","/proc/fs",'
    '"/proc/irq","/proc/sys","/proc/sysrq-trigger"],"Init":false}'
)
_RULE = "com.docker.swarm."


def labels(state: State, task: Task) -> dict[str, str]:
    """What the Swarm writes on a container."""
    return {
        f"{_RULE}node.id": state["docker"]["node_id"],
        f"{_RULE}service.id": task.service["id"],
        f"{_RULE}service.name": task.service["name"],
        f"{_RULE}task": "",
        f"{_RULE}task.id": task.id,
        f"{_RULE}task.name": f"{task.name}.{task.id}",
    }


def command(state: State, task: Task) -> list[str]:
    """The program in it, with its arguments."""
    image = images.find(state, task.service["image"])
    return image["command"] if image else _UNKNOWN


def shown(word: str) -> str:
    """A word as lists show it."""
    return f"'{word}'" if " " in word else word


def created(state: State, task: Task) -> float:
    """When it was made, in seconds since the epoch."""
    return time.time() - task.made / state["speed"]


def state_word(task: Task) -> str:
    """running, exited or created."""
    return "running" if task.alive else "created" if task.exit is None else "exited"


def document(state: State, task: Task) -> dict[str, Any]:
    """The whole of it."""
    program, *arguments = command(state, task)
    mark = task.container
    base = f"/var/lib/docker/containers/{mark}"
    image = images.find(state, task.service["image"])
    return {
        "Id": mark,
        "Created": stamp(created(state, task)),
        "Path": program,
        "Args": arguments,
        "State": _state(state, task),
        "Image": f"sha256:{image['id'] if image else _digest(task.service['image'])}",
        "ResolvConfPath": f"{base}/resolv.conf",
        "HostnamePath": f"{base}/hostname",
        "HostsPath": f"{base}/hosts",
        "LogPath": f"{base}/{mark}-json.log",
        "Name": f"/{task.name}.{task.id}",
        "RestartCount": 0,
        "Driver": "overlay2",
        "Platform": "linux",
        "MountLabel": "",
        "ProcessLabel": "",
        "AppArmorProfile": "",
        "ExecIDs": None,
        "HostConfig": _host(state, task),
        "GraphDriver": _layers(task),
        "Mounts": list[dict[str, str]](),
        "Config": _config(state, task),
        "NetworkSettings": _network(state, task),
    }


def _state(state: State, task: Task) -> dict[str, Any]:
    ended = task.exit is not None
    began = time.time() - (task.since if task.alive else task.made) / state["speed"]
    known: dict[str, Any] = {
        "Status": state_word(task),
        "Running": task.alive,
        "Paused": False,
        "Restarting": False,
        "OOMKilled": False,
        "Dead": False,
        "Pid": 4000 + int(task.container[:3], 16) if task.alive else 0,
        "ExitCode": task.exit or 0,
        "Error": "",
        "StartedAt": stamp(began) if task.alive or ended else _NEVER,
        "FinishedAt": stamp(time.time() - task.since / state["speed"]) if ended else _NEVER,
    }
    if task.diagnosed:
        known["Health"] = _health(state, task, began)
    return known


def _health(state: State, task: Task, began: float) -> dict[str, Any]:
    """One try a second while it lived, the last five of which are kept."""
    tries = int(task.since if task.alive else task.made - task.since)
    log = [
        {
            "Start": stamp(began + number / state["speed"]),
            "End": stamp(began + (number + 0.07) / state["speed"]),
            "ExitCode": 1,
            "Output": _NOT_FOUND,
        }
        for number in range(max(tries - 5, 0) + 1, tries + 1)
    ]
    return {"Status": task.diagnosed, "FailingStreak": tries, "Log": log}


def _host(state: State, task: Task) -> dict[str, Any]:
    published = specification.ports(state, task.service)
    return {
        "Binds": None,
        "ContainerIDFile": "",
        "LogConfig": {"Type": "json-file", "Config": dict[str, str]()},
        "NetworkMode": "default",
        "PortBindings": {f"{inner}/tcp": [{"HostIp": "", "HostPort": str(port)}] for port, inner in published},
        "RestartPolicy": {"Name": "", "MaximumRetryCount": 0},
        **_UNLIMITED,
    }


def _layers(task: Task) -> dict[str, Any]:
    top, below = (f"/var/lib/docker/overlay2/{_digest(f'{task.container} {part}')}" for part in ("top", "below"))
    return {
        "Data": {
            "LowerDir": f"{top}-init/diff:{below}/diff",
            "MergedDir": f"{top}/merged",
            "UpperDir": f"{top}/diff",
            "WorkDir": f"{top}/work",
        },
        "Name": "overlay2",
    }


def _config(state: State, task: Task) -> dict[str, Any]:
    known: dict[str, Any] = {
        "Hostname": task.container[:12],
        "Domainname": "",
        "User": "",
        "AttachStdin": False,
        "AttachStdout": False,
        "AttachStderr": False,
    }
    if published := specification.ports(state, task.service):
        known["ExposedPorts"] = {f"{inner}/tcp": dict[str, str]() for _, inner in published}
    return {
        **known,
        "Tty": False,
        "OpenStdin": False,
        "StdinOnce": False,
        "Env": None,
        "Cmd": command(state, task),
        "Image": task.service["image"],
        "Volumes": None,
        "WorkingDir": "",
        "Entrypoint": None,
        "OnBuild": None,
        "Labels": labels(state, task),
    }


def _network(state: State, task: Task) -> dict[str, Any]:
    sandbox, number = _digest(f"{task.container} sandbox"), 2 + int(task.container[:2], 16) % 200
    up = task.alive
    address = {
        "EndpointID": _digest(f"{task.container} endpoint") if up else "",
        "Gateway": "172.17.0.1" if up else "",
        "GlobalIPv6Address": "",
        "GlobalIPv6PrefixLen": 0,
        "IPAddress": f"172.17.0.{number}" if up else "",
        "IPPrefixLen": 16 if up else 0,
        "IPv6Gateway": "",
        "MacAddress": f"02:42:ac:11:00:{number:02x}" if up else "",
    }
    names = task.service["networks"] or ["bridge"]
    bound = {
        f"{inner}/tcp": [{"HostIp": host.strip("[]"), "HostPort": str(port)} for host in HOSTS]
        for port, inner in specification.ports(state, task.service)
    }
    return {
        "Bridge": "",
        "SandboxID": sandbox,
        "HairpinMode": False,
        "LinkLocalIPv6Address": "",
        "LinkLocalIPv6PrefixLen": 0,
        "Ports": bound if up else {},
        "SandboxKey": f"/var/run/docker/netns/{sandbox[:12]}",
        "SecondaryIPAddresses": None,
        "SecondaryIPv6Addresses": None,
        **address,
        "Networks": {name: _end(name, address) for name in names},
    }


def _end(name: str, address: dict[str, Any]) -> dict[str, Any]:
    order = ("Gateway", "IPAddress", "IPPrefixLen", "IPv6Gateway", "GlobalIPv6Address", "GlobalIPv6PrefixLen")
    return {
        "IPAMConfig": None,
        "Links": None,
        "Aliases": None,
        "NetworkID": _digest(name),
        "EndpointID": address["EndpointID"],
        **{field: address[field] for field in order},
        "MacAddress": address["MacAddress"],
        "DriverOpts": None,
    }


def _digest(mark: str) -> str:
    return hashlib.sha256(mark.encode()).hexdigest()
