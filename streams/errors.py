"""The root of Tidemark's own errors."""


class TidemarkError(Exception):
    """Something that a person can mend; the message says what."""
