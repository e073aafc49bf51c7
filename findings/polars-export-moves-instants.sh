#!/usr/bin/env bash
# Polars hands Python another instant than the one that it holds, where the two have different zone tables.
#
# Versions: polars 2.1.0, tzdata 2026.6 (IANA 2026f), Python 3.11 on Linux x86-64.
# A good guess: a zoned column is an instant; whatever the zone tables of reader and writer, `to_list()`, `item()` and rows
# give that instant back.
# What happens: Polars computes the local time with its compiled tables and attaches Python's zone to it. Where these
# differ (British Columbia, Alberta and Morocco from autumn 2026 on) the Python value is an hour off. Its way back into
# Polars is an hour off in the other direction, so a round trip looks right, and only a consumer of the value is wrong: here a
# sort key, a JSON line or a join in Python. Values in UTC, and `dt.timestamp()`, are right.
#
# Output seen:
#   held in Polars   2026-11-27T07:30Z
#   to_list          2026-11-27T06:30Z
#   rows             2026-11-27T06:30Z
#   timestamp        2026-11-27T07:30Z
#   round trip       True
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet polars==2.1.0 tzdata==2026.6

cat > "$folder/export.py" <<'PY'
import datetime as dt

import polars as pl

UTC = dt.timezone.utc
held = pl.Series("at", [dt.datetime(2026, 11, 27, 7, 30, tzinfo=UTC)])
zoned = held.dt.convert_time_zone("America/Vancouver")


def said(value):
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")


print("held in Polars  ", said(zoned.dt.convert_time_zone("UTC").to_list()[0]))
print("to_list         ", said(zoned.to_list()[0]))
print("rows            ", said(zoned.to_frame().rows()[0][0]))
print("timestamp       ", said(dt.datetime.fromtimestamp(zoned.dt.timestamp("ms")[0] / 1000, UTC)))
print("round trip      ", bool((pl.Series("at", zoned.to_list()) == zoned).all()))
PY

PYTHONTZPATH='' "$folder/venv/bin/python" "$folder/export.py" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | tr -s ' ' > "$folder/expected"
diff "$folder/expected" <(tr -s ' ' < "$folder/seen") && echo "as stated"
