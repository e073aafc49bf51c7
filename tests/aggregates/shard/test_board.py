"""The contract of the board: what a claim may say."""

import pytest

from aggregates.shard.board import check_partition


def test_a_board_takes_4096_partitions_and_no_more() -> None:
    """A wrong count of partitions must not make readers look for a million of them."""
    check_partition(4_095, 4_096)
    with pytest.raises(ValueError, match="at most 4096"):
        check_partition(0, 4_097)


@pytest.mark.parametrize(("partition", "partitions"), [(-1, 2), (2, 2), (0, 0)])
def test_a_partition_is_one_of_those_there_are(partition: int, partitions: int) -> None:
    """Numbers begin at 0."""
    with pytest.raises(ValueError, match=f"partition {partition} of {partitions}"):
        check_partition(partition, partitions)
