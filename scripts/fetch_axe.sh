#!/usr/bin/env bash
# Fetches the accessibility rules that tests/browser asks, as npm has them; nothing of it is shipped.
set -euo pipefail
cd "$(dirname "$0")/.."

version=4.14.1
target=.cache/axe
if [ "$(cat "$target/version" 2>/dev/null)" = "$version" ]; then
    exit 0
fi
if ! command -v npm >/dev/null; then
    echo "Missing for the tests of accessibility, please install: npm" >&2
    exit 1
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm pack --silent --pack-destination "$folder" "axe-core@$version" >/dev/null
tar -xzf "$folder/axe-core-$version.tgz" -C "$folder" package/axe.min.js
mkdir -p "$target"
cp "$folder/package/axe.min.js" "$target/axe.min.js"
echo "$version" >"$target/version"
