#!/usr/bin/env bash
# Puts Neovim and Emacs with Eglot onto a Debian or Ubuntu machine, if they are not there and may be installed: the tests
# of the editors' pages drive them. Elsewhere those tests are skipped, with the reason.
set -euo pipefail
missing=()
command -v nvim >/dev/null 2>&1 || missing+=(neovim)
command -v emacs >/dev/null 2>&1 || missing+=(emacs-nox)
emacs --batch --eval "(require 'eglot)" >/dev/null 2>&1 || missing+=(elpa-eglot) # part of Emacs since 29
[ ${#missing[@]} -gt 0 ] || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
  echo "The editors' tests: ${missing[*]} cannot be installed on this machine: skipped"; exit 0
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq >/dev/null 2>&1 || true
for package in "${missing[@]}"; do # one by one: where Emacs holds Eglot itself, there may be no package of it
  timeout 400 apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=120 "$package" >/dev/null 2>&1 \
    || echo "The editors' tests: $package could not be installed"
done
