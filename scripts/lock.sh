#!/usr/bin/env bash
# Writes the two lock files from pyproject.toml: what runs, and what runs plus the tools; and that of
# the senders' own libraries (scripts/install_sdks.sh).
# Plain pins, good for every Python from 3.11 on, and without the address of any index.
set -euo pipefail
cd "$(dirname "$0")/.."

compile() {
    .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --no-annotate \
        --custom-compile-command "make lock" "$@"
}

compile pyproject.toml --output-file requirements.lock
compile pyproject.toml --output-file requirements-dev.lock --extra dev --constraint requirements.lock

producers=tests/events/sources/producers
compile $producers/requirements.in --output-file $producers/requirements.lock
