#!/usr/bin/env bash
# Runs a command with DATABASE_URL naming a PostgreSQL of its own, which ends with it: tools/with-postgres.sh COMMAND...
# Takes the operating system's package, and installs it where this machine lets us (root and apt). Where there is none the
# command runs all the same; the suites that want PostgreSQL then say by name that they were skipped.
set -uo pipefail

without() {
  echo "Without PostgreSQL: $1." >&2
  exec "${command[@]}"
}

command=("$@")
[ "${#command[@]}" -gt 0 ] || { echo "Usage: $0 COMMAND..." >&2; exit 2; }
if [ -n "${DATABASE_URL:-}" ]; then exec "${command[@]}"; fi

programs_of_postgres() { ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1; }
bin=$(programs_of_postgres)
if [ -z "$bin" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "Installing PostgreSQL from the operating system's packages." >&2
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql; } >/dev/null 2>&1
  bin=$(programs_of_postgres)
fi
[ -n "$bin" ] || without "it is not installed, and cannot be installed here"

home=$(mktemp -d "${TMPDIR:-/tmp}/shomei-postgres-XXXXXX")
password=$(node -e 'process.stdout.write(require("node:crypto").randomBytes(16).toString("hex"))')
port=$(node -e 'const s = require("node:net").createServer().listen(0, "127.0.0.1", () => { process.stdout.write(String(s.address().port)); s.close(); })')
printf '%s' "$password" >"$home/password"
as=()
# PostgreSQL refuses to run as root.
if [ "$(id -u)" = 0 ]; then
  chown -R postgres "$home"
  as=(setpriv --reuid=postgres --regid=postgres --init-groups)
fi
finish() {
  "${as[@]}" "$bin/pg_ctl" -D "$home/data" -m immediate stop >/dev/null 2>&1
  rm -rf "$home"
}
trap finish EXIT
trap 'exit 143' TERM
trap 'exit 130' INT

cd "$home" || exit 1
# Its data is worth nothing, so it need not wait for the disk.
if ! "${as[@]}" "$bin/initdb" -D data -U shomei -A scram-sha-256 --pwfile=password --locale=C.UTF-8 -E UTF8 --no-sync >log 2>&1 ||
  ! "${as[@]}" "$bin/pg_ctl" -D data -w -l "$home/server.log" start -o \
    "-c listen_addresses=127.0.0.1 -p $port -k $home -c fsync=off -c full_page_writes=off -c max_connections=300" >>log 2>&1; then
  cat log server.log >&2 2>/dev/null
  cd - >/dev/null && finish
  trap - EXIT
  without "its start failed"
fi
cd - >/dev/null || exit 1
DATABASE_URL="postgres://shomei:$password@127.0.0.1:$port/postgres" "${command[@]}"
