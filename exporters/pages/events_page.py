"""The events of an account: all of them page by page, and those that made a change of a KPI."""

import shlex
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Final
from urllib.parse import urlencode

from aggregates.explanation.account import AccountView
from aggregates.explanation.by_event import Step
from aggregates.explanation.explanation import Explanation
from aggregates.explanation.question import QuestionError
from aggregates.time.calendar import Calendar
from events.errors import TidemarkError
from exporters.live_reading import Reading
from exporters.pages.asked_change import asked_change
from exporters.pages.choice import Choice, choice_of
from exporters.pages.rows import Log, Rows
from exporters.pages.template import template
from exporters.pages.ticker import in_words, moment_of, told
from exporters.wording import NOTHING, change

EVENTS_MAX: Final = 50
"""Events of a page."""

_TOO_MANY: Final = "There are too many events to look for those of one account here."


class EventsPage:
    """Renders the events of accounts."""

    def __init__(self, version: str, rows: Rows, log: Log | None, calendar: Calendar) -> None:
        """Takes the version of this distribution, all rows, who has the events, and days."""
        self._version = version
        self._calendar = calendar
        self._rows = rows
        self._log = log
        self._template = template("account_events.html")

    def render(self, account: str, asked: Mapping[str, str], reading: Reading) -> str | None:
        """Returns the page of an account; None if it is not known.

        Args:
            account: Its id.
            asked: The query: ``first``, how many newer events to pass over; ``kpi`` with what the
                page on why it moved is asked for, to tell which events made that change.
            reading: What is known now.
        """
        view = self._rows.account(account)
        if view is None:
            return None
        problem = ""
        page: dict[str, Any] | None = None
        made: dict[str, Any] | None = None
        if self._log is not None:
            try:
                page = self._page(view, asked, reading, self._log)
                made = self._made(view, asked, reading, self._log)
                problem = "" if page else _TOO_MANY
            except TidemarkError as error:
                problem = str(error)
        return self._template.render(
            account=account,
            page=page,
            made=made,
            problem=problem,
            back=f"/account?{urlencode(kept_query(account, asked))}",
            command=command(account),
            version=self._version,
        )

    def _page(
        self, view: AccountView, asked: Mapping[str, str], reading: Reading, log: Log
    ) -> dict[str, Any] | None:
        first = _number(asked.get("first", ""))
        found = log.page(view, reading.catalogue, first, EVENTS_MAX)
        if found is None:
            return None
        query = kept_query(view.account, asked)

        def link(place: int) -> str:
            return f"?{urlencode({**query, 'first': str(place)})}#events"

        end = found.first + len(found.happenings)
        return {
            "rows": [told(each, reading.currency) for each in found.happenings],
            "note": f"{found.first + 1} to {end} of {found.total}, the newest first"
            if found.happenings
            else f"none of {found.total}",
            "newer": link(max(0, first - EVENTS_MAX)) if first else "",
            "older": link(end) if end < found.total else "",
        }

    def _made(
        self, view: AccountView, asked: Mapping[str, str], reading: Reading, log: Log
    ) -> dict[str, Any] | None:
        """Returns the events that made the change which is asked about; None if none is."""
        if asked.get("kpi") not in {kpi.id for kpi in reading.catalogue}:
            return None
        kpi = reading.catalogue[asked["kpi"]]
        choice = choice_of(kpi, asked, reading).bounded
        try:
            question = asked_change(kpi, choice, reading, self._calendar)
        except QuestionError:
            return None
        explanation = self._rows.explain(reading.catalogue, question)
        if explanation is None:
            return None
        steps = log.steps(view, reading.catalogue, explanation)
        why = f"/kpis/{kpi.id}/why?{urlencode(choice.query)}"
        return {"why": why, **_change(view.account, choice, explanation, steps, reading.currency)}


def _change(
    account: str,
    choice: Choice,
    explanation: Explanation,
    steps: Sequence[Step] | None,
    currency: str,
) -> dict[str, Any]:
    question = explanation.question
    kpi, scale = question.kpi, Fraction(question.variant.dimension.scale)

    def effect(of: Fraction | None) -> str:
        return NOTHING if of is None else change(float(of / scale), kpi.unit, currency)

    part = next((part for part in explanation.parts if part.account == account), None)
    counted = [step for step in reversed(steps or ()) if step.effect is None or step.effect]
    return {
        "title": kpi.title,
        "span": f"{choice.title}, {choice.time}".removeprefix("now, "),
        "effect": effect(Fraction(0) if part is None else part.effect),
        "too_many": steps is None,
        "rows": [
            {
                "moment": moment_of(step.event.effective_ms),
                "type": in_words(step.event.type),
                "id": step.event.id,
                "count": step.count,
                "effect": effect(step.effect),
            }
            for step in counted[:EVENTS_MAX]
        ],
        "more": len(counted[EVENTS_MAX:]),
        "rest": effect(_sum(counted[EVENTS_MAX:])),
    }


def _sum(steps: Sequence[Step]) -> Fraction | None:
    effects = [step.effect for step in steps if step.effect is not None]
    return sum(effects, Fraction(0)) if effects else None


def kept_query(account: str, asked: Mapping[str, str]) -> dict[str, str]:
    """Returns the query of a page of an account that keeps which change was looked at."""
    kept = {name: value for name, value in asked.items() if name not in ("id", "first")}
    return {"id": account, **(kept if "kpi" in kept else {})}


def command(account: str) -> str:
    """Returns the command that tells the events of an account behind its MRR."""
    return shlex.join(
        ["tidemark", "explain", "mrr", "SOURCE", "--account", account, "--by", "event"]
    )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
