#!/usr/bin/env bash
# In Avro a contract that begins on 2 December in Tokyo begins on the 1st if Go writes it, and a local time is that of the machine that wrote or reads it.
#
# Versions: hamba/avro 2.31.0 and goavro 2.15.0 (Go modules), fastavro 1.13.1 and avro 1.12.2 (PyPI); Go 1.26, Python 3.11. Machines in New York and Tokyo.
# A good guess: a moment with its zone that is written into a `date` is the day that it shows; into `local-timestamp-millis` the clock that it
# shows, as the specification says: no zone, the same digits for all. So does fastavro. What has no zone is UTC, or is refused, as Apache's for Python does.
# What happens, without an error:
#   1. Both libraries for Go take the day in UTC: midnight in Tokyo is the day before, an evening in New York the day after. Before 1970 they cut towards
#      1970, so that noon of 30 June 1969 is 1 July.
#   2. hamba writes a local time as the clock of its machine, and reads it so: 8:30 in Tokyo is 18:30 of the day before, written in New York, and 23:30 in a
#      container without a zone. Another machine reads these digits as an instant of its own.
#   3. fastavro takes a datetime without a zone for the machine's time where the type is an instant, so that 23:30 is 4:30 of the next day; both of the
#      hours 1:30 in autumn are one.
# Matters because: beginnings and ends of contracts are midnights of the customer's zone: in all of Asia and Australia they move a day, which is another
# month for those of the 1st, and another price. Tests in UTC show nothing. In Go write `time.Date(year, month, day, 0, 0, 0, 0, time.UTC)`.
#
# Output seen (2026-12-01):
#   date of 2026-12-02 00:00 in Tokyo: hamba 2026-12-01, goavro 2026-12-01, fastavro 2026-12-02
#   date of 2026-11-30 20:00 in New York: hamba 2026-12-01, goavro 2026-12-01, fastavro 2026-11-30
#   date of 1969-06-30 12:00 in UTC: hamba 1969-07-01, goavro 1969-07-01, fastavro 1969-06-30
#   local time of 2026-12-02 08:30 in Tokyo, by hamba in America/New_York: 2026-12-01 18:30, read there 2026-12-01T23:30:00Z, in Tokyo 2026-12-01T09:30:00Z
#   local time of 2026-12-02 08:30 in Tokyo, by hamba in UTC: 2026-12-01 23:30, read there 2026-12-01T23:30:00Z, in Tokyo 2026-12-01T14:30:00Z
#   local time of 2026-12-02 08:30 in Tokyo, by fastavro: 2026-12-02 08:30
#   instant of 2026-12-01 23:30 without a zone, in New York: fastavro 2026-12-02 04:30, avro refused
#   instants of the first and the second 1:30 of 1 November, without a zone, in New York: fastavro 06:30, 06:30
#   the same with the zone: fastavro 05:30, 06:30
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder" && rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet avro==1.12.2 fastavro==1.13.1 tzdata==2026.6
mkdir "$folder/go"
cat > "$folder/go/days.go" <<'GO'
package main

import (
	"encoding/hex"
	"fmt"
	"os"
	"time"
	_ "time/tzdata"

	"github.com/hamba/avro/v2"
	"github.com/linkedin/goavro/v2"
)

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

const day, local = `{"type":"int","logicalType":"date"}`, `{"type":"long","logicalType":"local-timestamp-millis"}`

// Of a zone and a time: its day by each library; "local" gives what is written as a local time, "read" what such digits are here.
func main() {
	if os.Args[1] == "read" {
		var read time.Time
		if err := avro.Unmarshal(avro.MustParse(local), must(hex.DecodeString(os.Args[2])), &read); err != nil {
			panic(err)
		}
		fmt.Print(read.UTC().Format(time.RFC3339))
		return
	}
	moment := must(time.ParseInLocation("2006-01-02 15:04", os.Args[3], must(time.LoadLocation(os.Args[2]))))
	if os.Args[1] == "local" {
		fmt.Printf("%x", must(avro.Marshal(avro.MustParse(local), moment)))
		return
	}
	codec := must(goavro.NewCodec(day))
	fmt.Printf("%x %x", must(avro.Marshal(avro.MustParse(day), moment)), must(codec.BinaryFromNative(nil, moment)))
}
GO
(cd "$folder/go" && export GOFLAGS=-modcacherw && go mod init days && go get github.com/hamba/avro/v2@v2.31.0 github.com/linkedin/goavro/v2@v2.15.0 \
    && go mod tidy && go build -o days .) > "$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 1; }

cat > "$folder/days.py" <<'PY'
import io
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import avro.errors
import avro.io
import avro.schema
import fastavro

DAY = {"type": "int", "logicalType": "date"}
LOCAL = {"type": "long", "logicalType": "local-timestamp-millis"}
INSTANT = {"type": "long", "logicalType": "timestamp-millis"}


def go(*arguments, zone="America/New_York"):
    return subprocess.run([sys.argv[1], *arguments], capture_output=True, text=True, check=True, env={**os.environ, "TZ": zone}).stdout


def written(schema, value):
    buffer = io.BytesIO()
    fastavro.schemaless_writer(buffer, schema, value)
    return buffer.getvalue()


def read(schema, data):
    return fastavro.schemaless_reader(io.BytesIO(data), schema, None)


def apache(schema, value):
    try:
        avro.io.DatumWriter(avro.schema.parse(json.dumps(schema))).write(value, avro.io.BinaryEncoder(io.BytesIO()))
    except avro.errors.AvroTypeException:
        return "refused"
    return "written"


for zone, text in (("Asia/Tokyo", "2026-12-02 00:00"), ("America/New_York", "2026-11-30 20:00"), ("UTC", "1969-06-30 12:00")):
    hamba, goavro = (read(DAY, bytes.fromhex(data)) for data in go("day", zone, text).split())
    own = read(DAY, written(DAY, datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))))
    print(f"date of {text} in {zone.split('/')[-1].replace('_', ' ')}: hamba {hamba}, goavro {goavro}, fastavro {own}")

told = "local time of 2026-12-02 08:30 in Tokyo, by"
for machine in ("America/New_York", "UTC"):
    data = go("local", "Asia/Tokyo", "2026-12-02 08:30", zone=machine)
    there, elsewhere = go("read", data, zone=machine), go("read", data, zone="Asia/Tokyo")
    print(f"{told} hamba in {machine}: {read(LOCAL, bytes.fromhex(data)):%Y-%m-%d %H:%M}, read there {there}, in Tokyo {elsewhere}")
tokyo = datetime(2026, 12, 2, 8, 30, tzinfo=ZoneInfo("Asia/Tokyo"))
print(f"{told} fastavro: {read(LOCAL, written(LOCAL, tokyo)):%Y-%m-%d %H:%M}")

plain = datetime(2026, 12, 1, 23, 30)
instant = read(INSTANT, written(INSTANT, plain)).astimezone(UTC)
print(f"instant of {plain:%Y-%m-%d %H:%M} without a zone, in New York: fastavro {instant:%Y-%m-%d %H:%M}, avro {apache(INSTANT, plain)}")
for name, zone in (
    ("instants of the first and the second 1:30 of 1 November, without a zone, in New York", None),
    ("the same with the zone", ZoneInfo("America/New_York")),
):
    hours = (read(INSTANT, written(INSTANT, datetime(2026, 11, 1, 1, 30, fold=fold, tzinfo=zone))) for fold in (0, 1))
    print(f"{name}: fastavro " + ", ".join(f"{hour.astimezone(UTC):%H:%M}" for hour in hours))
PY
TZ=America/New_York "$folder/venv/bin/python" "$folder/days.py" "$folder/go/days" 2> "$folder/log" | tee "$folder/seen" || { cat "$folder/log" >&2; exit 1; }
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
