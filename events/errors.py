"""The root of Tidemark's own errors, in the lowest package, so that all four can derive from it.

And the errors of msgspec on bytes that somebody else wrote.
"""

from typing import Final

import msgspec

UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError)
"""What msgspec raises on foreign bytes: for text that is no UTF-8 that is no ``DecodeError``."""


class TidemarkError(Exception):
    """Something of ours went wrong that a person can mend; the message says what."""
