"""The releases as a catalogue after DCAT-AP-NL 3.0 (JSON-LD), so that data.overheid.nl and data.europa.eu can find them.

Guarantees: every property that the profile requires is there. What a release means comes from the release itself, and who publishes it and
under which licence from the settings. A release never changes, so its description is made once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any, Final

from services.adapters import rfc3339
from services.monitor.figures.serialization import to_csv
from services.monitor.publication.published_store import PublishedDocuments
from services.monitor.publication.release import COLUMNS, ReleaseDocument, to_rows

Node = dict[str, Any]
"""A node of JSON-LD."""

_EU: Final = "http://publications.europa.eu/resource/authority"
CC0: Final = f"{_EU}/licence/CC0"
_MEDIA: Final = "https://www.iana.org/assignments/media-types"
CONTEXT: Final[Mapping[str, str]] = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_FORMATS: Final = {
    "JSON": (f"{_EU}/file-type/JSON", f"{_MEDIA}/application/json"),
    "CSV": (f"{_EU}/file-type/CSV", f"{_MEDIA}/text/csv"),
    "Parquet": (f"{_EU}/file-type/PARQUET", f"{_MEDIA}/application/vnd.apache.parquet"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """Who publishes, and where: `address` is that of the monitor as others reach it."""

    address: str
    name: str
    uri: str
    licence: str
    contact: Mapping[str, str]


@dataclass(slots=True)
class Catalogue:
    """The catalogue of what is published."""

    publisher: Publisher
    published: PublishedDocuments
    _datasets: dict[str, Node] = field(default_factory=dict)

    def document(self) -> Node:
        """Return the catalogue with every release, the latest last, and the table of regions."""
        keys = sorted((key for key in self.published.keys if key.startswith("release/")), key=_order)
        datasets = [self._regions(), *(self._dataset(key) for key in keys)]
        return {
            "@context": dict(CONTEXT),
            "@id": f"{self.publisher.address}/v1/monitor/catalogue",
            "@type": "dcat:Catalog",
            "dct:title": _both("Vrouwenopvang: gepubliceerde cijfers", "Women's shelters: published figures"),
            "dct:description": _both("Elke publicatie van cijfers uit Plek.", "Every release of figures from Plek."),
            **self._responsible(),
            "dct:license": _id(self.publisher.licence),
            "dct:language": [_id(f"{_EU}/language/NLD"), _id(f"{_EU}/language/ENG")],
            "dcat:themeTaxonomy": _id(f"{_EU}/data-theme"),
            "dcat:dataset": datasets,
        }

    def dataset(self, key: str) -> Node | None:
        """Return one release as a document of its own; None when nothing is published under the key."""
        return {"@context": dict(CONTEXT), **self._dataset(key)} if self.published.get(key) else None

    def _dataset(self, key: str) -> Node:
        if key not in self._datasets:
            self._datasets[key] = self._describe(key, self.published.get(key) or b"")
        return self._datasets[key]

    def _describe(self, key: str, value: bytes) -> Node:
        release = ReleaseDocument.model_validate_json(value)
        address = f"{self.publisher.address}/v1/monitor/releases/{release.release}/{release.version}"
        year, csv, issued = int(release.release), to_csv(to_rows(release), COLUMNS), self.published.published_at(key)
        made_up = (" (gesimuleerd land)", " (simulated country)") if release.simulated else ("", "")
        counted = "; ".join(wording.name for wording in release.figures.values())
        return {
            "@id": f"{address}/dataset",
            "@type": "dcat:Dataset",
            "dct:identifier": f"{address}/dataset",
            "dct:title": _both(f"Vrouwenopvang {year}{made_up[0]}", f"Women's shelters {year}{made_up[1]}"),
            "dct:description": _both(
                f"Aantallen van {year} per maand en provincie, afgerond op {release.rules.rounded_to}; te kleine aantallen ontbreken."
                f" Geteld zijn (in het Engels): {counted}.",
                f"Counts of {year} by month and province, rounded to {release.rules.rounded_to}; what is too small is left out: {counted}.",
            ),
            "dcat:version": str(release.version),
            **self._responsible(),
            **self._open(),
            "dct:language": _id(f"{_EU}/language/ENG"),
            "dct:accrualPeriodicity": _id(f"{_EU}/frequency/ANNUAL"),
            "dct:temporal": {
                "@type": "dct:PeriodOfTime",
                "dcat:startDate": _typed(date(year, 1, 1).isoformat(), "date"),
                "dcat:endDate": _typed(date(year, 12, 31).isoformat(), "date"),
            },
            **({"dct:issued": _time(issued), "dct:modified": _time(issued)} if issued is not None else {}),
            "dcat:distribution": [
                self._distribution("JSON", address, address, value),
                self._distribution("CSV", address, f"{address}?for=csv", csv) | {"dct:conformsTo": _id(f"{address}/table")},
                self._distribution("Parquet", address, f"{address}?for=parquet"),
            ],
        }

    def _regions(self) -> Node:
        address = f"{self.publisher.address}/v1/monitor/regions"
        return {
            "@id": address,
            "@type": "dcat:Dataset",
            "dct:identifier": address,
            "dct:title": _both("Regio's van de vrouwenopvang en codes van het CBS", "Regions of women's shelter and codes of CBS"),
            "dct:description": _both(
                "Elke regio met centrumgemeente, veiligheidsregio en provincie. Welke andere gemeenten erin liggen, is niet bekend.",
                "Each region with its centre municipality, safety region and province. Which other municipalities are in it is not known.",
            ),
            **self._responsible(),
            **self._open(),
            "dct:language": _id(f"{_EU}/language/ENG"),
            "dcat:distribution": [
                self._distribution("JSON", address, address),
                self._distribution("CSV", address, f"{address}?for=csv"),
            ],
        }

    def _distribution(self, form: str, access: str, download: str, content: bytes | None = None) -> Node:
        file_type, media_type = _FORMATS[form]
        known = {"dcat:byteSize": _typed(str(len(content)), "nonNegativeInteger"), "spdx:checksum": _checksum(content)} if content else {}
        return {
            "@type": "dcat:Distribution",
            "dct:title": _both(form, form),
            "dcat:accessURL": _id(access),
            "dcat:downloadURL": _id(download),
            "dct:format": _id(file_type),
            "dcat:mediaType": _id(media_type),
            "dct:license": _id(self.publisher.licence),
            **known,
        }

    def _responsible(self) -> Node:
        by = self.publisher
        agent = {"@id": by.uri, "@type": "foaf:Agent", "foaf:name": by.name}
        contact = {
            "@type": "vcard:Organization",
            "vcard:fn": by.contact["name"],
            "vcard:hasEmail": _id(f"mailto:{by.contact['email']}"),
            "vcard:hasURL": _id(by.contact["url"]),
        }
        return {"dct:publisher": agent, "dct:creator": agent, "dcat:contactPoint": contact}

    def _open(self) -> Node:
        return {
            "dct:accessRights": _id(f"{_EU}/access-right/PUBLIC"),
            "dct:license": _id(self.publisher.licence),
            "dcat:theme": [_id(f"{_EU}/data-theme/SOCI")],
            "dct:spatial": _id(f"{_EU}/country/NLD"),
        }


def _order(key: str) -> tuple[int, int]:
    _, year, version = key.split("/")
    return int(year), int(version)


def _id(uri: str) -> Node:
    return {"@id": uri}


def _typed(value: str, kind: str) -> Node:
    return {"@value": value, "@type": f"xsd:{kind}"}


def _time(ms: int) -> Node:
    return _typed(rfc3339.show_ms(ms), "dateTime")


def _both(dutch: str, english: str) -> list[Node]:
    return [{"@value": dutch, "@language": "nl"}, {"@value": english, "@language": "en"}]


def _checksum(content: bytes) -> Node:
    return {
        "@type": "spdx:Checksum",
        "spdx:algorithm": _id("http://spdx.org/rdf/terms#checksumAlgorithm_sha256"),
        "spdx:checksumValue": _typed(sha256(content).hexdigest(), "hexBinary"),
    }
