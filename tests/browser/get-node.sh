#!/usr/bin/env bash
# Gets what package.json names: what judges the pages, and what leads Firefox.
set -euo pipefail
into=$1
if ! command -v npm >/dev/null; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "No npm found: installing Debian's, with apt-get"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq npm >/dev/null
  else
    echo "The browser tests need npm, which comes with Node.js" >&2
    exit 1
  fi
fi
mkdir -p "$into"
cp "$(dirname "$0")/package.json" "$into/"
npm install --prefix "$into" --no-package-lock --ignore-scripts --no-audit --no-fund --silent
