#!/usr/bin/env bash
# An amount of CockroachDB's decimals for Go is in JSON or not, by how the value around it was handed over; what is left is valid JSON.
#
# Versions: cockroachdb/apd 3.2.3, shopspring/decimal 1.6.0, govalues/decimal 0.1.36 (Go), Go 1.26.
# A good guess: a type that is said to marshal itself is a text or a number in JSON wherever it stands, as the other decimals for Go and time.Time
# do; what cannot be written is an error.
# What happens: its methods belong to the pointer. In a struct that is handed over by value, in a map, and in a line of the log the amount is an object
# that has the exponent and an empty `Coeff`: the digits are not there. By pointer, and in a slice, they are. One struct in one program gives both,
# and math/big's Int is `{}` in the same places. A JSON number is refused when read; templates print the parts of the struct.
# Matters because: an event is made as a struct and handed to json.Marshal by value in most programs. It passes every check of "is JSON" and
# of required fields, and is in the log for good, without its amount. Keep a *apd.Decimal in the struct, or write its text.
#
# Output seen:
#   apd by value: {"amount":{"Form":0,"Negative":false,"Exponent":-2,"Coeff":{}}}
#   apd by pointer to the struct: {"amount":"10.50"}
#   apd in a map: {"amount":{"Form":0,"Negative":false,"Exponent":-2,"Coeff":{}}}
#   apd in a slice: ["10.50"]
#   apd in slog: {"level":"INFO","msg":"paid","amount":{"Form":0,"Negative":false,"Exponent":-2,"Coeff":{}}}
#   apd, {"amount":10.50} read: refused
#   shopspring by value: {"amount":"10.5"}
#   shopspring in a map: {"amount":"10.5"}
#   govalues by value: {"amount":"10.50"}
#   govalues in a map: {"amount":"10.50"}
#   big.Int by value: {"amount":{}}
#   big.Int in a map: {"amount":{}}
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/told.go" <<'GO'
package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"math/big"
	"os"

	"github.com/cockroachdb/apd/v3"
	govalues "github.com/govalues/decimal"
	"github.com/shopspring/decimal"
)

type Event[T any] struct {
	Amount T `json:"amount"`
}

func show(title string, value any) {
	text, err := json.Marshal(value)
	if err != nil {
		text = []byte("refused")
	}
	fmt.Printf("%s: %s\n", title, text)
}

func both[T any](library string, amount T) {
	show(library+" by value", Event[T]{amount})
	show(library+" in a map", map[string]T{"amount": amount})
}

func main() {
	amount, _, _ := apd.NewFromString("10.50")
	event := Event[apd.Decimal]{*amount}
	show("apd by value", event)
	show("apd by pointer to the struct", &event)
	show("apd in a map", map[string]apd.Decimal{"amount": *amount})
	show("apd in a slice", []apd.Decimal{*amount})
	fmt.Print("apd in slog: ")
	withoutTime := func(_ []string, each slog.Attr) slog.Attr {
		if each.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return each
	}
	slog.New(slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: withoutTime})).Info("paid", "amount", event.Amount)
	number := `{"amount":10.50}`
	if json.Unmarshal([]byte(number), &event) != nil {
		fmt.Printf("apd, %s read: refused\n", number)
	}
	both("shopspring", decimal.RequireFromString("10.50"))
	both("govalues", govalues.MustParse("10.50"))
	both("big.Int", *big.NewInt(1050))
}
GO
(cd "$folder" && go mod init told && go get github.com/cockroachdb/apd/v3@v3.2.3 github.com/govalues/decimal@v0.1.36 \
    github.com/shopspring/decimal@v1.6.0 && go build -o told .) > "$folder/log" 2>&1
"$folder/told" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
