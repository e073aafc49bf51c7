"""The cyclic garbage collector, set for a process that makes many objects and few cycles."""

import gc
from typing import Final

THRESHOLDS: Final = (100_000, 20, 50)
"""Container objects between two collections: a run makes tens of thousands, and they die with
it."""


def collect_less() -> None:
    """Lets the collector run less often, and not look at what is there by now.

    For the life of the process. Called as it begins: to load a program is to make what stays.
    """
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
