#!/usr/bin/env bash
# The cents of 9999.99 are the text 999999, and those of 10000.00 are 1e+06, in the mappings of Redpanda Connect; a month after 31 January is 3 March.
#
# Versions: benthos 4.60.0 (Go module, the engine under Redpanda Connect, with its package of pure functions), Go 1.26.
# A good guess: `(this.amount * 100).string()` is the number as JSON would write it, as `format_json` does, and as it is for smaller ones. A
# duration of ISO 8601 is added as a calendar has it: a month after the last of January is the last of February.
# What happens: what a calculation made is a floating-point number, quotients and sums of whole numbers as well, and text of one has an
# exponent from a million on; a number that only passes through keeps its text. `round` makes a whole number of it, whose
# text is right. Months and years go to the next month where the day is missing, forwards and backwards. `ts_round` of 24 hours
# rounds up from noon on. `sum` and `max` lose whole numbers above 2^53, which plain addition keeps.
# Matters because: keys, ids and amounts as text are made so, and tests have small amounts: large invoices are refused downstream, or filed
# under another key. Renewals of the 31st come in the month after next, and uses of an afternoon count for tomorrow. Say `.round()` before
# `.string()`, cut days by their text, and leave months to who knows the contract.
#
# Output seen:
#   (9999.99 * 100).string(): 999999
#   (10000.00 * 100).string(): 1e+06
#   (12345.67 * 100).string(): 1.234567e+06
#   (12345.67 * 100).round().string(): 1234567
#   (12345.67 * 100).format_json().string(): 1234567
#   [500000, 500000].sum().string(): 1e+06
#   (1772323200000 / 1000).string(): 1.7723232e+09
#   [9007199254740993].sum(): 9007199254740992
#   9007199254740992 + 1: 9007199254740993
#   "2026-01-31T00:00:00Z".ts_add_iso8601("P1M").ts_format("2006-01-02"): 2026-03-03
#   "2026-03-31T00:00:00Z".ts_sub_iso8601("P1M").ts_format("2006-01-02"): 2026-03-03
#   "2026-03-01T12:00:00Z".ts_round("24h".parse_duration()).ts_format("2006-01-02"): 2026-03-02
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
export GOPATH="$folder/go" GOFLAGS=-mod=mod

mkdir "$folder/map"
cat > "$folder/map/go.mod" <<'MOD'
module finding

go 1.26

require github.com/redpanda-data/benthos/v4 v4.60.0
MOD
cat > "$folder/map/main.go" <<'GO'
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"github.com/redpanda-data/benthos/v4/public/bloblang"
	_ "github.com/redpanda-data/benthos/v4/public/components/pure"
)

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		mapping, err := bloblang.Parse("root = " + lines.Text())
		if err != nil {
			panic(err)
		}
		value, err := mapping.Query(nil)
		if err != nil {
			panic(err)
		}
		text, isText := value.(string)
		if !isText {
			written, _ := json.Marshal(value)
			text = string(written)
		}
		fmt.Printf("%s: %s\n", lines.Text(), text)
	}
}
GO
(cd "$folder/map" && go mod tidy > "$folder/log" 2>&1 && go build -o mapping . > "$folder/log" 2>&1)
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' > "$folder/stated"
sed 's/: [^:]*$//' "$folder/stated" | "$folder/map/mapping" | tee "$folder/seen"
diff "$folder/stated" "$folder/seen" && echo "as stated"
