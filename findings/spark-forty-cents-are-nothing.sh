#!/usr/bin/env bash
# 0.40 equals 0, is not above it, and loses its cents in a union, where Spark meets it with a whole number of 38 digits.
#
# Versions: PySpark 4.3.0, Java 17, Python 3.11. ANSI mode on, as by default.
# A good guess: two decimals are compared by their value, whatever their columns' scales. Where no type holds both, a union is an error, null, or
# rounded far behind the point, with as many decimals as there is room for.
# What happens: both sides are first cast to a common type, in which digits before the point come first: with DECIMAL(38, 0), which leaves
# no room for others, every amount is rounded to whole ones, then compared, joined, chosen by coalesce, or stacked. There is no warning.
# `+` and `-` of the same columns keep six decimals. With DECIMAL(28, 0) or BIGINT beside it nothing is lost.
# Matters because: whole numbers come as DECIMAL(38, 0) from Snowflake and from Oracle's INTEGER, and from a sum over wide ones; prices from Python have 18
# decimals. Charges below half a unit are "free", refunds match charges of other amounts, revenue of two sources in one union is
# whole units. Cast both to one type of your own, or set `spark.sql.legacy.decimal.retainFractionDigitsOnTruncate`.
#
# Output seen:
#   DECIMAL(38, 0): 0.40 = 0 true, 0.40 > 0 false, coalesce 0, a + b 0.400000
#   DECIMAL(28, 0): 0.40 = 0 false, 0.40 > 0 true, coalesce 0.4000000000, a + b 0.400000000
#   BIGINT: 0.40 = 0 false, 0.40 > 0 true, coalesce 0.400000000000000000, a + b 0.40000000000000000
#   charges above 0, of 3: 1, together 0.79 of 1.59
#   charges that join a whole amount: 0.40 is 0, 0.40 is 0, 0.79 is 1
#   sum of a union with 5: 6 of 6.59
#   with the option: charges above 0: 3, joined: none, sum of the union: 6.59
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet pyspark==4.3.0
cat > "$folder/ask.py" <<'PY'
from decimal import Decimal

from pyspark.sql import SparkSession

spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
spark.sparkContext.setLogLevel("OFF")


def asked(query):
    return [tuple(row) for row in spark.sql(query).collect()]


def plain(amount):
    return f"{amount:f}"


for whole in ("DECIMAL(38, 0)", "DECIMAL(28, 0)", "BIGINT"):
    spark.createDataFrame([(Decimal("0.40"),)], ["a"]).createOrReplaceTempView("price")
    query = f"SELECT a = b, a > b, coalesce(a, b), a + b FROM price, (SELECT CAST(0 AS {whole}) AS b)"
    equal, above, chosen, added = asked(query)[0]
    says = f"0.40 = 0 {str(equal).lower()}, 0.40 > 0 {str(above).lower()}, coalesce {plain(chosen)}, a + b {plain(added)}"
    print(f"{whole}: {says}")

spark.createDataFrame([(Decimal("0.40"),), (Decimal("0.40"),), (Decimal("0.79"),)], ["amount"]).createOrReplaceTempView("charges")
spark.sql("SELECT CAST(id AS DECIMAL(38, 0)) AS amount FROM range(6)").createOrReplaceTempView("whole")
ABOVE = "SELECT count(*), sum(c.amount) FROM charges c, whole w WHERE w.amount = CAST(0 AS DECIMAL(38, 0)) AND c.amount > w.amount"
JOINED = "SELECT c.amount, w.amount FROM charges c JOIN whole w ON c.amount = w.amount ORDER BY 1"
UNION = "SELECT sum(amount) FROM (SELECT amount FROM charges UNION ALL SELECT amount FROM whole WHERE amount = CAST(5 AS DECIMAL(38, 0)))"
(count, total), joined, stacked = asked(ABOVE)[0], asked(JOINED), asked(UNION)[0][0]
print(f"charges above 0, of 3: {count}, together {total:.2f} of 1.59")
print("charges that join a whole amount: " + ", ".join(f"{amount:.2f} is {of}" for amount, of in joined))
print(f"sum of a union with 5: {plain(stacked)} of 6.59")
spark.conf.set("spark.sql.legacy.decimal.retainFractionDigitsOnTruncate", "true")
(count, total), joined, stacked = asked(ABOVE)[0], asked(JOINED), asked(UNION)[0][0]
print(f"with the option: charges above 0: {count}, joined: {joined or 'none'}, sum of the union: {stacked:.2f}")
PY
SPARK_LOCAL_IP=127.0.0.1 "$folder/venv/bin/python" "$folder/ask.py" 2> "$folder/log" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
