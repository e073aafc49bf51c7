"""What is to be done about records that are left out, by the reason that they are counted under."""

from typing import Final, NamedTuple

from events.checking.kinds import KINDS
from events.codec import TEST_MODE, TOMBSTONE, UNKNOWN_FIELD, UNKNOWN_TYPE


class Remedy(NamedTuple):
    """A reason in words.

    Attributes:
        means: What it says of a record.
        mend: What to do.
    """

    means: str
    mend: str


_OBJECT: Final = "let the producer send one JSON object, an event, in each record"
_SCHEMA: Final = "let the producer send what the schema of the type says: deploy/schemas has it"

_MENDS: Final[dict[str, str]] = {
    "empty": _OBJECT,
    "invalid_json": _OBJECT,
    "not_an_object": _OBJECT,
    "too_large": "send less in an event: 1 MiB is the most",
    "invalid_envelope": _SCHEMA,
    "invalid_data": _SCHEMA,
    "timestamp_out_of_band": "send times as RFC 3339, such as 2026-03-14T09:26:53Z",
    "unknown_schema_version": "upgrade Tidemark before its producers",
    "wrong_topic": "send it to the topic of its type; replaying its letter does so",
    "wrong_partition": "key records by data.account_id, with Kafka's default partitioner",
    "no_key": "send data.account_id",
    "not_retractable": "nothing: a use of a feature cannot be taken back",
    "refused": "give the currency a rate in the setting exchange_rates",
    "conflict": "send a correction as an event of its own, with a new id",
    "full": "let the producer of tens of thousands of events of one thing send what changed",
    UNKNOWN_TYPE: "set type_prefix, or tell the records of another system by tidemark import",
    UNKNOWN_FIELD: "tidemark check names the fields, and what may be meant",
    TEST_MODE: "nothing",
    TOMBSTONE: "nothing",
}

_IGNORED: Final[dict[str, str]] = {
    TEST_MODE: "an event of a test: data.livemode is false",
    TOMBSTONE: "a record without a value, which deletes a key and is no event",
}
"""Reasons that ``tidemark check`` has nothing to say about."""

REASONS: Final = tuple(_MENDS)
"""All reasons that records are counted under."""


def remedy_of(reason: str) -> Remedy:
    """Returns what a reason means and what to do; one that is not known stands for itself.

    >>> remedy_of("no_key").mend
    'send data.account_id'
    """
    known = KINDS.get(reason)
    means = _IGNORED.get(reason, reason) if known is None else known.means
    return Remedy(means, _MENDS.get(reason, "tidemark check says where and why"))
