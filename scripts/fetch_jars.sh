#!/usr/bin/env bash
# Fetches the jars of deploy/NAME/pom.xml through Maven into .cache/NAME/libs, once: `kafka` is a broker,
# `debezium` a worker of Kafka Connect with Debezium's connector for PostgreSQL.
set -euo pipefail
cd "$(dirname "$0")/.."

name=$1
pom=deploy/$name/pom.xml
libs=.cache/$name/libs
stamp=.cache/$name/pom.xml # the pom that the jars came from

if [ "$name" = kafka ] && [ -n "${TIDEMARK_KAFKA:-}" ]; then
    echo "Kafka: using TIDEMARK_KAFKA, none fetched"
    exit 0
fi
if cmp --silent "$pom" "$stamp"; then
    exit 0
fi
if ! command -v mvn >/dev/null; then
    echo "Maven is needed to fetch the jars of $name and is not there (Debian: apt-get install maven)." >&2
    [ "$name" != kafka ] || echo "Or set TIDEMARK_KAFKA=HOST:PORT to use a broker of your own." >&2
    exit 1
fi

echo "Jars of $name: fetching about 45 MB, once"
fresh=.cache/$name/libs.new # moved into place whole, so that a broken fetch leaves no half set
rm -rf "$fresh"
mkdir -p ".cache/$name"
# Maven has no retry of its own for a connection that breaks off.
for attempt in 1 2 3; do
    if mvn -B -q -f "$pom" dependency:copy-dependencies -DincludeScope=runtime \
        -DoutputDirectory="$PWD/$fresh"; then
        rm -rf "$libs"
        mv "$fresh" "$libs"
        cp "$pom" "$stamp"
        exit 0
    fi
    echo "Jars of $name: attempt $attempt of 3 failed" >&2
    sleep 2
done
echo "The jars of $name could not be fetched; see Maven's messages above." >&2
exit 1
