"""How many examples a law runs: few each time, as many as LAW_EXAMPLES says in a long run."""

import os
from typing import Final

from hypothesis import HealthCheck, settings

USUAL: Final = 100
"""How many a law runs that does not say."""


def examples(usual: int) -> settings:
    """Returns the settings of a law that usually runs so many examples.

    ``LAW_EXAMPLES=20000 python -m pytest -k law`` is a long run.
    """
    many = os.environ.get("LAW_EXAMPLES")
    if many is None:
        return settings(max_examples=usual, deadline=None)
    return settings(
        max_examples=int(many), deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
