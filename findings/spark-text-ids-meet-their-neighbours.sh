#!/usr/bin/env bash
# An id as a text joins the ids next to it, where Spark meets it with an unsigned 64-bit number; with a signed one it is exact.
#
# Versions: PySpark 4.3.0, Java 17, Python 3.11. ANSI mode on, as by default.
# A good guess: with a text beside a number the text is cast to the type of the number, as it is beside a BIGINT, so that an id is found
# whatever it was kept as; or the query is refused.
# What happens: beside BIGINT it is so. Beside a decimal both become doubles, which tell ids from 2^53 on apart only by twos, fours and so on: of
# five accounts in a row each event finds up to five. IN, BETWEEN and nullif do so too; a union makes doubles of both.
# Matters because: `bigint unsigned` of MySQL, numeric(20) of PostgreSQL and NUMBER of Oracle and Snowflake are read as decimals, while
# events have the same ids as texts, since JSON's numbers do not hold them. Ids with a time in them (snowflakes) that are made in one
# burst are neighbours: the revenue of an account is told of each of them, and sums by plan grow. Cast the number to STRING.
#
# Output seen (five accounts in a row, a charge of 1 for each):
#   ids from 1000, BIGINT: 5 rows, revenue 5; DECIMAL(20, 0): 5 rows, revenue 5
#   ids from 9007199254740992, BIGINT: 5 rows, revenue 5; DECIMAL(20, 0): 9 rows, revenue 9
#   ids from 1500000000000000000, BIGINT: 5 rows, revenue 5; DECIMAL(20, 0): 25 rows, revenue 25
#   ids from 1500000000000000000, with the number as STRING: 5 rows, revenue 5
#   '1500000000000000001' IN (1500000000000000004): BIGINT false, DECIMAL(20, 0) true
#   accounts of texts and numbers by UNION: BIGINT 5, DECIMAL(20, 0) 1
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet pyspark==4.3.0
cat > "$folder/ask.py" <<'PY'
from pyspark.sql import SparkSession

spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
spark.sparkContext.setLogLevel("OFF")
KINDS = ("BIGINT", "DECIMAL(20, 0)")


def asked(query):
    return tuple(spark.sql(query).first())


def joined(kind, number="a.id"):
    spark.sql(f"SELECT CAST(id AS {kind}) AS id FROM numbers").createOrReplaceTempView("accounts")
    rows, revenue = asked(f"SELECT count(*), sum(e.amount) FROM events e JOIN accounts a ON e.id = {number}")
    return f"{rows} rows, revenue {revenue}"


for first in (1000, 2**53, 1_500_000_000_000_000_000):
    ids = list(range(first, first + 5))
    spark.createDataFrame([(number,) for number in ids], ["id"]).createOrReplaceTempView("numbers")
    spark.createDataFrame([(str(number), 1) for number in ids], ["id", "amount"]).createOrReplaceTempView("events")
    print(f"ids from {first}, " + "; ".join(f"{kind}: {joined(kind)}" for kind in KINDS))
print(f"ids from {first}, with the number as STRING: {joined('DECIMAL(20, 0)', 'CAST(a.id AS STRING)')}")
found, count = [], []
for kind in KINDS:
    inside = asked(f"SELECT '{first + 1}' IN (CAST({first + 4} AS {kind}))")[0]
    found.append(f"{kind} {str(inside).lower()}")
    union = f"SELECT id FROM events UNION SELECT CAST(id AS {kind}) FROM numbers"
    count.append(f"{kind} {asked(f'SELECT count(*) FROM ({union})')[0]}")
print(f"'{first + 1}' IN ({first + 4}): {', '.join(found)}")
print(f"accounts of texts and numbers by UNION: {', '.join(count)}")
PY
SPARK_LOCAL_IP=127.0.0.1 "$folder/venv/bin/python" "$folder/ask.py" 2> "$folder/log" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
