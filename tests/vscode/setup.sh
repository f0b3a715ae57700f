#!/usr/bin/env bash
# Puts a real VS Code (code-server) and playwright-core into .cache/, and Chromium onto the machine if it is not there and
# may be installed. Usage: tests/vscode/setup.sh [VERSION]. Exit code 3: something is missing that only the machine can give.
set -euo pipefail
cd "$(dirname "$0")/../.."
version=${1:-4.100.3}
folder=$PWD/.cache/code-server-$version
playwright=1.65.1

missing() { echo "$1"; exit 3; }
command -v npm >/dev/null 2>&1 && command -v node >/dev/null 2>&1 || missing "node and npm are not on this machine"
if ! command -v chromium google-chrome >/dev/null 2>&1; then # GitHub's machines have Chrome
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 || missing "chromium is not on this machine"
  { apt-get update -qq && apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=120 chromium; } >/dev/null 2>&1 \
    || missing "chromium is not on this machine and could not be installed"
fi

[ -e "$folder/ready" ] && exit 0
mkdir -p "$folder"; cd "$folder"
echo '{"private":true}' > package.json
# Without install scripts: code-server's refuse root and download what an editor in a test does not need. The two native
# modules that are needed are built from Node's headers on this disk: argon2 to start, spdlog for the logs of a failure.
npm_config_nodedir=$(dirname "$(dirname "$(readlink -f "$(command -v node)")")")
export npm_config_nodedir npm_config_loglevel=error
quiet=(--ignore-scripts --no-audit --no-fund)
npm install "${quiet[@]}" "code-server@$version" "playwright-core@$playwright"
vscode=node_modules/code-server/lib/vscode
for part in "$vscode" "$vscode/extensions"; do (cd "$part" && npm install "${quiet[@]}" --omit=dev); done
build() { (cd "$1" && npm rebuild "$2" --foreground-scripts >rebuild.log 2>&1) || { cat "$1/rebuild.log"; return 1; }; }
build . argon2 & argon2=$!
build "$vscode" @vscode/spdlog
wait "$argon2"
ln -sfn node_modules "$vscode/node_modules.asar"
touch ready
