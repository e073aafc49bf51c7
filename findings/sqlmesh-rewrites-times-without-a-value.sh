#!/usr/bin/env bash
# An account that had no plan until today had today's plan since 1970, in SQLMesh's history of it; a key that is unique is there twice.
#
# Versions: sqlmesh 0.236.4, sqlglot 30.8.0, duckdb 1.5.6 (the newest that it allows), Python 3.11.
# A good guess: a model of SCD_TYPE_2 keeps each row as it was, ends it when a column changes, and begins another; that is what it is for.
# A model INCREMENTAL_BY_UNIQUE_KEY has one row for a key.
# What happens: a row that is ended is written anew from the old values, or the new ones where the old are null. From none to `team` is then
# `team` until the change and `team` after it; from `pro` to none is right, until the next change fills it. Columns that are not compared
# are filled likewise. A first load of a unique key keeps both of two rows with one key; a later one keeps one.
# Matters because: none is a state: no plan before the first one, no owner, no reason of cancellation. Conversions from trial and times without an owner
# are gone from the history by the run that should have recorded them, and past figures change with it. Say the empty state in a
# word (`COALESCE(plan, 'none')`) in the model's query, and make keys unique in it.
#
# Output seen:
#   account 1, free then pro: free until 03-04, pro until now
#   account 2, none then team: team until 03-04, team until now
#   account 3, pro then none then team: pro until 03-04, team until 03-05, team until now
#   account 4, none as a word then team: none until 03-04, team until now
#   account 3 by the time of its update: pro until 03-03, team until 03-04, team until now
#   rows of one key that came twice, by its first load: 2, by a later one: 1
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet sqlmesh==0.236.4 sqlglot==30.8.0 duckdb==1.5.6

mkdir -p "$folder/project/models"
cat > "$folder/project/config.yaml" <<'YAML'
gateways:
  local:
    connection: {type: duckdb, database: kept.duckdb}
    state_connection: {type: duckdb, database: state.duckdb}
default_gateway: local
model_defaults: {dialect: duckdb, start: '2026-03-01'}
disable_anonymized_analytics: true
YAML
cat > "$folder/project/models/by_column.sql" <<'SQL'
MODEL (name history.by_column, kind SCD_TYPE_2_BY_COLUMN (unique_key id, columns [plan]), cron '@daily');
SELECT id, plan FROM raw.accounts;
SQL
cat > "$folder/project/models/by_time.sql" <<'SQL'
MODEL (name history.by_time, kind SCD_TYPE_2_BY_TIME (unique_key id, updated_at_name updated), cron '@daily');
SELECT id, plan, updated FROM raw.accounts;
SQL
cat > "$folder/project/models/scores.sql" <<'SQL'
MODEL (name history.scores, kind INCREMENTAL_BY_UNIQUE_KEY (unique_key id), cron '@daily');
SELECT id, told, score FROM raw.scores WHERE told BETWEEN @start_ts AND @end_ts;
SQL
cat > "$folder/history.py" <<'PY'
import contextlib
import io
import logging

import duckdb
from sqlmesh import Context

logging.disable(logging.CRITICAL)


def database(*statements):
    with duckdb.connect("kept.duckdb") as connection:
        for statement in statements:
            found = connection.execute(statement).fetchall()
    return found


def run(day, first=False):
    with contextlib.redirect_stdout(io.StringIO()):
        context = Context(paths=".")
        if first:
            context.plan(auto_apply=True, no_prompts=True, no_diff=True, execution_time=f"{day} 06:00:00")
        else:
            context.run(execution_time=f"{day} 06:00:00")


def change(account, plan, day):
    return f"UPDATE raw.accounts SET plan = {plan}, updated = '{day} 08:00:00' WHERE id = {account}"


def told(name, table, account):
    query = f"SELECT plan, strftime(valid_to, '%m-%d') FROM history.{table} WHERE id = {account} ORDER BY valid_from"
    print(f"{name}: " + ", ".join(f"{plan or 'nothing'} until {end or 'now'}" for plan, end in database(query)))


database(
    "CREATE SCHEMA raw",
    "CREATE TABLE raw.accounts (id INT, plan TEXT, updated TIMESTAMP)",
    "CREATE TABLE raw.scores (id INT, told TIMESTAMP, score INT)",
    "INSERT INTO raw.accounts SELECT * FROM (VALUES (1, 'free'), (2, NULL), (3, 'pro'), (4, 'none')), (VALUES (TIMESTAMP '2026-02-01'))",
    "INSERT INTO raw.scores VALUES (1, '2026-03-01 10:00:00', 4), (1, '2026-03-01 11:00:00', 5)",
)
run("2026-03-03", first=True)
day = "2026-03-03"
database(change(1, "'pro'", day), change(2, "'team'", day), change(3, "NULL", day), change(4, "'team'", day),
         "INSERT INTO raw.scores VALUES (2, '2026-03-03 01:00:00', 4), (2, '2026-03-03 02:00:00', 5)")
run("2026-03-04")
database(change(3, "'team'", "2026-03-04"))
run("2026-03-05")
told("account 1, free then pro", "by_column", 1)
told("account 2, none then team", "by_column", 2)
told("account 3, pro then none then team", "by_column", 3)
told("account 4, none as a word then team", "by_column", 4)
told("account 3 by the time of its update", "by_time", 3)
first, later = (database(f"SELECT count(*) FROM history.scores WHERE id = {key}")[0][0] for key in (1, 2))
print(f"rows of one key that came twice, by its first load: {first}, by a later one: {later}")
PY
(cd "$folder/project" && "$folder/venv/bin/python" "$folder/history.py" 2> "$folder/log") | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
