#!/usr/bin/env bash
# A contract that renews on the 31st, or the last day there is, is renewed four times in March by ical.js, and one of the 29 February on 1 March.
#
# Versions: ical.js 2.2.1, rrule 2.8.1, rrule-temporal 2.2.8 with temporal-polyfill 1.0.8 (npm), python-dateutil 4.0.0; Node 20, Python 3.11.
# A good guess: rules of recurrence are a standard with one meaning; RFC 5545 says that of days a month does not have nothing is made, and that
# BYSETPOS=-1 takes the last one of each month's set; so a renewal on the 31st is `BYMONTHDAY=28,29,30,31;BYSETPOS=-1`, once a month.
# What happens: rrule, rrule-temporal and dateutil agree. ical.js
#   1. takes BYSETPOS into account for days of the week, and for days of the month only in some months: March gets all four;
#   2. puts the last day of the months of a quarterly rule by year on 1 May instead of 30 April;
#   3. renews yearly from 29 February on 1 March, for ever; the same with INTERVAL=4 is right;
#   4. reads `SKIP=BACKWARD`, says nothing, and skips the months.
# Matters because: renewals, and days on which usage is billed, are kept as such rules, and calendars and mail clients are made with ical.js. What a
# back end counts by dateutil is not what the other end shows; with COUNT=12 a year of renewals is over in May. Take BYMONTHDAY=-1 with
# FREQ=MONTHLY where the last day is meant, which all of them agree on, and keep other renewals as dates.
#
# Output seen:
#   monthly from 31 January, the 31st or the last day: ical.js 01-31 02-28 03-28 03-29 03-30 03-31 04-28, others 01-31 02-28 03-31 04-30 05-31 06-30 07-31
#   monthly from 30 January, the 30th or the last day: ical.js 01-30 02-28 03-28 03-29 03-30 04-28 04-29, others 01-30 02-28 03-30 04-30 05-30 06-30 07-30
#   monthly from 31 January, the last day: ical.js 01-31 02-28 03-31 04-30 05-31 06-30 07-31, others 01-31 02-28 03-31 04-30 05-31 06-30 07-31
#   yearly, the last days of quarters: ical.js 01-31 05-01 07-31 10-31 01-31 05-01 07-31, others 01-31 04-30 07-31 10-31 01-31 04-30 07-31
#   yearly from 29 February 2028: ical.js 2028-02-29 2029-03-01 2030-03-01, others 2028-02-29 2032-02-29 2036-02-29
#   a rule with SKIP=BACKWARD: ical.js 01-31 03-31 05-31, rrule refused, rrule-temporal 01-31 02-28 03-31, dateutil refused
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
(cd "$folder" && npm install --silent --no-fund --no-audit --ignore-scripts \
  ical.js@2.2.1 rrule@2.8.1 rrule-temporal@2.2.8 temporal-polyfill@1.0.8 > "$folder/log" 2>&1)
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet python-dateutil==4.0.0

cat > "$folder/rules.json" <<'JSON'
[["monthly from 31 January, the 31st or the last day", "2026-01-31", "FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1;COUNT=7", 5],
 ["monthly from 30 January, the 30th or the last day", "2026-01-30", "FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1;COUNT=7", 5],
 ["monthly from 31 January, the last day", "2026-01-31", "FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=7", 5],
 ["yearly, the last days of quarters", "2026-01-31", "FREQ=YEARLY;BYMONTH=1,4,7,10;BYMONTHDAY=-1;COUNT=7", 5],
 ["yearly from 29 February 2028", "2028-02-29", "FREQ=YEARLY;COUNT=3", 0],
 ["a rule with SKIP=BACKWARD", "2026-01-31", "RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=BACKWARD;COUNT=3", 5]]
JSON
cat > "$folder/renew.mjs" <<'JS'
import { readFileSync } from 'node:fs'
import ICAL from 'ical.js'
import rrule from 'rrule'
import { RRuleTemporal } from 'rrule-temporal'

const LIBRARIES = {
  'ical.js': (start, rule) => {
    const days = []
    const iterator = ICAL.Recur.fromString(rule).iterator(ICAL.Time.fromDateTimeString(`${start}T00:00:00`))
    for (let day = iterator.next(); day; day = iterator.next()) days.push(day.toString())
    return days
  },
  rrule: (start, rule) => rrule.rrulestr(text(start, rule)).all().map(day => day.toISOString()),
  'rrule-temporal': (start, rule) => new RRuleTemporal({ rruleString: text(start, rule) }).all().map(day => day.toString()),
}
const text = (start, rule) => `DTSTART:${start.replaceAll('-', '')}T000000Z\nRRULE:${rule}`
const seen = JSON.parse(readFileSync('rules.json')).map(([, start, rule]) => Object.fromEntries(
  Object.entries(LIBRARIES).map(([name, days]) => {
    try { return [name, days(start, rule).map(day => day.slice(0, 10))] } catch { return [name, null] }
  })))
console.log(JSON.stringify(seen))
JS
(cd "$folder" && node renew.mjs > node.json)
cat > "$folder/renew.py" <<'PY'
import json
import sys
from pathlib import Path

from dateutil.rrule import rrulestr

folder = Path(sys.argv[1])
rules, seen = (json.loads((folder / name).read_text()) for name in ("rules.json", "node.json"))
for (name, start, rule, cut), days in zip(rules, seen, strict=True):
    try:
        found = rrulestr(f"DTSTART:{start.replace('-', '')}T000000\nRRULE:{rule}")
        days["dateutil"] = [f"{day:%F}" for day in found]
    except ValueError:
        days["dateutil"] = None
    shown = {library: " ".join(day[cut:] for day in told) if told else "refused" for library, told in days.items()}
    first, *others = shown.items()
    if len({told for _, told in others}) == 1:
        others = [("others", others[0][1])]
    print(f"{name}: " + ", ".join(f"{library} {told}" for library, told in [first, *others]))
PY
"$folder/venv/bin/python" "$folder/renew.py" "$folder" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
