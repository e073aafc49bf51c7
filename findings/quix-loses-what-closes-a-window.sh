#!/usr/bin/env bash
# In Quix Streams the use that closes a window early is in no window, or the window's last result is not told; collected uses are told twice.
#
# Versions: quixstreams 3.28.1 (PyPI), Python 3.11. The application is a real one with its state on disk; uses are given to it without a broker, by
# StreamingDataFrame.test.
# A good guess: `before_update` closes a window before a use is added, and the use begins the next one; `after_update` closes it with that use. Each use
# is in exactly one result of `final`, and `current` tells each change. So all results of an hour together have all of its uses.
# What happens, without an error or a line in the log:
#   1. The use for which `before_update` says yes is added to nothing: 4, 5, 3, 2 are told as 9 and 2.
#   2. With `current` the result that `after_update` or `before_update` closes is not told at all: after 9 comes 2.
#   3. Of `collect` nothing is taken away when a window closes early: the next result of the hour has the old uses again, also that of the hour's end. The
#      last use that closes a window before it is in none.
#   4. Both results of an hour have one key, one start and one end, those of the whole hour.
# Matters because: early closing is meant for limits: "more than 10 uses in an hour, or the hour is over". Usage that is billed by it lacks the use that crossed
# the limit, or has it twice; a table by key and start keeps 2 of 14. Sum without these triggers and compare with the limit behind `current`.
#
# Output seen (2026-12-01; uses 4, 5, 3, 2 within one hour, closed where they are above 10, then one of the next hour):
#   final: 14
#   final, closed before: 9, 2, together 11
#   final, closed after: 12, 2, together 14
#   their starts and ends: the same
#   current: 4, 9, 12, 14
#   current, closed before: 4, 9, 2
#   current, closed after: 4, 9, 2
#   collected: [4, 5, 3, 2]
#   collected, closed before: [4, 5], [4, 5, 3], together 21
#   collected, closed after: [4, 5, 3], [4, 5, 3, 2], together 26
#   collected, closed before once, at two: [4, 5], [4, 5, 3, 2], together 23
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet quixstreams==3.28.1
cat > "$folder/windows.py" <<'PY'
import logging
import tempfile

from quixstreams import Application
from quixstreams.models import MessageContext, Topic, TopicConfig

logging.disable(logging.CRITICAL)
HOUR = 3_600_000
BEGIN = 498_912 * HOUR  # 2026-12-01, in milliseconds
USES = [(4, BEGIN), (5, BEGIN + 1), (3, BEGIN + 2), (2, BEGIN + 3), (1, BEGIN + HOUR)]


def results(windowed, **triggers):
    """What is told of the first hour: values, with their starts and ends."""
    with tempfile.TemporaryDirectory() as state:
        application = Application(broker_address="127.0.0.1:1", consumer_group="uses", state_dir=state, use_changelog_topics=False)
        topic = Topic("uses", value_deserializer="json")
        topic.broker_config = TopicConfig(1, 1, extra_config={"retention.ms": "-1", "retention.bytes": "-1"})
        frame = windowed(application.dataframe(topic).tumbling_window(HOUR, **triggers))
        context = application._processing_context  # as `run` does once it has its partitions
        context.init_checkpoint()
        context.state_manager.on_partition_assign(stream_id=frame.stream_id, partition=0, committed_offsets={})
        told = []
        for offset, (uses, moment) in enumerate(USES):
            message = MessageContext(topic="uses", partition=0, offset=offset, size=1)
            told += [value for value, *_ in frame.test(uses, key=b"account", timestamp=moment, ctx=message)]
        return [value for value in told if value["start"] == BEGIN]


def tell(name, told, together=False):
    values = [value["value"] for value in told]
    total = f", together {sum(sum(value) if isinstance(value, list) else value for value in values)}" if together else ""
    print(f"{name}: {', '.join(str(value) for value in values)}{total}")


before = {"before_update": lambda total, uses, *_: total + uses > 10}
after = {"after_update": lambda total, *_: total > 10}
tell("final", results(lambda window: window.sum().final()))
tell("final, closed before", results(lambda window: window.sum().final(), **before), together=True)
closed = results(lambda window: window.sum().final(), **after)
tell("final, closed after", closed, together=True)
print(f"their starts and ends: {'the same' if len({(value['start'], value['end']) for value in closed}) == 1 else 'different'}")
tell("current", results(lambda window: window.sum().current()))
tell("current, closed before", results(lambda window: window.sum().current(), **before))
tell("current, closed after", results(lambda window: window.sum().current(), **after))

before = {"before_update": lambda collected, uses, *_: sum(collected) + uses > 10}
after = {"after_update": lambda collected, *_: sum(collected) > 10}
once = {"before_update": lambda collected, *_: len(collected) == 2}
tell("collected", results(lambda window: window.collect().final()))
tell("collected, closed before", results(lambda window: window.collect().final(), **before), together=True)
tell("collected, closed after", results(lambda window: window.collect().final(), **after), together=True)
tell("collected, closed before once, at two", results(lambda window: window.collect().final(), **once), together=True)
PY
"$folder/venv/bin/python" "$folder/windows.py" 2> "$folder/log" | tee "$folder/seen" || { cat "$folder/log" >&2; exit 1; }
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "quixstreams 3.28.1: as stated"
