#!/usr/bin/env bash
# SQLFrame, PySpark's functions on DuckDB, has nobody among collected users, makes 2.7 uses 3, and numbers Sunday by whether it is asked in SQL.
#
# Versions: sqlframe 4.10.0 with duckdb 2.0.1 and sqlglot 30.29.0 (PyPI); Python 3.11.
# A good guess: a function of PySpark answers by PySpark's rules, for which SQLFrame translates it: `collect_list` and `collect_set` leave nulls out and are
# empty where nothing is, a cast to int cuts the fraction, Sunday is 1. SQL that is said to be Spark's answers as the functions do.
# What happens:
#   1. Nulls are collected, so that the size of a set of users has one more, nobody; of no rows the list is null, and so is its size.
#   2. A cast to int rounds: 2.7 is 3, the text 12.7 is 13. Halves go to the even number in a column, 2.5 to 2, and away from 0 as a literal in SQL, to 3.
#   3. `dayofweek` of a Sunday is 1 by the function and 0 in SQL with `dialect="spark"`.
# Matters because: code of a cluster is tested, or run for less, on DuckDB this way. Active users, hours that were used, and what is counted by weekday are
# other numbers, each of them plausible. Filter nulls before collecting, write floor or round before a cast, and keep to one of functions and SQL.
#
# Output seen (2026-12-01):
#   users a, nobody, a: collect_list ['a', None, 'a'], size of collect_set 2, count_distinct 1
#   users of no rows: collect_list None, its size None
#   cast to int of 2.7, 2.5, 3.5, -2.5 in a column: 3 2 4 -2
#   cast to int of 2.7, 2.5, 3.5, -2.5 in SQL: 3 3 4 -3
#   the text 12.7, cast to int: 13
#   dayofweek of Sunday 2026-03-01, by the function: 1, in SQL: 0
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check sqlframe==4.10.0 duckdb==2.0.1 sqlglot==30.29.0 pandas==3.1.1
cat > "$folder/told.py" <<'PY'
import datetime

from sqlframe.duckdb import DuckDBSession
from sqlframe.duckdb import functions as F

session = DuckDBSession()


def row(frame):
    return tuple(frame.collect()[0])


def sql(query):
    return row(session.sql(query, dialect="spark"))


users = session.createDataFrame([(1, "a"), (2, None), (3, "a")], ["id", "user"])
listed, size, distinct = row(users.agg(F.collect_list("user"), F.size(F.collect_set("user")), F.countDistinct("user")))
print(f"users a, nobody, a: collect_list {listed}, size of collect_set {size}, count_distinct {distinct}")
nothing, size = row(users.filter("id > 3").agg(F.collect_list("user"), F.size(F.collect_list("user"))))
print(f"users of no rows: collect_list {nothing}, its size {size}")

hours = session.createDataFrame([(1, 2.7), (2, 2.5), (3, 3.5), (4, -2.5)], ["id", "hours"])
column = [row[0] for row in hours.orderBy("id").select(F.col("hours").cast("int")).collect()]
print("cast to int of 2.7, 2.5, 3.5, -2.5 in a column:", *column)
literals = sql("select cast(2.7 as int) as a, cast(2.5 as int) as b, cast(3.5 as int) as c, cast(-2.5 as int) as d")
print("cast to int of 2.7, 2.5, 3.5, -2.5 in SQL:", *literals)
print("the text 12.7, cast to int:", row(hours.limit(1).select(F.lit("12.7").cast("int")))[0])

sunday = datetime.date(2026, 3, 1)
days = session.createDataFrame([(1, sunday)], ["id", "day"])
told = row(days.select(F.dayofweek("day")))[0]
in_sql = sql(f"select dayofweek(date'{sunday}') as day")[0]
print(f"dayofweek of Sunday {sunday}, by the function: {told}, in SQL: {in_sql}")
PY
"$folder/venv/bin/python" "$folder/told.py" 2> "$folder/log" | tee "$folder/seen" || { cat "$folder/log" >&2; exit 1; }
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
