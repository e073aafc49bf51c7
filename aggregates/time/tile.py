"""The tile: a quarter of an hour of UTC, the grain at which the ledger keeps time.

Tile ``k`` holds the instants ``[k * 15 min, (k + 1) * 15 min)`` counted from the Unix epoch. A
reading at tile edge ``T`` counts what lies in tiles below ``T``: ``T`` itself is exclusive.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Tiles = NDArray[np.int64]
"""Tiles, or what becomes one."""

TILE_MS: Final = 900_000
"""A quarter of an hour in ms: every time zone in use is offset by a multiple of it."""

TILES_A_DAY: Final = 96
"""Tiles in 24 hours."""

MINUTE_MS: Final = 60_000
"""A minute in ms."""

DAY_MS: Final = TILES_A_DAY * TILE_MS
"""24 hours in ms."""

NEVER: Final = 1 << 31
"""A tile later than that of any instant."""


def tile_of(instant_ms: int) -> int:
    """Returns the tile that holds an instant.

    >>> tile_of(0), tile_of(899_999), tile_of(900_000)
    (0, 0, 1)
    """
    return instant_ms // TILE_MS


def tiles_of(instants_ms: Tiles) -> Tiles:
    """Returns ``tile_of`` each instant of an array."""
    return instants_ms // TILE_MS


def edge_at(instant_ms: int) -> int:
    """Returns the first tile edge at or after an instant: readings at it are complete up to there.

    >>> edge_at(0), edge_at(1), edge_at(900_000)
    (0, 1, 1)
    """
    return -(-instant_ms // TILE_MS)


def edge_after(instant_ms: int) -> int:
    """Returns the first tile edge after an instant, so that an event at that instant is counted.

    >>> edge_after(0), edge_after(899_999), edge_after(900_000)
    (1, 1, 2)
    """
    return instant_ms // TILE_MS + 1


def edge_ms(edge: int) -> int:
    """Returns the instant of a tile edge, in ms of the epoch."""
    return edge * TILE_MS
