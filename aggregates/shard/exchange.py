"""Exchange: shards of one process give each other the rows that are read in another than their own.

Workers do the same through a topic, as theirs lie in several processes.
"""

from collections.abc import Callable, Collection, Sequence

from aggregates.shard.shard import Shard


def settle_together(
    shards: Sequence[Shard], place: Callable[[str], int], deferred_max: int | None = None
) -> None:
    """Brings the ledger of every shard up to date, and rows to where they are read.

    Args:
        shards: All shards that there are, by number.
        place: Returns the number of the shard that an account is of.
        deferred_max: Units of deferred kinds that each may settle at once; None for all.
    """
    unsettled: Collection[Shard] = shards
    while unsettled:
        for shard in unsettled:
            shard.settle(deferred_max)
        unsettled = _exchange(shards, place)


def _exchange(shards: Sequence[Shard], place: Callable[[str], int]) -> Collection[Shard]:
    """Delivers what waits; returns the shards that got something."""
    takers: dict[int, Shard] = {}
    for shard in shards:
        for moved in shard.handover.take_moved():
            number = place(moved.account)
            takers[number] = shards[number]
            shards[number].handover.receive(moved.key, moved.value)
    return takers.values()
