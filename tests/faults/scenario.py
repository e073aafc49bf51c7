"""A scenario: what is done to an installation, and what must hold."""

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.faults.company import Size
from tests.faults.stage import Stage

Fault = Callable[[Stage], None]
"""Does it; whatever it asserts must hold besides."""


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
    settings: dict[str, str] = field(default_factory=dict)
    ends: frozenset[str] = frozenset()
    settle_s: float = 90.0
    chosen: bool = False
