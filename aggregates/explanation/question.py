"""A question: which figure, at which time or between which two."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from aggregates.catalogue.catalogue import Catalogue
from aggregates.catalogue.headline import main_window
from aggregates.catalogue.kpi import Kpi, Variant
from aggregates.formula.expression import Formula
from events.errors import TidemarkError


class QuestionError(TidemarkError, ValueError):
    """A question that cannot be answered; the message says what may be asked instead."""


@dataclass(frozen=True, slots=True)
class Question:
    """One figure of a KPI.

    Attributes:
        kpi: The KPI.
        variant: Its formula.
        window: The window that it is read over; None for a figure of the moment.
        at: The tile edge at which it is read.
        since: The edge from which on its change is asked for; None for the figure itself.
        labels: Values of its labels.
        segment: Values of attributes of the only accounts to look at.
    """

    kpi: Kpi
    variant: Variant
    window: str | None
    at: int
    since: int | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    segment: Mapping[str, str] = field(default_factory=dict)

    @property
    def edges(self) -> tuple[int, ...]:
        """The edges at which figures are read, in order of time."""
        return (self.at,) if self.since is None else (self.since, self.at)

    @property
    def movements(self) -> tuple[tuple[str, Formula], ...]:
        """The movements of which a change is made; none if no change is asked for."""
        return () if self.since is None else self.kpi.movements


def ask(
    catalogue: Catalogue,
    name: str,
    at: int,
    since: int | None = None,
    *,
    window: str | None = None,
    labels: Mapping[str, str] | None = None,
    segment: Mapping[str, str] | None = None,
) -> Question:
    """Makes a question of what somebody typed.

    Args:
        catalogue: The KPIs.
        name: Id of a KPI, or its metric.
        at: The tile edge to read at.
        since: The edge from which on the change is asked for.
        window: One of the KPI's windows; None for the one that is looked at first.
        labels: Values of labels, the one that names a formula included.
        segment: Values of attributes in ``segments``.

    Raises:
        QuestionError: If there is no such figure.
    """
    kpi = _kpi(catalogue, name)
    if kpi.is_about_kpis:
        raise QuestionError(f"{kpi.id} is about other KPIs: ask why those are what they are")
    if since is not None and since >= at:
        raise QuestionError("the time since which a change is asked for is not before its end")
    variant, asked = _labelled(kpi, labels or {})
    _check_segment(catalogue, segment or {})
    return Question(kpi, variant, window_of(kpi, window), at, since, asked, dict(segment or {}))


def _kpi(catalogue: Catalogue, name: str) -> Kpi:
    found = name.removeprefix("cs_")
    if found in catalogue:
        return catalogue[found]
    near = get_close_matches(found, [kpi.id for kpi in catalogue], n=1)
    raise QuestionError(f"there is no KPI {name!r}" + (f"; is {near[0]} meant?" if near else ""))


def window_of(kpi: Kpi, window: str | None) -> str | None:
    """Returns a window of a KPI: the one that is asked for, or else the one looked at first.

    Raises:
        QuestionError: If it has none such.
    """
    if window is None:
        return main_window(kpi.windows) if kpi.windows else None
    if window not in kpi.windows:
        known = ", ".join(kpi.windows) or "no window: it is a figure of the moment"
        raise QuestionError(f"{kpi.id} is not read over {window!r}; there is {known}")
    return window


def _check_segment(catalogue: Catalogue, segment: Mapping[str, str]) -> None:
    attributes = catalogue.policy.segments
    for attribute in segment:
        if attribute not in attributes:
            known = ", ".join(attributes) or "none"
            raise QuestionError(f"{attribute!r} is no attribute of segments; there are: {known}")


def _labelled(kpi: Kpi, labels: Mapping[str, str]) -> tuple[Variant, dict[str, str]]:
    """Returns the formula, and the values of its labels: those of which there is one, too."""
    asked = dict(labels)
    variant = _variant(kpi, asked.pop(kpi.variant_label or "", None))
    for label in asked:
        if label not in variant.labels:
            known = ", ".join(filter(None, (kpi.variant_label, *variant.labels))) or "none"
            raise QuestionError(f"{kpi.id} has no label {label!r}; its labels: {known}")
    for label in variant.labels:
        declared = kpi.values.get(label, ())
        if label not in asked and len(declared) == 1:
            asked[label] = declared[0]
    return variant, asked


def _variant(kpi: Kpi, value: str | None) -> Variant:
    if value is None:
        return kpi.variants[0]
    for variant in kpi.variants:
        if variant.value == value:
            return variant
    known = ", ".join(str(variant.value) for variant in kpi.variants)
    raise QuestionError(f"{kpi.variant_label} of {kpi.id} is none of {known}: {value!r}")
