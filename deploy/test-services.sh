#!/bin/sh
# Install the programs that the tests need: a real PostgreSQL with a pooler, Redis, nginx, Chromium, Firefox, LibreOffice,
# the libraries that render PDFs, and the checkers of the files in deploy/. Starts nothing.
set -eu
missing=""
PATH="$PATH:/sbin:/usr/sbin" # for ldconfig
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
command -v pgbouncer >/dev/null || missing="$missing pgbouncer"
command -v redis-server >/dev/null || missing="$missing redis-server"
ldconfig -p | grep -q libpangoft2-1.0.so.0 || missing="$missing libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
command -v pdftotext >/dev/null || missing="$missing poppler-utils"
command -v fc-list >/dev/null || missing="$missing fontconfig"
fc-list 2>/dev/null | grep -q NotoSerifDevanagari || missing="$missing fonts-noto-core"
fc-list 2>/dev/null | grep -q NotoSerifCJK || missing="$missing fonts-noto-cjk"
fc-list 2>/dev/null | grep -qi "David CLM" || missing="$missing culmus"
command -v nginx >/dev/null || missing="$missing nginx-light"
command -v chromium >/dev/null || missing="$missing chromium"
command -v chromium-headless-shell >/dev/null || missing="$missing chromium-headless-shell"
command -v firefox-esr >/dev/null || missing="$missing firefox-esr"
command -v soffice >/dev/null || missing="$missing libreoffice-writer-nogui"
command -v systemd-analyze >/dev/null || missing="$missing systemd"
promtool=$(command -v promtool || true)
[ -n "$missing" ] || [ -z "$promtool" ] || exit 0
if [ "$(id -u)" != 0 ]; then
  echo "The tests need$missing$([ -n "$promtool" ] || echo " promtool"). Install them: sudo sh deploy/test-services.sh" >&2
  exit 1
fi
apt-get update -qq
if [ -n "$missing" ]; then
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi
# The package prometheus would start a server and bring its web pages. The tests need one static program of it.
if [ -z "$promtool" ]; then
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  (cd "$folder" && apt-get download -qq -o APT::Sandbox::User=root prometheus >/dev/null)
  dpkg --fsys-tarfile "$folder"/prometheus_*.deb | tar -x -C "$folder" ./usr/bin/promtool
  install -m 755 "$folder/usr/bin/promtool" /usr/local/bin/promtool
fi
