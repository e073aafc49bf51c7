#!/usr/bin/env bash
# One instant, two local days: query engines carry zone tables of their own.
#
# Versions: duckdb 2.0.1, chdb 4.4.0, polars 2.1.0, datafusion 55.0.0, tzdata 2026.6 (IANA 2026f): each the newest on
# 2026-11-28, on Linux x86-64 with Python 3.11.
# A good guess: the newest releases of the engines agree on the local day of an instant that is already past.
# What happens: a use at 07:30Z on 27 November 2026 in Vancouver is on the 27th in DuckDB, chDB and Python with the tzdata
# package, and on the 26th in Polars and DataFusion, whose compiled zone tables do not know that British Columbia and
# Alberta stayed on daylight time, and Morocco on UTC, from autumn 2026 on. None of them says which tables it holds.
# So daily active users of one log differ by engine, with nothing to set and nothing to see.
#
# Output seen:
#   duckdb      Vancouver 2026-11-27 00:30  Edmonton 2026-11-27 01:30  Casablanca 2026-11-27 07:30
#   chdb        Vancouver 2026-11-27 00:30  Edmonton 2026-11-27 01:30  Casablanca 2026-11-27 07:30
#   tzdata      Vancouver 2026-11-27 00:30  Edmonton 2026-11-27 01:30  Casablanca 2026-11-27 07:30
#   polars      Vancouver 2026-11-26 23:30  Edmonton 2026-11-27 00:30  Casablanca 2026-11-27 08:30
#   datafusion  Vancouver 2026-11-26 23:30  Edmonton 2026-11-27 00:30  Casablanca 2026-11-27 08:30
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet duckdb==2.0.1 chdb==4.4.0 polars==2.1.0 datafusion==55.0.0 tzdata==2026.6

cat > "$folder/days.py" <<'PY'
import datetime as dt
from zoneinfo import ZoneInfo

import chdb
import datafusion
import duckdb
import polars as pl

INSTANT = dt.datetime(2026, 11, 27, 7, 30, tzinfo=dt.timezone.utc)
ZONES = ("America/Vancouver", "America/Edmonton", "Africa/Casablanca")
FORM = "%Y-%m-%d %H:%M"


def in_duckdb(zone):
    [[local]] = duckdb.sql(f"select timezone('{zone}', timestamptz '2026-11-27 07:30:00+00')").fetchall()
    return local.strftime(FORM)


def in_chdb(zone):
    query = f"select formatDateTime(toDateTime('2026-11-27 07:30:00', 'UTC'), '%Y-%m-%d %H:%i', '{zone}')"
    return str(chdb.query(query, "TabSeparatedRaw")).strip()


def in_datafusion(zone):
    stamp = f"arrow_cast('2026-11-27T07:30:00Z', 'Timestamp(Second, Some(\"{zone}\"))')"
    rows = datafusion.SessionContext().sql(f"select to_local_time({stamp}) as local").to_pydict()
    return rows["local"][0].strftime(FORM)


ENGINES = {
    "duckdb": in_duckdb,
    "chdb": in_chdb,
    "tzdata": lambda zone: INSTANT.astimezone(ZoneInfo(zone)).strftime(FORM),
    "polars": lambda zone: pl.Series([INSTANT]).dt.convert_time_zone(zone).dt.to_string(FORM)[0],
    "datafusion": in_datafusion,
}
for name, local in ENGINES.items():
    print(f"{name:<10}", *(f" {zone.split('/')[1]} {local(zone)}" for zone in ZONES))
PY

# Without PYTHONTZPATH Python would read the zone files of the machine before those of the package.
PYTHONTZPATH='' "$folder/venv/bin/python" "$folder/days.py" | tee "$folder/seen"
grep '^#   [a-z]* *Vancouver' "$0" | sed 's/^#   //' | tr -s ' ' > "$folder/expected"
diff "$folder/expected" <(tr -s ' ' < "$folder/seen") && echo "as stated"
