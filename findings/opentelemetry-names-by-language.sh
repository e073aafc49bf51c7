#!/usr/bin/env bash
# A share is `churn_ratio` for Prometheus if Go tells it, and `churn` if Java, Python or JavaScript does; the last leaves out other units too.
#
# Versions: OpenTelemetry for JavaScript 0.223.0 (exporter), Python 0.66b2, Go 0.69.0, Java 1.66.0-alpha, the newest on 2026-11-29; Node 20,
# Python 3.11, Go 1.26, Java 17.
# A good guess: what an instrument's name and unit become is in OpenTelemetry's specification, so services in several languages that count
# the same have one series name, and one panel reads them all.
# What happens: Go puts the unit behind the name, `_ratio` for a gauge of the unit 1. Python and Java do so for all units but that
# one. JavaScript never does: it has the unit in a line of its own, `# UNIT churn 1`, which is not the suffix that
# OpenMetrics wants there.
# Matters because: rates, money and times of customers come from several services. A panel or an alert on `churn_ratio` is silent for
# those in all other languages than Go, and a move of one service to another language ends its series. Put the unit into the instrument's
# name and leave the unit out, or give names by a view.
#
# Output seen:
#   gauge churn in 1: JavaScript churn, Python churn, Go churn_ratio, Java churn
#   gauge revenue.monthly in USD: JavaScript revenue_monthly, Python revenue_monthly_USD, Go revenue_monthly_USD, Java revenue_monthly_USD
#   gauge answered in %: JavaScript answered, Python answered_percent, Go answered_percent, Java answered_percent
#   counter open.time in min: JavaScript open_time_total, Python open_time_minutes_total, Go open_time_minutes_total, Java open_time_minutes_total
#   gauge customers in {customer}: JavaScript customers, Python customers, Go customers, Java customers
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

(cd "$folder" && npm install --silent --no-audit --no-fund @opentelemetry/sdk-metrics@2.12.1 @opentelemetry/exporter-prometheus@0.223.0 > log 2>&1)
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet opentelemetry-sdk==1.45.2 opentelemetry-exporter-prometheus==0.66b2
cat > "$folder/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>names</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>io.opentelemetry</groupId><artifactId>opentelemetry-exporter-prometheus</artifactId><version>1.66.0-alpha</version></dependency>
  </dependencies>
</project>
POM
mvn -B -q -f "$folder/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$folder/libs" > "$folder/log" 2>&1

# Each program gets lines of kind, name and unit, and prints what a scrape gets.
cat > "$folder/instruments" <<'TEXT'
gauge churn 1
gauge revenue.monthly USD
gauge answered %
counter open.time min
gauge customers {customer}
TEXT
cat > "$folder/names.js" <<'JS'
const { MeterProvider } = require("@opentelemetry/sdk-metrics");
const { PrometheusExporter, PrometheusSerializer } = require("@opentelemetry/exporter-prometheus");
const reader = new PrometheusExporter({ preventServerStart: true });
const meter = new MeterProvider({ readers: [reader] }).getMeter("figures");
for (const line of require("fs").readFileSync("instruments", "utf8").trim().split("\n")) {
  const [kind, name, unit] = line.split(" ");
  kind === "gauge" ? meter.createGauge(name, { unit }).record(1) : meter.createCounter(name, { unit }).add(1);
}
reader.collect().then((seen) => console.log(new PrometheusSerializer().serialize(seen.resourceMetrics)));
JS
cat > "$folder/names.py" <<'PY'
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider
from prometheus_client import generate_latest

meter = MeterProvider(metric_readers=[PrometheusMetricReader()]).get_meter("figures")
for kind, name, unit in map(str.split, open("instruments")):
    if kind == "gauge":
        meter.create_gauge(name, unit=unit).set(1)
    else:
        meter.create_counter(name, unit=unit).add(1)
print(generate_latest().decode())
PY
cat > "$folder/names.go" <<'GO'
package main

import (
	"bufio"
	"context"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/metric"
	sdk "go.opentelemetry.io/otel/sdk/metric"
)

func main() {
	reader, _ := prometheus.New()
	meter := sdk.NewMeterProvider(sdk.WithReader(reader)).Meter("figures")
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		told := strings.Fields(lines.Text())
		if told[0] == "gauge" {
			gauge, _ := meter.Float64Gauge(told[1], metric.WithUnit(told[2]))
			gauge.Record(context.Background(), 1)
		} else {
			counter, _ := meter.Float64Counter(told[1], metric.WithUnit(told[2]))
			counter.Add(context.Background(), 1)
		}
	}
	scraped := httptest.NewRecorder()
	promhttp.Handler().ServeHTTP(scraped, httptest.NewRequest("GET", "/metrics", nil))
	os.Stdout.Write(scraped.Body.Bytes())
}
GO
cat > "$folder/Names.java" <<'JAVA'
import io.opentelemetry.exporter.prometheus.PrometheusHttpServer;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;

class Names {
    public static void main(String[] arguments) throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        var reader = PrometheusHttpServer.builder().setHost("127.0.0.1").setPort(port).build();
        try (var provider = SdkMeterProvider.builder().registerMetricReader(reader).build()) {
            var meter = provider.get("figures");
            for (String line : Files.readAllLines(Path.of(arguments[0]))) {
                String[] told = line.split(" ");
                if (told[0].equals("gauge")) {
                    meter.gaugeBuilder(told[1]).setUnit(told[2]).build().set(1);
                } else {
                    meter.counterBuilder(told[1]).setUnit(told[2]).build().add(1);
                }
            }
            var asked = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics")).build();
            System.out.println(HttpClient.newHttpClient().send(asked, HttpResponse.BodyHandlers.ofString()).body());
        }
    }
}
JAVA

(cd "$folder" && node names.js > JavaScript && venv/bin/python names.py > Python)
(cd "$folder" && go mod init names && go get go.opentelemetry.io/otel/exporters/prometheus@v0.69.0 go.opentelemetry.io/otel/sdk/metric@v1.47.0 \
    && go mod tidy && go build -o names names.go) > "$folder/log" 2>&1
"$folder/names" < "$folder/instruments" > "$folder/Go"
java -cp "$folder/libs/*" "$folder/Names.java" "$folder/instruments" > "$folder/Java" 2> "$folder/log"

while read -r kind name unit; do
    line=""
    for language in JavaScript Python Go Java; do
        seen=$(grep -oE "^${name/./_}[A-Za-z_]*" "$folder/$language")
        line="$line, $language $seen"
    done
    echo "$kind $name in $unit: ${line:2}"
done < "$folder/instruments" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
