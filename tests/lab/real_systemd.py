"""A real systemd for scenes: the first process of namespaces of its own, with the units of a droplet and no others."""

from pathlib import Path

from tests.lab.droplet import only_child
from tests.lab.real_machine import RealMachine
from tests.lab.sshd import wait_until
from tests.lab.swarm import remove_cgroup
from tests.lab.tools import missing_files, missing_programs

_UNITS = "/run/units"
_CGROUPS = Path("/sys/fs/cgroup")
_SERVICES = {
    "docker": "Docker Application Container Engine",
    "ssh": "OpenBSD Secure Shell server",
    "systemd-timesyncd": "Network Time Synchronization",
    "nginx": "A high performance web server and a reverse proxy server",
}
_RUNNING = ("docker", "ssh", "systemd-timesyncd", "nginx")
_SERVICE = """\
[Unit]
Description={about}
DefaultDependencies=no
[Service]
ExecStart=/bin/sleep infinity
ExecReload=/bin/true
[Install]
WantedBy=multi-user.target
"""
_BUS = """\
[Unit]
Description=D-Bus System Message Bus
DefaultDependencies=no
Requires=dbus.socket
[Service]
Type=notify
ExecStart=/usr/bin/dbus-daemon --system --address=systemd: --nofork --nopidfile --systemd-activation
"""
_BUS_SOCKET = """\
[Unit]
Description=D-Bus System Message Bus Socket
DefaultDependencies=no
[Socket]
ListenStream=/run/dbus/system_bus_socket
"""
_TIMEDATED = """\
[Unit]
Description=Time & Date Service
DefaultDependencies=no
[Service]
Type=dbus
BusName=org.freedesktop.timedate1
ExecStart=/lib/systemd/systemd-timedated
"""
_TARGET = "[Unit]\nDescription=All of the droplet\nDefaultDependencies=no\n"
_START = """
set -e
mkdir /sys/fs/cgroup/systemd/{group}
echo $$ >/sys/fs/cgroup/systemd/{group}/cgroup.procs
exec unshare -m -p --fork --mount-proc --kill-child=KILL sh -ec '
for directory in /var/lib/systemd /etc/systemd/system /etc/init.d; do
    mount -t tmpfs tmpfs $directory
done
mount --bind {units} /usr/lib/systemd/system
exec env -i container=lab SYSTEMD_UNIT_PATH=/etc/systemd/system:/usr/lib/systemd/system \\
    /lib/systemd/systemd --unit=default.target --log-target=null'
"""


class RealSystemd(RealMachine):
    """A droplet with a systemd of its own; its services sleep."""

    def _prepare(self) -> None:
        self._group = f"sprocket-lab-{self.droplet.base.name}"
        units = self.droplet.path(_UNITS)
        units.mkdir()
        texts = {f"{name}.service": _SERVICE.format(about=about) for name, about in _SERVICES.items()}
        texts |= {
            "dbus.service": _BUS,
            "dbus.socket": _BUS_SOCKET,
            "default.target": _TARGET,
            "multi-user.target": _TARGET,
            "systemd-timedated.service": _TIMEDATED,
        }
        for name, text in texts.items():
            (units / name).write_text(text)
        (units / "dbus-org.freedesktop.timedate1.service").symlink_to("systemd-timedated.service")
        script = _START.format(group=self._group, units=_UNITS)
        # nsenter starts unshare, which starts the new first process.
        started = self.droplet.spawn(["sh", "-c", script])
        wait_until(lambda: self.droplet.path("/run/systemd/private").exists(), "systemd to answer", 20)
        inside = only_child(only_child(started.pid))
        self.droplet.enter[2] = str(inside)
        for name in _RUNNING:
            self.droplet.run(["systemctl", "enable", "-q", "--now", name])
        self.droplet.run(["systemctl", "start", "dbus"])

    def close(self) -> None:
        """Takes everything down, the control groups too."""
        super().close()
        for controller in _CGROUPS.iterdir():
            remove_cgroup(controller / self._group)


def missing() -> str:
    """Why no systemd can be started here; "" when it can."""
    if not (_CGROUPS / "systemd").is_dir():
        return "no control groups of version 1"
    needed = ("systemd/systemd", "systemd/systemd-timedated")
    return missing_programs("dbus-daemon") or missing_files(*(Path("/lib", name) for name in needed))
