#!/usr/bin/env bash
# Fetches the jars of Apache Kafka (deploy/kafka/pom.xml) through Maven into .cache/kafka/libs, once.
set -euo pipefail
cd "$(dirname "$0")/.."

pom=deploy/kafka/pom.xml
libs=.cache/kafka/libs
stamp=.cache/kafka/pom.xml # the pom that the jars came from

if [ -n "${TIDEMARK_KAFKA:-}" ]; then
    echo "Kafka: using TIDEMARK_KAFKA, none fetched"
    exit 0
fi
if cmp --silent "$pom" "$stamp"; then
    exit 0
fi
if ! command -v mvn >/dev/null; then
    echo "Maven is needed to fetch Kafka's jars and is not there (Debian: apt-get install maven)." >&2
    echo "Or set TIDEMARK_KAFKA=HOST:PORT to use a broker of your own." >&2
    exit 1
fi

echo "Kafka: fetching about 45 MB of jars, once"
fresh=.cache/kafka/libs.new # moved into place whole, so that a broken fetch leaves no half set
rm -rf "$fresh"
mkdir -p .cache/kafka
# Maven has no retry of its own for a connection that breaks off.
for attempt in 1 2 3; do
    if mvn -B -q -f "$pom" dependency:copy-dependencies -DincludeScope=runtime \
        -DoutputDirectory="$PWD/$fresh"; then
        rm -rf "$libs"
        mv "$fresh" "$libs"
        cp "$pom" "$stamp"
        exit 0
    fi
    echo "Kafka: attempt $attempt of 3 failed" >&2
    sleep 2
done
echo "Kafka's jars could not be fetched; see Maven's messages above." >&2
exit 1
