#!/usr/bin/env bash
# DuckDB's date_diff counts beginnings of months, quarters and years, and of weeks none: sevens of days, whatever its own description says.
#
# Versions: duckdb 2.0.1, chdb 4.4.0, Python 3.11.
# A good guess: `date_diff` counts the borders between two days, as `duckdb_functions()` says, "the number of partition boundaries", for
# each unit; `date_sub` is the one that counts full units. So a Sunday and the Monday after it are one week apart, as in ClickHouse.
# What happens: a week is full seven days in both, from whatever day on. Hours, days, months, quarters and years are borders. There is no
# function for the borders of weeks.
# Matters because: a cohort's "week 1" and "month 1" are then of different kinds in one query, and weeks of life do not agree with
# a group by `date_trunc('week', ...)` of the same days, or with the same `date_diff('week', ...)` in ClickHouse. Of 28 daily uses by
# somebody who came on a Wednesday the first week has 7 here and 5 there. Take date_trunc of both days first where weeks of the calendar are meant.
#
# Output seen:
#   duckdb says of date_diff: The number of partition boundaries between the timestamps
#   Sunday to Monday, weeks: duckdb date_diff 0, date_sub 0, chdb 1
#   31 March to 1 April, months: duckdb date_diff 1, date_sub 0, chdb 1
#   31 March to 1 April, quarters: duckdb date_diff 1, date_sub 0, chdb 1
#   uses by week of life: duckdb 7 7 7 7, chdb 5 7 7 7 2, duckdb with date_trunc 5 7 7 7 2
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet duckdb==2.0.1 chdb==4.4.0

cat > "$folder/weeks.py" <<'PY'
import chdb
import duckdb


def of_duckdb(query):
    return [row[0] for row in duckdb.sql(query).fetchall()]


def of_chdb(query):
    return [int(line) for line in str(chdb.query(query, "CSV")).split()]


description = of_duckdb("select distinct description from duckdb_functions() where function_name = 'date_diff'")
print("duckdb says of date_diff:", *description)
for name, unit, first, last in [
    ("Sunday to Monday, weeks", "week", "2026-03-08", "2026-03-09"),
    ("31 March to 1 April, months", "month", "2026-03-31", "2026-04-01"),
    ("31 March to 1 April, quarters", "quarter", "2026-03-31", "2026-04-01"),
]:
    days = f"'{unit}', date '{first}', date '{last}'"
    (borders,), (full,) = of_duckdb(f"select date_diff({days})"), of_duckdb(f"select date_sub({days})")
    (of_clickhouse,) = of_chdb(f"select date_diff('{unit}', toDate('{first}'), toDate('{last}'))")
    print(f"{name}: duckdb date_diff {borders}, date_sub {full}, chdb {of_clickhouse}")

used = "select date '2026-03-04' + number as used from (select unnest(range(28))::int as number)"
plain = of_duckdb(f"select count(*) from ({used}) group by date_diff('week', date '2026-03-04', used) order by min(used)")
cut = of_duckdb(
    f"select count(*) from ({used})"
    " group by date_diff('week', date_trunc('week', date '2026-03-04'), date_trunc('week', used)) order by min(used)"
)
other = of_chdb(
    "select count(*) from (select toDate('2026-03-04') + number as used from numbers(28))"
    " group by date_diff('week', toDate('2026-03-04'), used) order by min(used)"
)
print("uses by week of life: duckdb", *plain, end="")
print(", chdb", *other, end="")
print(", duckdb with date_trunc", *cut)
PY

"$folder/venv/bin/python" "$folder/weeks.py" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
