#!/usr/bin/env bash
# A table of Delta takes a score of 4.7 as 4, an amount of 19.99 as 19 and seconds as a moment of January 1970, by the library that enforces schemas.
#
# Versions: deltalake 1.6.6 (delta-rs), pyiceberg 0.12.0 with pyiceberg-core 0.10.1, pyarrow 25.0.1, Python 3.11.
# A good guess: a table has a schema, and an append of another type is refused with SchemaMismatchError, that being what a format with enforced
# schemas is for; at most whole numbers are widened. A decimal of another scale is refused, so all else with a loss is.
# What happens: an append casts. Fractions are cut towards zero, from floats and decimals alike; texts and floats are rounded to a decimal's
# scale; a whole number in a column of moments counts as microseconds; 2 is true and "no" is false. Refused are only a decimal of another
# scale or size and what no cast can do, with an error of the cast. The same appends are refused by PyIceberg one and all.
# Matters because: one service says its amounts in cents, the next in the currency, or a float column is a whole number in the first batch as
# its values happened to be whole (seats, scores, hours): from then on each row loses its fraction, and no figure is far enough off to
# be seen. Compare the schemas before, or `arrow_table.cast(table_schema)`, which refuses to cut a fraction.
#
# Output seen (what is read back; the column's type, and what was appended):
#   int64, 4.7 and -4.7 as float: delta 4 -4, iceberg refused, arrow refused
#   int64, 19.99 as decimal: delta 19, iceberg refused, arrow refused
#   decimal(9, 2), 1.005 as text: delta 1.01, iceberg refused, arrow refused
#   decimal(9, 2), 2.675 as float: delta 2.68, iceberg refused, arrow 2.67
#   decimal(9, 2), 1.105 as decimal(9, 3): delta refused, iceberg refused, arrow refused
#   timestamp, 1772366400 as int64: delta 1970-01-01 00:29:32, iceberg refused, arrow 1970-01-01 00:29:32
#   bool, 2 and 0 as int64: delta True False, iceberg refused, arrow True False
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet deltalake==1.6.6 "pyiceberg[sql-sqlite,pyarrow,pyiceberg-core]==0.12.0" pyiceberg-core==0.10.1 pyarrow==25.0.1

cat > "$folder/appends.py" <<'PY'
import contextlib
import io
import itertools
import sys
import warnings
from datetime import UTC, datetime
from decimal import Decimal

warnings.simplefilter("ignore")
import pyarrow as pa
from deltalake import DeltaTable, write_deltalake
from pyiceberg.catalog.sql import SqlCatalog

folder = sys.argv[1]
catalog = SqlCatalog("c", uri=f"sqlite:///{folder}/catalog.db", warehouse=f"file://{folder}/iceberg")
catalog.create_namespace("n")
number = itertools.count()


def delta(there, added):
    uri = f"{folder}/delta{next(number)}"
    write_deltalake(uri, there)
    write_deltalake(uri, added, mode="append")
    return DeltaTable(uri).to_pyarrow_table()


def iceberg(there, added):
    table = catalog.create_table(f"n.t{next(number)}", schema=there.schema)
    table.append(there)
    with contextlib.redirect_stdout(io.StringIO()):  # it draws a table of what does not fit
        table.append(added)
    return table.scan().to_arrow()


def arrow(there, added):
    return pa.concat_tables([there, added.cast(there.schema)])


def text(value):
    return f"{value:%F %T}" if isinstance(value, datetime) else str(value)


def told(name, there, added):
    tables = [pa.table({"kept": [kept] * len(values), "value": values}) for kept, values in (("there", there), ("added", added))]
    seen = []
    for append in (delta, iceberg, arrow):
        try:
            rows = append(*tables).to_pylist()
            seen.append(f"{append.__name__} " + " ".join(text(row["value"]) for row in rows if row["kept"] == "added"))
        except Exception:
            seen.append(f"{append.__name__} refused")
    print(f"{name}: " + ", ".join(seen))


whole, exact = pa.array([1]), pa.array([Decimal("1.10")], pa.decimal128(9, 2))
moment = pa.array([datetime(2026, 1, 1, tzinfo=UTC)], pa.timestamp("us", "UTC"))
told("int64, 4.7 and -4.7 as float", whole, pa.array([4.7, -4.7]))
told("int64, 19.99 as decimal", whole, pa.array([Decimal("19.99")], pa.decimal128(9, 2)))
told("decimal(9, 2), 1.005 as text", exact, pa.array(["1.005"]))
told("decimal(9, 2), 2.675 as float", exact, pa.array([2.675]))
told("decimal(9, 2), 1.105 as decimal(9, 3)", exact, pa.array([Decimal("1.105")], pa.decimal128(9, 3)))
told("timestamp, 1772366400 as int64", moment, pa.array([1772366400]))
told("bool, 2 and 0 as int64", pa.array([True]), pa.array([2, 0]))
PY
"$folder/venv/bin/python" "$folder/appends.py" "$folder" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
