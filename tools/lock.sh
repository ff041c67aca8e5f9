#!/bin/sh
# Resolves pyproject.toml into requirements*.lock: exact versions and hashes, no addresses.
# The runtime lock is constrained by the development lock, so both name the same versions.
set -eu
cd "$(dirname "$0")/.."
lock() {
    uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
        --no-header --no-annotate --no-emit-index-url --no-emit-find-links "$@" >/dev/null
}
lock --group build --group dev --output-file requirements-dev.lock
lock --group build --constraint requirements-dev.lock --output-file requirements.lock
