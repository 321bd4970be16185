#!/bin/sh
# Renew the hashed requirements from pyproject.toml. They hold no download address.
set -eu
cd "$(dirname "$0")/.."
lock() { uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links "$@"; }
echo 'hatchling>=1.27' | lock pyproject.toml --all-extras --group dev --output-file requirements/dev.txt -
lock pyproject.toml --extra kafka --extra postgres --extra web --output-file requirements/all.txt
lock pyproject.toml --group bench --output-file requirements/bench.txt --constraint requirements/dev.txt
