#!/usr/bin/env bash
# Finds Firefox, WebKitGTK with its driver, and Xvfb, or gets Debian's. Never goes without.
set -euo pipefail
missing=()
command -v firefox-esr >/dev/null || command -v firefox >/dev/null || missing+=(firefox-esr)
command -v WebKitWebDriver >/dev/null || missing+=(webkit2gtk-driver) # brings MiniBrowser along
command -v Xvfb >/dev/null || missing+=(xvfb)
if [ ${#missing[@]} = 0 ]; then exit 0; fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "Installing Debian's ${missing[*]}, with apt-get"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}" >/dev/null
else
  echo "The browser tests need these packages: ${missing[*]}" >&2
  exit 1
fi
