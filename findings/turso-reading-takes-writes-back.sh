#!/usr/bin/env bash
# A query that fails takes back what its transaction wrote before, in Turso, and commit is told as done; the last status is the first one.
#
# Versions: pyturso 0.8.3 (Turso's database, which stands in for SQLite), apsw 3.54.1.0 (SQLite 3.54.1), Python 3.11.
# A good guess: a statement that ends with an error leaves the transaction as it was before that statement, as in SQLite, and as here after a key
# that is there already or a column that is not; or all that follows is refused, as in PostgreSQL, so that one sees it.
# `SELECT account, status, max(at) ... GROUP BY account` has the status of the row with the largest time, as SQLite's manual says.
# What happens: an error that comes up while a query computes, a text that is no JSON or a sum that is too large, ends the whole transaction. What
# was written before is gone; what is written after is kept, each by itself. A COMMIT of SQL says that there is no transaction; by Python's
# `commit()` all is well. The status is that of the row that was met first, with the largest time beside it.
# Matters because: a consumer writes events and its place in the log in one transaction, and looks at a figure in between, with a `try` around it.
# The events are gone, and the place, which was written last, is kept: they are never read again. Customers who pay are told as on
# trial. Read in a connection of its own, and take the last row by `row_number() OVER (... ORDER BY at DESC) = 1`.
#
# Output seen (events 1 and 2, something that fails, then the place in the log):
#   sqlite, after a key that is there: events 2, place 2, COMMIT
#   sqlite, after a column that is not: events 2, place 2, COMMIT
#   sqlite, after a text that is no JSON: events 2, place 2, COMMIT
#   sqlite, after a sum too large: events 2, place 2, COMMIT
#   sqlite, last status of x (trial, then paid): paid at 2; by row_number paid at 2
#   turso, after a key that is there: events 2, place 2, COMMIT
#   turso, after a column that is not: events 2, place 2, COMMIT
#   turso, after a text that is no JSON: events 0, place 2, cannot commit - no transaction is active
#   turso, after a sum too large: events 0, place 2, cannot commit - no transaction is active
#   turso, last status of x (trial, then paid): trial at 2; by row_number paid at 2
#   turso by Python's commit(), after a text that is no JSON: events 0, place 2, committed
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet pyturso==0.8.3 apsw==3.54.1.0

cat > "$folder/writes.py" <<'PY'
import apsw
import turso

FAILING = {
    "a key that is there": "INSERT INTO events VALUES ('1', '{}')",
    "a column that is not": "SELECT amount FROM events",
    "a text that is no JSON": "SELECT json_extract('{', '$.cents')",
    "a sum too large": "SELECT sum(cents) FROM (SELECT 9223372036854775807 AS cents UNION ALL SELECT 1)",
}
LAST = "SELECT status, max(at) FROM statuses GROUP BY account"
NUMBERED = """SELECT status, at FROM (SELECT status, at, row_number() OVER
    (PARTITION BY account ORDER BY at DESC) AS place FROM statuses) WHERE place = 1"""


def rows(connected, text):
    return [tuple(row) for row in connected.execute(text).fetchall()]


def after(connected, failing):
    """Write two events, fail, write the place; tell what is left."""
    for text in ("DELETE FROM events", "DELETE FROM places"):
        connected.execute(text)
    connected.execute("BEGIN")
    connected.execute("INSERT INTO events VALUES ('1', '{}')")
    connected.execute("INSERT INTO events VALUES ('2', '{}')")
    try:
        rows(connected, failing)
    except Exception:
        pass
    connected.execute("INSERT INTO places VALUES (2)")
    try:
        connected.execute("COMMIT")
        ended = "COMMIT"
    except Exception as error:
        ended = str(error).split(": ")[-1]
    return left(connected) + ended


def left(connected):
    [(events,)] = rows(connected, "SELECT count(*) FROM events")
    [(place,)] = rows(connected, "SELECT max(place) FROM places")
    return f"events {events}, place {place}, "


def prepared(connected):
    connected.execute("CREATE TABLE events (id TEXT PRIMARY KEY, body TEXT)")
    connected.execute("CREATE TABLE places (place INTEGER)")
    connected.execute("CREATE TABLE statuses (account TEXT, status TEXT, at INTEGER)")
    connected.execute("INSERT INTO statuses VALUES ('x', 'trial', 1), ('x', 'paid', 2)")
    return connected


ENGINES = {"sqlite": apsw.Connection(":memory:"), "turso": turso.connect(":memory:", isolation_level=None)}
for engine, connected in ENGINES.items():
    prepared(connected)
    for name, failing in FAILING.items():
        print(f"{engine}, after {name}: {after(connected, failing)}")
    [last] = rows(connected, LAST)
    [numbered] = rows(connected, NUMBERED)
    print(f"{engine}, last status of x (trial, then paid): {last[0]} at {last[1]}; by row_number {numbered[0]} at {numbered[1]}")

connected = prepared(turso.connect(":memory:"))
connected.commit()
connected.execute("INSERT INTO events VALUES ('1', '{}'), ('2', '{}')")
try:
    rows(connected, FAILING["a text that is no JSON"])
except turso.Error:
    pass
connected.execute("INSERT INTO places VALUES (2)")
connected.commit()
print(f"turso by Python's commit(), after a text that is no JSON: {left(connected)}committed")
PY

"$folder/venv/bin/python" "$folder/writes.py" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
