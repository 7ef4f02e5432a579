"""The droplet's file system: one directory of ours as its root, and what the kernel would make up.

There is no symbolic link in it: none can be made, and one that is found is not followed. So `..` and every path stay
below the directory, and nothing that another thread does can lead one out of it in between.
"""

from __future__ import annotations

import errno
import os
import posixpath
import stat
import threading
from pathlib import Path

from sprocket_tui.errors import SprocketError
from sprocket_tui.practice.interpreter.proc import Kernel
from sprocket_tui.practice.interpreter.streams import Null, Opened, Stream, Text

# Where names lead that are links on a real droplet.
_LINKS = {"/bin": "/usr/bin", "/sbin": "/usr/sbin", "/var/run": "/run", "/var/lock": "/run/lock"}
_DEVICES = {"/dev/null": b"", "/dev/zero": b"\0"}
_WRITING = os.O_WRONLY | os.O_RDWR


class Files:
    """Paths are those of the droplet, absolute or seen from a directory. All methods raise OSError."""

    def __init__(self, root: Path, kernel: Kernel) -> None:
        self.root, self.kernel = root, kernel
        self._lock = threading.RLock()

    def absolute(self, path: str, directory: str) -> str:
        """The path from the root, without dots and links."""
        if not path:
            raise _error(errno.ENOENT, path)
        whole = posixpath.normpath(posixpath.join(directory, path))
        whole = "/" + whole.lstrip("/")
        for link, target in _LINKS.items():
            if whole == link or whole.startswith(f"{link}/"):
                return target + whole.removeprefix(link)
        return whole

    def real(self, path: str, directory: str = "/") -> Path:
        """Where it lies. Raises OSError when a link is in the way, which is never followed."""
        whole = self.absolute(path, directory)
        found = self.root
        for name in whole.split("/"):
            if name:
                found = found / name
                if found.is_symlink():
                    raise _error(errno.ELOOP, path)
        return found

    def made_up(self, path: str, directory: str) -> bytes | list[str] | None:
        """What the kernel shows there: a text, or the names in a directory; None for a path that is not its own."""
        whole = self.absolute(path, directory)
        return self.kernel.look(whole) if whole == "/proc" or whole.startswith("/proc/") else None

    def open(self, path: str, directory: str, flags: int, umask: int) -> Stream:
        """Opens a regular file or a device; a new file gets the mode that the umask leaves."""
        whole = self.absolute(path, directory)
        if whole in _DEVICES:
            return Null(_DEVICES[whole])
        shown = self.made_up(path, directory)
        if shown is not None:
            if isinstance(shown, list):
                raise _error(errno.EISDIR, path)
            if flags & _WRITING:
                raise _error(errno.EACCES, path)
            return Text(shown)
        with self._lock:
            real = self.real(path, directory)
            if whole.startswith("/proc/"):
                raise _error(errno.ENOENT, path)
            new = bool(flags & os.O_CREAT) and not real.exists()
            # Without waiting: what is no regular file is closed again at once.
            number = os.open(real, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
            if new:
                os.fchmod(number, 0o666 & ~umask)
        kind = os.fstat(number).st_mode
        if stat.S_ISREG(kind):
            return Opened(number)
        os.close(number)
        raise _error(errno.EISDIR if stat.S_ISDIR(kind) else errno.ENXIO, path)

    def stat(self, path: str, directory: str) -> os.stat_result:
        """What it is; of what the kernel shows, no more than its kind."""
        whole = self.absolute(path, directory)
        shown = self.made_up(path, directory)
        if shown is not None or whole in _DEVICES:
            mode = stat.S_IFDIR | 0o555 if isinstance(shown, list) else stat.S_IFREG | 0o444
            mode = stat.S_IFCHR | 0o666 if whole in _DEVICES else mode
            return os.stat_result((mode, 0, 0, 1, 0, 0, 0, 0, 0, 0))
        return self.real(path, directory).lstat()

    def exists(self, path: str, directory: str) -> os.stat_result | None:
        """What it is, or None where nothing is."""
        try:
            return self.stat(path, directory)
        except OSError:
            return None

    def names(self, path: str, directory: str) -> list[str]:
        """The names in a directory, sorted by their bytes."""
        shown = self.made_up(path, directory)
        if isinstance(shown, bytes):
            raise _error(errno.ENOTDIR, path)
        found = os.listdir(self.real(path, directory)) if shown is None else shown  # noqa: PTH208 names, not paths
        return sorted(found, key=os.fsencode)

    def mkdir(self, path: str, directory: str, mode: int) -> None:
        """Makes one directory."""
        with self._lock:
            real = self.real(path, directory)
            self._changing(path, directory)
            real.mkdir(0o700)
            real.chmod(mode)

    def rename(self, old: str, new: str, directory: str) -> None:
        """Moves in one step."""
        with self._lock:
            for each in (old, new):
                self._changing(each, directory)
            self.real(old, directory).rename(self.real(new, directory))

    def remove(self, path: str, directory: str) -> None:
        """Removes a file."""
        with self._lock:
            self._changing(path, directory)
            self.real(path, directory).unlink()

    def rmdir(self, path: str, directory: str) -> None:
        """Removes an empty directory."""
        with self._lock:
            self._changing(path, directory)
            self.real(path, directory).rmdir()

    def chmod(self, path: str, directory: str, mode: int) -> None:
        """Changes the mode."""
        with self._lock:
            self._changing(path, directory)
            self.real(path, directory).chmod(mode)

    def touch(self, path: str, directory: str) -> None:
        """Renews the times of what is there."""
        with self._lock:
            self._changing(path, directory)
            os.utime(self.real(path, directory), follow_symlinks=False)

    def _changing(self, path: str, directory: str) -> None:
        """Refuses what is the kernel's, and the root itself."""
        whole = self.absolute(path, directory)
        if whole in ("/", *_DEVICES) or whole == "/proc" or whole.startswith("/proc/"):
            raise _error(errno.EBUSY, path)


def check(root: Path) -> None:
    """Raises SprocketError where something lies below that is neither a file nor a directory."""
    for place, directories, files in os.walk(root):
        for name in (*directories, *files):
            mode = Path(place, name).lstat().st_mode
            if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
                raise SprocketError(
                    f"without a sandbox only files and directories are opened, and {Path(place, name)} is neither",
                    remedy="sprocket-tui practice reset",
                )


def _error(number: int, path: str) -> OSError:
    return OSError(number, os.strerror(number), path)
