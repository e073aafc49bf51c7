"""What an audit of the board found, as it is left there for exporters to show."""

from collections.abc import Mapping

import msgspec

from events.errors import UNREADABLE


class Compared(msgspec.Struct, frozen=True):
    """What was compared of one partition.

    Attributes:
        records: Records of the log that were read.
        cells: Cells that were compared.
        rows: Rows sent to other partitions that were compared.
        mismatch: Those of both that are not what the log says.
    """

    records: int
    cells: int
    rows: int
    mismatch: int


class AuditNote(msgspec.Struct, frozen=True):
    """The last audit.

    Attributes:
        at_ms: When the board was as it was compared, in ms of the epoch.
        installation: Id of the Kafka cluster.
        fingerprint: Digest of what the cells depend on.
        partitions: What was compared, by partition.
    """

    at_ms: int
    installation: str
    fingerprint: str
    partitions: Mapping[int, Compared]


_decoder = msgspec.json.Decoder(AuditNote)


def encode_audit(note: AuditNote) -> bytes:
    """Encodes a note as JSON."""
    return msgspec.json.encode(note)


def decode_audit(raw: bytes) -> AuditNote | None:
    """Decodes a note; None if there is none or it does not decode.

    >>> note = AuditNote(0, "", "", {3: Compared(9, 5, 0, 1)})
    >>> decode_audit(encode_audit(note)) == note, decode_audit(b"") is None
    (True, True)
    """
    try:
        return _decoder.decode(raw)
    except UNREADABLE:
        return None
