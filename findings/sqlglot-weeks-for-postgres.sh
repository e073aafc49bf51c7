#!/usr/bin/env bash
# A query by week that sqlglot translates for PostgreSQL has weeks that begin in the middle, and twice as many of them.
#
# Versions: sqlglot 30.30.0, duckdb 2.0.1, PostgreSQL 18.7 as PGlite 0.5.17 (npm), Node 20, Python 3.11.
# A good guess: what a translator of SQL cannot say in the other dialect it refuses, or warns of; names of formats it maps one by
# one, with plain letters in quotes. It does so for months, quarters and years.
# What happens, without a warning:
#   1. Weeks between two days are days / 7, cast to a whole number: PostgreSQL rounds where DuckDB cuts. The first
#      week of life has 4 days, and there is a week more, with 3.
#   2. The label `%G-W%V`, 2026-W10, becomes the format `IYYY-WIW`, in which W is the week of the month: 2026-110, 2026-210. Groups by
#      it are two for most weeks.
# Matters because: weekly active users and weekly retention are such queries, and tools for models and dashboards translate them from one
# engine, where they are tested, to the next. Use `date_trunc('week', ...)`, which is the same in both, and days between two of them.
#
# Output seen:
#   week of life in duckdb: 0 7, 1 7, 2 7, 3 7
#   week of life in postgres: 0 4, 1 7, 2 7, 3 7, 4 3
#   week by its label in duckdb: 2026-W10 5, 2026-W11 7, 2026-W12 7, 2026-W13 7, 2026-W14 2
#   week by its label in postgres: 2026-110 4, 2026-210 1, 2026-211 6, 2026-311 1, 2026-312 6, 2026-412 1, 2026-413 6, 2026-513 1, 2026-514 2
#   warnings: 0
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet sqlglot==30.30.0 duckdb==2.0.1
(cd "$folder" && npm install --silent --no-audit --no-fund @electric-sql/pglite@0.5.17 > log 2>&1)

# Twenty-eight days on end are used, the first one a Wednesday.
cat > "$folder/weeks.mjs" <<'JS'
import { PGlite } from "@electric-sql/pglite";
const [filled, ...queries] = JSON.parse(process.argv[2]);
const database = new PGlite();
await database.exec(filled);
const seen = [];
for (const query of queries) seen.push((await database.query(query, [], { rowMode: "array" })).rows);
console.log(JSON.stringify(seen));
JS
cat > "$folder/weeks.py" <<'PY'
import datetime
import json
import logging
import subprocess

import duckdb
import sqlglot

QUERIES = {
    "week of life": "select date_diff('week', date '2026-03-04', used) as week, count(*) from uses group by week order by week",
    "week by its label": "select strftime(used, '%G-W%V') as week, count(*) from uses group by week order by week",
}
warned = []
logging.getLogger("sqlglot").addFilter(lambda record: warned.append(record) or True)
days = (datetime.date(2026, 3, 4) + datetime.timedelta(days) for days in range(28))
filled = "create table uses (used date); insert into uses values " + ", ".join(f"('{day}')" for day in days)
duckdb.execute(filled)
told = [duckdb.execute(query).fetchall() for query in QUERIES.values()]
translated = [sqlglot.transpile(query, read="duckdb", write="postgres")[0] for query in QUERIES.values()]
said = subprocess.check_output(["node", "weeks.mjs", json.dumps([filled, *translated])])
for name, here, there in zip(QUERIES, told, json.loads(said)):
    for engine, rows in (("duckdb", here), ("postgres", there)):
        print(f"{name} in {engine}: " + ", ".join(f"{week} {count}" for week, count in rows))
print("warnings:", len(warned))
PY

(cd "$folder" && "$folder/venv/bin/python" weeks.py) | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
