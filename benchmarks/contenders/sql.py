"""The same figures by DuckDB: the tests' SQL oracle over the raw events, at one time."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.contenders.folded import batches, core
from benchmarks.contenders.turns import config, product, take_turns
from tests.oracle.ledger_figures import differences
from tests.oracle.recomputation import Figures, Recomputation


def main() -> None:
    """Recomputes whenever told to; the answer says on how many integers the ledger differs."""
    given = config()
    replay = product("streams.local.replay")
    [edge] = replay.grid(given["first"], given["last"], given["every"])
    at_ms = product("aggregates.time.tile").edge_ms(edge)
    found: dict[int, Figures] = {}

    def work() -> Mapping[str, Any]:
        lines = Path(given["file"]).read_bytes().splitlines()
        recomputation = Recomputation(lines, [at_ms])
        found.update(recomputation.figures())
        recomputation.quotients()
        recomputation.quantiles()
        recomputation.lifetime_values()
        return {}

    def answer() -> str:
        plan, _ = core()
        intake = product("streams.local.intake").Intake(plan, bulk=True)
        for values in batches(Path(given["file"]).read_bytes().splitlines()):
            intake.take(values)
        odd = differences(intake.history().ledger, plan, found, [at_ms])
        return f"{len(found[at_ms])} integers, {len(odd)} of them other than the ledger's"

    take_turns(work, answer)


main()
