#!/usr/bin/env bash
# In Spark an answer 20 minutes after the question took -40 minutes, and 24 hours later is 23 hours later, near changes of the clock.
#
# Versions: pyspark 4.1.4 with Java 17, duckdb 2.0.1, Python 3.11.
# A good guess: a TIMESTAMP is an instant, so `answered - asked` is the time between, whatever the session's zone; `+ INTERVAL 24 HOURS` is 24
# hours later and `+ INTERVAL 1 DAY` the same hour of the next day, as in PostgreSQL and DuckDB.
# What happens: `-` and `timestampdiff` take both moments to the session's zone and count by its clock. A difference over a change of the clock
# is an hour off, below zero within the hour that comes twice. 24 hours are added as one day. Differences of `unix_timestamp` are right, as
# are all in a session of UTC. DuckDB takes whole days by the clock, in differences too, and the rest of them, and hours, as they pass.
# Matters because: times to a first reply and to a resolution, and lengths of sessions, are such differences. Two days a year an hour is added or
# missing in each that is open over it, and figures of one log differ by who set `spark.sql.session.timeZone`; a machine's zone does.
#
# Output seen (seconds; New York):
#   asked 1:50 EDT, answered 1:10 EST: spark minus -2400, timestampdiff -2400, unix_timestamp 1200, duckdb 1200
#   asked 0:30 EDT, answered 3:00 EST: spark minus 9000, timestampdiff 9000, unix_timestamp 12600, duckdb 12600
#   asked Saturday 12:00 EST, answered Sunday 12:00 EDT: spark minus 86400, timestampdiff 86400, unix_timestamp 82800, duckdb 86400
#   the first in a session of UTC: spark minus 1200, timestampdiff 1200, unix_timestamp 1200, duckdb 1200
#   Saturday 12:00 EST + 24 hours: spark 82800, duckdb 86400
#   Saturday 12:00 EST + 25 hours: spark 86400, duckdb 90000
#   Saturday 12:00 EST + 1 day: spark 82800, duckdb 82800
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet pyspark==4.1.4 duckdb==2.0.1

cat > "$folder/hours.py" <<'PY'
import sys

import duckdb
from pyspark.sql import SparkSession

given = {"spark.ui.enabled": "false", "spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1",
         "spark.sql.shuffle.partitions": "1", "spark.local.dir": sys.argv[1]}
spark = SparkSession.builder.master("local[1]").config(map=given).getOrCreate()
spark.sparkContext.setLogLevel("OFF")


def zone(name):
    spark.conf.set("spark.sql.session.timeZone", name)
    duckdb.sql(f"SET TimeZone = '{name}'")


def between(name, asked, answered):
    row = spark.sql(f"""
        SELECT CAST(answered - asked AS INTERVAL SECOND) minus, timestampdiff(SECOND, asked, answered) diff,
            unix_timestamp(answered) - unix_timestamp(asked) unix
        FROM (SELECT TIMESTAMP'{asked}' asked, TIMESTAMP'{answered}' answered)""").first()
    epoch = duckdb.sql(f"SELECT epoch(TIMESTAMPTZ '{answered}' - TIMESTAMPTZ '{asked}')").fetchall()[0][0]
    print(f"{name}: spark minus {row.minus.total_seconds():.0f}, timestampdiff {row.diff}, unix_timestamp {row.unix}, duckdb {epoch:.0f}")


def later(name, given):
    start = "2026-03-07 12:00:00-05:00"
    row = spark.sql(f"SELECT unix_timestamp(TIMESTAMP'{start}' + {given}) - unix_timestamp(TIMESTAMP'{start}') seconds").first()
    epoch = duckdb.sql(f"SELECT epoch(TIMESTAMPTZ '{start}' + {given}) - epoch(TIMESTAMPTZ '{start}')").fetchall()[0][0]
    print(f"Saturday 12:00 EST + {name}: spark {row.seconds}, duckdb {epoch:.0f}")


zone("America/New_York")
between("asked 1:50 EDT, answered 1:10 EST", "2026-11-01 01:50:00-04:00", "2026-11-01 01:10:00-05:00")
between("asked 0:30 EDT, answered 3:00 EST", "2026-11-01 00:30:00-04:00", "2026-11-01 03:00:00-05:00")
between("asked Saturday 12:00 EST, answered Sunday 12:00 EDT", "2026-03-07 12:00:00-05:00", "2026-03-08 12:00:00-04:00")
zone("UTC")
between("the first in a session of UTC", "2026-11-01 01:50:00-04:00", "2026-11-01 01:10:00-05:00")
zone("America/New_York")
later("24 hours", "INTERVAL 24 HOURS")
later("25 hours", "INTERVAL 25 HOURS")
later("1 day", "INTERVAL 1 DAY")
PY
"$folder/venv/bin/python" "$folder/hours.py" "$folder" 2> "$folder/log" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
