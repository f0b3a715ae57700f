#!/usr/bin/env bash
# Finds a Python and installs what the Action needs beside it. `python -I` everywhere: without it, `-m` would import
# what lies in the checked folder, and a pull request that adds a venv.py would be running in the job.
set -euo pipefail
SECONDS=0

fail() { echo "::error title=brownout::$1"; exit 2; }
fits() { "$1" -I -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() { # the first that fits: of PATH, then of those that hosted runners keep ready
  local wanted=${BROWNOUT_INPUT_PYTHON_VERSION:-} kept=${RUNNER_TOOL_CACHE:-/nowhere}/Python candidate
  if [[ -n $wanted && ! $wanted =~ ^3(\.[0-9]+){1,2}$ ]]; then fail "python-version: '$wanted' is no version, such as 3.12"; fi
  if [[ -n $wanted ]]; then
    set -- "python$wanted" "$kept/$wanted"/*/bin/python "$kept/$wanted".*/*/bin/python "$kept/$wanted"*/*/python.exe
  else
    set -- python3 python python3.13 python3.12 python3.11 "$kept"/3.1[1-9].*/*/bin/python "$kept"/3.1[1-9].*/*/python.exe
  fi
  for candidate in "$@"; do
    if fits "$candidate"; then command -v "$candidate"; return; fi
  done
  fail "Python ${wanted:-3.11 or newer} is not on this runner: run actions/setup-python before"
}

folder=$RUNNER_TEMP/brownout cache=
if [[ ${BROWNOUT_INPUT_CACHE:-true} != false && -n ${RUNNER_TOOL_CACHE:-} ]]; then
  if mkdir -p "$RUNNER_TOOL_CACHE/brownout" 2>/dev/null && [[ -w $RUNNER_TOOL_CACHE/brownout ]]; then
    folder=$RUNNER_TOOL_CACHE/brownout # stays on self-hosted runners; on hosted ones actions/cache can restore it
    cache=$folder/cache
  fi
fi

python=$(find_python) || { echo "$python"; exit 2; }
pins=$GITHUB_ACTION_PATH/action/requirements.txt
key=$("$python" -I -c '
import hashlib, sys
print(hashlib.sha256(open(sys.argv[1], "rb").read() + sys.version.encode() + sys.executable.encode()).hexdigest()[:16])
' "$pins")
home=$folder/$key
inside() { if [[ -d $1/Scripts ]]; then echo "$1/Scripts/python.exe"; else echo "$1/bin/python"; fi; }

if ! "$(inside "$home")" -I -c 'import github, libcst, pathspec, pydantic, sarif_om' >/dev/null 2>&1; then
  rm -rf "$home"
  fresh=$(mkdir -p "$folder" && mktemp -d "$folder/new.XXXXXX")
  "$python" -I -m venv "$fresh" || fail "Python cannot make a virtual environment: run actions/setup-python before"
  "$(inside "$fresh")" -I -m pip install -q --no-input --disable-pip-version-check --require-hashes --only-binary :all: \
    -r "$pins" || fail "the Action's dependencies cannot be installed; pip says why above"
  mv -T "$fresh" "$home" 2>/dev/null || mv "$fresh" "$home" # two jobs at once: either's is good
fi
{ echo "python=$(inside "$home")"; echo "cache=$cache"; } >>"$GITHUB_OUTPUT"
echo "brownout: ready in $SECONDS s, on $("$(inside "$home")" -I --version)"
