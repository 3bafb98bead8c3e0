#!/usr/bin/env bash
# Deploys infra/template.yaml with the binaries under target/lambda to an AWS on loopback; see deploy.py, which gets the
# arguments. Prints one line of JSON and runs until its standard input closes. Needs Python 3.11 or newer.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/venv.sh"
target=${TARGET:-"$here/../../target"}
mkdir -p "$target"
target=$(cd "$target" && pwd)

venv "$target/checks-venv" "$here/requirements.txt"
venv "$target/deploy-venv" "$here/requirements-deploy.txt"
"$target/checks-venv/bin/python" "$here/translate.py" "$here/../template.yaml" "$target/template.json" >&2
exec "$target/deploy-venv/bin/python" "$here/deploy.py" \
    --template "$target/template.json" --bootstraps "$target/lambda" --data "$target/deploy-check" "$@"
