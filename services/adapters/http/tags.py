"""The tags of operations, each with its description; a test finds an operation with a tag that has none."""

from collections.abc import Mapping
from typing import Final

TAGS: Final[Mapping[str, str]] = {
    "alarms": "What coordinators should ask a desk about.",
    "areas": "Counts that single out no shelter: areas, and the regions they are made of.",
    "audit": "Who looked at what, and who decided what.",
    "documents": "The contracts of the API and of the event log.",
    "duty list": "Whom to phone, whatever else is down.",
    "events": "Events of shelters as CloudEvents, one or many at a time.",
    "facts": "What a shelter says, in calls of three members: a household moves in, leaves, a unit is closed.",
    "fallbacks": "Households in a hotel or elsewhere, because no place was found.",
    "holds": "A place is held for a household until the shelter has answered.",
    "live": "What changes, as it changes.",
    "me": "The caller, and what is left of each rate limit.",
    "monitor": "Figures and snapshots, from the event log alone.",
    "notices": "A browser of a shelter is notified outside the page.",
    "operator": "The whole state, for operators.",
    "probes": "Whether a process runs and serves; on the inside only.",
    "proposals": "Shelters and units that are registered or changed, and who has to confirm it.",
    "releases": "Published figures, for anyone.",
    "searches": "Where a household can go.",
    "shelters": "A shelter and its units, for those with a right to it.",
    "waiting list": "Households that wait for a place of one kind.",
}
