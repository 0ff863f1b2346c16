#!/bin/sh
# Open the assignments in JupyterLab: sh start.sh
# The first time, and after an update, it sets up what they need, which takes the network and some minutes.
# Safe to run again at any time: a file in the folder "assignments" is never changed.
set -eu
cd "$(dirname "$0")"
here=$(pwd)
venv=course/.venv
ready=$venv/.ready

# Packages from elsewhere would take the place of those that the course was tested with.
unset PYTHONHOME PYTHONPATH
export TF_CPP_MIN_LOG_LEVEL="${TF_CPP_MIN_LOG_LEVEL:-3}" NO_GCE_CHECK="${NO_GCE_CHECK:-true}"

fail() {
    printf '\n*** %s\n' "$1" >&2
    shift
    for line in "$@"; do printf '    %s\n' "$line" >&2; done
    exit 1
}

# Set up again when there are new files, other than assignments, and when the folder was moved, which an
# environment does not survive.
wanted=$here$(grep -v ' course/assignments/' course/SHA256SUMS)
if ! [ -x $venv/bin/python ] || [ "$(cat $ready 2>/dev/null)" != "$wanted" ]; then
    rm -f $ready
    RUN_AGAIN="sh start.sh" sh course/tools/setup.sh
    cp -R course/environment/. $venv/
    echo "Preparing the data sets ..."
    $venv/bin/python -m seqmodels.datasets || fail "The data sets could not be prepared; the reason is above." \
        "Run the same command again: what is here already is kept."
    printf '%s' "$wanted" >$ready
fi

# Assignments that are not there yet, file by file, each whole or not at all.
(cd course/assignments && find . -type f) | while IFS= read -r file; do
    own=assignments/${file#./}
    if ! [ -e "$own" ] && ! [ -L "$own" ]; then
        mkdir -p "$(dirname "$own")"
        cp "course/assignments/$file" "$own.new"
        mv "$own.new" "$own"
        echo "New: $own"
    fi
done

# So that a terminal in JupyterLab finds nbgrader.
PATH=$here/$venv/bin:$PATH
export PATH
exec $venv/bin/python -m jupyterlab --ServerApp.root_dir="$here/assignments" "$@"
