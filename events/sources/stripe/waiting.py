"""Records that wait for another one."""

from events.errors import TidemarkError
from events.sources.records import Record
from events.sources.source import GapError


class WaitError(TidemarkError):
    """The record at hand needs to know of something that a later record may tell.

    Attributes:
        name: The id of what is missing.
        gap: What the record is if nothing ever tells it.
    """

    def __init__(self, name: str, gap: GapError) -> None:
        super().__init__(name, gap)
        self.name = name
        self.gap = gap


class Waiting:
    """Records by what they wait for."""

    def __init__(self) -> None:
        """Begins empty."""
        self._by_name: dict[str, list[Record]] = {}

    def hold(self, name: str, record: Record) -> None:
        """Holds a record back until something of that id is known."""
        self._by_name.setdefault(name, []).append(record)

    def release(self, name: str) -> list[Record]:
        """Returns the records that waited for it, which wait no more."""
        return self._by_name.pop(name, [])

    def rest(self) -> list[Record]:
        """Returns all that wait, as they came for each thing; they wait no more."""
        held, self._by_name = self._by_name, {}
        return [record for records in held.values() for record in records]
