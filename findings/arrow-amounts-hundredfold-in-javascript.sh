#!/usr/bin/env bash
# An amount of 19.99 that came by Arrow is 1999 in JavaScript, or 9, and a column of cents beside it is right.
#
# Versions: apache-arrow 21.2.0, hyparquet 1.33.0 (npm), pyarrow 25.0.1, Node 20, Python 3.11.
# A good guess: a decimal of Arrow has its scale in the schema, so the library gives 19.99 as a number or as text, as it turns moments of
# microseconds into milliseconds and as it is in Python; or it gives an object that has to be asked.
# What happens: it is an object that is its whole number of hundredths, in sums, templates and the text of a row, without a warning. Of a decimal of 256 bits
# the text is the last digit, while the number is that of all. Numbers above 2^53 of hundredths end with an error, so that large ones alone are
# seen. The same table as Parquet, by hyparquet, has 19.99.
# Matters because: engines answer a dashboard by Arrow, where revenue then is a hundredfold, or a thousandfold where the currency has three decimals,
# and next to whole numbers all looks well. Divide by 10 to the `scale` of the column's type, or cast to a whole number of cents before.
#
# Output seen (decimals of 128 and of 256 bits, and the same of Parquet):
#   19.99: as a number 1999 and 1999, as text 1999 and 9, as json 1999 and 9, of parquet 19.99
#   -4.35: as a number -435 and -435, as text -435 and -5, as json -435 and -5, of parquet -4.35
#   1.10: as a number 110 and 110, as text 110 and 0, as json 110 and 0, of parquet 1.1
#   the three together: as a number 1674 and 1674, of parquet 16.74
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet pyarrow==25.0.1
(cd "$folder" && npm install --silent --no-fund --no-audit --ignore-scripts apache-arrow@21.2.0 hyparquet@1.33.0 > "$folder/log" 2>&1)

cat > "$folder/write.py" <<'PY'
import sys
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq

amounts = [Decimal(text) for text in ("19.99", "-4.35", "1.10")]
table = pa.table({"amount": pa.array(amounts, pa.decimal128(18, 2)), "wide": pa.array(amounts, pa.decimal256(50, 2))})
with pa.ipc.new_file(f"{sys.argv[1]}/amounts.arrow", table.schema) as file:
    file.write(table)
pq.write_table(table.select(["amount"]), f"{sys.argv[1]}/amounts.parquet", compression="none")
PY
"$folder/venv/bin/python" "$folder/write.py" "$folder"
cat > "$folder/read.mjs" <<'JS'
import { readFileSync } from 'node:fs'
import { tableFromIPC } from 'apache-arrow'
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'

const table = tableFromIPC(readFileSync('amounts.arrow'))
const rows = await parquetReadObjects({ file: await asyncBufferFromFile('amounts.parquet') })
const names = ['19.99', '-4.35', '1.10']
const sums = { amount: 0, wide: 0, parquet: 0 }
names.forEach((name, at) => {
  const [amount, wide] = ['amount', 'wide'].map(column => table.getChild(column).get(at))
  const json = JSON.parse(table.get(at).toString())
  sums.amount += +amount
  sums.wide += +wide
  sums.parquet += rows[at].amount
  console.log(`${name}: as a number ${+amount} and ${+wide}, as text ${amount} and ${wide}, as json ${json.amount} and ${json.wide}, of parquet ${rows[at].amount}`)
})
console.log(`the three together: as a number ${sums.amount} and ${sums.wide}, of parquet ${+sums.parquet.toFixed(2)}`)
JS
(cd "$folder" && node read.mjs) | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
