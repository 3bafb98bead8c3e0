#!/usr/bin/env bash
# Checks infra/template.yaml: cfn-lint, cfn-guard, cdk-nag, and our own properties. Needs Python 3.11 or newer and Node 20
# or newer; what it installs is pinned, with hashes, and stays under target/ (or the folder given).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/venv.sh"
target=${1:-"$here/../../target"}
mkdir -p "$target"
target=$(cd "$target" && pwd)

venv "$target/checks-venv" "$here/requirements.txt"

node=$target/checks-node
if ! cmp -s "$here/package-lock.json" "$node/installed-lock.json"; then
    rm -rf "$node"
    mkdir -p "$node"
    cp "$here/package.json" "$here/package-lock.json" "$node/"
    npm ci --prefix "$node" --ignore-scripts --no-audit --no-fund --loglevel=error >&2
    cp "$here/package-lock.json" "$node/installed-lock.json"
fi

"$target/checks-venv/bin/python" "$here/check.py" "$here/../template.yaml" "$target" "$node/node_modules"
cd "$here"
TEMPLATE=$target/template.json exec "$target/checks-venv/bin/python" -m unittest --quiet test_properties
