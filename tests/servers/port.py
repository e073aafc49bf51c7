"""Free loopback ports."""

import random
import socket

HOST = "127.0.0.1"

# Below the range that the kernel gives to outgoing connections (32768 up): while a killed server is
# down, a client that dials its port again and again must not be handed that very port as its own.
_FIRST, _LAST = 20_000, 32_000
_ATTEMPTS = 200
_ports = random.SystemRandom()  # two test runs side by side look in different places


def free_port() -> int:
    """Returns a port nobody listens on.

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
            return port
    raise OSError(f"no free port between {_FIRST} and {_LAST} in {_ATTEMPTS} tries")
