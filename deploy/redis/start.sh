#!/bin/sh
# Starts Redis (here Valkey) with the users of users.acl, each with the password in the file of its name in REDIS_USERS: none is on a command
# line. REDIS_PREFIX is PLEK_PREFIX. REDIS_TLS is a PEM file of key and certificate and REDIS_CA its authority's; REDIS_TLS=none listens without
# TLS, on loopback alone. The same file in docker-compose.yml, on Kubernetes and in tests/deploy.
set -eu
: "${REDIS_TLS:?Redis does not start: REDIS_TLS must name a file of key and certificate}" "${REDIS_PORT:=6379}" "${REDIS_DATA:=/data}" "${REDIS_PREFIX:=plek}"
here="$(dirname "$0")"
users() {
    sed "s/plek:/$REDIS_PREFIX:/g" "$here/users.acl" | while read -r line; do
        name="$(echo "$line" | cut -d ' ' -f 2)"
        case "$line" in
            "user $name on "*) echo "$line #$(sha256sum < "$REDIS_USERS/$name" | cut -d ' ' -f 1)" ;;
            *) echo "$line" ;;
        esac
    done
}
for name in $(sed -n 's/^user \([a-z]*\) on .*/\1/p' "$here/users.acl"); do
    [ -s "$REDIS_USERS/$name" ] || { echo "Redis does not start: the secret of its user $name is missing" >&2; exit 1; }
done
transport() {
    if [ "$REDIS_TLS" = none ]; then
        printf 'port %s\nbind 127.0.0.1 -::1\n' "$REDIS_PORT"
    else
        # Clients have passwords instead of certificates
        printf 'port 0\ntls-port %s\ntls-cert-file %s\ntls-key-file %s\ntls-ca-cert-file %s\ntls-auth-clients no\n' \
            "$REDIS_PORT" "$REDIS_TLS" "$REDIS_TLS" "$REDIS_CA"
    fi
}
exec valkey-server - <<END
$(cat "$here/redis.conf")
$(transport)
dir $REDIS_DATA
$(users)
END
