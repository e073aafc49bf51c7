#!/usr/bin/env bash
# What runs at midnight is not run at all on the day that has none, and twice on the day that has two, by the scheduler's library.
#
# Versions: APScheduler 3.11.3, croniter 7.0.0, tzdata 2026.6 (PyPI); croner 11.0.0, cron-parser 5.10.5 (npm); Python 3.11, Node 20.
# A good guess: a line of cron for one time of the day runs once each day: a time that clocks skip is made up for right after, one that they
# show twice is taken once, as cron of Debian does; at least each library treats all missing hours alike.
# What happens: in Chile and Egypt midnight is missing one day a year. APScheduler does not run on that day, though it does make up for
# 2:30 in New York. On the Azores midnight is there twice: APScheduler and croniter run twice, croner at the first and
# cron-parser at the second one. croniter runs 1:30 in New York twice as well.
# Matters because: the day is closed, usage billed, or a snapshot taken at the customer's midnight. A day that is never closed is missing
# in a history for good, and one that is closed twice is billed twice where the job does not look. Schedule in UTC and ask
# for the local days that are over.
#
# Output seen (runs on each of three local days):
#   00:00 America/Santiago 2026-09-05: apscheduler 1 0 1, croniter 1 1 1, croner 1 1 1, cron-parser 1 1 1
#   00:00 Africa/Cairo 2026-04-23: apscheduler 1 0 1, croniter 1 1 1, croner 1 1 1, cron-parser 1 1 1
#   00:00 Atlantic/Azores 2026-10-24: apscheduler 1 2 1, croniter 1 2 1, croner 1 1 1, cron-parser 1 1 1
#   02:30 America/New_York 2026-03-07: apscheduler 1 1 1, croniter 1 1 1, croner 1 1 1, cron-parser 1 1 1
#   01:30 America/New_York 2026-10-31: apscheduler 1 2 1, croniter 1 2 1, croner 1 1 1, cron-parser 1 1 1
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet APScheduler==3.11.3 croniter==7.0.0 tzdata==2026.6
(cd "$folder" && npm install --silent --no-audit --no-fund croner@11.0.0 cron-parser@5.10.5 > log 2>&1)

cat > "$folder/runs.mjs" <<'JS'
import { Cron } from "croner";
import { CronExpressionParser } from "cron-parser";
const [line, zone, from] = process.argv.slice(2);
const runs = CronExpressionParser.parse(line, { tz: zone, currentDate: new Date(from) });
console.log(JSON.stringify({
  croner: new Cron(line, { timezone: zone }).nextRuns(8, new Date(from)),
  "cron-parser": Array.from({ length: 8 }, () => runs.next().toDate()),
}));
JS
cat > "$folder/runs.py" <<'PY'
import datetime
import json
import subprocess
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger
from croniter import croniter

CASES = [
    ("00:00", "America/Santiago", "2026-09-05"),
    ("00:00", "Africa/Cairo", "2026-04-23"),
    ("00:00", "Atlantic/Azores", "2026-10-24"),
    ("02:30", "America/New_York", "2026-03-07"),
    ("01:30", "America/New_York", "2026-10-31"),
]


def of_apscheduler(line, zone, now):
    trigger, ran, runs = CronTrigger.from_crontab(line, timezone=zone), None, []
    for _ in range(8):
        ran = trigger.get_next_fire_time(ran, now)
        runs.append(ran)
        now = (ran.astimezone(datetime.timezone.utc) + datetime.timedelta(seconds=1)).astimezone(zone)
    return runs


for time, name, day in CASES:
    zone, first = ZoneInfo(name), datetime.date.fromisoformat(day)
    before = datetime.datetime.combine(first - datetime.timedelta(days=1), datetime.time(12), zone)
    line = f"{int(time[3:])} {int(time[:2])} * * *"
    runs = {"apscheduler": of_apscheduler(line, zone, before)}
    steps = croniter(line, before)
    runs["croniter"] = [steps.get_next(datetime.datetime) for _ in range(8)]
    said = subprocess.check_output(["node", "runs.mjs", line, name, before.astimezone(datetime.timezone.utc).isoformat()])
    for library, texts in json.loads(said).items():
        runs[library] = [datetime.datetime.fromisoformat(text) for text in texts]
    told = []
    for library, instants in runs.items():
        days = [instant.astimezone(zone).date() for instant in instants]
        counts = [days.count(first + datetime.timedelta(number)) for number in range(3)]
        told.append(f"{library} " + " ".join(map(str, counts)))
    print(f"{time} {name} {day}: " + ", ".join(told))
PY

(cd "$folder" && PYTHONTZPATH="" venv/bin/python runs.py) | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
