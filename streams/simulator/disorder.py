"""Disorder: what networks and producers do to a tidy history, for tests of those who read it.

Lines change places within a bound, some come much later, some come twice. Nothing is lost and no
line is altered, so whoever promises to be blind to order and repetition must see no difference.
"""

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush
from random import Random

SHUFFLE_LINES = 50
"""An ordinary line moves back by fewer places than this."""
LATE_LINES = 5_000
"""A late or repeated line moves back by fewer places than this; bounds the lines held in memory."""


def disturb(
    lines: Iterable[bytes], seed: int, late: float = 0.01, duplicates: float = 0.02
) -> Iterator[bytes]:
    """Shuffles, delays and repeats lines, the same way for the same seed.

    Args:
        lines: a history; not read further ahead than `LATE_LINES`.
        seed: names the disorder.
        late: share of the lines that come much too late.
        duplicates: share of the lines that come once more.

    >>> sorted(disturb([b"a", b"b", b"c"], seed=1, duplicates=0.0))
    [b'a', b'b', b'c']
    """
    rng = Random(f"{seed}-disorder")
    held: list[tuple[float, int, bytes]] = []
    for number, line in enumerate(lines):
        reach = LATE_LINES if rng.random() < late else SHUFFLE_LINES
        heappush(held, (number + rng.random() * reach, 2 * number, line))
        if rng.random() < duplicates:
            heappush(held, (number + rng.random() * LATE_LINES, 2 * number + 1, line))
        while held and held[0][0] <= number:
            yield heappop(held)[2]
    while held:
        yield heappop(held)[2]
