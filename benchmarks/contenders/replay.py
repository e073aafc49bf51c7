"""File replay: read, fold, evaluate and write, at one time or over a grid."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.contenders.folded import core, text_at
from benchmarks.contenders.turns import config, product, take_turns


def main() -> None:
    """Replays the file whenever told to."""
    given = config()
    replay = product("streams.local.replay", "streams.replay")
    sources = product("streams.local.sources", "streams.sources")
    plan, catalogue = core()
    edges = replay.grid(given["first"], given["last"], given["every"])
    processes = [given["processes"]] if "processes" in given else []
    try:
        dialect = product("events.dialect").PLAIN
    except ModuleNotFoundError:  # a build from before there were dialects has prefixes
        dialect = ""
    said = {"text": ""}

    def work() -> Mapping[str, Any]:
        source = sources.FileSource(given["file"])
        found = replay.fold_history(plan, [source], dialect, lambda _: None, *processes)
        ledger = found.shards[0].ledger if hasattr(found, "shards") else found.ledger
        said["text"] = text_at(catalogue, ledger, plan, edges)
        return {}

    def answer() -> str:
        Path(given["out"]).write_text(said["text"])
        return str(given["out"])

    take_turns(work, answer)


main()
