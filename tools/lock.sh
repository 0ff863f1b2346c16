#!/bin/sh
# Resolve the lock files again: make lock. With --upgrade, to the newest versions that
# pyproject.toml allows. The resolver lives in an environment of its own, thrown away
# afterwards, and writes neither the address of a package index nor a machine's paths.
set -eu
cd "$(dirname "$0")/.."

uv_version=0.13.9
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
.venv/bin/python -m venv "$scratch/venv"
"$scratch/venv/bin/python" -m pip install --quiet --disable-pip-version-check "uv==$uv_version"

compile() {
    "$scratch/venv/bin/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header "$@"
}

compile --all-extras pyproject.toml -o requirements/course.lock "$@"
# Data packages are pinned by hand in data.in, and what they ask for is not wanted.
compile --no-deps requirements/data.in -o requirements/data.lock "$@"
