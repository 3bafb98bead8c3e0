# Sourced: `venv FOLDER REQUIREMENTS` makes a virtual environment of exactly these packages, or leaves it if it is one.
venv() {
    if ! cmp -s "$2" "$1/requirements.txt"; then
        rm -rf "$1"
        python3 -m venv "$1"
        "$1/bin/pip" install --quiet --disable-pip-version-check --require-hashes -r "$2" >&2
        cp "$2" "$1/requirements.txt"
    fi
}
# The checks leave nothing in the source tree.
export PYTHONDONTWRITEBYTECODE=1
