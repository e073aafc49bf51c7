"""What must hold of every explanation, whatever was asked of whatever history."""

from collections.abc import Container, Iterable, Iterator, Sequence
from fractions import Fraction
from math import isclose, isnan

from aggregates.catalogue.catalogue import Catalogue
from aggregates.explanation.by_event import ByEvent
from aggregates.explanation.explainer import Explainer
from aggregates.explanation.explanation import Amount, Explanation, Part, change_of
from aggregates.explanation.in_time import AnyEvent
from aggregates.explanation.question import Question, ask
from aggregates.formula.expression import OverKpis
from aggregates.formula.terms import adds_up, sides_of
from aggregates.ledger.gathered import Gathered
from aggregates.reading.reader import Reader
from aggregates.reading.table import Result
from aggregates.shard.plan import Plan
from aggregates.shard.shard import Shard
from events import Decoder, Event


def questions(
    catalogue: Catalogue,
    plan: Plan,
    shard: Shard,
    at: int,
    since: int | None,
    wanted: Container[str] | None = None,
) -> Iterator[tuple[Question, Sequence[float]]]:
    """Yields a question for every figure there is, over the window that is looked at first.

    With it the values that the figure has at its edges. ``wanted`` are ids of KPIs.
    """
    kpis = [kpi for kpi in catalogue if wanted is None or kpi.id in wanted]
    edges = [at] if since is None else [since, at]
    for result in Reader(shard.ledger, plan.calendar).evaluate(catalogue, edges, kpis=kpis):
        if isinstance(result.kpi.variants[0].formula, OverKpis):
            continue
        question = ask(catalogue, result.kpi.id, at, since, labels=_asked(result))
        if dict(result.labels).get("window") == question.window:
            yield question, result.values.tolist()


def _asked(result: Result) -> dict[str, str]:
    fixed = {name for name, _ in result.kpi.labels} | {"window", "currency"}
    return {name: value for name, value in result.labels if name not in fixed}


def check_families(plan: Plan, shard: Shard) -> None:
    """Holds what families contribute against what they say they contribute to."""
    for kind, families in plan.families.items():
        for family in families:
            gathered = Gathered()
            shard.settling.contributing.gather(gathered, {kind: [family]})
            assert {series[0] for series, _ in gathered.ledger().cells} <= family.contributes_to


def events_of(lines: Iterable[bytes]) -> list[AnyEvent]:
    """Decodes records."""
    batch = Decoder().decode(list(lines))
    return [*batch.uses, *batch.sessions, *batch.events]


def check(explanation: Explanation, values: Sequence[float]) -> None:
    """Holds an explanation against the figure that was explained.

    A series is shown from its first cell on; what is explained of it is 0 before.
    """
    what = explanation.question
    for found, value in zip(explanation.figures, values, strict=True):
        assert found == value or (isnan(value) and (isnan(found) or not found)), what
    for term, whole in explanation.amounts.items():
        columns = zip(*(part.amounts[term] for part in explanation.parts), strict=True)
        sums = [sum(column) for column in columns] or [0] * len(whole)
        assert all(map(_is_same, sums, whole)), (what, sums, whole)
    for name, moved in explanation.movements.items():
        assert sum(part.movements[name] for part in explanation.parts) == moved, (what, name)
    if explanation.movements:
        (held,) = explanation.amounts.values()
        assert sum(explanation.movements.values()) == change_of(held), what
        for part in explanation.parts:
            (own,) = part.amounts.values()
            assert sum(part.movements.values()) == change_of(own), (what, part.account)
    effects = [part.effect for part in explanation.parts if part.effect is not None]
    if effects:
        assert len(effects) == len(explanation.parts)
        total, change = sum(effects, Fraction(0)), _change(explanation)
        divides = any(isinstance(a, float) for held in explanation.amounts.values() for a in held)
        assert _is_same(float(total), float(change)) if divides else total == change, what


def _change(explanation: Explanation) -> Fraction:
    """Computes by how much the figure changed, exactly: as a sum, or as a quotient of sums."""
    formula, amounts = explanation.question.variant.formula, explanation.amounts
    if adds_up(formula):
        return Fraction(change_of(amounts[formula]))
    sides = sides_of(formula)
    assert sides is not None
    above, below = (amounts[side] for side in sides)
    values = [Fraction(n) / Fraction(d) for n, d in zip(above, below, strict=True)]
    return values[-1] - values[0] if len(values) > 1 else values[0]


def check_events(
    plan: Plan,
    catalogue: Catalogue,
    explainer: Explainer,
    explanation: Explanation,
    part: Part,
    lines: Iterable[bytes],
) -> int:
    """Holds the events of an account against what it has; returns how many changed something."""
    by_event = ByEvent(plan, catalogue, explanation.question)
    related = explainer.related(part.account)
    own: list[AnyEvent] = []
    for event in events_of(lines):
        keys = event.keys if isinstance(event, Event) else (event.data.account_id,)
        if related.intersection(keys) and by_event.takes(event):
            own.append(event)
    steps = list(by_event.steps(part.account, own, explanation.effects))
    for term, whole in part.amounts.items():
        held = zip(*(step.changes[term] for step in steps), strict=True)
        sums: list[Amount] = [sum(column) for column in held] or [0] * len(whole)
        assert all(map(_is_same, sums, whole)), (explanation.question, part.account, sums, whole)
    return len(steps)


def _is_same(one: Amount | Fraction, other: Amount | Fraction) -> bool:
    """Returns whether amounts are equal; where a formula divides, but for rounding."""
    if isinstance(one, float) or isinstance(other, float):
        return isclose(one, other, rel_tol=1e-9, abs_tol=1e-6)
    return one == other
