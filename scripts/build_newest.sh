#!/usr/bin/env bash
# Builds the newest Prometheus, Alertmanager and VictoriaMetrics from their Go modules into
# .cache/newest, once: Debian's are years older, and both are in use. A module's digest is given here,
# those of all that it needs are in its go.sum. Go keeps what it fetched and compiled for the next time.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=.cache/newest
stamp=$folder/script # the script that they came from

if cmp --silent scripts/build_newest.sh "$stamp"; then
    exit 0
fi
if ! command -v go >/dev/null; then
    echo "Go 1.26.7 or later is needed to build the newest Prometheus, Alertmanager and VictoriaMetrics." >&2
    exit 1
fi

# For tests: quick to build rather than quick, without a page, without looking for targets in clouds.
export CGO_ENABLED=0 GOWORK=off GOFLAGS="-mod=readonly -buildvcs=false -trimpath -tags=netgo,remove_all_sd"
export GOGC=400 # the compiler's too: memory is cheaper here than time
fresh=$PWD/$folder.new # moved into place whole
rm -rf "$fresh"
mkdir -p "$fresh"
trap 'rm -rf "$fresh"' EXIT

build() { # MODULE DIGEST PACKAGE...
    local said source attempt
    said=$(go mod download -json "$1")
    if ! grep -qF "\"Sum\": \"$2\"" <<<"$said"; then
        echo "$1 is not the module that was chosen: $said" >&2
        return 1
    fi
    source=$fresh/source # a copy, since the page is in the repository but not in the module
    cp -r "$(sed -n 's/.*"Dir": "\(.*\)",$/\1/p' <<<"$said")" "$source"
    chmod -R u+w "$source"
    [ ! -d "$source/ui/app" ] || install -D /dev/null "$source/ui/app/dist/index.html"
    for attempt in 1 2 3; do # a fetch that broke off goes on where it was
        if (cd "$source" && go build -gcflags="all=-N -l -dwarf=false" -ldflags="-s -w" -o "$fresh/" "${@:3}"); then
            rm -rf "$source"
            return
        fi
        echo "$1: attempt $attempt of 3 failed" >&2
    done
    return 1
}

echo "Newest Prometheus, Alertmanager, VictoriaMetrics and its vmalert: building, once; minutes if Go has not done so before"
build github.com/VictoriaMetrics/VictoriaMetrics@v1.151.0 h1:Svzb/7gPYbzmQnvLjab8h1Jl9olB76mokDE7ykvF/ro= ./app/victoria-metrics ./app/vmalert
build github.com/prometheus/alertmanager@v0.35.0 h1:nbXMjr+P2JaoFd7aHNDxKifEwTPN+TWxM0gNPonuH5w= ./cmd/alertmanager ./cmd/amtool
build github.com/prometheus/prometheus@v0.316.0 h1:f1GRFerhTMKQma+awCoC9T820ecWeGSdF+xAlMHzZzM= ./cmd/prometheus ./cmd/promtool # 3.16.0
cp scripts/build_newest.sh "$fresh/script"
rm -rf "$folder"
mv "$fresh" "$folder"
