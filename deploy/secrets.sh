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

# TLS between the parts: an authority of this installation, and for each part one file of its key and its certificate, for ten years. Only this
# script needs the key of the authority. Where you have an authority of your own, put its files here under the same names.
certificate() {
    file="$1"
    shift
    [ -s "$folder/$file.pem" ] && return
    {
        printf '[req]\ndistinguished_name=dn\nx509_extensions=own\n[dn]\n[own]\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n'
        printf '%s\n' "$1"
    } > "$folder/openssl.cnf"
    shift
    openssl req -x509 -config "$folder/openssl.cnf" -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj "/CN=Plek ${file##*/}" \
        -keyout "$folder/$file.key" -out "$folder/$file.crt" "$@" 2> "$folder/openssl.log" || { cat "$folder/openssl.log" >&2; exit 1; }
    rm "$folder/openssl.cnf" "$folder/openssl.log"
}

part() {
    certificate "tls/$1" "basicConstraints=critical,CA:false
keyUsage=critical,digitalSignature
extendedKeyUsage=serverAuth
subjectAltName=$2,DNS:localhost,IP:127.0.0.1" -CA "$folder/tls/ca.pem" -CAkey "$folder/authority/ca.key"
    [ -s "$folder/tls/$1.pem" ] || cat "$folder/tls/$1.key" "$folder/tls/$1.crt" > "$folder/tls/$1.pem"
    rm -f "$folder/tls/$1.key" "$folder/tls/$1.crt"
}

mkdir -p "$folder/authority" "$folder/tls"
if [ ! -s "$folder/tls/ca.pem" ]; then
    rm -f "$folder"/tls/*.pem
    certificate authority/ca "basicConstraints=critical,CA:true
keyUsage=critical,keyCertSign,cRLSign"
    mv "$folder/authority/ca.crt" "$folder/tls/ca.pem"
fi
part kafka DNS:kafka,DNS:kafka-1,DNS:kafka-2,DNS:kafka-3,DNS:kafka-0.kafka,DNS:kafka-1.kafka,DNS:kafka-2.kafka
for name in redis gateway processor api monitor web front; do part "$name" "DNS:$name"; done
