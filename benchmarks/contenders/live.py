"""A live mixed stream on top of a history in memory: folded, settled and packed, flush by flush."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.contenders.folded import TOPICS, batches, core, text_at
from benchmarks.contenders.turns import config, product, take_turns


def main() -> None:
    """Folds the next events whenever told to."""
    given = config()
    lines = Path(given["file"]).read_bytes().splitlines()
    cut = len(lines) - given["live"]
    live = iter(list(batches(lines[cut:], given["flush"])))
    plan, catalogue = core()
    intake = product("streams.local.intake", "streams.intake").Intake(plan, bulk=True)
    for values in batches(lines[:cut]):
        intake.take(values)
    intake.settle()
    del lines
    [shard] = intake.shards
    handed = getattr(shard, "handover", shard)
    bound = getattr(product("streams.worker.partition", "streams.partition"), "DEFERRED_MAX", None)
    arguments = [bound] if given["deferred"] and bound is not None else []

    def hand_over() -> None:
        handed.take_changes()
        for topic in TOPICS:
            for _ in handed.dirty_rows(topic):
                pass
            handed.mark_clean(topic)

    hand_over()

    def work() -> Mapping[str, Any]:
        count = 0
        while count < given["turn"]:
            values = next(live)
            intake.take(values)
            shard.settle(*arguments)
            hand_over()
            count += len(values)
        return {"events": count, "waiting": getattr(shard, "deferred", 0)}

    def answer() -> str:
        shard.settle()
        edges = product("streams.local.replay", "streams.replay").edges_at([given["last"]])
        Path(given["out"]).write_text(text_at(catalogue, shard.ledger, plan, edges))
        return str(given["out"])

    take_turns(work, answer)


main()
