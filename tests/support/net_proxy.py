"""A TCP proxy that makes a network's faults: delay, drip, silence, cuts after so many bytes, refused connections."""

import contextlib
import dataclasses
import socket
import threading
import time

PIECE = 65536


@dataclasses.dataclass
class Fault:
    """What happens to the bytes of one direction.

    delay_s: each piece is that late        drip_s: each byte takes that long
    silent: nothing passes, nothing closes  cut_after: the connection is reset after so many bytes
    """

    delay_s: float = 0
    drip_s: float = 0
    silent: bool = False
    cut_after: int | None = None


class NetProxy:
    """Listens on a port of its own and passes on to `target`; one thread a connection and direction."""

    def __init__(self, port):
        self.up, self.down = Fault(), Fault()  # towards the target, and back
        self.refuses = False
        self.connections = 0
        self.port = port
        self._target = None
        self._ended = threading.Event()
        self._open = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", port))
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    def start(self, target):
        self._target = target
        self._threads[0].start()

    def heal(self):
        """No fault any more; what is open and silent goes on."""
        self.up, self.down, self.refuses = Fault(), Fault(), False

    def reset_all(self):
        """Cuts every connection that is open."""
        with self._lock:
            for link in list(self._open):
                _reset(link)

    def stop(self):
        self._ended.set()
        self._listener.close()
        self.reset_all()

    def _accept(self):
        while not self._ended.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self.refuses:
                _reset(client)
                continue
            try:
                server = socket.create_connection(("127.0.0.1", self._target), timeout=5)
            except OSError:
                _reset(client)
                continue
            server.settimeout(None)
            self.connections += 1
            with self._lock:
                self._open |= {client, server}
            for source, sink, way in ((client, server, "up"), (server, client, "down")):
                threading.Thread(target=self._pump, args=(source, sink, way), daemon=True).start()

    def _pump(self, source, sink, way):
        passed = 0
        with contextlib.suppress(OSError):
            while not self._ended.is_set():
                piece = source.recv(PIECE)
                if not piece:
                    break
                fault = getattr(self, way)
                while fault.silent and not self._ended.is_set():
                    time.sleep(0.02)  # the fault itself
                    fault = getattr(self, way)
                time.sleep(fault.delay_s + fault.drip_s * len(piece))
                if fault.cut_after is not None and passed + len(piece) > fault.cut_after:
                    sink.sendall(piece[:max(fault.cut_after - passed, 0)])
                    break
                sink.sendall(piece)
                passed += len(piece)
        for link in (source, sink):
            _reset(link)
        with self._lock:
            self._open -= {source, sink}


def _reset(link):
    with contextlib.suppress(OSError):
        link.shutdown(socket.SHUT_RDWR)
    with contextlib.suppress(OSError):
        link.close()
