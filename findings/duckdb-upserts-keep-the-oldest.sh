#!/usr/bin/env bash
# DuckDB's upsert of a batch keeps the first of two rows of an account and leaves out the later ones, and so does MERGE, or it inserts both.
#
# Versions: duckdb 2.0.1 (PyPI, Python 3.11), SQLite of Python 3.11, PGlite 0.5.17 (npm, Node 20; PostgreSQL).
# A good guess: INSERT ... ON CONFLICT DO UPDATE is PostgreSQL's, so that a batch with two rows of one key is an error there, or SQLite's, where the
# later row wins and counts add up. INSERT OR REPLACE replaces. MERGE with two rows for one is an error, as the standard has it.
# What happens in DuckDB, without an error:
#   1. ON CONFLICT DO UPDATE and INSERT OR REPLACE take the first row of the batch and leave out the others, however far apart. A count that is to
#      grow by each row grows by 1. Row by row, or in two statements, the later one wins.
#   2. MERGE takes the first of two rows that match, and inserts both rows of an account that was not there, unless a key forbids it; PostgreSQL
#      refuses the former.
# Matters because: a batch of events is written by one such statement, oldest first: each account has its oldest plan of the batch, with a batch of one, as in
# tests, the newest. Sums of uses lack rows. Keep one row of each key before: QUALIFY row_number() OVER (PARTITION BY id ORDER BY at DESC) = 1.
#
# Output seen (2026-12-01; account 1 has had basic, the batch says pro and then max; each counts its changes):
#   ON CONFLICT DO UPDATE: DuckDB 1 pro 2, SQLite 1 max 3, PostgreSQL error
#   ON CONFLICT DO UPDATE, account 2 is new: DuckDB 2 pro 1, SQLite 2 max 2, PostgreSQL error
#   INSERT OR REPLACE: DuckDB 1 pro 1, SQLite 1 max 1
#   MERGE: DuckDB 1 pro 2, PostgreSQL error
#   MERGE, account 2 is new, no key: DuckDB 2 max 1 / 2 pro 1, PostgreSQL 2 max 1 / 2 pro 1
#   DuckDB, row by row: 1 max 3
#   DuckDB, ON CONFLICT DO UPDATE, 100000 rows between: 1 pro 2
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet duckdb==2.0.1
(cd "$folder" && npm init -y > /dev/null && npm install --silent --no-audit --no-fund --ignore-scripts @electric-sql/pglite@0.5.17 > "$folder/log" 2>&1)
cat > "$folder/cases.json" <<'JSON'
[
  ["ON CONFLICT DO UPDATE", true, 1, "INSERT INTO accounts SELECT id, plan, 1 FROM batch WHERE true ON CONFLICT (id) DO UPDATE SET plan = excluded.plan, changes = accounts.changes + 1"],
  ["ON CONFLICT DO UPDATE, account 2 is new", true, 2, "INSERT INTO accounts SELECT id, plan, 1 FROM batch WHERE true ON CONFLICT (id) DO UPDATE SET plan = excluded.plan, changes = accounts.changes + 1"],
  ["INSERT OR REPLACE", true, 1, "INSERT OR REPLACE INTO accounts SELECT id, plan, 1 FROM batch"],
  ["MERGE", true, 1, "MERGE INTO accounts a USING batch b ON a.id = b.id WHEN MATCHED THEN UPDATE SET plan = b.plan, changes = a.changes + 1"],
  ["MERGE, account 2 is new, no key", false, 2, "MERGE INTO accounts a USING batch b ON a.id = b.id WHEN MATCHED THEN UPDATE SET plan = b.plan WHEN NOT MATCHED THEN INSERT VALUES (b.id, b.plan, 1)"]
]
JSON
cat > "$folder/upsert.py" <<'PY'
import json
import sqlite3
import sys

import duckdb

FOUND = "SELECT id, plan, changes FROM accounts WHERE id = ? ORDER BY plan"


def prepared(base, key: bool, rows: list) -> None:
    base.execute(f"CREATE TABLE accounts (id int {'PRIMARY KEY' if key else ''}, plan text, changes int)")
    base.execute("INSERT INTO accounts VALUES (1, 'basic', 1)")
    base.execute("CREATE TABLE batch (id int, plan text)")
    base.executemany("INSERT INTO batch VALUES (?, ?)", rows)


def result(base, of: int) -> str:
    return " / ".join(" ".join(map(str, row)) for row in base.execute(FOUND, [of]).fetchall())


cases = json.load(open(sys.argv[1]))
for name, key, of, statement in cases:
    told = []
    for engine, connect in (("DuckDB", duckdb.connect), ("SQLite", sqlite3.connect)):
        base = connect(":memory:")
        prepared(base, key, [(of, "pro"), (of, "max")])
        try:
            base.execute(statement)
            told.append(f"{engine} {result(base, of)}")
        except sqlite3.OperationalError:
            pass  # SQLite has no MERGE
    print(f"{name}: {', '.join(told)}")

base = duckdb.connect()
prepared(base, True, [(9, "none")])
upsert = "INSERT INTO accounts VALUES (?, ?, 1) ON CONFLICT (id) DO UPDATE SET plan = excluded.plan, changes = accounts.changes + 1"
base.executemany(upsert, [(1, "pro"), (1, "max")])
print("DuckDB, row by row:", result(base, 1))

base = duckdb.connect()
prepared(base, True, [(1, "pro")])
base.execute("INSERT INTO batch SELECT range + 10, 'basic' FROM range(100000)")
base.execute("INSERT INTO batch VALUES (1, 'max')")
base.execute(cases[0][3])
print("DuckDB, ON CONFLICT DO UPDATE, 100000 rows between:", result(base, 1))
PY
cat > "$folder/upsert.mjs" <<'JS'
import { readFileSync } from "node:fs";
import { PGlite } from "@electric-sql/pglite";
for (const [name, key, of, statement] of JSON.parse(readFileSync(process.argv[2], "utf8"))) {
  const base = await PGlite.create();
  await base.exec(`CREATE TABLE accounts (id int ${key ? "PRIMARY KEY" : ""}, plan text, changes int); INSERT INTO accounts VALUES (1, 'basic', 1);
    CREATE TABLE batch (id int, plan text); INSERT INTO batch VALUES (${of}, 'pro'), (${of}, 'max')`);
  if (statement.startsWith("INSERT OR")) continue; // SQLite's and DuckDB's words
  let told = "error";
  try {
    await base.exec(statement);
    const { rows } = await base.query("SELECT id, plan, changes FROM accounts WHERE id = $1 ORDER BY plan", [of]);
    told = rows.map((row) => Object.values(row).join(" ")).join(" / ");
  } catch {
    // that one row would be changed a second time
  }
  console.log(`${name}: PostgreSQL ${told}`);
}
JS
node "$folder/upsert.mjs" "$folder/cases.json" > "$folder/postgres"
"$folder/venv/bin/python" "$folder/upsert.py" "$folder/cases.json" |
    awk -F ': ' 'NR == FNR { told[$1] = $2; next } { print $0 ($1 in told ? ", " told[$1] : "") }' "$folder/postgres" - | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
