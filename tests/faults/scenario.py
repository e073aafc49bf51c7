"""A scenario: what is done to an installation, and what must hold."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from tests.end_to_end.patience import PATIENCE_S
from tests.faults.company import Size
from tests.faults.stage import Stage

Fault = Callable[[Stage], None]
"""Does it; whatever it asserts must hold besides."""

FLUSH_S: Final = "2"
"""Between two publishes: long enough for a scrape to fall between them, and for a kill to find
much that is not stored."""


@dataclass(frozen=True)
class Scenario:
    """A scenario.

    Attributes:
        name: To call it by.
        does: What is done, in words.
        holds: What must hold besides what must hold in all of them.
        fault: Does it.
        workers: Workers at the start.
        seconds: Over which events are spread.
        size: The company whose events they are.
        settings: Of the installation.
        ends: Reasons by which a worker may end by itself.
        settle_s: Within which all must be folded and shown when faults and flow are over.
        chosen: Whether it runs only when it is named.
    """

    name: str
    does: str
    holds: str
    fault: Fault
    workers: int = 2
    seconds: float = 15.0
    size: Size = field(default_factory=Size)
    settings: dict[str, str] = field(default_factory=lambda: {"flush_interval": FLUSH_S})
    ends: frozenset[str] = frozenset()
    settle_s: float = PATIENCE_S
    chosen: bool = False
