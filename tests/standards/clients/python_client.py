"""A stranger's program on the generated Python client: it admits, searches, holds and discharges, and prints what it was answered.

Run by test_generated_clients.py in an environment that has the client and nothing of Plek.
"""

import json
import os
import sys
import time

from plek_client import AuthenticatedClient
from plek_client.api.facts import admit, discharge
from plek_client.api.holds import read_hold, request_hold
from plek_client.api.searches import search_places
from plek_client.models import AdmissionForm, DischargeForm, DischargeFormDestination, HoldForm, SearchForm


def main() -> None:
    """Do what a shelter and a crisis worker do in an evening."""
    base, unit = os.environ["PLEK_URL"], os.environ["PLEK_UNIT"]
    desk = AuthenticatedClient(base_url=base, token=os.environ["SHELTER_TOKEN"])
    worker = AuthenticatedClient(base_url=base, token=os.environ["WORKER_TOKEN"])
    moved_in = admit.sync(shelter="berk", client=desk, body=AdmissionForm(unit=unit, adults=1, children=1), idempotency_key=f"in-{unit}")
    found = search_places.sync(client=worker, body=SearchForm(adults=1, children=0))
    hold = request_hold.sync(client=worker, body=HoldForm(offer=found.offers[0].offer))
    while hold.status == "pending":
        time.sleep(0.2)
        hold = read_hold.sync(hold=hold.hold, client=worker)
    left = discharge.sync(shelter="berk", client=desk, body=DischargeForm(destination=DischargeFormDestination.HOME, stay=moved_in.stay))
    answers = {"admit": moved_in.type_, "hold": hold.status, "discharge": left.type_}
    sys.stdout.write(json.dumps(answers))


if __name__ == "__main__":
    main()
