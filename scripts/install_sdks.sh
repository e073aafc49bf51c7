#!/usr/bin/env bash
# Makes .cache/sdks: the senders' own libraries, which tests let write what the sources read. They
# have an environment of their own: some of them need older packages than the service does.
set -euo pipefail
cd "$(dirname "$0")/.."

lock=tests/events/sources/producers/requirements.lock
place=.cache/sdks
made=$place/.made-from

cmp --silent "$lock" "$made" && exit 0
rm -rf "$place"
"${PYTHON:-python3}" -m venv "$place"
if ! { [ -x .venv/bin/uv ] &&
    .venv/bin/uv pip install --quiet --python "$place/bin/python" --requirement "$lock"; }; then
    "$place/bin/python" -m pip install --quiet --requirement "$lock"
fi
cp "$lock" "$made"
