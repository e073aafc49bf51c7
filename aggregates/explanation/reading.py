"""Readings of one figure and of its terms, for several sets of accounts together."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import nan
from typing import Final

import numpy as np

from aggregates.catalogue.catalogue import Catalogue
from aggregates.explanation.explanation import Amount
from aggregates.explanation.question import Question, QuestionError
from aggregates.formula.expression import Formula, reads
from aggregates.formula.values import Matrix, Values
from aggregates.ledger.integers import as_floats
from aggregates.ledger.measure import Kind, Segment
from aggregates.reading.context import Context
from aggregates.reading.evaluation import Evaluation
from aggregates.reading.prefix_sums import Sums
from aggregates.time.calendar import Calendar

NAMED_MAX: Final = 8
"""Values of a label or attribute that a message names."""


class FigureReading:
    """A figure and its terms, for several sets of segments at the edges of a question."""

    def __init__(
        self,
        catalogue: Catalogue,
        calendar: Calendar,
        sums: Sums,
        question: Question,
        sets: Sequence[frozenset[Segment]],
    ) -> None:
        edges = np.array(question.edges, dtype=np.int64)
        policy, segments = catalogue.policy, tuple(sets)
        measures = catalogue.measures
        self._shape = len(sets), len(edges)
        self._evaluation = Evaluation(measures, calendar, sums, edges, segments, policy)
        flows = {read.measure for _, formula in question.movements for read in reads(formula)}
        # The running sum of a flow, read as a level, is what moved from the beginning on.
        running = {name: replace(measures[name], kind=Kind.LEVEL) for name in flows}
        self._running = Evaluation(running, calendar, sums, edges, segments, policy)
        self._context = Context(question.window, question.kpi.values)
        self._question = question

    def figures(self, *, partial: bool = False) -> list[tuple[float, ...]]:
        """Returns the figure of each set at each edge, in the KPI's unit; NaN for none.

        Args:
            partial: Whether a label may have a value that is not in the ledger.

        Raises:
            QuestionError: If a label of it has no value in the question, or an unknown one.
        """
        variant, labels, kpi = self._question.variant, self._question.labels, self._question.kpi
        values = self._evaluation.values(variant.formula, self._context)
        for label in variant.labels:
            known = {key[values.labels.index(label)] for key in values.keys}
            said = listed(known) or "none so far"
            if label not in labels:
                raise QuestionError(f"{kpi.id} has a figure for each {label}: say which of {said}")
            if labels[label] not in known and not partial:
                raise QuestionError(f"{label} of {kpi.id} is none of {said}: {labels[label]!r}")
        rows = _rows(values, labels)
        if not rows:
            return [(nan,) * self._shape[1]] * self._shape[0]
        return self._by_set(as_floats(values.matrix[rows[0]]) / variant.dimension.scale)

    def amounts(self, term: Formula) -> list[tuple[Amount, ...]]:
        """Returns a term of each set at each edge."""
        return self._summed(self._evaluation.values(term, self._context))

    def moved(self, movement: Formula) -> list[Amount]:
        """Returns a movement of each set between both edges."""
        found = self._summed(self._running.values(movement, self._context))
        return [after - before for before, after in found]

    def _summed(self, values: Values) -> list[tuple[Amount, ...]]:
        rows = _rows(values, self._question.labels)
        return self._by_set(values.matrix[rows].sum(axis=0) if rows else np.zeros(1, np.int64))

    def _by_set(self, columns: Matrix) -> list[tuple[Amount, ...]]:
        whole = np.broadcast_to(columns, self._shape[0] * self._shape[1])
        return [tuple(row) for row in whole.reshape(self._shape).tolist()]


def _rows(values: Values, asked: Mapping[str, str]) -> list[int]:
    """Returns the rows that have the values of labels which are asked for."""
    return [
        number
        for number, key in enumerate(values.keys)
        if all(asked.get(name, own) == own for name, own in zip(values.labels, key, strict=True))
    ]


def listed(names: Iterable[str]) -> str:
    """Lists names for a message, as many as it has room for."""
    known = sorted(names)
    return ", ".join(known[:NAMED_MAX]) + (", ..." if len(known) > NAMED_MAX else "")
