"""An event in our form, as a source tells it."""

from typing import Any

import msgspec


class Told(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    tag_field="specversion",
    tag="1.0",
):
    """One CloudEvents 1.0 event; its attributes are those of ``events.envelope.Envelope``.

    Attributes:
        id: From the foreign record's own id, so that importing twice is a duplicate. What a second
            event of the same record is called has a suffix: `evt_1/cancel`.
        source: The producer, such as `stripe` or `stripe/acct_1`.
        type: One of ``EVENT_TYPES``.
        time: RFC 3339 with an offset.
        subject: The entity's id, where the data does not name it.
        sequence: Order among what is effective at one instant: a counter, or text that sorts.
        data: The fields of the type, as JSON has them.
    """

    id: str
    source: str
    type: str
    time: str
    data: dict[str, Any]
    subject: str | None = None
    sequence: str | int | None = None
