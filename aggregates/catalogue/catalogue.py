"""The catalogue: KPIs as data, read from TOML and checked against the measures that exist.

A user's own file adds KPIs, or replaces single fields of the shipped ones by id. Text comes in as
an argument; the only file read here is the one that is part of the package.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, get_args

import msgspec

from aggregates.catalogue.entry import (
    Entry,
    acceptable_of,
    check_limits,
    least_of,
    replaced,
    targets_of,
)
from aggregates.catalogue.file import IDENTIFIER, CatalogueError, Place, Source, tables_of
from aggregates.catalogue.kpi import Kpi, KpiUnit, Variant
from aggregates.catalogue.movements import movements_of
from aggregates.catalogue.neighbours import check_leasts, check_names
from aggregates.formula.dimension import COUNT, PLAIN, TIME, Checker, Dimension
from aggregates.formula.expression import (
    Binary,
    Formula,
    FormulaError,
    Mean,
    OverKpis,
    reads,
    settings,
)
from aggregates.formula.parser import parse
from aggregates.formula.setting import SETTING_NAMES
from aggregates.ledger.measure import Measure
from aggregates.policies.policy import Policy
from aggregates.time.window import WINDOWS_SAID, is_window

RESERVED_LABELS: Final = frozenset({"window", "currency", "segment", "le", "job", "instance"})
"""Labels that are set elsewhere: by the reading, the exporter, or Prometheus."""


class Catalogue:
    """KPIs by id, in the order of the files, with the measures and the policy that they read."""

    def __init__(
        self, kpis: Iterable[Kpi], measures: Mapping[str, Measure], policy: Policy
    ) -> None:
        self.measures = measures
        self.policy = policy
        self._kpis = {kpi.id: kpi for kpi in kpis}

    def __iter__(self) -> Iterator[Kpi]:
        return iter(self._kpis.values())

    def __len__(self) -> int:
        return len(self._kpis)

    def __contains__(self, kpi_id: object) -> bool:
        return kpi_id in self._kpis

    def __getitem__(self, kpi_id: str) -> Kpi:
        return self._kpis[kpi_id]

    @property
    def families(self) -> dict[str, list[Kpi]]:
        """The KPIs by the family that they are shown with, both in order of appearance."""
        families: dict[str, list[Kpi]] = {}
        for kpi in self:
            families.setdefault(kpi.family, []).append(kpi)
        return families

    def measures_of(self, kpi: Kpi) -> tuple[str, ...]:
        """Returns the names of the measures that a KPI reads, in order of appearance."""
        names = [read.measure for variant in kpi.variants for read in reads(variant.formula)]
        return tuple(dict.fromkeys(names))

    def settings_of(self, kpi: Kpi) -> tuple[str, ...]:
        """Returns the names of the settings that a KPI's formulas and its target depend on."""
        names = [read.name for variant in kpi.variants for read in settings(variant.formula)]
        names += [kpi.setting] if kpi.setting else []
        names += ["industry"] if len(kpi.targets) > 1 else []
        return tuple(dict.fromkeys(names))


def load(measures: Iterable[Measure], *sources: Source, policy: Policy | None = None) -> Catalogue:
    """Reads and checks a catalogue.

    Args:
        measures: The measures that formulas may read.
        sources: Files in order; a later one adds KPIs, or replaces fields of earlier ones by id.
        policy: The settings that formulas may read; by default the defaults.

    Raises:
        CatalogueError: If a file or a KPI is not right.
    """
    known = {measure.name: measure for measure in measures}
    raws: dict[str, tuple[Place, dict[str, Any]]] = {}
    for source in sources:
        for place, raw in tables_of(source):
            before = raws.get(place.kpi)
            raws[place.kpi] = place, raw if before is None else replaced(before[1], raw)
    policy = policy or Policy()
    checker = Checker(known, SETTING_NAMES, policy.segments)
    kpis = [_kpi(place, raw, checker, policy) for place, raw in raws.values()]
    _check_segments(policy.segments)
    placed = {kpi.id: (place, kpi) for kpi, (place, _) in zip(kpis, raws.values(), strict=True)}
    check_leasts(placed)
    check_names({kpi_id: place for kpi_id, (place, _) in placed.items()})
    return Catalogue(_with_industry(kpis, policy.industry), known, policy)


def _check_segments(names: Iterable[str]) -> None:
    """Refuses attributes that are called like labels which are set elsewhere."""
    for name in names:
        if name in RESERVED_LABELS - {"segment"}:
            raise CatalogueError(
                f"settings: segments: {name!r} is a label that has a meaning of its own; tell the "
                f"attribute by another name, such as 'account_{name}'"
            )


def _with_industry(kpis: Sequence[Kpi], industry: str | None) -> list[Kpi]:
    """Puts the benchmark of an industry in force, where there is one."""
    if industry is None:
        return list(kpis)
    named = {target.name for kpi in kpis for target in kpi.targets}
    if industry not in named:
        known = ", ".join(sorted(named))
        raise CatalogueError(f"settings: no KPI has a benchmark {industry!r}; there are {known}")
    return [_of_industry(kpi, industry) for kpi in kpis]


def _of_industry(kpi: Kpi, industry: str) -> Kpi:
    """Puts one benchmark before the others; where a benchmark alerts, it does so instead.

    A limit that is no benchmark is somebody's own, and stays.
    """
    targets = tuple(sorted(kpi.targets, key=lambda target: target.name != industry))
    chosen = next((target for target in targets if target.name == industry), None)
    acceptable = chosen if chosen and kpi.acceptable in kpi.targets else kpi.acceptable
    return replace(kpi, targets=targets, acceptable=acceptable)


def _kpi(place: Place, raw: dict[str, Any], checker: Checker, policy: Policy) -> Kpi:
    try:
        entry = msgspec.convert(raw, Entry)
    except msgspec.ValidationError as error:
        raise place.error(str(error)) from error
    _check_windows(place, entry.windows)
    label, texts = _texts(place, entry)
    setting, others = _others(place, entry)
    windows: tuple[str | None, ...] = entry.windows or (None,)
    variants = tuple(
        _variant(place, value, text, entry.unit, windows, checker)
        for value, text in (*texts, *others.items())
    )
    _check_labels(place, entry, label, variants)
    if setting is None:
        chosen = variants
    else:  # the formula in force, under the same labels as the first
        value = getattr(policy, setting)
        chosen = tuple(replace(v, value=None) for v in variants if v.value == value)
    try:
        check_limits(entry, of_kpis=isinstance(variants[0].formula, OverKpis))
        targets, acceptable, least = targets_of(entry), acceptable_of(entry), least_of(entry)
    except ValueError as error:
        raise place.error(str(error)) from error
    return Kpi(
        id=entry.id,
        code=entry.code,
        family=entry.family,
        title=entry.title,
        description=" ".join(entry.description.split()),
        source=entry.source,
        unit=entry.unit,
        good=entry.good,
        variants=chosen or variants[:1],
        variant_label=label,
        windows=entry.windows,
        labels=tuple(sorted(entry.labels.items())),
        values=_values(place, entry, policy),
        targets=targets,
        seeds=entry.seeds,
        dashboards=entry.dashboards,
        acceptable=acceptable,
        week_alert=entry.week_alert,
        alert_min=least,
        alert_change_min=entry.alert_change_min,
        band=entry.band,
        setting=setting,
        under=tuple(others.items()),
        movements=movements_of(place, entry, variants[0], checker),
    )


def _check_windows(place: Place, windows: Collection[str]) -> None:
    for window in windows:
        if not is_window(window):
            raise place.error(f"unknown window {window!r}, only {WINDOWS_SAID}")
    if len(set(windows)) < len(windows):
        raise place.error("a window is listed twice")


def _texts(place: Place, entry: Entry) -> tuple[str | None, list[tuple[str | None, str]]]:
    """Returns the variant label and the formulas by its values."""
    if (entry.formula is None) == (entry.variants is None):
        raise place.error("needs either a formula or variants")
    if entry.formula is not None:
        return None, [(None, entry.formula)]
    variants = dict(entry.variants or {})
    label = variants.pop("label", None)
    if label is None or not variants:
        raise place.error("variants need a label and a formula for each of its values")
    return label, list(variants.items())


def _others(place: Place, entry: Entry) -> tuple[str | None, dict[str, str]]:
    """Returns the setting that may put another formula in force, and those by its values."""
    if entry.under is None:
        return None, {}
    under = dict(entry.under)
    setting = under.pop("setting", "")
    if entry.formula is None or not setting or not under:
        raise place.error("under needs a formula beside it, a setting, and formulas by its values")
    field = Policy.model_fields.get(setting)
    for value in under:
        if field is None or value not in get_args(field.annotation):
            raise place.error(f"no setting {setting!r} has a value {value!r}")
    return setting, under


def _values(place: Place, entry: Entry, policy: Policy) -> dict[str, tuple[str, ...]]:
    """Returns the values of labels that always exist: as listed, or those that a setting names."""
    values = {}
    for label, listed in entry.values.items():
        named = getattr(policy, listed, None) if isinstance(listed, str) else listed
        if not isinstance(named, tuple):
            raise place.error(f"no setting {listed!r} names the values of label {label!r}")
        if named:
            values[label] = named
    return values


def _check_labels(
    place: Place, entry: Entry, label: str | None, variants: tuple[Variant, ...]
) -> None:
    names = [*entry.labels, *([label] if label else []), *variants[0].labels]
    for name in names:
        if not IDENTIFIER.fullmatch(name) or name in RESERVED_LABELS or names.count(name) > 1:
            raise place.error(f"label {name!r} cannot be used: malformed, reserved or used twice")
    for variant in variants[1:]:
        if variant.labels != variants[0].labels:
            raise place.error("its formulas have different labels")
    for name in entry.values:
        if name not in variants[0].labels:
            raise place.error(f"values are given for unknown label {name!r}")


def _variant(
    place: Place,
    value: str | None,
    text: str,
    unit: KpiUnit,
    windows: Sequence[str | None],
    checker: Checker,
) -> Variant:
    try:
        formula = parse(text)
        shapes = [checker.shape(formula, window) for window in windows]  # each may be unknown
        shape, parts = shapes[0], _parts(formula, windows[0], checker)
    except FormulaError as error:
        named = "" if value is None else f"variant {value}: "
        raise place.error(f"{named}{error}") from error
    dimension = shape.dimension or (unit.dimensions[0] if parts is None else PLAIN)
    if dimension not in unit.dimensions:
        wanted = " or ".join(map(str, unit.dimensions))
        raise place.error(f"unit {unit} is {wanted}, but {text!r} gives {dimension}")
    return Variant(value, text.strip(), formula, dimension, parts, shape.labels)


def _parts(
    formula: Formula, window: str | None, checker: Checker
) -> tuple[Dimension, Dimension] | None:
    """Returns what numerator and denominator count, if the formula is a quotient or a mean."""
    match formula:
        case Binary(operator="/", left=left, right=right):
            above, below = (checker.shape(side, window).dimension for side in (left, right))
            return above or PLAIN, below or PLAIN
        case Mean():
            return TIME, COUNT
        case _:
            return None
