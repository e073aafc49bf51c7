"""The error of a backfill that cannot or must not be done."""


class HistoryError(Exception):
    """A backfill is refused or failed; the message says why, and what to do about it."""
