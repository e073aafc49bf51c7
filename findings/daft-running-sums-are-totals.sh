#!/usr/bin/env bash
# A running sum in Daft's SQL is the total on each row, weeks begin on Thursdays, and the day on which clocks change is two.
#
# Versions: daft 0.7.26, duckdb 2.0.1, pyarrow 25.0.1, Python 3.11.
# A good guess: `sum(x) over (partition by a order by b)` runs up to the row, in any engine that has SQL, as in Spark, whose Window class Daft's
# resembles; `date_trunc('week', ...)` gives a Monday, or a Sunday; a local day, of a column that knows its zone, is one group.
# What happens: without a word of its frame a window that is ordered has all rows, in SQL and by the Window class: sum, mean, maximum
# and count are those of the whole partition. With `rows between unbounded preceding and current row` they run. Weeks and days
# are cut from 1970 on, a Thursday, by the offset of each moment: days of 23 or 25 hours are a group before the change and one
# after it, the latter labelled an hour off. `date()` of the column gives one day.
# Matters because: revenue is a running sum of its changes, and so is who was ever active: all of history shows
# the last value, and nothing fails. Weekly active users are of other weeks than on any board beside. Say the frame, take `date()` for days,
# and for weeks the date less its day of the week.
#
# Output seen:
#   revenue by its changes: daft 150 150 150 150, duckdb 100 150 120 150
#   the same with its frame: daft 100 150 120 150, duckdb 100 150 120 150
#   changes so far: daft 4 4 4 4, duckdb 1 2 3 4
#   weeks: daft Thu 2026-02-26 3, Thu 2026-03-05 7, Thu 2026-03-12 4; duckdb Mon 2026-03-02 7, Mon 2026-03-09 7
#   uses of New York's 8 March by date_trunc: 03-07 23:00 21, 03-08 00:00 2
#   uses of New York's 8 March by date(): 03-08 23
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet daft==0.7.26 duckdb==2.0.1 pyarrow==25.0.1

cat > "$folder/figures.py" <<'PY'
from datetime import UTC, datetime, timedelta

import daft
import duckdb
import pyarrow as pa

changes = pa.table({"account": ["a"] * 4, "month": [1, 2, 3, 4], "change": [100, 50, -30, 30]})
uses = pa.table({"used": [datetime(2026, 3, 2, 12) + timedelta(days=day) for day in range(14)]})


def rows(query):
    ours = daft.sql(query, changes=daft.from_arrow(changes), uses=daft.from_arrow(uses)).to_arrow()
    return {"daft": ours.to_pylist(), "duckdb": duckdb.sql(query).to_arrow_table().to_pylist()}


def told(name, query, separator):
    print(f"{name}: " + separator.join(f"{engine} {shown}" for engine, shown in query.items()))


def running(what):
    seen = rows(f"SELECT month, {what} AS value FROM changes ORDER BY month")
    return {engine: " ".join(str(int(row["value"])) for row in found) for engine, found in seen.items()}


FRAME = "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"
told("revenue by its changes", running("sum(change) OVER (PARTITION BY account ORDER BY month)"), ", ")
told("the same with its frame", running(f"sum(change) OVER (PARTITION BY account ORDER BY month {FRAME})"), ", ")
told("changes so far", running("count(change) OVER (PARTITION BY account ORDER BY month)"), ", ")

weeks = {}
for engine, found in rows("SELECT date_trunc('week', used) AS week FROM uses").items():
    counted = {}
    for row in found:
        counted[row["week"]] = counted.get(row["week"], 0) + 1
    weeks[engine] = ", ".join(f"{week:%a %Y-%m-%d} {count}" for week, count in sorted(counted.items()))
told("weeks", weeks, "; ")

begin = datetime(2026, 3, 8, 5, tzinfo=UTC)
hourly = daft.from_pydict({"at": [begin + timedelta(hours=hour) for hour in range(23)]})
local = daft.functions.convert_time_zone(daft.col("at"), "America/New_York")
for name, day, form in [("date_trunc", daft.functions.date_trunc("1 day", local), "%m-%d %H:%M"), ("date()", local.date(), "%m-%d")]:
    groups = hourly.groupby(day.alias("day")).agg(daft.col("at").count().alias("uses")).sort("day").to_pylist()
    print(f"uses of New York's 8 March by {name}: " + ", ".join(f"{group['day']:{form}} {group['uses']}" for group in groups))
PY
DAFT_PROGRESS_BAR=0 "$folder/venv/bin/python" "$folder/figures.py" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
