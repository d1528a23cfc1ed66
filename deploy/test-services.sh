#!/bin/sh
# Install the services that the tests use: PostgreSQL, PgBouncer, Redis, nginx, Chromium and the PDF libraries. Starts none of them.
set -eu
missing=""
PATH="$PATH:/sbin:/usr/sbin" # for ldconfig
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
command -v pgbouncer >/dev/null || missing="$missing pgbouncer"
command -v redis-server >/dev/null || missing="$missing redis-server"
ldconfig -p | grep -q libpangoft2-1.0.so.0 || missing="$missing libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
command -v nginx >/dev/null || missing="$missing nginx-light"
command -v chromium >/dev/null || missing="$missing chromium"
[ -n "$missing" ] || exit 0
if [ "$(id -u)" != 0 ]; then
  echo "The tests need$missing. Install them, for example: sudo apt-get install$missing" >&2
  exit 1
fi
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
