"""Free loopback ports."""

import fcntl
import os
import random
import socket
import tempfile
from pathlib import Path

HOST = "127.0.0.1"

# Below the range that the kernel gives to outgoing connections (32768 up): while a killed server is
# down, a client that dials its port again and again must not be handed that very port as its own.
_FIRST, _LAST = 20_000, 32_000
_ATTEMPTS = 200
_ports = random.SystemRandom()  # two test runs side by side look in different places
_held: list[int] = []
"""Locks of the ports that this process was given; the kernel lets go of them when it ends."""


def _hold(port: int) -> bool:
    """Takes a port for as long as this process lives; returns whether nobody else has it."""
    folder = Path(tempfile.gettempdir()) / f"tidemark-test-ports-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    lock = os.open(folder / str(port), os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return False
    _held.append(lock)
    return True


def free_port() -> int:
    """Returns a port nobody listens on, and that no other test is given: a server that is stopped
    for a while, or not started yet, finds it free.

    Raises:
        OSError: none was found in a bounded number of tries.
    """
    for _ in range(_ATTEMPTS):
        port = _ports.randint(_FIRST, _LAST)
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
        if _hold(port):
            return port
    raise OSError(f"no free port between {_FIRST} and {_LAST} in {_ATTEMPTS} tries")
