#!/usr/bin/env bash
# The last 7 days of a date are all days so far in Sail, which stands in for Spark, and 2147483647 + 1 is below zero.
#
# Versions: pysail 0.7.2, pyspark 4.1.4 with Java 17, pandas 3.1.1, pyarrow 26.0.1, grpcio 1.85.3, grpcio-status 1.85.3; Python 3.11.
# A good guess: a server in place of Spark's answers as Spark does, being made for that, or says that it cannot; a window of
# `RANGE BETWEEN INTERVAL 6 DAYS PRECEDING AND CURRENT ROW` has seven days.
# What happens: over a column of dates, with days as an interval or as a number, the window begins with the first row; over timestamps it
# is right, and over dates with a month. A whole number that is too large is another one, where Spark ends with an error. A mean of decimals
# is cut where Spark rounds. An amount in JSON keeps its text, where Spark makes a double of it and text of that.
# Matters because: days of use and of revenue are dates. Rolling revenue and weekly active users are right in a test of one week, and grow
# for ever after it. Keys that were made of numbers, or a hash of a decimal, are others after the move. Cast the date to a timestamp
# in such windows, and compare the two on more days than the window has.
#
# Output seen:
#   revenue of 7 days, by date: sail 1 3 7 15, spark 1 3 6 12
#   revenue of 7 days, by timestamp: sail 1 3 6 12, spark 1 3 6 12
#   revenue of a month, by date: sail 1 3 7 14, spark 1 3 7 14
#   2147483647 + 1: sail -2147483648, spark refused
#   mean of 1.00, 1.00 and 0.00: sail 0.666666, spark 0.666667
#   12345678.9 as text: sail 12345678.9, spark 1.23456789E7
#   1.10 and 19.999999999999999999 of JSON: sail 1.10 19.999999999999999999, spark 1.1 20.0
#   hash of the decimal 1.10: sail 1571776603, spark 588972421
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet pysail==0.7.2 "pyspark[connect]==4.1.4" pandas==3.1.1 pyarrow==26.0.1 grpcio==1.85.3 grpcio-status==1.85.3

cat > "$folder/figures.py" <<'PY'
import sys

from pyspark.sql import SparkSession

engine, folder = sys.argv[1:]
if engine == "sail":
    from pysail.spark import SparkConnectServer

    server = SparkConnectServer(ip="127.0.0.1", port=0)
    server.start(background=True)
    spark = SparkSession.builder.remote(f"sc://127.0.0.1:{server.listening_address[1]}").getOrCreate()
else:
    given = {"spark.ui.enabled": "false", "spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1",
             "spark.sql.shuffle.partitions": "1", "spark.local.dir": folder}
    spark = SparkSession.builder.master("local[1]").config(map=given).getOrCreate()
spark.conf.set("spark.sql.session.timeZone", "UTC")

DAYS = "VALUES ({0}'2026-03-01', 1), ({0}'2026-03-02', 2), ({0}'2026-03-08', 4), ({0}'{1}', 8) AS t(day, amount)"


def rolling(kind, window, last):
    return f"""SELECT sum(amount) OVER (ORDER BY day RANGE BETWEEN {window} PRECEDING AND CURRENT ROW) AS revenue
        FROM {DAYS.format(kind, last)} ORDER BY day"""


QUESTIONS = {
    "revenue of 7 days, by date": rolling("DATE", "INTERVAL 6 DAYS", "2026-03-09"),
    "revenue of 7 days, by timestamp": rolling("TIMESTAMP", "INTERVAL 6 DAYS", "2026-03-09"),
    "revenue of a month, by date": rolling("DATE", "INTERVAL 1 MONTH", "2026-04-02"),
    "2147483647 + 1": "SELECT 2147483647 + 1",
    "mean of 1.00, 1.00 and 0.00": "SELECT avg(CAST(m AS DECIMAL(9, 2))) FROM VALUES (1), (1), (0) AS t(m)",
    "12345678.9 as text": "SELECT CAST(12345678.9D AS STRING)",
    "1.10 and 19.999999999999999999 of JSON": """SELECT get_json_object(json, '$.amount')
        FROM VALUES ('{"amount": 1.10}'), ('{"amount": 19.999999999999999999}') AS t(json)""",
    "hash of the decimal 1.10": "SELECT hash(CAST(1.10 AS DECIMAL(9, 2)))",
}
for name, question in QUESTIONS.items():
    try:
        print(f"{name}: {engine} " + " ".join(str(row[0]) for row in spark.sql(question).collect()))
    except Exception:
        print(f"{name}: {engine} refused")
PY
for engine in sail spark; do
  "$folder/venv/bin/python" "$folder/figures.py" "$engine" "$folder" > "$folder/$engine" 2> "$folder/log"
done
paste -d '\n' "$folder/sail" "$folder/spark" | sed 'N; s/\n.*: spark/, spark/' | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
