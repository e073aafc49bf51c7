"""Packed chunks of a ledger, as boards get them: MessagePack, the same bytes for the same cells."""

import msgspec

from aggregates.ledger.integers import INT64_MAX
from aggregates.ledger.ledger import Cells, ChunkKey
from aggregates.ledger.measure import Segment, Series

_key_decoder = msgspec.msgpack.Decoder(tuple[Series, Segment, int])
_WideCells = tuple[Cells, dict[int, str]]
_cells_decoder = msgspec.msgpack.Decoder(Cells | _WideCells)
_encode = msgspec.msgpack.encode


def pack_key(key: ChunkKey) -> bytes:
    """Packs a chunk's key."""
    return _encode(key)


def unpack_key(packed: bytes) -> ChunkKey:
    """Unpacks a chunk's key.

    Raises:
        msgspec.DecodeError: If the bytes are no packed key.
    """
    return _key_decoder.decode(packed)


def pack_cells(cells: Cells) -> bytes:
    """Packs cells, sorted by tile; no cells are no bytes.

    What does not fit into 64 bits is packed beside the others, as text.
    """
    if not cells:
        return b""
    by_tile = dict(sorted(cells.items()))
    try:
        return _encode(by_tile)
    except OverflowError:
        narrow = {tile: delta for tile, delta in by_tile.items() if abs(delta) <= INT64_MAX}
        wide = {tile: str(delta) for tile, delta in by_tile.items() if abs(delta) > INT64_MAX}
        return _encode((narrow, wide))


def unpack_cells(packed: bytes) -> Cells:
    """Unpacks cells.

    Raises:
        msgspec.DecodeError: If the bytes are no packed cells.
    """
    cells: Cells | _WideCells = _cells_decoder.decode(packed) if packed else {}
    if isinstance(cells, dict):
        return cells
    narrow, wide = cells
    try:
        return narrow | {tile: int(delta) for tile, delta in wide.items()}
    except ValueError as error:
        raise msgspec.DecodeError(f"a cell is no number: {error}") from error
