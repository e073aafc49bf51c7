"""Placement: in which partition everything about an account lies, by the usual hash of its id."""

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Final

from aiokafka.partitioner import DefaultPartitioner

REMEMBERED_MAX: Final = 1 << 16
"""Accounts whose partition is kept rather than computed anew, of which each takes 5 us or so."""

_partition = DefaultPartitioner()


@lru_cache(REMEMBERED_MAX)
def partition_of(account: str, partitions: int) -> int:
    """Returns the partition that producers place an account's events in.

    Args:
        account: The account's id, the key of its records.
        partitions: How many each topic has.
    """
    numbers = range(partitions)
    found: int = _partition(account.encode(), numbers, numbers)
    return found


def placed(partition: int, partitions: int) -> Callable[[str], bool]:
    """Returns whether records under a key belong into a partition, as a function of the key."""
    return partial(_lies_in, partition, partitions)  # which other processes can be given


def _lies_in(partition: int, partitions: int, key: str) -> bool:
    return partition_of(key, partitions) == partition
