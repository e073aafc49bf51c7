"""The page on why a figure moved: its movements, and what each account has in the change."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, Final
from urllib.parse import urlencode

from aggregates.catalogue.kpi import Kpi
from aggregates.explanation.explanation import Amount, Explanation, Part, Term, together
from aggregates.explanation.question import Question, QuestionError
from aggregates.time.calendar import Calendar
from exporters.live_reading import Reading
from exporters.pages.asked_change import asked_change
from exporters.pages.choice import Choice, choice_of, left_out
from exporters.pages.rows import Rows
from exporters.pages.template import moment, template
from exporters.wording import NOTHING, change, figure, span

ACCOUNTS_MAX: Final = 100
"""Accounts that are listed; the others are summed up in one row."""


class WhyPage:
    """Renders explanations."""

    def __init__(self, version: str, rows: Rows, calendar: Calendar) -> None:
        self._version = version
        self._rows = rows
        self._calendar = calendar
        self._template = template("why.html")

    def render(self, kpi: Kpi, asked: Mapping[str, str], reading: Reading) -> str:
        """Returns the page on the change of a KPI over a time.

        Args:
            kpi: The KPI.
            asked: The query: ``window``, labels and ``segment`` of the series; ``days``, or
                ``from`` and ``to``.
            reading: What is known now.
        """
        choice = replace(choice_of(kpi, asked, reading).bounded, points="")
        told, json, problem = None, "", ""
        try:
            question = asked_change(kpi, choice, reading, self._calendar)
            json = _json(question, choice)
            explanation = self._rows.explain(reading.catalogue, question)
            if explanation is None:
                problem = "History is still being read; accounts are known once it is."
            else:
                told = _Told(explanation, reading.currency).page(choice)
        except QuestionError as error:
            problem = str(error)
        return self._template.render(
            kpi=kpi,
            back=f"/kpis/{kpi.id}?{choice.address}",
            spans=choice.day_spans,
            choice=choice,
            asked=urlencode({"kpi": kpi.id, **choice.query}),
            problem=problem,
            left_out=left_out(asked, reading),
            told=told,
            json=json,
            version=self._version,
        )


def _json(question: Question, choice: Choice) -> str:
    """Returns where the API has the same."""
    query = [("since", f"-{choice.span}d")]
    if choice.since is not None:
        assert question.since is not None, "a change is asked for"
        query = [("since", moment(question.since)), ("at", moment(question.at))]
    query += [("window", choice.window)] if choice.window else []
    query += choice.labels.items()
    query += [("segment", f"{name}={value}") for name, value in question.segment.items()]
    return f"/api/v1/kpis/{question.kpi.id}/contributors?{urlencode(query)}"


class _Told:
    """An explanation in words and rows."""

    def __init__(self, explanation: Explanation, currency: str) -> None:
        self._explanation = explanation
        self._currency = currency
        self._unit = explanation.question.kpi.unit
        self._scale = explanation.question.variant.dimension.scale

    def page(self, choice: Choice) -> dict[str, Any]:
        """Returns what the template shows."""
        explanation = self._explanation
        before, now = explanation.figures
        question = explanation.question
        assert question.since is not None, "a change is asked for"
        has_effects = any(part.effect is not None for part in explanation.parts)
        terms = () if has_effects and len(explanation.terms) == 1 else explanation.terms
        counted = [part for part in explanation.parts if part.counts]
        moved = {name for part in counted for name, amount in part.movements.items() if amount}
        return {
            "title": _heading(choice),
            "since": moment(question.since),
            "at": moment(question.at),
            "before": figure(before, self._unit, self._currency),
            "now": figure(now, self._unit, self._currency),
            "change": change(now - before, self._unit, self._currency),
            "movements": [
                (name.replace("_", " "), self._moved(amount))
                for name, amount in explanation.movements.items()
                if name in moved
            ],
            "heads": ["effect", *(term.text for term in terms)],
            "rows": list(self._told_rows(counted, terms)),
            "note": f"{len(counted)} of {len(explanation.parts)} accounts made a difference.",
        }

    def _told_rows(
        self, parts: Sequence[Part], terms: Sequence[Term]
    ) -> Iterator[tuple[str, bool, list[str]]]:
        shown, rest = parts[:ACCOUNTS_MAX], parts[ACCOUNTS_MAX:]
        for part in shown:
            yield part.account, True, self._cells(part, terms)
        if rest:
            yield f"{len(rest)} more", False, self._cells(together(rest), terms)

    def _cells(self, part: Part, terms: Sequence[Term]) -> list[str]:
        spans = [span(part.amounts[term.formula], term.scale, self._currency) for term in terms]
        return [self._effect(part.effect), *spans]

    def _effect(self, effect: Fraction | None) -> str:
        if effect is None:
            return NOTHING
        return change(float(effect / Fraction(self._scale)), self._unit, self._currency)

    def _moved(self, amount: Amount) -> str:
        return change(amount / self._scale, self._unit, self._currency)


def _heading(choice: Choice) -> str:
    """Names a series and the time that it changed in."""
    text = f"{choice.title}, {choice.time}".removeprefix("now, ")
    return text[0].upper() + text[1:]
