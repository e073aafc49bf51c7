"""Which headlines a change of the ledger changed, and by how much.

Only headlines that add up over accounts are told: their change is the formula, read from what
changed alone, whoever else there is. So it is the change of the account's figure, and of the
company's. A mean or a share is neither: what one event did to it depends on all others. Where a
headline stays as it was, the same over one day is told, if that is a window of the KPI: who was
active in the month already is active today.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import isfinite
from typing import Final

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

_DAY: Final = "1d"


@dataclass(frozen=True, slots=True)
class HeadlineChange:
    """By how much a headline changed.

    Attributes:
        kpi: The KPI.
        window: The window of its headline, or a day; None for a figure of the moment.
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
    """Tells what changes of ledgers did to the headlines of a catalogue that add up.

    Attributes:
        measures: Names of the measures that they are read from, movements included.
    """

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
        self.measures = names_read(catalogue, flows).union(*(names for *_, names in self._told))
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
            formula, key = headline.variant.formula, headline.key
            for window in dict.fromkeys((headline.window, _DAY)):
                context = Context(window, kpi.values)
                fits = window == headline.window or window in kpi.windows
                amount = _amount(reading, formula, context, key) if fits else 0
                if amount and isfinite(amount):
                    break
            else:
                continue
            moved = {name: _amount(running, each, context) for name, each in kpi.movements}
            named = {name: amount for name, amount in moved.items() if amount}
            rest = amount - sum(named.values())
            if kpi.movements and rest and not is_rounding(amount, sum(named.values())):
                named[UNNAMED] = rest
            scale = headline.variant.dimension.scale
            found.append(HeadlineChange(kpi, window, amount, scale, named))
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
