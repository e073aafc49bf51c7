#!/usr/bin/env bash
# Great Expectations fails a contract that has no end in a data frame and passes it in a database; one median is 6, 7.5 or 9.
#
# Versions: great-expectations 1.24.1, pandas 3.1.1, sqlalchemy 2.1.9, Python 3.11 with its SQLite.
# A good guess: one expectation means the same on a data frame and on the table that was made of it, as for the checks of single columns, which
# leave nulls out on either. `ignore_row_if` says which rows with a missing value are left out of a check of two columns, and what
# is not left out is judged alike. A quantile of 0.5 is the median.
# What happens:
#   1. "the end is not before the start": a row with one of the two missing is a failure in pandas, where a comparison with nothing is false, and is
#      none in SQL, where it is null. `ignore_row_if="neither"`, which says that no row be left out, changes nothing in SQL. A sum of several
#      columns does the same.
#   2. The quantile 0.5 is the upper of the two in the middle in pandas and the lower in SQL; the expectation for medians has their mean on both.
# Matters because: rules are written on a sample in a notebook and run in the warehouse. Contracts that run on have no end, and tickets no
# reply: the rule is red for all of them, or it never finds that an end is missing which must be there. A target for the median of reply
# times holds by one expectation and not by the other. Say what missing means with a check of its own.
#
# Output seen (contracts 1 to 2, 4 to 3, 2 without an end, no start to 5; scores 0, 6, 9, 10):
#   end not before start, both missing left out: pandas 3 of 4 fail, sqlite 1 of 4 fail
#   end not before start, none left out: pandas 3 of 4 fail, sqlite 1 of 4 fail
#   end not before start, either missing left out: pandas 1 of 2 fail, sqlite 1 of 2 fail
#   end equal to start, both missing left out: pandas 4 of 4 fail, sqlite 4 of 4 fail
#   median: pandas 7.5, sqlite 7.5
#   quantiles 0.25, 0.5, 0.75: pandas 6, 9, 9, sqlite 0, 6, 9
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet great-expectations==1.24.1 pandas==3.1.1 sqlalchemy==2.1.9 numpy==2.4.6

cat > "$folder/checks.py" <<'PY'
import logging
import sys
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)
import great_expectations as gx
import great_expectations.expectations as expect
import pandas as pd
import sqlalchemy as sa

ROWS = pd.DataFrame({"start": [1, 4, 2, None], "end": [2, 3, None, 5], "score": [0, 6, 9, 10]})
ADDRESS = f"sqlite:///{sys.argv[1]}/rows.db"
ROWS.to_sql("rows", sa.create_engine(ADDRESS), index=False)
context = gx.get_context(mode="ephemeral")
context.variables.progress_bars = {"globally": False}
frame = context.data_sources.add_pandas("frame").add_dataframe_asset("rows").add_batch_definition_whole_dataframe("all")
table = context.data_sources.add_sqlite("table", connection_string=ADDRESS).add_table_asset("rows", table_name="rows")
BATCHES = {
    "pandas": frame.get_batch({"dataframe": ROWS}),
    "sqlite": table.add_batch_definition_whole_table("all").get_batch(),
}


def failing(result):
    looked_at = result["element_count"] - result["missing_count"]
    return f"{result['unexpected_count']} of {looked_at} fail"


def median(result):
    return format(float(result["observed_value"]), "g")


def quantiles(result):
    return ", ".join(format(float(value), "g") for value in result["observed_value"]["values"])


def ordered(left_out):
    return expect.ExpectColumnPairValuesAToBeGreaterThanB(column_A="end", column_B="start", or_equal=True, ignore_row_if=left_out)


PARTS = {"quantiles": [0.25, 0.5, 0.75], "value_ranges": [[0, 10], [0, 10], [0, 10]]}
CHECKS = {
    "end not before start, both missing left out": (ordered("both_values_are_missing"), failing),
    "end not before start, none left out": (ordered("neither"), failing),
    "end not before start, either missing left out": (ordered("either_value_is_missing"), failing),
    "end equal to start, both missing left out": (expect.ExpectColumnPairValuesToBeEqual(column_A="end", column_B="start"), failing),
    "median": (expect.ExpectColumnMedianToBeBetween(column="score", min_value=0, max_value=10), median),
    "quantiles 0.25, 0.5, 0.75": (expect.ExpectColumnQuantileValuesToBeBetween(column="score", quantile_ranges=PARTS), quantiles),
}
for name, (check, told) in CHECKS.items():
    seen = [f"{engine} {told(batch.validate(check).to_json_dict()['result'])}" for engine, batch in BATCHES.items()]
    print(f"{name}: " + ", ".join(seen))
PY

"$folder/venv/bin/python" "$folder/checks.py" "$folder" 2> "$folder/errors" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
