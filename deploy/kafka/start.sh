#!/bin/sh
# Starts one broker: format its disk if it is new, then run. The same file in docker-compose.yml, on Kubernetes and in tests/deploy.
#
#   BROKER_ID        1, 2 or 3              BROKER_HOST     the name by which clients and brokers reach it
#   BROKER_VOTERS    1@host:port,2@…,3@…    BROKER_SECRETS  folder of files: broker, controller, admin, cluster-id
#   BROKER_TLS       key and certificate    BROKER_CA       certificates of the authority, both as PEM files
set -eu
config="$(dirname "$0")/server.properties"

secret() {
    [ -s "$BROKER_SECRETS/$1" ] || { echo "Kafka does not start: the secret $1 is missing" >&2; exit 1; }
    cat "$BROKER_SECRETS/$1"
}

: "${BROKER_BIND:=0.0.0.0}" "${BROKER_PORT:=9092}" "${BROKER_CONTROLLER_PORT:=9093}" "${BROKER_DATA:=/var/lib/kafka/data}"
for file in "$BROKER_TLS" "$BROKER_CA"; do
    [ -s "$file" ] || { echo "Kafka does not start: $file is missing" >&2; exit 1; }
done
BROKER_PASSWORD="$(secret broker)"
BROKER_CONTROLLER_PASSWORD="$(secret controller)"
admin="$(secret admin)"
cluster="$(secret cluster-id)"
export BROKER_BIND BROKER_PORT BROKER_CONTROLLER_PORT BROKER_DATA BROKER_PASSWORD BROKER_CONTROLLER_PASSWORD

# SCRAM users are stored in the log of the cluster. These two must exist before the cluster does; `plek cluster` creates all others. Their
# passwords are arguments that the tool reads from its input, one a line: those on a command line are seen by every user of the machine.
kafka-storage.sh format --ignore-formatted --config "$config" --cluster-id "$cluster" @/dev/stdin <<END
--add-scram
SCRAM-SHA-512=[name=broker,password=$BROKER_PASSWORD]
--add-scram
SCRAM-SHA-512=[name=admin,password=$admin]
END
exec kafka-server-start.sh "$config"
