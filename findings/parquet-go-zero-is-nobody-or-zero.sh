#!/usr/bin/env bash
# Of a batch of surveys, parquet-go writes some scores of 0 as no answer and others as 0, by their place; 1 March 2026 is a day in the year 4925390.
#
# Versions: parquet-go/parquet-go 0.32.0 (Go module); Go 1.26. PyArrow 26.0.1 reads the same from these files.
# A good guess: `optional` on an int64 makes a column that can be null. If 0 is null in it, then each 0 is, however many rows are handed over at once.
# `date` on a time.Time, which the list of tags has, writes its day; a time in milliseconds is read as it was written.
# What happens:
#   1. Handed over row by row, each 0 is null. Of a slice, some are null and some are 0, by where zeros and other scores lie: a last score more in the
#      slice makes the zeros before it null again.
#   2. `date` on a time.Time keeps the last 32 bits of its nanoseconds and calls them days.
#   3. A contract until 9999 in a column of milliseconds is right in the file, and read by parquet-go it ended in 1816; one without an end, time.Time{}, is read as
#      1754 and no longer says `IsZero`.
# Matters because: a score of 0 is the worst detractor, and 0 uses are a reason to call: the mean of a file depends on how its writer was fed, and
# days make readers fail, or join nothing. Take `*int64` for what may be missing, int32 with the number of days for a day, and check ends that are far away.
#
# Output seen (2026-12-01):
#   scores 0, 10, 0, 0 beside an account
#     row by row: <null> 10 <null> <null>
#     as one slice: <null> 10 0 0
#     as one slice, and 7 after them: <null> 10 <null> <null> 7
#     as one slice, pointers: 0 10 0 0
#   days 1970-01-01, 1970-01-02, 2026-03-01
#     by time.Time: 0 -1857093632 1798242304
#     by int32: 0 1 20513
#   times in milliseconds, in the file and read back
#     2026-03-01T22:30:00Z: 1772404200000, 2026-03-01T22:30:00Z
#     9999-12-31T00:00:00Z: 253402214400000, 1816-03-29T05:56:08Z
#     0001-01-01T00:00:00Z: -62135596800000, 1754-08-30T22:43:41Z
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/told.go" <<'GO'
package main

import (
	"bytes"
	"fmt"
	"time"

	"github.com/parquet-go/parquet-go"
)

type survey struct {
	Account string `parquet:"account"`
	Score   int64  `parquet:"score,optional"`
}

type pointed struct {
	Account string `parquet:"account"`
	Score   *int64 `parquet:"score"`
}

type renewal struct {
	Day time.Time `parquet:"day,date"`
}

type counted struct {
	Day int32 `parquet:"day,date"`
}

type contract struct {
	Ends time.Time `parquet:"ends,timestamp(millisecond)"`
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// file is a file of batches.
func file[Row any](batches ...[]Row) []byte {
	var written bytes.Buffer
	writer := parquet.NewGenericWriter[Row](&written)
	for _, batch := range batches {
		_, err := writer.Write(batch)
		check(err)
	}
	check(writer.Close())
	return written.Bytes()
}

// last is what the last column of a file has, without any type of Go around it.
func last(written []byte) []parquet.Value {
	opened, err := parquet.OpenFile(bytes.NewReader(written), int64(len(written)))
	check(err)
	rows := opened.RowGroups()[0].Rows()
	read := make([]parquet.Row, 10)
	count, _ := rows.ReadRows(read)
	var values []parquet.Value
	for _, row := range read[:count] {
		values = append(values, row[len(row)-1].Clone())
	}
	check(rows.Close())
	return values
}

func told(what string, written []byte) {
	fmt.Printf("  %s:", what)
	for _, value := range last(written) {
		fmt.Print(" ", value)
	}
	fmt.Println()
}

func main() {
	var slice []survey
	var single [][]survey
	var pointers []pointed
	for place, score := range []int64{0, 10, 0, 0} {
		account := fmt.Sprint("account ", place)
		slice = append(slice, survey{account, score})
		single = append(single, []survey{{account, score}})
		pointers = append(pointers, pointed{account, &score})
	}
	fmt.Println("scores 0, 10, 0, 0 beside an account")
	told("row by row", file(single...))
	told("as one slice", file(slice))
	told("as one slice, and 7 after them", file(append(slice, survey{"account 4", 7})))
	told("as one slice, pointers", file(pointers))

	var renewals []renewal
	var counts []counted
	for _, day := range []time.Time{time.Unix(0, 0).UTC(), time.Unix(86400, 0).UTC(), time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)} {
		renewals = append(renewals, renewal{day})
		counts = append(counts, counted{int32(day.Unix() / 86400)})
	}
	fmt.Println("days 1970-01-01, 1970-01-02, 2026-03-01")
	told("by time.Time", file(renewals))
	told("by int32", file(counts))

	ends := []contract{{time.Date(2026, 3, 1, 22, 30, 0, 0, time.UTC)}, {time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)}, {}}
	written := file(ends)
	again, err := parquet.Read[contract](bytes.NewReader(written), int64(len(written)))
	check(err)
	fmt.Println("times in milliseconds, in the file and read back")
	for place, value := range last(written) {
		fmt.Printf("  %s: %s, %s\n", ends[place].Ends.Format(time.RFC3339), value, again[place].Ends.UTC().Format(time.RFC3339))
	}
}
GO
(cd "$folder" && go mod init told && go get github.com/parquet-go/parquet-go@v0.32.0 && go mod tidy && go build -o told .) \
    > "$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 1; }
"$folder/told" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
