"""The first question to a Kafka broker, asked by hand: it tells who does not answer, and why.

A client library tries on and on and then says that it could not connect. One request over one
connection tells a wrong name, a closed port, silence, and something that is no broker apart.
"""

import asyncio
import struct
from collections.abc import Mapping
from os import strerror
from typing import Final

from events.errors import TidemarkError

ANSWER_S: Final = 5.0
"""For one broker to answer; one that works does so within milliseconds."""

_API_VERSIONS: Final = 18
_REQUEST: Final = struct.pack(">ihhih", 10, _API_VERSIONS, 0, 1, -1)
"""ApiVersions, version 0: length, key, version, correlation id, no client id."""
_LENGTH: Final = struct.Struct(">i")
_HEAD: Final = struct.Struct(">ihi")  # correlation id, error code, entries
_ENTRY: Final = struct.Struct(">hhh")  # key, lowest and highest version
_ANSWER_BYTES_MAX: Final = 1 << 16
"""Far above the 400 bytes of a real answer; what another protocol says there reads as more."""

_FETCH: Final = 1
_FETCH_OF_4: Final = 4
"""Lowest version of a fetch that Kafka 4.0 still takes (KIP-896); before, it took all."""
_INIT_PRODUCER_ID: Final = 22
_DESCRIBE_CONFIGS: Final = 32
NEEDED: Final[Mapping[int, str]] = {
    _INIT_PRODUCER_ID: "idempotent producers (0.11)",
    _DESCRIBE_CONFIGS: "topic configurations (0.11)",
}
"""Requests that not every broker knows, and what they are for."""

Versions = dict[int, tuple[int, int]]
"""Lowest and highest version of each request, by its key."""


class NoBrokerError(TidemarkError):
    """Nobody answers as a broker would; the message says how it failed."""


def address_of(text: str) -> tuple[str, int]:
    """Splits ``HOST:PORT``.

    >>> address_of("kafka:9092"), address_of("[::1]:9092")
    (('kafka', 9092), ('::1', 9092))

    Raises:
        NoBrokerError: If it is none.
    """
    host, colon, port = text.strip().rpartition(":")
    if not colon or not host or not port.isdecimal() or int(port) > 65535:
        raise NoBrokerError("is not HOST:PORT")
    return host.strip("[]"), int(port)


async def ask_versions(host: str, port: int) -> Versions:
    """Asks a broker which requests it understands.

    Raises:
        NoBrokerError: If there is none.
    """
    try:
        async with asyncio.timeout(ANSWER_S):
            reader, writer = await asyncio.open_connection(host, port)
    except TimeoutError:
        raise NoBrokerError(f"cannot be reached within {ANSWER_S:g} s (a firewall?)") from None
    except OSError as error:
        raise NoBrokerError(_reason(error)) from None
    try:
        async with asyncio.timeout(ANSWER_S):
            return await _ask(reader, writer)
    except TimeoutError:
        raise NoBrokerError(
            "takes the connection, and is silent (TLS or another protocol?)"
        ) from None
    except (asyncio.IncompleteReadError, struct.error):
        raise NoBrokerError("answers, but not as Kafka does (TLS or another protocol?)") from None
    except OSError as error:
        raise NoBrokerError(_reason(error)) from None
    finally:
        writer.close()


def _reason(error: OSError) -> str:
    """Says it in the system's words; the resolver's numbers lie below 0 and mean others."""
    if error.errno is not None and error.errno > 0:
        return strerror(error.errno)
    return error.strerror or str(error)


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Versions:
    writer.write(_REQUEST)
    [length] = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
    if not _HEAD.size <= length <= _ANSWER_BYTES_MAX:
        raise struct.error
    answer = await reader.readexactly(length)
    _, error, count = _HEAD.unpack_from(answer)
    if error or count * _ENTRY.size > length:
        raise struct.error
    entries = _ENTRY.iter_unpack(answer[_HEAD.size : _HEAD.size + count * _ENTRY.size])
    return {key: (lowest, highest) for key, lowest, highest in entries}


def missing(versions: Versions) -> list[str]:
    """What we need and the broker does not know."""
    return [what for key, what in NEEDED.items() if key not in versions]


def release(versions: Versions) -> str:
    """Which release it is, as far as the requests tell."""
    lowest, _ = versions.get(_FETCH, (0, 0))
    return "4.0 or later" if lowest >= _FETCH_OF_4 else "before 4.0"
