"""The error of a backfill that cannot or must not be done."""

from events.errors import TidemarkError


class HistoryError(TidemarkError):
    """A backfill is refused or failed; the message says why, and what to do about it."""
