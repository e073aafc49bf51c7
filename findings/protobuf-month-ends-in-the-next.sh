#!/usr/bin/env bash
# The last moment of February is in March in JavaScript, 30 February is 2 March, from Protobuf messages that other languages read as told or refuse.
#
# Versions: @bufbuild/protobuf 2.17.0 (npm), protobuf 7.36.2 (PyPI), google.golang.org/protobuf 1.36.12 (Go); Node 20, Python 3.11, Go 1.26.
# A good guess: what a Timestamp has below a millisecond is cut off when it becomes a Date, as Python's ToMilliseconds and Go's UnixMilli cut it and
# as JavaScript's own Date cuts a text; a day that does not exist is refused in JSON, as the library for JavaScript passes the conformance tests.
# What happens: `timestampDate` and `timestampMs` round to the nearest millisecond. 23:59:59.9995 and all after it are of the next day, month and
# year. In JSON 30 February is 2 March and 24:00 is 0:00 of the next day, where Python and Go refuse; both are what Date makes of them.
# Matters because: the end of a period is often told as its last moment, 23:59:59.999999 by Python's time.max or a column of PostgreSQL, with nine
# nines by Java's LocalTime.MAX. Invoices, trials and contracts of February end in March for a service in Node, by day and by month. Tell
# the end as the first moment after it, and cut: seconds * 1000 + floor(nanos / 1e6).
#
# Output seen:
#   2026-02-28T23:59:59.999Z: python 2026-02-28, go 2026-02-28, javascript 2026-02-28, its Date 2026-02-28
#   2026-02-28T23:59:59.999499Z: python 2026-02-28, go 2026-02-28, javascript 2026-02-28, its Date 2026-02-28
#   2026-02-28T23:59:59.999999Z: python 2026-02-28, go 2026-02-28, javascript 2026-03-01, its Date 2026-02-28
#   2026-12-31T23:59:59.999999999Z: python 2026-12-31, go 2026-12-31, javascript 2027-01-01, its Date 2026-12-31
#   2026-02-30T00:00:00Z: python refused, go refused, javascript 2026-03-02, its Date 2026-03-02
#   2026-02-28T24:00:00Z: python refused, go refused, javascript 2026-03-01, its Date 2026-03-01
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
times=(2026-02-28T23:59:59.999Z 2026-02-28T23:59:59.999499Z 2026-02-28T23:59:59.999999Z 2026-12-31T23:59:59.999999999Z 2026-02-30T00:00:00Z
    2026-02-28T24:00:00Z)

python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet protobuf==7.36.2
cat > "$folder/days.py" <<'PY'
import datetime
import sys

from google.protobuf.json_format import Parse, ParseError
from google.protobuf.timestamp_pb2 import Timestamp

for text in sys.argv[1:]:
    try:
        told = Parse(f'"{text}"', Timestamp()).ToMilliseconds()
        print(datetime.datetime.fromtimestamp(told / 1000, datetime.UTC).date())
    except ParseError:
        print("refused")
PY
"$folder/venv/bin/python" "$folder/days.py" "${times[@]}" > "$folder/python"

mkdir "$folder/go.d"
cat > "$folder/go.d/days.go" <<'GO'
package main

import (
	"fmt"
	"os"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/timestamppb"
)

func main() {
	for _, text := range os.Args[1:] {
		var told timestamppb.Timestamp
		if protojson.Unmarshal([]byte(`"`+text+`"`), &told) != nil {
			fmt.Println("refused")
		} else {
			fmt.Println(time.UnixMilli(told.AsTime().UnixMilli()).UTC().Format(time.DateOnly))
		}
	}
}
GO
(cd "$folder/go.d" && go mod init days && go get google.golang.org/protobuf@v1.36.12 && go build -o days .) > "$folder/log" 2>&1
"$folder/go.d/days" "${times[@]}" > "$folder/go"

(cd "$folder" && npm install --silent --no-fund --no-audit @bufbuild/protobuf@2.17.0 > "$folder/log" 2>&1)
cat > "$folder/days.mjs" <<'JS'
import { fromJson } from '@bufbuild/protobuf'
import { TimestampSchema, timestampDate } from '@bufbuild/protobuf/wkt'

const day = date => date.toISOString().slice(0, 10)
for (const text of process.argv.slice(2)) {
  console.log(`${day(timestampDate(fromJson(TimestampSchema, text)))}, its Date ${day(new Date(text))}`)
}
JS
(cd "$folder" && node days.mjs "${times[@]}") > "$folder/javascript"
for language in python go javascript; do sed -i "s/^/$language /" "$folder/$language"; done
printf '%s\n' "${times[@]}" | paste -d'|' - "$folder/python" "$folder/go" "$folder/javascript" | sed 's/|/: /; s/|/, /g' | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
