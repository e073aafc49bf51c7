"""What ``tidemark explain`` says, as its table and its CSV have it."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from aggregates.explanation.by_event import Step
from aggregates.explanation.explanation import (
    Amount,
    Amounts,
    Explanation,
    Part,
    Term,
    change_of,
    together,
)
from aggregates.time.tile import edge_ms
from events import format_instant

Document = Mapping[str, Any]


def document(
    explanation: Explanation,
    accounts: Sequence[str],
    steps: Mapping[str, Sequence[Step]],
    currency: str,
    by: str,
) -> Document:
    """Returns what is told of an explanation.

    Amounts of terms are integers in micro-units of money, ms or counts, which add up exactly;
    divided by ``scale`` they are major units or seconds. Figures and effects are in the KPI's unit.

    Args:
        explanation: The explanation.
        accounts: The accounts to tell of one by one.
        steps: By account, what its events did.
        currency: The reporting currency.
        by: What was asked for: account, movement or event.
    """
    question, kpi = explanation.question, explanation.question.kpi
    scale = question.variant.dimension.scale
    parts = {part.account: part for part in explanation.parts}
    rest = [part for part in explanation.parts if part.account not in set(accounts)]
    told: dict[str, Any] = {
        "title": kpi.title,
        "unit": str(kpi.unit),
        "currency": currency,
        "by": by,
        "labels": dict(question.labels),
        "segment": dict(question.segment),
        "at": format_instant(edge_ms(question.at)),
        "value": _number(explanation.figures[-1]),
    }
    if question.window is not None:
        told["window"] = question.window
    if question.since is not None:
        told["since"] = format_instant(edge_ms(question.since))
        told["value_since"] = _number(explanation.figures[0])
        told["change"] = _number(explanation.figures[-1] - explanation.figures[0])
    told["terms"] = [_term(term, explanation.amounts) for term in explanation.terms]
    if explanation.movements:
        told["movements"] = dict(explanation.movements)
    terms = explanation.terms
    told["accounts"] = [
        {"account": account, **_account(parts[account], terms, scale)} for account in accounts
    ]
    for each in told["accounts"]:
        if each["account"] in steps:
            each["events"] = [_step(step, terms, scale) for step in steps[each["account"]]]
    told["rest"] = {"accounts": len(rest)}
    if rest:
        told["rest"] |= _account(together(rest), terms, scale)
    return told


def _term(term: Term, amounts: Amounts) -> dict[str, Any]:
    return {"term": term.text, "scale": int(term.scale), **_held(amounts[term.formula])}


def _held(amounts: Sequence[Amount]) -> dict[str, Any]:
    held = {"amount": amounts[-1]}
    if len(amounts) > 1:
        held |= {"amount_since": amounts[0], "change": change_of(amounts)}
    return held


def _account(part: Part, terms: Sequence[Term], scale: float) -> dict[str, Any]:
    told: dict[str, Any] = {"effect": _effect(part.effect, scale)}
    told["terms"] = [_held(part.amounts[term.formula]) for term in terms]
    if part.movements:
        told["movements"] = dict(part.movements)
    return told


def _step(step: Step, terms: Sequence[Term], scale: float) -> dict[str, Any]:
    event = step.event
    return {
        "time": format_instant(event.effective_ms),
        "type": event.type,
        "id": event.id,
        "events": step.count,
        "effect": _effect(step.effect, scale),
        "terms": [_held(step.changes[term.formula]) for term in terms],
    }


def _effect(effect: Fraction | None, scale: float) -> float | None:
    return None if effect is None else float(effect / Fraction(scale))


def _number(value: float) -> float | None:
    return value if value - value == 0 else None
