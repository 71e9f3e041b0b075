# Sourced by the other scripts: makes a virtual environment and installs what a lock file names. Not run by itself.
#
#   prepare LOCK     LOCK is requirements-checkout.lock or requirements-dev.lock
#
# $venv is where; .venv unless it is set before.
venv=${venv:-.venv}

find_python() {
    for candidate in ${PYTHON:-} python3.13 python3.12 python3.11 python3; do
        if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2])' >/dev/null 2>&1; then
            command -v "$candidate"
            return
        fi
    done
    echo "voicecoach needs Python 3.11 or newer and found none; install python3 (for example: sudo apt install python3 python3-venv)." >&2
    return 1
}

# What pip says of what it does; not of what there is nothing to do about.
tell_progress() {
    grep -v -E 'already satisfied|^Ignoring|^Looking in|^WARNING: Location|^ *Preparing metadata|^ *Downloading .*metadata' >&2 || true
}

run_pip() {
    status=$(mktemp)
    { PIP_DISABLE_PIP_VERSION_CHECK=1 "$venv/bin/python" -m pip "$@" 2>&1; echo $? >"$status"; } | tell_progress
    code=$(cat "$status")
    rm -f "$status"
    return "$code"
}

install_from() {
    run_pip install --require-hashes --no-build-isolation -r "$1"
}

install_this() {
    run_pip install --quiet --no-build-isolation --no-deps --editable .
}

install_this_for_good() {
    run_pip install --quiet --no-build-isolation --no-deps .
}

# What an installation that is never changed does not need: the engine of moonshine-voice, of which only the model's files
# are read, and what builds and installs.
leave_out_unused() {
    rm -rf "$venv"/lib/python3*/site-packages/moonshine_voice.libs \
        "$venv"/lib/python3*/site-packages/moonshine_voice/libmoonshine.so
    for name in $(sed -n 's/^\([A-Za-z0-9_-]*\)==.*/\1/p' requirements-build.lock) pip; do
        grep -q "^$name==" requirements.lock || run_pip uninstall --quiet --yes "$name"
    done
}

make_venv() {
    python=$(find_python) || return 2
    rm -rf "$venv"
    if ! "$python" -m venv "$venv" >&2; then
        rm -rf "$venv"
        echo "Python could not make a virtual environment; install its venv module (for example: sudo apt install python3-venv)." >&2
        return 2
    fi
}

prepare() {
    lock=$1
    # The stamp is the digest of what was installed, written last: a set-up that was broken off is done again.
    wanted=$(cat requirements-build.lock "$lock" pyproject.toml | cksum)
    [ "$(cat "$venv/.installed-$lock" 2>/dev/null)" = "$wanted" ] && return

    echo "Setting up voicecoach in $venv (once; about a minute)." >&2
    if ! { [ -x "$venv/bin/python" ] && "$venv/bin/python" -c 'import pip' 2>/dev/null; }; then
        make_venv || return 2
    fi
    rm -f "$venv"/.installed-*
    install_from requirements-build.lock && install_from "$lock" && install_this || {
        echo "The libraries could not be installed; the lines above say why. Look at the network, then run this again." >&2
        return 2
    }
    [ "$lock" = requirements-dev.lock ] && cat requirements-build.lock requirements-checkout.lock pyproject.toml | cksum > "$venv/.installed-requirements-checkout.lock"
    echo "$wanted" > "$venv/.installed-$lock"
    echo "Set up." >&2
}
