#!/usr/bin/env bash
# A price of 19.99 becomes 19.98, as one of 17 prices does in Go's package for money; 10.5 in JSON is ten cents, and 1.50 is rounded to 1.
#
# Versions: Rhymond/go-money 1.0.15, shopspring/decimal 1.6.0 (Go), Go 1.26.
# A good guess: "rounding trailing decimals down" is about decimals that a currency has not, as in 19.999; an amount with as many
# digits as the currency is what it was, as with shopspring's NewFromFloat. The amount of a Money in JSON is a whole number of cents, so that
# a fraction is refused, as encoding/json refuses it for an int64. Round takes halves up, or to the even neighbour.
# What happens: the float is multiplied and its rest cut off, so that a price whose product is a hair below a whole number of cents is a
# cent less. JSON with "amount": 10.5 is read as 10 cents, without an error, and a whole number from 2^53 on as its neighbour. Round takes
# halves towards zero.
# Matters because: prices from YAML, JSON or a form are floats in Go. Some plans are a cent cheaper in every sum, others not, and a test with 9.99
# or 10.50 does not find it. Take the text, by a library for decimals, and New with cents.
#
# Output seen:
#   19.99: go-money 19.98, shopspring 19.99
#   9.99: go-money 9.99, shopspring 9.99
#   1.15: go-money 1.14, shopspring 1.15
#   of the 10000 prices from 0.00 to 99.99: a cent less 573
#   of the 100000 prices from 0.000 to 99.999 dinars: a thousandth less 741
#   {"amount":10.5,"currency":"EUR"} is 10 cents
#   {"amount":9007199254740993,"currency":"EUR"} is 9007199254740992 cents
#   rounded: 1.50 EUR 1.00, 2.50 EUR 2.00, 2.51 EUR 3.00, 1.500 KWD 1.000, 2.500 KWD 2.000
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/told.go" <<'GO'
package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/Rhymond/go-money"
	"github.com/shopspring/decimal"
)

func fewer(code string, digits, count int) (fewer int) {
	for whole := range count {
		text := decimal.New(int64(whole), int32(-digits)).String()
		price, _ := strconv.ParseFloat(text, 64)
		if money.NewFromFloat(price, code).Amount() == int64(whole)-1 {
			fewer++
		}
	}
	return
}

func main() {
	for _, price := range []float64{19.99, 9.99, 1.15} {
		cents := decimal.New(money.NewFromFloat(price, money.EUR).Amount(), -2)
		fmt.Printf("%v: go-money %v, shopspring %v\n", price, cents, decimal.NewFromFloat(price).Round(2))
	}
	fmt.Println("of the 10000 prices from 0.00 to 99.99: a cent less", fewer(money.EUR, 2, 10000))
	fmt.Println("of the 100000 prices from 0.000 to 99.999 dinars: a thousandth less", fewer(money.KWD, 3, 100000))
	for _, text := range []string{`{"amount":10.5,"currency":"EUR"}`, `{"amount":9007199254740993,"currency":"EUR"}`} {
		var read money.Money
		if err := json.Unmarshal([]byte(text), &read); err != nil {
			fmt.Println(text, "is refused")
		} else {
			fmt.Println(text, "is", read.Amount(), "cents")
		}
	}
	var rounded []string
	for _, each := range []*money.Money{money.New(150, "EUR"), money.New(250, "EUR"), money.New(251, "EUR"), money.New(1500, "KWD"), money.New(2500, "KWD")} {
		digits := int32(each.Currency().Fraction)
		rounded = append(rounded, fmt.Sprintf("%s %s %s", decimal.New(each.Amount(), -digits).StringFixed(digits),
			each.Currency().Code, decimal.New(each.Round().Amount(), -digits).StringFixed(digits)))
	}
	fmt.Println("rounded:", strings.Join(rounded, ", "))
}
GO
(cd "$folder" && go mod init told && go get github.com/Rhymond/go-money@v1.0.15 github.com/shopspring/decimal@v1.6.0 && go build -o told .) \
    > "$folder/log" 2>&1
"$folder/told" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
