#!/bin/sh
# Makes the secrets of one installation, at random: deploy/secrets.sh FOLDER [ORGANISATION …]. What exists stays; delete a file to renew it.
set -eu
[ $# -gt 0 ] || { echo "usage: $0 FOLDER [ORGANISATION ...]" >&2; exit 2; }
folder="$1"
shift
# Only the owner of the folder comes as far as the files; a container is given single files, and reads them as nobody in particular.
umask 022
mkdir -p "$folder"
chmod 700 "$folder"
mkdir -p "$folder/broker" "$folder/users"

make() {
    [ -s "$folder/$1" ] || head -c 24 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n' > "$folder/$1"
}

for name in broker controller admin; do make "broker/$name"; done
# Kafka's cluster id: sixteen bytes, and never one that begins with a dash
[ -s "$folder/broker/cluster-id" ] || (printf p; head -c 15 /dev/urandom) | base64 | tr '+/' '-_' | tr -d '=\n' > "$folder/broker/cluster-id"
for name in gateway processor api monitor operator; do make "users/$name"; done
for organisation in "$@"; do make "users/organisation-$organisation"; done
make redis
make pseudonym-key
