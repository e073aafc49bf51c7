#!/usr/bin/env bash
# A counter of HashiCorp's go-metrics that rises once in a while is 1 each time, for ever; a gauge of 123456789 cents is 123456792.
#
# Versions: hashicorp/go-metrics 0.7.0 with its Prometheus sink, prometheus/client_golang 1.25.0 beside it (Go modules); Go 1.26.
# A good guess: a counter rises for as long as its process lives, as Prometheus asks it of counters; what goes to the sink of Prometheus is a
# float64 as everything there is.
# What happens:
#   1. The sink forgets what was not told for `Expiration`, 60 seconds where nobody says otherwise (2 here, so as not to wait). That goes for counters too: the
#      next cancellation begins at 1 again. Between the two there is no series, and 1 after 1 is no increase and no reset.
#   2. What is told is a float32: gauges, samples and what a counter rises by have 7 digits, though their sums have more.
#      `SetPrecisionGauge` is exact; counters have nothing like it.
# Matters because: subscriptions that end, refunds and bad surveys are rare, so that each is alone within its minute: `increase(cancelled[1d])` is 0 on a
# day of many, and an alarm on it is silent, while uses, which come each second, are right. Say `Expiration: 0` for what must not be forgotten, count
# money by a counter of client_golang itself, and set amounts by `SetPrecisionGauge`.
#
# Output seen (2026-12-01):
#   counted once each 3 seconds, three times, by client_golang: 1, 2, 3
#   counted once each 3 seconds, three times, by go-metrics that forgets after 2: 1, 1, 1
#   the same, by go-metrics that does not forget: 1, 2, 3
#   between two of them, by go-metrics that forgets after 2: no series
#   16777217 uses counted at once: 16777216
#   a gauge of 123456789 cents: 123456792, by SetPrecisionGauge 123456789
#   ten refunds of 19.99: 199.89999771118164
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/told.go" <<'GO'
package main

import (
	"fmt"
	"strconv"
	"time"

	"github.com/hashicorp/go-metrics"
	sinks "github.com/hashicorp/go-metrics/prometheus"
	"github.com/prometheus/client_golang/prometheus"
)

// teller gives metrics of one process, and what a scrape of it would show.
func teller(expiration time.Duration) (*metrics.Metrics, func(string) string) {
	registry := prometheus.NewRegistry()
	sink, err := sinks.NewPrometheusSinkFrom(sinks.PrometheusOpts{Expiration: expiration, Registerer: registry})
	if err != nil {
		panic(err)
	}
	config := metrics.DefaultConfig("")
	config.EnableHostname, config.EnableRuntimeMetrics = false, false
	told, err := metrics.New(config, sink)
	if err != nil {
		panic(err)
	}
	return told, func(name string) string { return scraped(registry, name) }
}

func scraped(registry *prometheus.Registry, name string) string {
	families, err := registry.Gather()
	if err != nil {
		panic(err)
	}
	for _, family := range families {
		if family.GetName() == name {
			metric := family.GetMetric()[0]
			return strconv.FormatFloat(metric.GetCounter().GetValue()+metric.GetGauge().GetValue(), 'f', -1, 64)
		}
	}
	return "no series"
}

func main() {
	registry := prometheus.NewRegistry()
	counter := prometheus.NewCounter(prometheus.CounterOpts{Name: "cancelled"})
	registry.MustRegister(counter)
	forgets, ofForgets := teller(2 * time.Second)
	keeps, ofKeeps := teller(0)
	var own, forgotten, kept, between string
	for round := range 3 {
		if round > 0 {
			time.Sleep(3 * time.Second)
			between = ofForgets("cancelled")
			own, forgotten, kept = own+", ", forgotten+", ", kept+", "
		}
		counter.Inc()
		forgets.IncrCounter([]string{"cancelled"}, 1)
		keeps.IncrCounter([]string{"cancelled"}, 1)
		own += scraped(registry, "cancelled")
		forgotten += ofForgets("cancelled")
		kept += ofKeeps("cancelled")
	}
	fmt.Println("counted once each 3 seconds, three times, by client_golang:", own)
	fmt.Println("counted once each 3 seconds, three times, by go-metrics that forgets after 2:", forgotten)
	fmt.Println("the same, by go-metrics that does not forget:", kept)
	fmt.Println("between two of them, by go-metrics that forgets after 2:", between)

	keeps.IncrCounter([]string{"uses"}, 16777217)
	fmt.Println("16777217 uses counted at once:", ofKeeps("uses"))
	keeps.SetGauge([]string{"revenue"}, 123456789)
	keeps.SetPrecisionGauge([]string{"exact"}, 123456789)
	fmt.Printf("a gauge of 123456789 cents: %s, by SetPrecisionGauge %s\n", ofKeeps("revenue"), ofKeeps("exact"))
	for range 10 {
		keeps.IncrCounter([]string{"refunds"}, 19.99)
	}
	fmt.Println("ten refunds of 19.99:", ofKeeps("refunds"))
}
GO
(cd "$folder" && go mod init told && go get github.com/hashicorp/go-metrics@v0.7.0 github.com/prometheus/client_golang@v1.25.0 && go mod tidy && go build -o told .) \
    > "$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 1; }
"$folder/told" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
