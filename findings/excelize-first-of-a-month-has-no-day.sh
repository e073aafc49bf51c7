#!/usr/bin/env bash
# What Go's excelize writes and reads of 1 March, 22:30, is "Mar-26", without its day and hour; a score that is a text is in AVERAGE and not in SUM.
#
# Versions: xuri/excelize 2.11.1 (Go module); Go 1.26.
# A good guess: a time has the format that `SetCellValue` names, m/d/yy h:mm, whichever day it is, and the stream writer writes it as the others do.
# AVERAGE is SUM by COUNT, as in a spreadsheet, where a text in a range is no number; "<>9" counts all that is not 9, "" all that is empty.
# What happens:
#   1. The format goes by the value. All times of the first day of a month, with an hour or not, are mmm-yy, midnights are mm-dd-yy, others m/d/yy h:mm.
#      `GetRows` and `GetCellValue` give these texts, so that the day is lost, and "Mar-26" reads as 26 March. The stream writer writes 3/1/26 22:30.
#   2. What is read is rounded to seconds before it is cut to minutes: the last 0.4 seconds of February are 3/1/26 00:00.
#   3. A duration below 0 is read as a number, -1 hour as -0.0416666666666667, others as hours and minutes, or with seconds too, each by its value.
#   4. The score "8" as a text is in AVERAGE and AVERAGEIFS, not in SUM, COUNT, AVERAGEIF. "<>9" leaves texts out, "" leaves out what is empty.
# Matters because: periods, renewals and invoices begin on the first. Reports of them show a month, and importers that read such a sheet put the day on
# another or refuse it. Set a style for each column of times, read with `RawCellValue: true` and `ExcelDateToTime`, and make scores numbers.
#
# Output seen (2026-12-01):
#   as set: by SetCellValue, by the stream writer
#     2026-02-28T00:00:00Z: 02-28-26, 2/28/26 00:00
#     2026-02-28T22:30:00Z: 2/28/26 22:30, 2/28/26 22:30
#     2026-02-28T23:59:59.6Z: 3/1/26 00:00, 3/1/26 00:00
#     2026-03-01T00:00:00Z: Mar-26, 3/1/26 00:00
#     2026-03-01T22:30:00Z: Mar-26, 3/1/26 22:30
#     2026-03-02T00:00:00Z: 03-02-26, 3/2/26 00:00
#     1h0m0s: 01:00, 01:00
#     1h0m30s: 01:00:30, 01:00:30
#     -1h0m0s: -0.0416666666666667, -0.0416666666666667
#   scores 10, 9, "8" as a text, nothing, 3
#     SUM(A1:A5): 22
#     COUNT(A1:A5): 3
#     AVERAGE(A1:A5): 7.5
#     AVERAGEIF(A1:A5,">=0"): 7.33333333333333
#     AVERAGEIFS(A1:A5,A1:A5,">=0"): 7.5
#     SUBTOTAL(1,A1:A5): 7.5
#     COUNTIF(A1:A5,"<>9"): 3
#     COUNTIF(A1:A5,""): 0
#     COUNTBLANK(A1:A5): 1
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/told.go" <<'GO'
package main

import (
	"fmt"
	"time"

	"github.com/xuri/excelize/v2"
)

const sheet = "Sheet1"

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// read is the first column of what the file is once it was written.
func read(file *excelize.File) []string {
	written, err := file.WriteToBuffer()
	check(err)
	again, err := excelize.OpenReader(written)
	check(err)
	columns, err := again.GetCols(sheet)
	check(err)
	return columns[0]
}

func main() {
	var values []any
	var names []string
	for _, text := range []string{"2026-02-28T00:00:00Z", "2026-02-28T22:30:00Z", "2026-02-28T23:59:59.6Z", "2026-03-01T00:00:00Z", "2026-03-01T22:30:00Z", "2026-03-02T00:00:00Z"} {
		moment, err := time.Parse(time.RFC3339, text)
		check(err)
		values, names = append(values, moment), append(names, text)
	}
	for _, length := range []time.Duration{time.Hour, time.Hour + 30*time.Second, -time.Hour} {
		values, names = append(values, length), append(names, length.String())
	}
	cells, streamed := excelize.NewFile(), excelize.NewFile()
	writer, err := streamed.NewStreamWriter(sheet)
	check(err)
	for row, value := range values {
		cell := fmt.Sprint("A", row+1)
		check(cells.SetCellValue(sheet, cell, value))
		check(writer.SetRow(cell, []any{value}))
	}
	check(writer.Flush())
	fmt.Println("as set: by SetCellValue, by the stream writer")
	ofCells, ofStream := read(cells), read(streamed)
	for row, name := range names {
		fmt.Printf("  %s: %s, %s\n", name, ofCells[row], ofStream[row])
	}

	scores := excelize.NewFile()
	for row, score := range []any{10, 9, "8", nil, 3} {
		check(scores.SetCellValue(sheet, fmt.Sprint("A", row+1), score))
	}
	fmt.Println(`scores 10, 9, "8" as a text, nothing, 3`)
	for _, formula := range []string{
		`SUM(A1:A5)`, `COUNT(A1:A5)`, `AVERAGE(A1:A5)`, `AVERAGEIF(A1:A5,">=0")`, `AVERAGEIFS(A1:A5,A1:A5,">=0")`, `SUBTOTAL(1,A1:A5)`,
		`COUNTIF(A1:A5,"<>9")`, `COUNTIF(A1:A5,"")`, `COUNTBLANK(A1:A5)`,
	} {
		check(scores.SetCellFormula(sheet, "C1", "="+formula))
		told, err := scores.CalcCellValue(sheet, "C1")
		check(err)
		fmt.Printf("  %s: %s\n", formula, told)
	}
}
GO
(cd "$folder" && go mod init told && go get github.com/xuri/excelize/v2@v2.11.1 && go mod tidy && go build -o told .) \
    > "$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 1; }
"$folder/told" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
