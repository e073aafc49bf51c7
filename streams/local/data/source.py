"""The log of a data folder as a source of event history."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from events.checking.form import Form
from streams.local.data.database import DatabaseError
from streams.local.data.event_log import EventLog
from streams.local.data.folder import LOG
from streams.source import SourceError


def opened_log(folder: Path) -> EventLog:
    """Opens the log of a data folder, which somebody else may be writing to.

    Raises:
        SourceError: If there is none, or it cannot be opened.
    """
    if not (folder / LOG).is_file():
        raise SourceError(f"{folder}: it is a folder without {LOG}: no data folder")
    try:
        return EventLog(folder / LOG)
    except DatabaseError as error:
        raise SourceError(str(error)) from error


class FolderSource:
    """The events of a data folder, as it stands when reading begins; ``size`` is in events.

    It may be read while the service that owns it writes.

    Attributes:
        form: As of a file's source; what is in the log is JSON.
    """

    def __init__(self, name: str) -> None:
        """Takes the path of a data folder.

        Raises:
            SourceError: If it is none.
        """
        self.name = name
        self.form: Form | None = None
        self.done = 0
        self.numbers: Sequence[int] = ()
        self.topic: str | None = None
        self.belongs: Callable[[str], bool] | None = None
        with closing(opened_log(Path(name))) as log:
            self.size: int | None = log.last

    def batches(self) -> Iterator[list[bytes]]:
        """Yields the events in the order in which they were accepted, many at a time."""
        try:
            with closing(opened_log(Path(self.name))) as log:
                for last, events in log.read(0, self.size):
                    self.numbers = range(last - len(events) + 1, last + 1)
                    self.done += len(events)
                    yield events
        except DatabaseError as error:
            raise SourceError(str(error)) from error

    def account(self) -> dict[str, Any]:
        """Returns how many events were read."""
        return {"name": self.name, "events": self.done}
