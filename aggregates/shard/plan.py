"""The plan: which rows take which events, and which families read which rows, under one policy."""

import importlib
import pkgutil
from collections.abc import Collection, Iterable, Iterator
from copy import copy
from typing import Any, Final

from aggregates.ledger.measure import Measure
from aggregates.policies.policy import Policy
from aggregates.rows.accounts import ACCOUNTS, Accounts
from aggregates.rows.family import Family
from aggregates.rows.kind import DerivedKind, RowKind
from aggregates.time.calendar import Calendar
from aggregates.time.window import Window
from aggregates.usage.users import USERS

SUBJECTS: Final = ("health", "revenue", "success", "support", "surveys", "usage")
"""The packages of ``aggregates`` that have families."""


class Plan:
    """What every partition of one service shares; it does not change while the service runs.

    Attributes:
        policy: The policy in force.
        calendar: Days and windows in the policy's time zone.
        kinds: The stored row kinds by name.
        by_type: The row kinds that take an event type.
        derived: The derived kinds that families in force read, by name.
        deferred: Names of the derived kinds that may be settled later.
        derived_from: The derived kinds by name of a kind of rows that they are computed from.
        families: The families in force by name of the row kind that they read.
        measures: All measures by name.
        windows: The windows of each measure that has some of its own.
        policies: By name of a measure, the names of the policies that it depends on.
    """

    def __init__(
        self, policy: Policy | None = None, families: Iterable[Family[Any]] | None = None
    ) -> None:
        """Makes the plan for a policy and families; by default all families there are.

        Raises:
            ValueError: If two measures have the same name, or further windows are for no family.
        """
        self.policy = policy or Policy()
        self.calendar = Calendar(self.policy.timezone)
        self.kinds: dict[str, RowKind[Any]] = {
            ACCOUNTS.name: Accounts(self.policy.segments),
            USERS.name: USERS,
        }
        self.derived: dict[str, DerivedKind[Any]] = {}
        self.families: dict[str, list[Family[Any]]] = {}
        self.measures: dict[str, Measure] = {}
        self.policies: dict[str, tuple[str, ...]] = {}
        for family in self._widened(load_families() if families is None else families):
            reads = family.reads
            sources = reads.sources if isinstance(reads, DerivedKind) else (reads,)
            self.kinds |= {each.name: each for each in sources if each.name not in self.kinds}
            if family.in_force(self.policy):
                self.families.setdefault(reads.name, []).append(family)
                if isinstance(reads, DerivedKind):
                    self.derived[reads.name] = reads
            for measure in family.measures:
                if measure.name in self.measures:
                    raise ValueError(f"two measures are named {measure.name!r}")
                self.measures[measure.name] = measure
                self.policies[measure.name] = (*family.policies, *measure.policies)
        self.windows: dict[str, list[Window]] = {
            measure.name: [self.calendar.windows[name] for name in measure.windows]
            for measure in self.measures.values()
            if measure.windows
        }
        self.by_type: dict[str, list[RowKind[Any]]] = {}
        for kind in self.kinds.values():
            for event_type in sorted(kind.types):
                self.by_type.setdefault(event_type, []).append(kind)
        self.deferred = frozenset(name for name, kind in self.derived.items() if kind.deferred)
        self.derived_from: dict[str, list[DerivedKind[Any]]] = {}
        for derived in self.derived.values():
            for source in derived.sources:
                self.derived_from.setdefault(source.name, []).append(derived)

    def _widened(self, families: Iterable[Family[Any]]) -> Iterator[Family[Any]]:
        """Yields families with the further windows of the policy."""
        further = dict(self.policy.further_windows)
        for family in families:
            yield family.over(further.pop(family.name)) if family.name in further else family
        if further:
            raise ValueError(f"further_windows: there is no family {next(iter(further))!r}")

    def families_of(self, measures: Collection[str]) -> dict[str, list[Family[Any]]]:
        """Returns the families that contribute to some measures, as ``families`` has them."""
        found = {
            kind: [each for each in families if not each.contributes_to.isdisjoint(measures)]
            for kind, families in self.families.items()
        }
        return {kind: families for kind, families in found.items() if families}

    def only(self, measures: Collection[str]) -> "Plan":
        """Returns a plan of which nothing but some measures is computed.

        Rows are folded as before, so that the same events are taken and refused. A family whose
        measures are of no use contributes nothing, which saves its time.
        """
        plan = copy(self)
        plan.families = self.families_of(measures)
        plan.derived = {n: kind for n, kind in self.derived.items() if n in plan.families}
        plan.deferred = self.deferred & plan.derived.keys()
        plan.derived_from = {
            source: [each for each in kinds if each.name in plan.derived]
            for source, kinds in self.derived_from.items()
        }
        return plan

    def policies_of(self, measures: Iterable[str]) -> tuple[str, ...]:
        """The names of the policies that some measures depend on, as ``Family`` has them."""
        named = {policy for measure in measures for policy in self.policies.get(measure, ())}
        return tuple(name for name in Policy.model_fields if name in named)


def load_families() -> tuple[Family[Any], ...]:
    """Returns the ``FAMILY`` of each module of the subjects, by name of the family."""
    found: list[Family[Any]] = []
    for subject in SUBJECTS:
        package = importlib.import_module(f"aggregates.{subject}")
        for info in pkgutil.iter_modules(package.__path__):
            module = importlib.import_module(f"{package.__name__}.{info.name}")
            if (family := getattr(module, "FAMILY", None)) is not None:
                found.append(family)
    return tuple(sorted(found, key=lambda family: family.name))
