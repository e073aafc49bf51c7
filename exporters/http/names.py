"""The names under which a server on loopback is reached.

A page of any site can have its own name lead to the address of somebody's machine, and then reads
what is served there as if it were its own (DNS rebinding). Such a name has to be one in public DNS.
"""

from collections.abc import Iterable
from ipaddress import ip_address
from typing import Final

_PRIVATE: Final = (".localhost", ".internal")
"""Ends of names that nobody can own: RFC 6761, and ICANN's resolution 2024.07.29.06."""


class Names:
    """The names that are answered."""

    def __init__(self, listen: str, allowed: Iterable[str] = ()) -> None:
        """Takes names that are answered besides those that cannot be another site's.

        Args:
            listen: The address that is bound; all names are answered unless it is on loopback.
            allowed: Names, such as that of a proxy which passes on what it was asked for.
        """
        self._any = not _is_loopback(listen)
        self._allowed = frozenset(map(_plain, allowed))

    def has(self, host: str | None) -> bool:
        """Returns whether a request is answered that has such a ``Host``; None has none.

        >>> names = Names("127.0.0.1", ["kpis.example.com"])
        >>> [names.has(host) for host in ("localhost:9108", "[::1]", "kpis.example.com", None)]
        [True, True, True, True]
        >>> names.has("127.0.0.1.example.org:9108"), Names("0.0.0.0").has("example.org")
        (False, True)
        """
        if self._any or not host:
            return True
        name = _plain(_without_port(host))
        return name in self._allowed or _is_private(name)


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.rpartition(":")[0] if ":" in host else host


def _plain(name: str) -> str:
    return name.lower().rstrip(".")


def _is_private(name: str) -> bool:
    if "." not in name or name.endswith(_PRIVATE):
        return True
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _is_loopback(listen: str) -> bool:
    try:
        return ip_address(listen).is_loopback
    except ValueError:
        return _plain(listen) == "localhost"


LOOPBACK: Final = Names("127.0.0.1")
"""The names of a server that nothing was set for."""
