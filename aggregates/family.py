"""A KPI family: measures and the contributions that rows make to them.

One family is one module of ``aggregates.families`` with a ``FAMILY``; it is found by being there.
"""

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from aggregates.calendar import Calendar
from aggregates.measure import Contributions, Measure, Segment
from aggregates.policy import Policy
from aggregates.row import DerivedKind, RowKind
from aggregates.window import Window


@dataclass(frozen=True, slots=True)
class Account:
    """What the account topic tells about an account, as contributions see it.

    Attributes:
        segment: The values of the configured attributes, ``unknown`` where not given.
        internal: Whether it is an account of the company itself: it contributes nothing.
        merged_ms: When it was merged into another account, ms of the epoch, or None.
        absorbed_ms: When another account was merged into it for the first time, or None.
    """

    segment: Segment
    internal: bool = False
    merged_ms: int | None = None
    absorbed_ms: int | None = None


class Scope(NamedTuple):
    """What contributions depend on beside the rows of their unit."""

    calendar: Calendar
    policy: Policy
    account: Account
    windows: Mapping[str, Sequence[Window]]
    """The windows of each measure that has some of its own."""


@dataclass(frozen=True, slots=True)
class Family:
    """A KPI family.

    Attributes:
        name: The family's name.
        reads: The kind of rows it reads.
        measures: The measures it contributes to.
        contributions: Gives what the rows of one unit contribute, as a pure function of rows and
        scope.
        policies: Names of the policies that contributions depend on, beside those that all do.
        fixed_windows: Whether its measures have no further windows than they declare.
        in_force: Tells whether it contributes under a policy; one that does not costs nothing.
    """

    name: str
    reads: RowKind[Any] | DerivedKind
    measures: tuple[Measure, ...]
    contributions: Callable[[Sequence[Any], Scope], Contributions]
    policies: tuple[str, ...] = ()
    fixed_windows: bool = False
    in_force: Callable[[Policy], bool] = lambda policy: True

    def over(self, further: Sequence[str]) -> "Family":
        """Gives the family with further windows of all its measures that have windows.

        Raises:
            ValueError: If it has no measure that takes further windows.
        """
        if self.fixed_windows or not any(measure.windows for measure in self.measures):
            raise ValueError(f"further_windows: {self.name} is counted over no further windows")
        return replace(self, measures=tuple(measure.over(further) for measure in self.measures))


def load_families() -> tuple[Family, ...]:
    """Gives the ``FAMILY`` of each module in ``aggregates.families``, by name of the module."""
    from aggregates import families  # families import this module

    names = sorted(found.name for found in pkgutil.iter_modules(families.__path__))
    modules = [importlib.import_module(f"{families.__name__}.{name}") for name in names]
    return tuple(module.FAMILY for module in modules)
