#!/usr/bin/env bash
# One ibis expression counts active users without those unknown on DuckDB, and nobody as one more user on Polars; halves are rounded apart too.
#
# Versions: ibis-framework 12.0.0 with duckdb 1.5.6 and polars 2.1.0, Python 3.11. (With duckdb 2.0.1 this release of ibis ends
# each query with an AttributeError.)
# A good guess: one expression means the same on each engine, that being what ibis is for; what an engine calls otherwise is
# translated, and what it lacks is refused by name. `nunique` leaves nulls out, as SQL's COUNT(DISTINCT) does.
# What happens: on Polars null is a value of its own to `nunique`, so each group that has a use by nobody has a user more. A half
# rounds up on DuckDB and to the even neighbour on Polars; a cast to a whole number rounds on DuckDB and cuts on Polars; the rest of
# a negative number has the number's sign on DuckDB and the divisor's on Polars.
# Matters because: events before a login have no user. Tests of a model on one engine then say nothing of the other: active users, a score of
# 12.5 shown as a whole number, and the bucket that a signed hash puts an account into are other figures there. Filter by
# `notnull()` before counting, and round, cast and divide where the sign and the halves are settled.
#
# Output seen:
#   active users by day: duckdb 2 1 0, polars 3 2 1
#   active users by day, notnull() before: duckdb 2 1 0, polars 2 1 0
#   0.5, 1.5, 2.5 and -2.5 rounded: duckdb 1 2 3 -3, polars 0 2 2 -2
#   0.5, 1.5, 2.5 and -2.5 cast to int64: duckdb 0 2 2 -2, polars 0 1 2 -2
#   rest of 7, -7, 8 and -8 by 3: duckdb 1 -1 2 -2, polars 1 2 2 1
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ibis-framework[duckdb,polars]==12.0.0" duckdb==1.5.6 polars==2.1.0 sqlglot==30.30.0

cat > "$folder/figures.py" <<'PY'
import ibis
import pyarrow as pa

uses = ibis.memtable(pa.table({"day": [1, 1, 1, 1, 2, 2, 3], "user": ["a", "b", "a", None, "a", None, None]}))
numbers = ibis.memtable(pa.table({"place": [1, 2, 3, 4], "half": [0.5, 1.5, 2.5, -2.5], "hash": [7, -7, 8, -8]})).order_by("place")
ENGINES = {"duckdb": ibis.duckdb.connect(), "polars": ibis.polars.connect()}


def told(name, expression):
    seen = []
    for engine, connected in ENGINES.items():
        values = connected.to_pyarrow(expression)["value"].to_pylist()
        seen.append(f"{engine} " + " ".join(format(value, "g") for value in values))
    print(f"{name}: " + ", ".join(seen))


known = uses.user.nunique(where=uses.user.notnull())
told("active users by day", uses.group_by("day").agg(value=uses.user.nunique()).order_by("day"))
told("active users by day, notnull() before", uses.group_by("day").agg(value=known).order_by("day"))
told("0.5, 1.5, 2.5 and -2.5 rounded", numbers.select(value=numbers.half.round()))
told("0.5, 1.5, 2.5 and -2.5 cast to int64", numbers.select(value=numbers.half.cast("int64")))
told("rest of 7, -7, 8 and -8 by 3", numbers.select(value=numbers.hash % 3))
PY

"$folder/venv/bin/python" "$folder/figures.py" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
