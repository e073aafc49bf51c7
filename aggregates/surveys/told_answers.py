"""What is told of an account's answers: to which survey, by whom, and the score."""

from typing import Final

from aggregates.rows.family import Scope
from aggregates.rows.history import Fact
from aggregates.rows.store import AccountRows
from aggregates.rows.told import Cell, Instant, Table, Teller, Told
from aggregates.surveys.responses import RESPONSES, answers
from aggregates.time.tile import edge_ms

_HEADS: Final = ("response", "survey", "score", "of", "who", "answered")

_NPS_SCALE: Final = "0 to 10"

_SHORT: Final = ("nps", "csat", "ces")
"""Types of surveys that are written in capitals."""


def _take(account: AccountRows, scope: Scope) -> Told:
    given = {name: list(answers(row)) for name, row in account.of(RESPONSES).items()}

    def told(edge: int) -> Table | None:
        now_ms = edge_ms(edge)
        rows = [
            (standing.position_ms, name, _row(name, fact, standing.position_ms))
            for name, states in given.items()
            for fact, standing in states
            if standing.begin_ms < now_ms <= standing.end_ms
        ]
        if not rows:
            return None
        rows.sort(key=lambda each: each[:2], reverse=True)
        counts: dict[str, int] = {}
        for *_, cells in rows:
            counts[str(cells[1])] = counts.get(str(cells[1]), 0) + 1
        return Table(
            "answers", "Answers", sorted(counts.items()), _HEADS, [own for *_, own in rows]
        )

    return told


def _row(name: str, fact: Fact, at_ms: int) -> list[Cell]:
    data = fact.data
    kind = data["survey_type"]
    kind = kind.upper() if kind in _SHORT else kind
    scale = _NPS_SCALE
    if kind != "NPS":
        scale = f"{data.get('scale_min')} to {data.get('scale_max')}"
    score = data.get("score")
    who = data.get("respondent_id")
    return [name, kind, score, scale, who, Instant(at_ms)]


TELLER: Final = Teller(5, _take)
