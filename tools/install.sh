#!/bin/sh
# Makes .venv hold what a lock says: `tools/install.sh python3 requirements.lock`.
# Does nothing while its stamp names this lock and this project; the development lock holds the
# other one's versions too, so that `make run` after `make test` installs nothing.
set -eu
cd "$(dirname "$0")/.."
python=$1
lock=$2
venv=.venv/bin/python

stamp_of() { cat "$1" pyproject.toml | cksum; }

# Installed in place, the package is not compiled by pip; without bytecode every start would compile
# it where Python is told to write none.
compile_package() {
    stamp=bot/__pycache__/compiled.stamp
    if [ ! -f $stamp ] || [ -n "$(find bot -name '*.py' -newer $stamp | head -n 1)" ]; then
        $venv -m compileall -q bot
        touch $stamp
    fi
}

for done in "$lock" requirements-dev.lock; do
    if [ -x $venv ] && [ -f ".venv/$done.stamp" ] &&
        [ "$(cat ".venv/$done.stamp")" = "$(stamp_of "$done")" ]; then
        compile_package
        exit 0
    fi
done

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "Python 3.11 or newer is needed. Name it: make run PYTHON=/path/to/python3.11" >&2
    exit 1
fi
if ! $venv -c 'import pip' 2>/dev/null; then
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        echo "Python's venv is missing. On Debian and Ubuntu: sudo apt install python3-venv" >&2
        exit 1
    fi
    "$python" -m venv --clear .venv
fi
echo "Installing what $lock names into .venv (once, about a minute)"
pip="$venv -m pip --disable-pip-version-check --quiet"
rm -f .venv/*.stamp
$pip install --require-hashes -r "$lock"
$pip install --no-deps --no-build-isolation -e .
stamp_of "$lock" >".venv/$lock.stamp"
compile_package
