#!/usr/bin/env bash
# In AlaSQL a sum over an account's rows is 0 where the query does not show what is summed, uses within one second are one group, and UNION keeps doubles.
#
# Versions: alasql 4.19.1 (npm), Node 20, SQLite of Python 3.11 beside it.
# A good guess: an engine of SQL answers such plain queries as SQLite does, or says that it cannot. `SUM(n) OVER (PARTITION BY account)` is right in a
# first try with `SELECT *`, and so is DISTINCT of Dates.
# What happens, without an error:
#   1. A window sees only the columns that the query shows. Without `n` beside it a sum is 0; without `account` all rows are one account.
#   2. ORDER BY in a window does nothing: a running sum is the total, and ROW_NUMBER goes by the order in which rows are given.
#   3. GROUP BY and COUNT(DISTINCT) take the text of a Date, which ends at seconds: three moments are two. DISTINCT has three.
#   4. UNION leaves out what the right side has again, and keeps all doubles of the left side.
#   5. MIN and MAX of texts, such as days, are nothing. Those of numbers and Dates are right.
#   6. Uses by nobody join people without an id. The sum of no rows is 0, the number 1 and the text "1" are one group, `NOT (n > 5)` has who did not answer.
# Matters because: AlaSQL makes figures of rows within pages of dashboards and in exports to spreadsheets. A figure changes when a column is no
# longer shown, latest subscriptions by ROW_NUMBER are the oldest, people are counted twice. Take sums by GROUP BY, with moments as numbers,
# sort the rows before they are given, and write SELECT DISTINCT about a UNION.
#
# Output seen (2026-11-30):
#   sum of each account, with its uses: AlaSQL 12 12 9, SQLite 12 12 9
#   sum of each account: AlaSQL 0 0 0, SQLite 12 12 9
#   uses of each account: AlaSQL 3 3 3, SQLite 2 2 1
#   running sum: AlaSQL 21 21 21, SQLite 5 12 21
#   latest first: AlaSQL 1 2 3, SQLite 3 2 1
#   uses by moment: AlaSQL 2 1, SQLite 1 1 1
#   moments: AlaSQL 2, SQLite 3
#   accounts by UNION: AlaSQL 1 1 2, SQLite 1 2
#   first day: AlaSQL nothing, SQLite 2026-11-01
#   answers with people: AlaSQL 1 2, SQLite 1
#   sum of no rows: AlaSQL 0, SQLite nothing
#   accounts 1 and "1": AlaSQL 2, SQLite 1 1
#   not above 5: AlaSQL 2, SQLite 1
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
(cd "$folder" && npm init -y > /dev/null && npm install --silent --no-audit --no-fund alasql@4.19.1 > "$folder/log" 2>&1)

cat > "$folder/queries" <<'QUERIES'
sum of each account, with its uses	SELECT id, account, n, SUM(n) OVER (PARTITION BY account) v FROM uses ORDER BY id
sum of each account	SELECT id, account, SUM(n) OVER (PARTITION BY account) v FROM uses ORDER BY id
uses of each account	SELECT id, COUNT(*) OVER (PARTITION BY account) v FROM uses ORDER BY id
running sum	SELECT id, n, SUM(n) OVER (ORDER BY id) v FROM uses ORDER BY id
latest first	SELECT id, ROW_NUMBER() OVER (ORDER BY id DESC) v FROM uses ORDER BY id
uses by moment	SELECT at, COUNT(*) v FROM uses GROUP BY at
moments	SELECT COUNT(DISTINCT at) v FROM uses
accounts by UNION	SELECT account v FROM uses UNION SELECT account v FROM uses
first day	SELECT MIN(dated) v FROM uses
answers with people	SELECT a.id v FROM answers a JOIN people p ON a.person = p.id
sum of no rows	SELECT SUM(n) v FROM uses WHERE id > 3
accounts 1 and "1"	SELECT account, COUNT(*) v FROM mixed GROUP BY account
not above 5	SELECT COUNT(*) v FROM answers WHERE NOT (n > 5)
QUERIES
cat > "$folder/queries.js" <<'JS'
const alasql = require("alasql");
const tables = {
  uses: [{ id: 1, account: 1, n: 5, dated: "2026-11-01", at: new Date(100) }, { id: 2, account: 1, n: 7, dated: "2026-11-02", at: new Date(900) },
    { id: 3, account: 2, n: 9, dated: "2026-11-02", at: new Date(1000) }],
  answers: [{ id: 1, person: 1, n: 9 }, { id: 2, person: null, n: null }, { id: 3, person: 2, n: 4 }],
  people: [{ id: 1 }, { id: null }],
  mixed: [{ account: 1 }, { account: "1" }],
};
for (const [name, rows] of Object.entries(tables)) {
  alasql(`CREATE TABLE ${name}`);
  alasql.tables[name].data = rows;
}
for (const line of require("fs").readFileSync(process.argv[2], "utf8").trim().split("\n")) {
  console.log(alasql(line.split("\t")[1]).map(({ v }) => v ?? "nothing").join(" "));
}
JS
cat > "$folder/queries.py" <<'PY'
import sqlite3
import sys

base = sqlite3.connect(":memory:")
base.executescript("""
    CREATE TABLE uses (id, account, n, dated, at); CREATE TABLE answers (id, person, n); CREATE TABLE people (id); CREATE TABLE mixed (account);
    INSERT INTO uses VALUES (1, 1, 5, '2026-11-01', 100), (2, 1, 7, '2026-11-02', 900), (3, 2, 9, '2026-11-02', 1000);
    INSERT INTO answers VALUES (1, 1, 9), (2, NULL, NULL), (3, 2, 4); INSERT INTO people VALUES (1), (NULL); INSERT INTO mixed VALUES (1), ('1')""")
for line in open(sys.argv[1]):
    print(" ".join("nothing" if row[-1] is None else str(row[-1]) for row in base.execute(line.split("\t")[1])))
PY
paste <(cut -f 1 "$folder/queries") <(node "$folder/queries.js" "$folder/queries") <(python3 "$folder/queries.py" "$folder/queries") |
    awk -F '\t' '{ printf "%s: AlaSQL %s, SQLite %s\n", $1, $2, $3 }' | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
