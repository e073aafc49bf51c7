"""The context of an expression: over which window it is read, and from where."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product

from aggregates.formula.values import LabelKey


@dataclass(frozen=True, slots=True)
class Context:
    """Where an expression is read.

    Attributes:
        window: The window in force.
        declared: Values of the KPI's fixed labels: they exist, as 0, before anything moved.
        path: The windows at whose starts the edges are, one inside the other; from what edges on
            by itself a name of ``Evaluation.ago``.
    """

    window: str | None
    declared: Mapping[str, tuple[str, ...]]
    path: tuple[str, ...] = ()

    @property
    def at_start(self) -> "Context":
        """The same at the start of the window."""
        assert self.window is not None, "the checker wants a window"
        return replace(self, path=(*self.path, self.window))

    def keys(self, labels: tuple[str, ...]) -> list[LabelKey]:
        """Returns the declared combinations of label values; none unless all labels have some."""
        if not labels or not all(label in self.declared for label in labels):
            return []
        return list(product(*(self.declared[label] for label in labels)))
