#!/usr/bin/env bash
# PyIceberg shows one row for a filter, counts three and deletes three, or one, by how the rows lie in files.
#
# Versions: pyiceberg 0.12.0 with pyiceberg-core 0.10.1, pyarrow 25.0.1, Python 3.11; a catalog in SQLite, tables in a folder.
# A good guess: `scan(f)` shows the rows that `scan(f).count()` counts and `delete(f)` deletes, and the layout of files and partitions
# is a matter of speed. Whether `plan != 'a'` holds for null, as in Iceberg's own rules, or does not, as in SQL, is one choice for all three.
# What happens: a file, or a partition, of which the bounds say that all rows match is counted or deleted unread, by Iceberg's rules; all
# others are read by those of SQL. So rows without a plan are deleted by `plan != 'a'` where a file has no others, and stay
# where it has. `not in` of two values shows nulls and leaves them; `!=` of a number does so with NaN, and `<` deletes NaN unread.
# Matters because: erasure, retention and the overwrite of a day are such deletes. Rows that a look by the same filter has not shown are gone,
# or rows that it has shown stay, by whether they were written together; compaction changes it. Say of null what is meant
# (`plan is not null and plan != 'a'`), keep NaN out, and count by `len(scan(f).to_arrow())`.
#
# Output seen (rows 1 a, 2 none, 3 b, 4 none; with x 1, NaN, none, -1):
#   plan != 'a', one file: shows 3, counts 1, deletes 3
#   plan != 'a', two files: shows 3, counts 1, deletes 2 3 4
#   plan != 'a', a file for each plan: shows 3, counts 3, deletes 2 3 4
#   plan not in ('a', 'z'), one file: shows 2 3 4, counts 3, deletes 3
#   plan not in ('a', 'z'), two files: shows 2 3 4, counts 3, deletes 2 3 4
#   plan not in ('a', 'z'), a file for each plan: shows 2 3 4, counts 3, deletes 2 3 4
#   x < 5, one file: shows 1 4, counts 2, deletes 1 4
#   x < 5, two files: shows 1 4, counts 2, deletes 1 2 4
#   x < 5, a file for each plan: shows 1 4, counts 2, deletes 1 2 4
#   plan is not null and plan != 'a', one file: shows 3, counts 1, deletes 3
#   plan is not null and plan != 'a', two files: shows 3, counts 1, deletes 3
#   plan is not null and plan != 'a', a file for each plan: shows 3, counts 1, deletes 3
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "pyiceberg[sql-sqlite,pyarrow,pyiceberg-core]==0.12.0" pyiceberg-core==0.10.1 pyarrow==25.0.1

cat > "$folder/filters.py" <<'PY'
import itertools
import sys
import warnings

warnings.simplefilter("ignore")
import pyarrow as pa
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.transforms import IdentityTransform

catalog = SqlCatalog("c", uri=f"sqlite:///{sys.argv[1]}/catalog.db", warehouse=f"file://{sys.argv[1]}/tables")
catalog.create_namespace("n")
ROWS = pa.table({"id": [1, 2, 3, 4], "plan": ["a", None, "b", None], "x": [1.0, float("nan"), None, -1.0]})
LAYOUTS = {"one file": [[0, 1, 2, 3]], "two files": [[0, 2], [1, 3]], "a file for each plan": [[0, 1, 2, 3]]}
number = itertools.count()


def table(layout):
    made = catalog.create_table(f"n.t{next(number)}", schema=ROWS.schema)
    if layout == "a file for each plan":
        with made.update_spec() as spec:
            spec.add_field("plan", IdentityTransform(), "by_plan")
    for places in LAYOUTS[layout]:
        made.append(ROWS.take(places))
    return made


def ids(found):
    return sorted(found.to_arrow()["id"].to_pylist())


for condition in ["plan != 'a'", "plan not in ('a', 'z')", "x < 5", "plan is not null and plan != 'a'"]:
    for layout in LAYOUTS:
        made = table(layout)
        shown, count = ids(made.scan(row_filter=condition)), made.scan(row_filter=condition).count()
        made.delete(condition)
        deleted = sorted({1, 2, 3, 4}.difference(ids(made.scan())))
        print(f"{condition}, {layout}: shows {' '.join(map(str, shown))}, counts {count}, deletes {' '.join(map(str, deleted))}")
PY
"$folder/venv/bin/python" "$folder/filters.py" "$folder" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
