#!/usr/bin/env bash
# The Prometheus client for Python calls its OpenMetrics text whatever version the scraper asked for.
#
# Versions: prometheus-client 0.26.0, Python 3.11.
# A good guess: `choose_encoder` negotiates: it writes the newest version that it knows and the scraper accepts, and the content
# type says which one that is.
# What happens: the text is that of 1.0 in any case, and the content type repeats the version that was asked for, one that does
# not exist too. A scraper that asks for 2.0 first, and believes the content type, reads 1.0 by the rules of 2.0: Prometheus
# 3.16 refuses the whole target then, where its feature for 2.0 is not switched on.
#
# Output seen:
#   asked 1.0.0, called 1.0.0, the text of 1.0.0
#   asked 2.0.0, called 2.0.0, the text of 1.0.0
#   asked 7.3.1, called 7.3.1, the text of 1.0.0
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet prometheus-client==0.26.0

cat > "$folder/negotiate.py" <<'PY'
from prometheus_client import CollectorRegistry, Counter
from prometheus_client.exposition import choose_encoder

registry = CollectorRegistry()
Counter("orders", "Orders.", registry=registry).inc(3)


def answer(version):
    encode, content_type = choose_encoder(f"application/openmetrics-text;version={version}")
    called = content_type.partition("version=")[2].partition(";")[0]
    return called, encode(registry)


_, oldest = answer("1.0.0")
for asked in ("1.0.0", "2.0.0", "7.3.1"):
    called, text = answer(asked)
    print(f"asked {asked}, called {called}, {'the text of 1.0.0' if text == oldest else 'another text'}")
PY

"$folder/venv/bin/python" "$folder/negotiate.py" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' > "$folder/expected"
diff "$folder/expected" "$folder/seen" && echo "as stated"
