"""A TCP proxy that delays, freezes and cuts: the bad network between a client and a real server."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections import deque
from typing import Self

_CHUNK = 65536


class Wire:
    """Listens on 127.0.0.1:`port` and passes everything on to `target`, `delay` seconds later each way.

    `freeze` stops passing bytes on (the kernels at both ends still acknowledge them), `thaw` delivers all of them;
    `cut` ends every connection with a reset, `cut_after(n)` does so once n bytes have passed, both ways counted.
    """

    def __init__(self, target: tuple[str, int], delay: float = 0.0) -> None:
        self._target = target
        self._delay = delay
        self._flowing = threading.Event()
        self._flowing.set()
        self._lock = threading.Lock()
        self._connections: list[tuple[socket.socket, socket.socket]] = []
        self._passed = 0
        self._limit: int | None = None
        self._last = ""
        self._turns = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def passed(self) -> int:
        """Bytes passed so far, both ways together, over all connections."""
        return self._passed

    @property
    def connections(self) -> int:
        """How many connections were made so far."""
        return len(self._connections)

    @property
    def turns(self) -> int:
        """How often the server spoke after the client had: the round trips so far, where `delay` sets them apart."""
        return self._turns

    def freeze(self) -> None:
        self._flowing.clear()

    def thaw(self) -> None:
        self._flowing.set()

    def cut(self) -> None:
        """Resets every connection; new ones may be made."""
        with self._lock:
            for pair in self._connections:
                for end in pair:
                    _reset(end)
        self._flowing.set()

    def cut_after(self, size: int) -> None:
        """Resets every connection when `size` more bytes have passed; new ones pass again."""
        with self._lock:
            self._limit = self._passed + size

    def close(self) -> None:
        """Cuts for good, however often. A listener that is only closed would still take one more connection."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self._target, timeout=10)
            except OSError:
                _reset(client)
                continue
            server.settimeout(None)
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._connections.append((client, server))
            for name, source, sink in (("client", client, server), ("server", server, client)):
                _Direction(self, name, source, sink).start()

    def heard(self, name: str) -> None:
        with self._lock:
            self._turns += self._last == "client" and name == "server"
            self._last = name

    def count(self, size: int) -> int:
        """How many of `size` bytes may pass before the cut."""
        with self._lock:
            room = size if self._limit is None else max(0, min(size, self._limit - self._passed))
            self._passed += room
            return room

    @property
    def delay(self) -> float:
        return self._delay

    def wait_until_flowing(self) -> None:
        self._flowing.wait()

    def reached_limit(self) -> None:
        self.cut()
        with self._lock:
            self._limit = None


class _Direction:
    """One way of one connection: a reader stamps what arrives, a writer passes it on when it is due."""

    def __init__(self, wire: Wire, name: str, source: socket.socket, sink: socket.socket) -> None:
        self._wire = wire
        self._name = name
        self._source = source
        self._sink = sink
        self._queue: deque[tuple[float, bytes]] = deque()
        self._arrived = threading.Condition()

    def start(self) -> None:
        for work in (self._read, self._write):
            threading.Thread(target=work, daemon=True).start()

    def _read(self) -> None:
        piece = b"-"
        while piece:
            try:
                piece = self._source.recv(_CHUNK)
            except OSError:
                piece = b""
            if piece:
                self._wire.heard(self._name)
            with self._arrived:
                self._queue.append((time.monotonic() + self._wire.delay, piece))
                self._arrived.notify()

    def _write(self) -> None:
        while True:
            with self._arrived:
                self._arrived.wait_for(lambda: self._queue)
                due, piece = self._queue.popleft()
            # The delay is what this proxy is for.
            time.sleep(max(0.0, due - time.monotonic()))
            self._wire.wait_until_flowing()
            if not piece:
                with contextlib.suppress(OSError):
                    self._sink.shutdown(socket.SHUT_WR)
                return
            room = self._wire.count(len(piece))
            try:
                self._sink.sendall(piece[:room])
            except OSError:
                _reset(self._source)
                return
            if room < len(piece):
                self._wire.reached_limit()
                return


def _reset(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RD)
    connection.close()
