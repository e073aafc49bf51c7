"""What a person did, of which vendor it may be."""

import msgspec

from events.sources.records import Record


class Act(msgspec.Struct, frozen=True, gc=False):
    """One message about a person.

    Attributes:
        record: The message.
        id: Its id.
        time_ms: When it happened, in ms since the epoch.
        person: Who did it, by the vendor's id.
        account: Our account that the message itself names, or None.
        session: The session that it names, or None.
        anonymous: Whether the person is known by a device only.
    """

    record: Record
    id: str
    time_ms: int
    person: str
    account: str | None = None
    session: str | None = None
    anonymous: bool = False

    @property
    def order(self) -> tuple[int, str]:
        """The order of acts, whatever the order of their records."""
        return self.time_ms, self.id
