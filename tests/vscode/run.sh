#!/usr/bin/env bash
# Checks, builds and packages the VS Code extension, then uses it in a real VS Code: tests/vscode/run.sh [PYTHON].
# What this machine cannot do is skipped, with a line that says why.
set -euo pipefail
cd "$(dirname "$0")/../.."
# Not a virtual environment's: there brownout may be installed, and the extension is to bring its own.
python=$("${1:-python3}" -c 'import sys; print(sys._base_executable)')
export npm_config_loglevel=error npm_config_audit=false npm_config_fund=false

if ! { command -v node && command -v npm; } >/dev/null 2>&1 || [ "$(node -p 'process.versions.node.split(".")[0]')" -lt 20 ]; then
  echo "VS Code extension: node 20 and npm are not on this machine: skipped"; exit 0
fi
mkdir -p .cache
timeout 400 tests/vscode/setup.sh >.cache/vscode-setup.log 2>&1 & setup=$!

(
  cd vscode-client
  timeout 300 npm ci --ignore-scripts
  npm run --silent check
  npm run --silent test
  timeout 300 "$python" scripts/bundle.py
  node scripts/package.mjs linux-x64 >/dev/null
)

code=0; wait "$setup" || code=$?
if [ "$code" = 3 ]; then echo "A real VS Code: $(tail -n 1 .cache/vscode-setup.log): skipped"; exit 0; fi
[ "$code" = 0 ] || { cat .cache/vscode-setup.log; exit "$code"; }
timeout 300 node tests/vscode/test.mjs --vsix vscode-client/brownout-linux-x64.vsix --python "$python"
