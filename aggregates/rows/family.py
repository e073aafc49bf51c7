"""A KPI family: measures and the contributions that rows make to them.

One family is one module of a subject, such as ``aggregates.support``, with a ``FAMILY``; it is
found by being there (``aggregates.shard.plan``).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, NamedTuple, TypeVar

from aggregates.ledger.measure import Contributions, Measure, Segment
from aggregates.policies.policy import Policy
from aggregates.rows.kind import DerivedKind, RowKind
from aggregates.time.calendar import Calendar
from aggregates.time.window import Window

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Account:
    """An account as contributions see it, from the facts of the account topic.

    Attributes:
        segment: The values of the configured attributes, ``unknown`` where not given.
        internal: Whether it is an account of the company itself: it contributes nothing.
        merged: The ids of the accounts that were merged into it.
    """

    segment: Segment
    internal: bool = False
    merged: frozenset[str] = frozenset()


class Scope(NamedTuple):
    """What contributions depend on besides the rows of their unit."""

    calendar: Calendar
    policy: Policy
    account: Account
    windows: Mapping[str, Sequence[Window]]
    """The windows of each measure that has some of its own."""
    key: str = ""
    """The account's id."""

    def is_account(self, account: str) -> bool:
        """Returns whether an id is one of the account: its own, or one merged into it."""
        return account == self.key or account in self.account.merged


@dataclass(frozen=True, slots=True)
class Family(Generic[R]):
    """A KPI family: its measures, and the rule by which rows contribute to them.

    Attributes:
        name: The family's name.
        reads: The kind of rows it reads.
        measures: The measures it contributes to.
        contributions: The rule: a pure function of the rows of one unit and their scope.
        policies: Names of the policies that contributions depend on, besides those that all do.
        adds_to: Names of measures of other families that it contributes to as well.
        fixed_windows: Whether its measures have no further windows than they declare.
        in_force: Whether it contributes under a policy; one that does not costs nothing.
    """

    name: str
    reads: RowKind[R] | DerivedKind[R]
    measures: tuple[Measure, ...]
    contributions: Callable[[Sequence[R], Scope], Contributions]
    policies: tuple[str, ...] = ()
    adds_to: tuple[str, ...] = ()
    fixed_windows: bool = False
    in_force: Callable[[Policy], bool] = lambda policy: True

    @property
    def contributes_to(self) -> frozenset[str]:
        """Names of all measures that it contributes to."""
        return frozenset((*(measure.name for measure in self.measures), *self.adds_to))

    def over(self, further: Sequence[str]) -> "Family[R]":
        """Returns the family with further windows of all its measures that have windows.

        Raises:
            ValueError: If it has no measure that takes further windows.
        """
        if self.fixed_windows or not any(measure.windows for measure in self.measures):
            raise ValueError(f"further_windows: {self.name} is counted over no further windows")
        return replace(self, measures=tuple(measure.over(further) for measure in self.measures))


Families = Mapping[str, Sequence[Family[Any]]]
"""Families by the name of the kind of rows that they read."""
