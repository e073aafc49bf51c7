#!/usr/bin/env bash
# An answer within business hours takes -120 minutes where there is a lunch hour, none at night, and one before the question takes 60.
#
# Versions: moment-business-time 2.0.0 with moment 2.31.0, dayjs-business-time 1.0.4 with dayjs 1.11.23 (npm), businesstimedelta 1.0.1,
# business-duration 0.68, workclock 0.1.2 (PyPI), Node 20, Python 3.11.
# A good guess: hours that each library's manual or source has words for, a day in two parts or a shift over midnight, are counted, or refused;
# between two moments the wrong way round there is the same time below zero, or an error.
# What happens:
#   1. moment-business-time takes what is between the end and the end of the day's *last* part away, so that a moment before
#      lunch loses the afternoon and the lunch: from 9:00 to 10:00 it is -120 minutes. Without a lunch hour all is right.
#   2. Of a shift from 22:00 to 6:00 dayjs-business-time makes -1920 minutes whatever was asked, moment-business-time 0, businesstimedelta
#      0 unless it is asked from before the shift, and business-duration 0 of what is after midnight.
#   3. The wrong way round businesstimedelta says 60, and business-duration says nan.
# Matters because: times to a first reply and targets met are such figures. A mean of them is too low by the replies of each morning, a
# reply below zero meets any target, and imported tickets, answered before they were made, count as answered late, or not at all. None fails.
# Ask for a known case of each kind before; workclock has all of them right.
#
# Output seen (minutes):
#   9:00 to 10:00, lunch from 12:00: moment-business-time -120, dayjs-business-time 60, businesstimedelta 60, workclock 60
#   9:00 to 14:00, lunch from 12:00: moment-business-time 240, dayjs-business-time 240, businesstimedelta 240, workclock 240
#   Friday 16:00 to Monday 10:00, lunch from 12:00: moment-business-time -60, dayjs-business-time 120, businesstimedelta 120, workclock 120
#   1:00 to 5:00, shift from 22:00 to 6:00: moment-business-time 0, dayjs-business-time -1920, businesstimedelta 0, business-duration 0, workclock 240
#   21:00 to 5:00, shift from 22:00 to 6:00: moment-business-time 0, dayjs-business-time -1920, businesstimedelta 420, business-duration 420, workclock 420
#   23:00 to 5:00, shift from 22:00 to 6:00: moment-business-time 0, dayjs-business-time -1920, businesstimedelta 0, business-duration 360, workclock 360
#   11:00 back to 10:00: moment-business-time -60, dayjs-business-time -60, businesstimedelta 60, business-duration nan, workclock -60
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export TZ=UTC

(cd "$folder" && npm install --silent --no-fund --no-audit --ignore-scripts \
  moment-business-time@2.0.0 moment@2.31.0 dayjs-business-time@1.0.4 dayjs@1.11.23 > "$folder/log" 2>&1)
cat > "$folder/cases.json" <<'JSON'
[["9:00 to 10:00, lunch from 12:00", "lunch", "2026-03-09T09:00:00", "2026-03-09T10:00:00"],
 ["9:00 to 14:00, lunch from 12:00", "lunch", "2026-03-09T09:00:00", "2026-03-09T14:00:00"],
 ["Friday 16:00 to Monday 10:00, lunch from 12:00", "lunch", "2026-03-06T16:00:00", "2026-03-09T10:00:00"],
 ["1:00 to 5:00, shift from 22:00 to 6:00", "night", "2026-03-10T01:00:00", "2026-03-10T05:00:00"],
 ["21:00 to 5:00, shift from 22:00 to 6:00", "night", "2026-03-09T21:00:00", "2026-03-10T05:00:00"],
 ["23:00 to 5:00, shift from 22:00 to 6:00", "night", "2026-03-09T23:00:00", "2026-03-10T05:00:00"],
 ["11:00 back to 10:00", "day", "2026-03-09T11:00:00", "2026-03-09T10:00:00"]]
JSON
cat > "$folder/ask.js" <<'JS'
const dayjs = require('dayjs')
const moment = require('moment')
dayjs.extend(require('dayjs-business-time'))
require('moment-business-time')

const PARTS = { day: ['09:00', '17:00'], lunch: ['09:00', '12:00', '13:00', '17:00'], night: ['22:00', '06:00'] }
const DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']
const seen = require('./cases.json').map(([, hours, start, end]) => {
  const times = PARTS[hours].map(time => `${time}:00`)
  const open = number => hours === 'night' || (number > 0 && number < 6)
  const week = (of, closed) => DAYS.map((_, number) => (open(number) ? of : closed))
  moment.updateLocale('en', { workinghours: { ...week(times, null) } })
  const pairs = times.flatMap((time, at) => (at % 2 ? [] : [{ start: time, end: times[at + 1] }]))
  dayjs.setBusinessTime(Object.fromEntries(week(pairs, null).map((parts, number) => [DAYS[number], parts])))
  return {
    'moment-business-time': moment(end).workingDiff(moment(start), 'minutes'),
    'dayjs-business-time': dayjs(start).businessMinutesDiff(dayjs(end)),
  }
})
console.log(JSON.stringify(seen))
JS
(cd "$folder" && node ask.js > node.json)

python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet businesstimedelta==1.0.1 business-duration==0.68 workclock==0.1.2 pandas==3.1.1 holidays==0.10.3
cat > "$folder/ask.py" <<'PY'
import json
import sys
from datetime import UTC, datetime, time
from pathlib import Path

import businesstimedelta
import workclock
from business_duration import businessDuration

PARTS = {"day": (time(9), time(17)), "lunch": (time(9), time(17)), "night": (time(22), time(6))}
LUNCH = (time(12), time(13))
folder = Path(sys.argv[1])
cases = json.loads((folder / "cases.json").read_text())
for (name, hours, *moments), told in zip(cases, json.loads((folder / "node.json").read_text()), strict=True):
    begin, finish = PARTS[hours]
    start, end = (datetime.fromisoformat(moment).replace(tzinfo=UTC) for moment in moments)
    days = range(7) if hours == "night" else range(5)
    rules = [businesstimedelta.WorkDayRule(start_time=begin, end_time=finish, working_days=list(days))]
    schedule = [workclock.WorkDay(begin, finish, days=days)]
    if hours == "lunch":
        rules.append(businesstimedelta.LunchTimeRule(start_time=LUNCH[0], end_time=LUNCH[1], working_days=list(days)))
        schedule.append(workclock.Break(*LUNCH))
    asked = businesstimedelta.Rules(rules).difference(start, end)
    told["businesstimedelta"] = asked.hours * 60 + asked.seconds // 60
    if hours != "lunch":
        closed = [day for day in range(7) if day not in days]
        plain = [moment.replace(tzinfo=None) for moment in (start, end)]
        told["business-duration"] = businessDuration(*plain, begin, finish, closed, unit="min")
    told["workclock"] = workclock.Schedule(schedule, time_zone="UTC").between(start, end).total_seconds() / 60
    print(f"{name}: " + ", ".join(f"{library} {minutes:g}" for library, minutes in told.items()))
PY
"$folder/venv/bin/python" "$folder/ask.py" "$folder" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
