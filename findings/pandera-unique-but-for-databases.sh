#!/usr/bin/env bash
# One schema of pandera: an event that is there twice passes in a database, two without an id are a duplicate elsewhere, a day without events fails.
#
# Versions: pandera 0.35.0, pandas 3.1.1, pyarrow 25.0.1, polars 2.1.0, ibis-framework 12.0.0 with duckdb 1.5.6; Python 3.11.
# A good guess: the same words, `unique=True`, `nullable=False`, `Check.ge(0)`, hold for a table wherever it is; what a backend cannot do it
# refuses. Nulls are allowed where the column says so, and are no duplicates of each other, as in SQL; a number that is none is below no bound.
# What happens:
#   1. `unique=True` of a column is read by nobody where the table is one of ibis: the same id twice passes. `unique=["id"]` of the
#      whole schema is checked.
#   2. In pandas and Polars two nulls are a duplicate, although the column may be null; and by `unique=["id"]` in ibis, too.
#   3. NaN is null but for pandas with Arrow's types, where it passes `nullable=False`. Where nulls are allowed it passes `ge(0)` in three of four,
#      as "above all", and `le(100)` in pandas alone.
#   4. A table without rows passes all but in ibis, where each check of values fails.
# Matters because: such a schema is what stands between a load and the figures. Sent again, events are counted twice where the schema
# was tested on a sample in pandas and runs in the database; imports without ids stop where nobody expects it, and a
# quiet night stops the load. Write the check of ids twice over, for the whole schema, without nulls, and count rows apart.
#
# Output seen:
#   one id twice, unique: pandas fails, pandas with arrow fails, polars fails, ibis passes
#   one id twice, unique of the schema: pandas fails, pandas with arrow fails, polars fails, ibis fails
#   two without an id, unique and nullable: pandas fails, pandas with arrow fails, polars fails, ibis passes
#   two without an id, unique of the schema: pandas fails, pandas with arrow fails, polars fails, ibis fails
#   an amount of NaN, not nullable: pandas fails, pandas with arrow passes, polars fails, ibis fails
#   an amount of NaN, ge(0): pandas passes, pandas with arrow fails, polars passes, ibis passes
#   an amount of NaN, le(100): pandas passes, pandas with arrow fails, polars fails, ibis fails
#   no events, ge(0): pandas passes, pandas with arrow passes, polars passes, ibis fails
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "pandera[pandas,polars,ibis]==0.35.0" pandas==3.1.1 pyarrow==25.0.1 polars==2.1.0 \
  "ibis-framework[duckdb]==12.0.0" duckdb==1.5.6 sqlglot==30.30.0

cat > "$folder/check.py" <<'PY'
import warnings

warnings.simplefilter("ignore")
import ibis
import pandas as pd
import pandera.ibis
import pandera.pandas
import pandera.polars
import polars as pl
import pyarrow as pa
from pandera.errors import SchemaError, SchemaErrors

TABLES = {
    "pandas": (pandera.pandas, lambda table: table.to_pandas()),
    "pandas with arrow": (pandera.pandas, lambda table: table.to_pandas(types_mapper=pd.ArrowDtype)),
    "polars": (pandera.polars, pl.from_arrow),
    "ibis": (pandera.ibis, ibis.memtable),
}


def told(name, values, of_column, of_schema=None):
    seen = []
    for backend, (made, read) in TABLES.items():
        column = {word: value(made) if callable(value) else value for word, value in of_column.items()}
        schema = made.DataFrameSchema({"value": made.Column(**column)}, **(of_schema or {}))
        try:
            schema.validate(read(pa.table({"value": values})))
            seen.append(f"{backend} passes")
        except (SchemaError, SchemaErrors):
            seen.append(f"{backend} fails")
    print(f"{name}: " + ", ".join(seen))


twice = pa.array(["evt_1", "evt_2", "evt_1"])
without = pa.array(["evt_1", None, None])
no_number = pa.array([1.0, float("nan")])
told("one id twice, unique", twice, {"unique": True})
told("one id twice, unique of the schema", twice, {}, {"unique": ["value"]})
told("two without an id, unique and nullable", without, {"unique": True, "nullable": True})
told("two without an id, unique of the schema", without, {"nullable": True}, {"unique": ["value"]})
told("an amount of NaN, not nullable", no_number, {"nullable": False})
told("an amount of NaN, ge(0)", no_number, {"nullable": True, "checks": lambda made: made.Check.ge(0)})
told("an amount of NaN, le(100)", no_number, {"nullable": True, "checks": lambda made: made.Check.le(100)})
told("no events, ge(0)", pa.array([], pa.float64()), {"checks": lambda made: made.Check.ge(0)})
PY
"$folder/venv/bin/python" "$folder/check.py" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
