"""The root of Tidemark's own errors, in the lowest package, so that all four can derive from it."""


class TidemarkError(Exception):
    """Something of ours went wrong that a person can mend; the message says what."""
