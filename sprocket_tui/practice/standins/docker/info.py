"""`docker info`: everything about the daemon, its node and its Swarm."""

from __future__ import annotations

import hashlib
import time
from typing import Any

from sprocket_tui.practice.standins.docker import client, node
from sprocket_tui.practice.standins.docker.containers import containers
from sprocket_tui.practice.standins.docker.line import Command, Flag, Request
from sprocket_tui.practice.standins.docker.tasks import identifier
from sprocket_tui.practice.standins.docker.template import Shape, Template
from sprocket_tui.practice.standins.docker.times import stamp
from sprocket_tui.practice.standins.docker.words import ENCRYPTED, NO_DAEMON, Refused
from sprocket_tui.practice.world import State

_SHAPE = Shape({"": "system.dockerInfo"})
_LOGS = "awslogs fluentd gcplogs gelf journald json-file local logentries splunk syslog"
_NETWORKS = "bridge host ipvlan macvlan null overlay"
_CONTAINERD, _RUNC = "1.6.20~ds1-1+deb12u3", "1.1.5+ds1-1+deb12u1"
_RUNTIMES = "io.containerd.runc.v2 io.containerd.runtime.v1.linux runc"
_ABLE = "MemoryLimit SwapLimit KernelMemory KernelMemoryTCP CpuCfsPeriod CpuCfsQuota CPUShares CPUSet PidsLimit"
_CLIENT_TEXT = f"Client:\n Version:    {client.VERSION}\n Context:    default\n Debug Mode: false\n\nServer:\n"


def _info(request: Request) -> int:
    state, wanted = request.call.world.read(), request.text("format")
    if not state["docker"]["running"]:
        request.call.stdout.write("\n" if wanted else _CLIENT_TEXT)
        return request.call.fail(NO_DAEMON)
    known = _known(state)
    if not wanted:
        request.call.stdout.write(_CLIENT_TEXT + _text(state, known) + "\n")
        return 0
    try:
        template = Template("{{json .}}" if wanted == "json" else wanted)
    except Refused as refused:
        return request.call.fail(refused.text, 64)
    try:
        request.call.say(template.render(known, _SHAPE))
    except Refused as refused:
        request.call.say("")
        return request.call.fail(refused.text.removeprefix("template parsing error: "))
    return 0


def _known(state: State) -> dict[str, Any]:
    docker, machine = state["docker"], state["node"]
    all_containers = containers(state)
    up = sum(each.task.alive for each in all_containers)
    runtimes = {name: {"path": "runc"} for name in _RUNTIMES.split()}
    hub = {"Mirrors": list[str](), "Name": "docker.io", "Official": True, "Secure": True}
    return {
        "ID": _identity(machine["hostname"]),
        "Containers": len(all_containers),
        "ContainersRunning": up,
        "ContainersPaused": 0,
        "ContainersStopped": len(all_containers) - up,
        "Images": len(docker.get("images", [])),
        "Driver": "overlay2",
        "DriverStatus": [
            ["Backing Filesystem", "extfs"],
            ["Supports d_type", "true"],
            ["Native Overlay Diff", "true"],
            ["userxattr", "false"],
        ],
        "Plugins": {"Volume": ["local"], "Network": _NETWORKS.split(), "Authorization": None, "Log": _LOGS.split()},
        **dict.fromkeys(_ABLE.split(), True),
        "IPv4Forwarding": True,
        "Debug": False,
        "NFd": 41 + 8 * up,
        "OomKillDisable": True,
        "NGoroutines": 154 + 11 * up,
        "SystemTime": stamp(time.time() + machine["clock"]),
        "LoggingDriver": "json-file",
        "CgroupDriver": "cgroupfs",
        "CgroupVersion": "1",
        "NEventsListener": 0,
        "KernelVersion": machine["kernel"],
        "OperatingSystem": machine["release"],
        "OSVersion": machine["release"].split()[1][:5],
        "OSType": "linux",
        "Architecture": machine["arch"],
        "IndexServerAddress": "https://index.docker.io/v1/",
        "RegistryConfig": {
            "IndexConfigs": {"docker.io": hub},
            "InsecureRegistryCIDRs": ["127.0.0.0/8"],
            "Mirrors": list[str](),
        },
        "NCPU": machine["cpus"],
        "MemTotal": machine["memory_mib"] * 2**20,
        "GenericResources": None,
        "DockerRootDir": "/var/lib/docker",
        "HttpProxy": "",
        "HttpsProxy": "",
        "NoProxy": "",
        "Name": machine["hostname"],
        "Labels": list[str](),
        "ExperimentalBuild": False,
        "ServerVersion": docker["version"],
        "Runtimes": runtimes,
        "DefaultRuntime": "runc",
        "Swarm": _swarm(state),
        "LiveRestoreEnabled": False,
        "Isolation": "",
        "InitBinary": "docker-init",
        "ContainerdCommit": {"ID": _CONTAINERD, "Expected": _CONTAINERD},
        "RuncCommit": {"ID": _RUNC, "Expected": _RUNC},
        "InitCommit": {"ID": ""},
        "SecurityOptions": ["name=seccomp,profile=default"],
        "CDISpecDirs": None,
        "Warnings": None,
        "ClientInfo": client.about(),
    }


def _swarm(state: State) -> dict[str, Any]:
    docker = state["docker"]
    active, locked = docker["swarm"] == "active", docker["swarm"] == "locked"
    known: dict[str, Any] = {
        "NodeID": docker["node_id"] if active else "",
        "NodeAddr": docker["advertised"] if active or locked else "",
        "LocalNodeState": docker["swarm"],
        "ControlAvailable": active,
        "Error": ENCRYPTED if locked else "",
        "RemoteManagers": None,
    }
    if not active:
        return known
    moment = stamp(1_760_000_000.0)
    known["RemoteManagers"] = [{"NodeID": docker["node_id"], "Addr": f"{docker['advertised']}:2377"}]
    cluster = {
        "ID": _cluster(state),
        "Version": {"Index": 10},
        "CreatedAt": moment,
        "UpdatedAt": moment,
        "Spec": {
            "Name": "default",
            "Labels": dict[str, str](),
            "Orchestration": {"TaskHistoryRetentionLimit": 5},
            "Raft": {
                "SnapshotInterval": 10000,
                "KeepOldSnapshots": 0,
                "LogEntriesForSlowFollowers": 500,
                "ElectionTick": 10,
                "HeartbeatTick": 1,
            },
            "Dispatcher": {"HeartbeatPeriod": 5 * 10**9},
            "CAConfig": {"NodeCertExpiry": 90 * 86400 * 10**9},
            "TaskDefaults": dict[str, str](),
            "EncryptionConfig": {"AutoLockManagers": "unlock_key" in docker},
        },
        "TLSInfo": node.trust(state),
        "RootRotationInProgress": False,
        "DefaultAddrPool": None,
        "SubnetSize": 24,
        "DataPathPort": 4789,
    }
    return {**known, "Nodes": 1, "Managers": 1, "Cluster": cluster}


def _cluster(state: State) -> str:
    return identifier(f"cluster {state['docker']['node_id']}")


def _identity(hostname: str) -> str:
    letters = "".join(chr(ord("A") + number % 26) for number in hashlib.sha384(hostname.encode()).digest())
    return ":".join(letters[place : place + 4] for place in range(0, 48, 4))


def _text(state: State, known: dict[str, Any]) -> str:
    lines = [
        f"Containers: {known['Containers']}",
        f" Running: {known['ContainersRunning']}",
        " Paused: 0",
        f" Stopped: {known['ContainersStopped']}",
        f"Images: {known['Images']}",
        f"Server Version: {known['ServerVersion']}",
        "Storage Driver: overlay2",
        *(f" {name}: {value}" for name, value in known["DriverStatus"]),
        "Logging Driver: json-file",
        f"Cgroup Driver: {known['CgroupDriver']}",
        f"Cgroup Version: {known['CgroupVersion']}",
        "Plugins:",
        " Volume: local",
        f" Network: {_NETWORKS}",
        f" Log: {_LOGS}",
        f"Swarm: {known['Swarm']['LocalNodeState']}",
        *(_swarm_lines(state) if known["Swarm"]["ControlAvailable"] else ()),
        f"Runtimes: {_RUNTIMES}",
        "Default Runtime: runc",
        "Init Binary: docker-init",
        f"containerd version: {_CONTAINERD}",
        f"runc version: {_RUNC}",
        "init version: ",
        "Security Options:",
        " seccomp",
        "  Profile: default",
        f"Kernel Version: {known['KernelVersion']}",
        f"Operating System: {known['OperatingSystem']}",
        "OSType: linux",
        f"Architecture: {known['Architecture']}",
        f"CPUs: {known['NCPU']}",
        f"Total Memory: {state['node']['memory_mib'] / 1024:.4g}GiB",
        f"Name: {known['Name']}",
        f"ID: {known['ID']}",
        "Docker Root Dir: /var/lib/docker",
        "Debug Mode: false",
        "Experimental: false",
        "Insecure Registries:",
        " 127.0.0.0/8",
        "Live Restore Enabled: false",
    ]
    return "".join(f" {line}\n" for line in lines)


def _swarm_lines(state: State) -> list[str]:
    docker = state["docker"]
    return [
        f" NodeID: {docker['node_id']}",
        " Is Manager: true",
        f" ClusterID: {_cluster(state)}",
        " Managers: 1",
        " Nodes: 1",
        " Data Path Port: 4789",
        " Orchestration:",
        "  Task History Retention Limit: 5",
        " Raft:",
        "  Snapshot Interval: 10000",
        "  Number of Old Snapshots to Retain: 0",
        "  Heartbeat Tick: 1",
        "  Election Tick: 10",
        " Dispatcher:",
        "  Heartbeat Period: 5 seconds",
        " CA Configuration:",
        "  Expiry Duration: 3 months",
        "  Force Rotate: 0",
        f" Autolock Managers: {'true' if 'unlock_key' in docker else 'false'}",
        " Root Rotation In Progress: false",
        f" Node Address: {docker['advertised']}",
        " Manager Addresses:",
        f"  {docker['advertised']}:2377",
    ]


COMMANDS = (Command("info", "[OPTIONS]", 0, 0, (Flag("format", "f", "text"),), _info),)
