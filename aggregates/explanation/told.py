"""What is told of explanations, as objects whose values add up to the figure.

Amounts are exact decimals, in major units of money, seconds or counts.
"""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

from aggregates.explanation.by_event import Step
from aggregates.explanation.explanation import Amount, Amounts, Explanation, Part, change_of
from aggregates.formula.terms import adds_up, sides_of
from events import format_instant

Number = int | float | Decimal


class Told:
    """Tells parts of one explanation."""

    def __init__(self, explanation: Explanation) -> None:
        formula = explanation.question.variant.formula
        self._explanation = explanation
        self._scale = explanation.question.variant.dimension.scale
        self._terms = explanation.terms
        self._sum = formula if adds_up(formula) else None
        self._sides = sides_of(formula)

    def whole(self) -> dict[str, Any]:
        """Returns what all accounts have together, to which their lines add up."""
        effects = self._explanation.effects
        return self._told(self._explanation.amounts, effects.of(self._explanation.amounts))

    def account(self, part: Part) -> dict[str, Any]:
        """Returns the line of an account."""
        return {"account": part.account, **self._told(part.amounts, part.effect)}

    def movements(self, part: Part) -> Iterator[dict[str, Any]]:
        """Yields a line for each movement of an account."""
        for name, amount in part.movements.items():
            if amount:
                yield {"account": part.account, "movement": name, "value": self.exact(amount)}

    def exact(self, amount: Amount) -> Number:
        """Returns an amount of the figure in major units."""
        return _exact(amount, self._scale)

    def event(self, account: str, step: Step) -> dict[str, Any]:
        """Returns the line of an event."""
        event = step.event
        return {
            "account": account,
            "event": event.id,
            "source": event.source,
            "type": event.type,
            "time": format_instant(event.effective_ms),
            "events": step.count,
            **self._told(step.changes, step.effect),
        }

    def _told(self, amounts: Amounts, effect: Fraction | None) -> dict[str, Any]:
        """Returns the value that adds up, and what it is made of at each time."""
        if self._sum is not None:
            held = amounts[self._sum]
            told: dict[str, Any] = {"value": _exact(change_of(held), self._scale)}
            if len(held) > 1:
                now, before = (_exact(each, self._scale) for each in (held[-1], held[0]))
                told |= {"value_at": now, "value_since": before}
            return told
        told = {"value": None if effect is None else float(effect / Fraction(self._scale))}
        scales = {term.formula: term.scale for term in self._terms}
        if self._sides is not None:
            for name, side in zip(("numerator", "denominator"), self._sides, strict=True):
                told[name] = _exact(amounts[side][-1], scales[side])
                if len(amounts[side]) > 1:
                    told[f"{name}_since"] = _exact(amounts[side][0], scales[side])
            return told
        for name, place in (("terms", -1), ("terms_since", 0)):
            if place or any(len(held) > 1 for held in amounts.values()):
                told[name] = {
                    term.text: _exact(amounts[term.formula][place], term.scale)
                    for term in self._terms
                }
        return told


def _exact(amount: Amount, scale: float) -> Number:
    """Returns an amount in major units, without rounding where it is a whole number."""
    if isinstance(amount, float):
        return amount / scale
    whole, rest = divmod(amount, int(scale))
    return Decimal(amount) / Decimal(int(scale)) if rest else whole
