#!/usr/bin/env bash
# Starts the server as the README says, asks it a question over DNS and over HTTP, and stops it.
set -euo pipefail
cd "$(dirname "$0")/.."
data=$(mktemp -d)
out=$data/stdout
export TWINZONE_DATA=$data/store TWINZONE_DNS=127.0.0.1:5399 TWINZONE_HTTP=127.0.0.1:8099
npm start --silent >"$out" 2>"$data/stderr" &
npm=$!
trap 'kill $npm 2>/dev/null || true; rm -rf "$data"' EXIT
fail() { echo "smoke: $*"; cat "$out" "$data/stderr"; exit 1; }

for _ in $(seq 600); do
  grep -q '^twinzone is ready' "$out" && break
  kill -0 $npm 2>/dev/null || fail "npm start ended early"
  sleep 0.1
done
grep '^twinzone is ready' "$out" || fail "not ready within a minute"

dig @127.0.0.1 -p 5399 +norec +tries=1 example.org SOA | grep -q 'status: REFUSED' || fail "no REFUSED for a zone we do not serve"
curl -fsS http://127.0.0.1:8099/readyz >/dev/null || fail "/readyz is not 200"
curl -sS http://127.0.0.1:8099/client/v4/zones | grep -q '"success":false' || fail "the API answers without a token"

kill -TERM $npm
code=0; wait $npm || code=$?
[ "$code" = 0 ] || fail "SIGTERM ended with $code instead of 0"
trap - EXIT
rm -rf "$data"
echo "smoke: 1 passed, 0 failed"
