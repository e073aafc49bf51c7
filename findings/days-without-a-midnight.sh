#!/usr/bin/env bash
# A local day whose midnight is missing, or there twice, is cut in the wrong place by one function of an engine and not by the next.
#
# Versions: polars 2.1.0, duckdb 2.0.1, datafusion 55.0.0, chdb 4.4.0, tzdata 2026.6, Python 3.11.
# A good guess: engines that know zones group a use by its local day; on days of 23 and 25 hours too, and whichever of
# their functions for days is asked.
# What happens: in Chile, Egypt, Lebanon and on the Azores clocks change at midnight. Of one use each half hour:
#   1. Midnight is missing (Chile, 6 September 2026): Polars' `group_by_dynamic` begins the day an hour early, so that
#      the last hour of the 5th is of the 6th, and calls it 23:00 of the 5th: by date, the 5th is there twice and the 6th never.
#   2. The hour after midnight is there twice (Azores, 25 October 2026): DuckDB's `time_bucket` gives the first of the two to the
#      day before, where its `date_trunc` does not. Polars' `truncate` and DataFusion's `date_trunc` make two days of the 25th.
# A cast to a date is right in Polars, DuckDB and chDB.
# Matters because: uses of an hour are on the wrong day, and a mean by day, or active users of the day, differ by the function
# that was called. There is neither an error nor a null.
#
# Output seen:
#   Santiago by date               09-05 32  09-06 46  09-07 18
#   Santiago group_by_dynamic      09-05 30  09-05 46  09-07 18
#   Santiago truncate              09-05 32  09-06 46  09-07 18
#   Santiago duckdb date_trunc     09-05 32  09-06 46  09-07 18
#   Santiago duckdb time_bucket    09-05 32  09-06 46  09-07 18
#   Santiago datafusion date_trunc 09-05 32  09-06 46  09-07 18
#   Santiago chdb toStartOfDay     09-05 32  09-06 46  09-07 18
#   Azores by date               10-24 24  10-25 50  10-26 22
#   Azores group_by_dynamic      10-24 24  10-25 50  10-26 22
#   Azores truncate              10-24 24  10-25 2  10-25 48  10-26 22
#   Azores duckdb date_trunc     10-24 24  10-25 50  10-26 22
#   Azores duckdb time_bucket    10-24 26  10-25 48  10-26 22
#   Azores datafusion date_trunc 10-24 24  10-25 2  10-25 48  10-26 22
#   Azores chdb toStartOfDay     10-24 24  10-25 50  10-26 22
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet polars==2.1.0 duckdb==2.0.1 datafusion==55.0.0 chdb==4.4.0 tzdata==2026.6

cat > "$folder/days.py" <<'PY'
import datetime as dt
from collections import Counter
from zoneinfo import ZoneInfo

import chdb
import datafusion
import duckdb
import polars as pl

CASES = {"America/Santiago": (2026, 9, 5, 12), "Atlantic/Azores": (2026, 10, 24, 12)}


def uses(start):
    first = dt.datetime(*start, tzinfo=dt.timezone.utc)
    return [first + dt.timedelta(minutes=30 * number) for number in range(96)]


def by_date(instants, zone):
    return sorted(Counter(each.astimezone(ZoneInfo(zone)).date() for each in instants).items())


def dynamic(instants, zone):
    frame = pl.DataFrame({"used": instants}).with_columns(pl.col("used").dt.convert_time_zone(zone))
    return frame.group_by_dynamic("used", every="1d").agg(pl.len()).with_columns(pl.col("used").dt.date()).rows()


def truncate(instants, zone):
    frame = pl.DataFrame({"used": instants}).select(pl.col("used").dt.convert_time_zone(zone).dt.truncate("1d"))
    return frame.group_by("used").len().sort("used").with_columns(pl.col("used").dt.date()).rows()


def in_duckdb(day):
    def grouped(instants, zone):
        connection = duckdb.connect()
        connection.execute(f"set timezone = '{zone}'")
        connection.register("uses", pl.DataFrame({"used": instants}).to_arrow())
        cut = day.format(zone=zone)
        return connection.sql(f"select {cut}::date, count(*) from uses group by {cut} order by {cut}").fetchall()

    return grouped


def in_datafusion(instants, zone):
    context = datafusion.SessionContext()
    frame = pl.DataFrame({"used": instants}).with_columns(pl.col("used").dt.convert_time_zone(zone))
    context.from_arrow(frame.to_arrow(), "uses")
    cut = "date_trunc('day', used)"
    told = context.sql(f"select arrow_cast({cut}, 'Utf8') as local, count(*) as uses from uses group by {cut} order by {cut}")
    return [(each["local"], each["uses"]) for each in told.to_pylist()]


def in_chdb(instants, zone):
    seconds = ", ".join(f"({int(each.timestamp())})" for each in instants)
    table = f"values('used UInt32', {seconds})"
    told = chdb.query(f"select toStartOfDay(toDateTime(used, '{zone}')) as cut, count() from {table} group by cut order by cut", "TSV")
    return [line.split("\t") for line in str(told).splitlines()]


WAYS = {
    "by date": by_date,
    "group_by_dynamic": dynamic,
    "truncate": truncate,
    "duckdb date_trunc": in_duckdb("date_trunc('day', used)"),
    "duckdb time_bucket": in_duckdb("time_bucket(interval '1 day', used, '{zone}')"),
    "datafusion date_trunc": in_datafusion,
    "chdb toStartOfDay": in_chdb,
}
for zone, start in CASES.items():
    for way, grouped in WAYS.items():
        days = "  ".join(f"{str(day)[5:10]} {count}" for day, count in grouped(uses(start), zone))
        print(f"{zone.split('/')[1]} {way:<21} {days}")
PY

# Without PYTHONTZPATH Python would read the zone files of the machine before those of the package.
PYTHONTZPATH='' "$folder/venv/bin/python" "$folder/days.py" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
