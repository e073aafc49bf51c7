#!/usr/bin/env bash
# Sees to the programs that the tests run against: Java and Maven (for Kafka and Debezium), Redis,
# PostgreSQL, Prometheus, Alertmanager, VictoriaMetrics, and the browser Chromium.
# As root on a Debian-like system the missing ones are installed; elsewhere they are named.
# Installing starts no daemon: the tests start servers of their own, on free loopback ports.
set -euo pipefail

declare -A package_of=(
    [java]=default-jre-headless
    [mvn]=maven
    [redis-server]=redis-server
    [promtool]=prometheus
    [amtool]=prometheus-alertmanager
    [victoria-metrics]=victoria-metrics
    [chromium]=chromium
)
needed=(java mvn promtool amtool victoria-metrics chromium)
[ -n "${TIDEMARK_REDIS:-}" ] || needed+=(redis-server)

missing=()
for program in "${needed[@]}"; do
    command -v "$program" >/dev/null || missing+=("${package_of[$program]}")
done
# Debian puts the programs of PostgreSQL's server beside the path.
compgen -G "/usr/lib/postgresql/*/bin/postgres" >/dev/null || command -v postgres >/dev/null || missing+=(postgresql)
if [ ${#missing[@]} -eq 0 ]; then
    exit 0
fi

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "Missing for the tests with real servers, please install: ${missing[*]}" >&2
    echo "(names as in Debian; TIDEMARK_KAFKA and TIDEMARK_REDIS name servers to use instead)." >&2
    # A developer may go on, and those tests skip themselves; CI may not.
    [ -z "${CI:-}" ]
    exit
fi

policy=/usr/sbin/policy-rc.d # asked by Debian's packages before they start a daemon
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
fi
echo "Servers: installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null
