#!/usr/bin/env bash
# `sum(active smoothed)` counts an account on two plans for minutes after it changed one; what is away has values on the way to those it comes back with.
#
# Versions: Prometheus 3.16.0 (Go module github.com/prometheus/prometheus 0.316.0), where `smoothed` is stable and always on; Go 1.26.
# A good guess: `active smoothed` is `active` with the steps between two scrapes drawn as lines. A series that ended, of which Prometheus has a marker, is
# no series a moment later, as it is without `smoothed`.
# What happens: markers of an end are no samples for `smoothed`, so that what is within the lookback (5 minutes) before counts on.
#   1. An account moves from plan=free to plan=pro: for 4 minutes both are there, and the sum of accounts is one too many. Churned ones stay too.
#   2. An account that has 10 seats, ends, and has 100 when it is back has 25, 40, 55, 70 seats while it is away, by what came later, and then none for
#      a minute. `delta` tells half of the change while nothing is there.
#   3. `integral`, new too and behind a flag, draws its line over any absence: the seats an account paid for have in them those while it was away, and it
#      has more than one that stayed.
# Matters because: labels such as plan, owner and region are what a customer's series changes by, and `smoothed` is advised against missing samples. Sums and
# counts of accounts jump whenever many are moved. Keep `smoothed` for counters in `rate` and `increase`; multiply by what is there without it.
#
# Output seen (2026-12-01; - is no series):
#   one account, scraped each minute, free until 20 minutes, pro from 21
#     minutes: 19 20 21 22 23 24 25 26
#     sum(active): 1 1 1 1 1 1 1 1
#     sum(active smoothed): 1 1 2 2 2 2 1 1
#     active{plan="free"}: 1 1 - - - - - -
#     active{plan="free"} smoothed: 1 1 1 1 1 1 - -
#   10 seats until 10 minutes, away, 100 seats from 16
#     minutes: 9 10 11 12 13 14 15 16
#     seats{account="left"}: 10 10 - - - - - 100
#     seats{account="left"} smoothed: 10 10 25 40 55 70 - 100
#     delta(seats{account="left"}[5m] smoothed): 0 0 15 30 45 60 75 75
#   seats in minutes of the first 20, of one that left and of one that had 10 and then, at 16 minutes, 100
#     integral(seats{account="left"}[20m1s]) / 60: 830
#     integral(seats{account="stayed"}[20m1s]) / 60: 605
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/told.go" <<'GO'
package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"strconv"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/tsdb"
)

func must[Thing any](thing Thing, err error) Thing {
	if err != nil {
		panic(err)
	}
	return thing
}

var (
	engine = promql.NewEngine(promql.EngineOpts{
		MaxSamples: 1e6, Timeout: time.Minute, Parser: parser.NewParser(parser.Options{EnableExperimentalFunctions: true}),
	})
	database *tsdb.DB
)

func minute(count int) time.Time { return time.Unix(int64(count)*60, 0) }

// scrape has one value a minute, and, where that ends, the marker of an end.
func scrape(series labels.Labels, from, until int, amount float64, ends bool) {
	appender := database.Appender(context.Background())
	for at := from; at <= until; at++ {
		must(appender.Append(0, series, minute(at).UnixMilli(), amount))
	}
	if ends {
		must(appender.Append(0, series, minute(until+1).UnixMilli(), math.Float64frombits(value.StaleNaN)))
	}
	if err := appender.Commit(); err != nil {
		panic(err)
	}
}

func told(query string, from, until int) {
	fmt.Printf("  %s:", query)
	for at := from; at <= until; at++ {
		asked := must(engine.NewInstantQuery(context.Background(), database, nil, query, minute(at)))
		found := must(asked.Exec(context.Background()).Vector())
		if len(found) == 0 {
			fmt.Print(" -")
		} else {
			fmt.Print(" ", strconv.FormatFloat(found[0].F, 'f', -1, 64))
		}
	}
	fmt.Println()
}

func minutes(from, until int) {
	fmt.Print("  minutes:")
	for at := from; at <= until; at++ {
		fmt.Print(" ", at)
	}
	fmt.Println()
}

func main() {
	database = must(tsdb.Open(os.Args[1], nil, nil, tsdb.DefaultOptions(), nil))
	scrape(labels.FromStrings("__name__", "active", "account", "1", "plan", "free"), 0, 20, 1, true)
	scrape(labels.FromStrings("__name__", "active", "account", "1", "plan", "pro"), 21, 40, 1, false)
	fmt.Println("one account, scraped each minute, free until 20 minutes, pro from 21")
	minutes(19, 26)
	for _, query := range []string{`sum(active)`, `sum(active smoothed)`, `active{plan="free"}`, `active{plan="free"} smoothed`} {
		told(query, 19, 26)
	}

	left := labels.FromStrings("__name__", "seats", "account", "left")
	scrape(left, 0, 10, 10, true)
	scrape(left, 16, 40, 100, false)
	stayed := labels.FromStrings("__name__", "seats", "account", "stayed")
	scrape(stayed, 0, 15, 10, false)
	scrape(stayed, 16, 40, 100, false)
	fmt.Println("10 seats until 10 minutes, away, 100 seats from 16")
	minutes(9, 16)
	for _, query := range []string{`seats{account="left"}`, `seats{account="left"} smoothed`, `delta(seats{account="left"}[5m] smoothed)`} {
		told(query, 9, 16)
	}
	fmt.Println("seats in minutes of the first 20, of one that left and of one that had 10 and then, at 16 minutes, 100")
	told(`integral(seats{account="left"}[20m1s]) / 60`, 20, 20)
	told(`integral(seats{account="stayed"}[20m1s]) / 60`, 20, 20)
	if err := database.Close(); err != nil {
		panic(err)
	}
}
GO
(cd "$folder" && go mod init told && go get github.com/prometheus/prometheus@v0.316.0 && go mod tidy && go build -o told .) \
    > "$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 1; }
"$folder/told" "$folder/database" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
