"""The root of Tidemark's own errors, in the lowest package, so that all four can derive from it.

And the errors of msgspec on bytes that somebody else wrote.
"""

import re
from typing import Final

import msgspec

UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What msgspec raises on foreign bytes: for text that is no UTF-8, and for what is nested some
thousand times, that is no ``DecodeError``."""


class TidemarkError(Exception):
    """Something of ours went wrong that a person can mend; the message says what."""


_AT_BYTE: Final = re.compile(r"byte (\d+)\)")


def no_json(error: Exception) -> str:
    """Says where a record stops being JSON; the reader's own words are its own."""
    if isinstance(error, UnicodeDecodeError):
        return "not all of it is UTF-8"
    if isinstance(error, RecursionError):
        return "nested too deeply"
    at = _AT_BYTE.search(str(error))
    if at is None:
        return "the end is missing" if "truncated" in str(error) else "no JSON"
    return f"no JSON from byte {int(at[1]) + 1} on"
