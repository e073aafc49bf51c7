#!/usr/bin/env bash
# Makes .venv from the lock and puts the checkout itself into it, editable.
# uv does in seconds what takes pip most of a minute; where uv cannot work (a mirror that only pip's
# own configuration knows, a platform without a wheel), pip does it.
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-python3}
lock=requirements-dev.lock

if ! command -v "$python" >/dev/null; then
    echo "Python 3.11 or newer is needed, and '$python' is not there. Set PYTHON=/path/to/python3." >&2
    exit 1
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "Python 3.11 or newer is needed; '$python' is $("$python" --version). Set PYTHON=..." >&2
    exit 1
fi
if ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    rm -rf .venv
    if ! "$python" -m venv .venv; then
        rm -rf .venv
        echo "'$python -m venv' failed; on Debian and Ubuntu: apt-get install python3-venv" >&2
        exit 1
    fi
fi

with_uv() {
    .venv/bin/python -m pip install --quiet "$(grep '^uv==' "$lock")" &&
        .venv/bin/uv pip install --quiet --compile-bytecode --python .venv/bin/python \
            --requirement "$lock" &&
        .venv/bin/uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable .
}

with_pip() {
    .venv/bin/python -m pip install --quiet --requirement "$lock" &&
        .venv/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
}

if ! with_uv; then
    echo "uv could not install the packages; trying pip" >&2
    with_pip
fi
