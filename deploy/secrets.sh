#!/bin/sh
# Creates random secrets of one installation: deploy/secrets.sh FOLDER [ORGANISATION …]. Existing files stay; delete a file to renew it.
set -eu
[ $# -gt 0 ] || { echo "usage: $0 FOLDER [ORGANISATION ...]" >&2; exit 2; }
folder="$1"
shift
# Only the owner of the folder can reach the files; a container is given single files and reads them as an unprivileged user.
umask 022
mkdir -p "$folder"
chmod 700 "$folder"
mkdir -p "$folder/broker" "$folder/users" "$folder/redis-users"

make() {
    [ -s "$folder/$1" ] || head -c 24 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n' > "$folder/$1"
}

for name in broker controller admin; do make "broker/$name"; done
# Kafka's cluster id: sixteen bytes, never beginning with a dash
[ -s "$folder/broker/cluster-id" ] || (printf p; head -c 15 /dev/urandom) | base64 | tr '+/' '-_' | tr -d '=\n' > "$folder/broker/cluster-id"
for name in gateway processor api monitor operator; do make "users/$name"; done
for organisation in "$@"; do make "users/organisation-$organisation"; done
for name in gateway processor api monitor operator; do make "redis-users/$name"; done
make pseudonym-key
# The key of the pages' cookies, the one that signs heads of the audit log, and the one that wraps the keys of needs: 64 hexadecimal digits
for name in web-key audit-head-key need-key; do
    [ -s "$folder/$name" ] || head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n' > "$folder/$name"
done
