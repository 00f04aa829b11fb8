#!/bin/sh
# Send an admission to Plek over HTTP, or read what was refused: `intake.sh send SHELTER UNIT`, `intake.sh refusals`.
# Needs curl, the address of the gateway in INTAKE_GATEWAY, and a token of the role `shelter` in the file that INTAKE_TOKEN_FILE names.
set -eu

# The token goes in by a file: a command line is seen by every program of the machine
ask() {
    printf 'header = "Authorization: Bearer %s"\n' "$(cat "$INTAKE_TOKEN_FILE")" | curl --silent --show-error --fail-with-body --config - "$@"
    echo
}

uuid() {
    python3 -c 'import uuid; print(uuid.uuid4())'
}

case "${1:-}" in
send)
    # In binary mode: the attributes are headers, the data is the body. After a time-out or a 503, send the same again: it counts once
    ask "$INTAKE_GATEWAY/v1/events" --retry 5 \
        --header "Content-Type: application/json" \
        --header "ce-specversion: 1.0" \
        --header "ce-id: $(uuid)" \
        --header "ce-source: urn:plek:shelter:$2:system" \
        --header "ce-type: nl.plek.admission.v1" \
        --header "ce-subject: $2" \
        --header "ce-time: $(date -u +%Y-%m-%dT%H:%M:%SZ)" \
        --data "{\"shelter\": \"$2\", \"unit\": \"$3\", \"stay\": \"$(uuid)\", \"adults\": 1, \"children\": 2}"
    ;;
refusals)
    ask "$INTAKE_GATEWAY/v1/refusals"
    ;;
*)
    echo "intake.sh send SHELTER UNIT | intake.sh refusals" >&2
    exit 1
    ;;
esac
