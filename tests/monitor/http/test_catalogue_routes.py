"""The catalogue of releases (DCAT-AP-NL), the metadata of their CSV (CSVW), and the table of regions: for anyone.

What the profile requires is written down here by hand, from the SHACL shapes of DCAT-AP-NL 3.0 and of DCAT-AP 3.0: no SHACL library is
among the packages of this project.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any, Final

import orjson
import pytest

from services.adapters.regions import PROVINCE_NAMES, read_regions
from services.monitor.publication.catalogue import CONTEXT
from tests.api.conftest import kind
from tests.monitor.http.conftest import PUBLISHER, Monitor
from tests.monitor.http.test_release_routes import put

_ONCE: Final = (1, 1)
_SOME: Final = (1, 99)
_AT_MOST_ONCE: Final = (0, 1)
_REQUIRED: Final[Mapping[str, Mapping[str, tuple[int, int]]]] = {
    "dcat:Catalog": {
        "dct:title": _SOME,
        "dct:description": _SOME,
        "dct:publisher": _ONCE,
        "dcat:contactPoint": _ONCE,
        "dcat:dataset": _SOME,
    },
    "dcat:Dataset": {
        "dct:title": _SOME,
        "dct:description": _SOME,
        "dct:accessRights": _ONCE,
        "dcat:contactPoint": _ONCE,
        "dct:creator": _ONCE,
        "dct:publisher": _ONCE,
        "dct:identifier": _ONCE,
        "dcat:theme": _SOME,
        "dcat:version": _AT_MOST_ONCE,
    },
    "dcat:Distribution": {"dcat:accessURL": _ONCE, "dcat:downloadURL": _AT_MOST_ONCE, "dct:license": _SOME},
    "foaf:Agent": {"foaf:name": _SOME},
    "vcard:Organization": {"vcard:fn": _SOME, "vcard:hasEmail": _SOME},
    "dct:PeriodOfTime": {"dcat:startDate": _AT_MOST_ONCE, "dcat:endDate": _AT_MOST_ONCE},
    "spdx:Checksum": {"spdx:algorithm": _ONCE, "spdx:checksumValue": _ONCE},
}
"""By class, how often each property must and may be there."""


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every node of a document."""
    if isinstance(value, list):
        for each in value:
            yield from nodes(each)
    elif isinstance(value, dict):
        yield value
        yield from nodes([each for name, each in value.items() if name != "@context"])


async def test_every_required_property_is_there(monitor: Monitor) -> None:
    """Each node has what its class requires, as often as it may; every name has a prefix of the context, every link is absolute."""
    await put(monitor, 1, 2)
    document = (await monitor.get("/v1/monitor/catalogue", {})).json()
    found = list(nodes(document))
    assert set(_REQUIRED) == {
        node["@type"] for node in found if node.get("@type", "").partition(":")[0] in CONTEXT and "@value" not in node
    }
    for node in found:
        for name, (least, most) in _REQUIRED.get(node.get("@type", ""), {}).items():
            values = node.get(name, [])
            assert least <= (len(values) if isinstance(values, list) else 1) <= most, (node["@type"], name)
        assert all(name.partition(":")[0] in CONTEXT for name in node if not name.startswith("@"))
        assert node.get("@id", "https:").startswith(("https:", "http:", "mailto:"))


async def test_the_catalogue_lists_every_release(monitor: Monitor) -> None:
    """Each version is a dataset under its own address, after the table of regions; without a release that table is there alone."""
    empty = (await monitor.get("/v1/monitor/catalogue", {})).json()
    assert [dataset["@id"] for dataset in empty["dcat:dataset"]] == ["https://plek.test/v1/monitor/regions"]
    await put(monitor, 1, 10, 2)
    answer = await monitor.get("/v1/monitor/catalogue", {})
    assert answer.headers["content-type"] == "application/ld+json"
    versions = [dataset["dcat:version"] for dataset in answer.json()["dcat:dataset"][1:]]
    assert versions == ["1", "2", "10"]


async def test_a_dataset_says_whose_it_is_and_of_when(monitor: Monitor) -> None:
    """Publisher, contact and licence come from the settings; the year, the time of publication and a simulated country from the release."""
    await put(monitor, 1)
    dataset = (await monitor.get("/v1/monitor/releases/2023/1/dataset", {})).json()
    assert dataset["dct:publisher"] == {"@id": PUBLISHER.uri, "@type": "foaf:Agent", "foaf:name": "Landelijke Opvang"}
    assert dataset["dcat:contactPoint"]["vcard:hasEmail"] == {"@id": "mailto:cijfers@opvang.test"}
    assert {each["dct:license"]["@id"] for each in dataset["dcat:distribution"]} == {PUBLISHER.licence}
    assert dataset["dct:issued"] == {"@value": "2024-01-10T12:00:00Z", "@type": "xsd:dateTime"}
    assert [dataset["dct:temporal"][end]["@value"] for end in ("dcat:startDate", "dcat:endDate")] == ["2023-01-01", "2023-12-31"]
    assert [title["@value"] for title in dataset["dct:title"]] == [
        "Vrouwenopvang 2023 (gesimuleerd land)",
        "Women's shelters 2023 (simulated country)",
    ]


async def test_each_distribution_is_what_it_says(monitor: Monitor) -> None:
    """Behind each download stands the media type, the size and the checksum that the catalogue states, whatever the Accept header."""
    await put(monitor, 1)
    dataset = (await monitor.get("/v1/monitor/releases/2023/1/dataset", {})).json()
    for distribution in dataset["dcat:distribution"]:
        path = distribution["dcat:downloadURL"]["@id"].removeprefix(PUBLISHER.address)
        answer = await monitor.client.get(path)
        assert answer.status_code == 200
        assert distribution["dcat:mediaType"]["@id"].endswith(answer.headers["content-type"].partition(";")[0])
        if checksum := distribution.get("spdx:checksum"):
            assert checksum["spdx:checksumValue"]["@value"] == sha256(answer.content).hexdigest()
            assert distribution["dcat:byteSize"]["@value"] == str(len(answer.content))
    assert sum("spdx:checksum" in each for each in dataset["dcat:distribution"]) == 2


async def test_the_metadata_of_the_csv_fit_it(monitor: Monitor) -> None:
    """CSVW has the columns of the CSV in their order, a key that no two rows share, and the word for what is hidden."""
    await put(monitor, 1)
    answer = await monitor.get("/v1/monitor/releases/2023/1/table", {})
    table = answer.json()
    assert answer.headers["content-type"] == "application/csvm+json"
    lines = list(csv.DictReader(io.StringIO((await monitor.client.get(table["url"].removeprefix(PUBLISHER.address))).text)))
    columns = {column["name"]: column for column in table["tableSchema"]["columns"]}
    assert list(columns) == list(lines[0])
    keys = [tuple(line[name] for name in table["tableSchema"]["primaryKey"]) for line in lines]
    assert len(set(keys)) == len(keys)
    assert all(line["value"] in columns["value"]["null"] or line["value"].isdecimal() for line in lines)


@pytest.mark.parametrize("path", ["2022/1", "2023/3", "2023/one"])
@pytest.mark.parametrize("what", ["dataset", "table"])
async def test_what_is_not_published_has_no_description(monitor: Monitor, path: str, what: str) -> None:
    """A release that is not out, or no number at all, is a 404."""
    await put(monitor, 1)
    assert kind(await monitor.client.get(f"/v1/monitor/releases/{path}/{what}")) == (404, "not-found")


async def test_the_catalogue_names_no_shelter(monitor: Monitor) -> None:
    """Beside what the settings and the release say, the catalogue holds the words of its own code: no cell, no offset, no organisation."""
    await put(monitor, 1)
    text = orjson.dumps((await monitor.get("/v1/monitor/catalogue", {})).json()).decode()
    for name in ("offsets", "cells", 'shelter"', 'organisation"', "phone", "tel:"):
        assert name not in text


async def test_regions_have_codes_of_cbs(monitor: Monitor) -> None:
    """Each region has a province, and its centre municipality and safety region by codes of CBS, in JSON as in CSV."""
    listed = (await monitor.get("/v1/monitor/regions", {})).json()["regions"]
    assert [row["region"] for row in listed] == sorted(read_regions())
    assert {row["province_pv"] for row in listed} == set(PROVINCE_NAMES)
    assert {row["centre_vr"] for row in listed} == {f"VR{number:02}" for number in range(1, 26)}
    assert all(row["centre_gm"][:2] == "GM" and len(row["centre_gm"]) == 6 for row in listed)
    lines = list(csv.DictReader(io.StringIO((await monitor.get("/v1/monitor/regions?for=csv", {})).text)))
    assert lines == [{name: "" if value is None else str(value) for name, value in row.items()} for row in listed]
