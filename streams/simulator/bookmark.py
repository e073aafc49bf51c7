"""A bookmark: how far a made-up company has been published, kept in a file.

A company depends on its seed, its size, its scenario and its first instant only. So these and the
number of lines that were published are enough to go on after a restart, with no line twice.
"""

import os
from pathlib import Path

import msgspec

from events.errors import TidemarkError


class BookmarkError(TidemarkError):
    """A bookmark cannot be used; the message says why."""


class Bookmark(msgspec.Struct, forbid_unknown_fields=True):
    """Which company it is, and how much of it has been published.

    Attributes:
        seed: Of the company.
        accounts: That have arrived at the horizon.
        days: From the first instant to the horizon.
        start_ms: First instant, in ms of the epoch.
        lines: Lines published, from the first.
        scenario: What happens to the company, or None.
    """

    seed: int
    accounts: int
    days: int
    start_ms: int
    lines: int = 0
    scenario: str | None = None

    def is_of(self, other: "Bookmark") -> bool:
        """Whether both lie in the same book, begun at whatever time."""
        return self.book == other.book

    @property
    def book(self) -> tuple[int, int, int, str | None]:
        """What distinguishes this company from others."""
        return self.seed, self.accounts, self.days, self.scenario


def read_bookmark(path: Path, begun: Bookmark) -> Bookmark:
    """Reads the bookmark of a company.

    Args:
        path: File of the bookmark.
        begun: The bookmark of the company if it is published from the beginning.

    Returns:
        The one in the file, or ``begun`` if there is no file yet.

    Raises:
        BookmarkError: If the file holds none, or that of another company.
    """
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Bookmark)
    except FileNotFoundError:
        return begun
    except OSError as error:
        raise BookmarkError(f"{path}: {error.strerror}") from error
    except msgspec.MsgspecError as error:
        raise BookmarkError(f"{path} is no bookmark: {error}") from error
    if not found.is_of(begun):
        raise BookmarkError(
            f"{path} is of seed {found.seed}, {found.accounts} accounts, {found.days} days, "
            f"{found.scenario or 'no'} scenario; go on with those, or take other topics and "
            "another file"
        )
    return found


def write_bookmark(path: Path, bookmark: Bookmark) -> None:
    """Replaces the file as a whole: a crash leaves the old one or the new one.

    Raises:
        BookmarkError: If it cannot be written.
    """
    fresh = path.with_name(f"{path.name}.new")
    try:
        fresh.write_bytes(msgspec.json.encode(bookmark))
        os.replace(fresh, path)
    except OSError as error:
        raise BookmarkError(f"{path}: {error.strerror}") from error
