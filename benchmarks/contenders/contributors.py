"""Which accounts make up each KPI and its change in 30 days, a few events after one another."""

from collections.abc import Mapping
from time import process_time
from typing import Any

from aggregates.explanation.question import QuestionError, ask
from aggregates.time.tile import TILES_A_DAY
from benchmarks.contenders.served import cpu_ms, served
from benchmarks.contenders.turns import config, take_turns


def main() -> None:
    """Asks about every KPI that has one figure, each time after a flush."""
    given = config()
    service = served(given)
    catalogue = service.kpis.current()
    asked = [0]

    def work() -> Mapping[str, Any]:
        taken = {}
        for kpi in catalogue:
            try:
                question = ask(catalogue, kpi.id, service.edge, service.edge - 30 * TILES_A_DAY)
                service.flush()
                begun_s = process_time()
                service.embedded.rows.explain(catalogue, question)
            except QuestionError:
                continue
            taken[kpi.id] = cpu_ms(begun_s)
        asked[0] = len(taken)
        return {"taken_ms": taken}

    take_turns(work, lambda: f"{asked[0]} KPIs")


main()
