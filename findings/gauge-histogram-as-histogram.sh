#!/usr/bin/env bash
# In the plain text format the Prometheus client for Python declares the buckets of a gauge histogram as a histogram.
#
# Versions: prometheus-client 0.26.0, Python 3.11.
# A good guess: the plain format has no gauge histograms, so all of their samples become gauges or untyped, as their count and sum
# (`_gcount`, `_gsum`) do.
# What happens: count and sum become gauges of their own, and the buckets stay under `# TYPE ... histogram`, a histogram without
# count and sum. Whoever goes by the type takes values that fall for counters; Prometheus 3.16 with
# `convert_classic_histograms_to_nhcb` makes a native histogram of them, so that every `_bucket` series is gone, while the same
# process scraped by OpenMetrics keeps them.
#
# Output seen:
#   plain: age_seconds is histogram
#   plain: age_seconds_gcount is gauge
#   plain: age_seconds_gsum is gauge
#   openmetrics: age_seconds is gaugehistogram
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet prometheus-client==0.26.0

cat > "$folder/expose.py" <<'PY'
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeHistogramMetricFamily
from prometheus_client.openmetrics import exposition


class Ages:
    def collect(self):
        buckets = [("60.0", 2), ("+Inf", 3)]
        yield GaugeHistogramMetricFamily("age_seconds", "Age.", buckets=buckets, gsum_value=100)


registry = CollectorRegistry()
registry.register(Ages())
for name, write in (("plain", generate_latest), ("openmetrics", exposition.generate_latest)):
    for line in write(registry).decode().splitlines():
        if line.startswith("# TYPE "):
            _, _, metric, kind = line.split()
            print(f"{name}: {metric} is {kind}")
PY

"$folder/venv/bin/python" "$folder/expose.py" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' > "$folder/expected"
diff "$folder/expected" "$folder/seen" && echo "as stated"
