"""Which headlines a change of the ledger changed, and by how much.

Only headlines that add up over accounts are told: their change is the formula, read from what
changed alone, whoever else there is. So it is the change of the account's figure, and of the
company's. A mean or a share is neither: what one event did to it depends on all others.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import isfinite

import numpy as np

from aggregates.catalogue.catalogue import Catalogue
from aggregates.catalogue.headline import Headline
from aggregates.catalogue.kpi import Kpi
from aggregates.catalogue.movements import UNNAMED
from aggregates.explanation.explainer import is_rounding
from aggregates.explanation.explanation import Amount
from aggregates.formula.expression import Formula, reads
from aggregates.formula.terms import adds_up
from aggregates.formula.values import LabelKey
from aggregates.ledger.ledger import Ledger
from aggregates.ledger.measure import Kind
from aggregates.reading.context import Context
from aggregates.reading.evaluation import Evaluation
from aggregates.reading.prefix_sums import LedgerSums
from aggregates.reading.read_measures import names_read
from aggregates.time.calendar import Calendar


@dataclass(frozen=True, slots=True)
class HeadlineChange:
    """By how much a headline changed.

    Attributes:
        kpi: The KPI.
        window: The window of its headline; None for a figure of the moment.
        amount: The change in micro-units, ms or counts; not 0.
        scale: What amounts are divided by to be in the KPI's unit.
        movements: What the change is made of, by name, if the KPI names its movements: those that
            are not 0.
    """

    kpi: Kpi
    window: str | None
    amount: Amount
    scale: float
    movements: Mapping[str, Amount]


class HeadlineChanges:
    """Tells what changes of ledgers did to the headlines of a catalogue that add up."""

    def __init__(self, catalogue: Catalogue, calendar: Calendar) -> None:
        """Takes the KPIs, and the calendar of figures."""
        self._catalogue = catalogue
        self._calendar = calendar
        self._told = [
            (kpi, headline, measures)
            for kpi in catalogue
            if (headline := Headline.of(kpi)) is not None and adds_up(headline.variant.formula)
            for measures in (names_read(catalogue, _read([headline.variant.formula])),)
        ]
        flows = {name for kpi in catalogue for name in _read(f for _, f in kpi.movements)}
        # The running sum of a flow, read as a level, is what moved from the beginning on.
        self._running = {name: replace(catalogue.measures[name], kind=Kind.LEVEL) for name in flows}

    def of(self, changed: Ledger, edge: int) -> tuple[HeadlineChange, ...]:
        """Returns the headlines that a change of a ledger changed, in the order of the catalogue.

        Args:
            changed: What was added to the ledger, less what was taken away.
            edge: The tile edge at which figures are read.
        """
        cells = changed.cells
        names = {series[0] for (series, _), held in cells.items() if held}
        segments = (frozenset(segment for (_, segment), held in cells.items() if held),)
        edges = np.array([edge], dtype=np.int64)
        sums, policy = LedgerSums(changed), self._catalogue.policy
        reading = Evaluation(
            self._catalogue.measures, self._calendar, sums, edges, segments, policy
        )
        running = Evaluation(self._running, self._calendar, sums, edges, segments, policy)
        found = []
        for kpi, headline, measures in self._told:
            if names.isdisjoint(measures):
                continue
            context = Context(headline.window, kpi.values)
            amount = _amount(reading, headline.variant.formula, context, headline.key)
            if not amount or not isfinite(amount):
                continue
            moved = {name: _amount(running, each, context) for name, each in kpi.movements}
            named = {name: amount for name, amount in moved.items() if amount}
            rest = amount - sum(named.values())
            if kpi.movements and rest and not is_rounding(amount, sum(named.values())):
                named[UNNAMED] = rest
            scale = headline.variant.dimension.scale
            found.append(HeadlineChange(kpi, headline.window, amount, scale, named))
        return tuple(found)


def _read(formulas: Iterable[Formula]) -> set[str]:
    return {read.measure for formula in formulas for read in reads(formula)}


def _amount(
    reading: Evaluation, formula: Formula, context: Context, key: LabelKey | None = None
) -> Amount:
    """Returns what a formula comes to, of the one combination of label values if one is named."""
    values = reading.values(formula, context)
    rows = [n for n, own in enumerate(values.keys) if key is None or own == key]
    amount: Amount = values.matrix[rows].sum(axis=0).tolist()[0] if rows else 0
    return amount
