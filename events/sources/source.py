"""What every source is."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import IO, ClassVar, Generic, TypeVar

from events.errors import TidemarkError
from events.sources.accounts import AccountMap
from events.sources.options import Options
from events.sources.outbox import Outbox
from events.sources.records import Record, json_records
from events.sources.told import Told

Given = TypeVar("Given", bound=Options)


class GapError(TidemarkError):
    """The record at hand cannot be told exactly; whoever called ``Source.take`` notes the gap.

    Attributes:
        reason: Slug to count by, such as `price_unknown`.
        needs: What would be needed, in words.
        id: The record's own id, where it has one.
        told: What of it can be told all the same.
    """

    def __init__(
        self,
        reason: str,
        needs: str,
        record_id: str | None = None,
        *,
        told: Sequence[Told] = (),
    ) -> None:
        super().__init__(reason, needs)
        self.told = told
        self.reason = reason
        self.needs = needs
        self.id = record_id


class Source(ABC, Generic[Given]):
    """One kind of foreign records, told as our events.

    It keeps what records have to know of each other. The order of what it tells does not matter:
    events are ordered by when they count.
    """

    NAME: ClassVar[str]
    """As it is called in commands, and what its events say as their source."""
    OPTIONS: ClassVar[type[Options]] = Options
    """What it may be told."""
    SIGNATURE: ClassVar[str | None] = None
    """Which of the gateway's signatures its webhooks have; None if they have none of their own."""

    def __init__(self, options: Given) -> None:
        """Takes the options."""
        self.options = options
        self.source = options.source or self.NAME
        self.account = AccountMap(options.accounts)

    def records(self, name: str, file: IO[bytes]) -> Iterator[Record]:
        """Yields the records of a file, or of a request's body."""
        return json_records(name, file)

    @abstractmethod
    def take(self, record: Record, out: Outbox) -> None:
        """Puts what comes of a record into the outbox, or holds it back for now.

        Raises:
            GapError: If it cannot be told exactly.
        """

    def end(self, out: Outbox) -> None:
        """Puts what was held back into the outbox: there are no more records for now.

        More may follow all the same, as at a gateway; what is known stays known.
        """
        return

    def prune(self) -> None:
        """Lets go of what only records of the same time need; for those that never end."""
        return


def take(source: Source[Given], record: Record, out: Outbox) -> None:
    """Lets a source take a record, and notes the gap if it cannot tell it."""
    try:
        source.take(record, out)
    except GapError as gap:
        out.gap(record, gap.reason, gap.needs, gap.id, told=gap.told)
