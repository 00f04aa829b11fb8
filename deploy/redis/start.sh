#!/bin/sh
# Starts Redis (here Valkey) with the password in REDIS_PASSWORD_FILE, which is on no command line. The same file in docker-compose.yml,
# on Kubernetes and in tests/deploy.
set -eu
: "${REDIS_PORT:=6379}" "${REDIS_DATA:=/data}"
[ -s "$REDIS_PASSWORD_FILE" ] || { echo "Redis does not start: its secret is missing" >&2; exit 1; }
exec valkey-server - <<END
$(cat "$(dirname "$0")/redis.conf")
port $REDIS_PORT
dir $REDIS_DATA
requirepass "$(cat "$REDIS_PASSWORD_FILE")"
END
