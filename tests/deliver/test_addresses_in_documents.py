"""What is known of addresses in documents: of both ends, public and private, beside the metrics that say how it is."""

import json
from collections.abc import Mapping
from pathlib import Path

import maxminddb
import pytest
from decorator_outside import ARRIVAL, Tried, line

from flowlogs.decorate.document import lake_columns
from flowlogs.folder_store import FolderStore
from flowlogs.generate import geoip
from flowlogs.generate.geoip import CITY_FILE
from flowlogs.published import Pointer, read_pointer, swap_pointer

BERLIN, CORK, LEEDS = "91.12.32.9", "86.40.16.5", "81.2.69.9"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    for name in ("networks", "threats"):
        (tmp_path / name).mkdir()
    geoip.write(tmp_path, built=ARRIVAL)
    (tmp_path / "networks" / "own.txt").write_text("10.0.0.0/16 head office\n10.0.0.2 file server\n")
    (tmp_path / "threats" / "drop.txt").write_text("91.12.0.0/16 ; SBL1\n")
    (tmp_path / "threats" / "c2.txt").write_text("91.12.32.9\n")
    return tmp_path


def tried(place: Path, **more: str) -> Tried:
    return Tried({"FLOWLOGS_GEOIP": str(place), "FLOWLOGS_LOOKUP_SECONDS": "0", **more})


def test_names_of_networks_and_threat_lists_stand_at_both_ends(place: Path) -> None:
    answered = tried(place)(line(1, src=BERLIN), line(2, dst=CORK), line(3, src="10.0.9.9", dst=BERLIN))
    first, second, third = answered.documents
    assert (first["source-city"], first["source-threat"]) == ("Musterstadt", ["c2", "drop"])
    assert (first["destination-network"], first.keys() & {"destination-threat", "destination-city"}) == (
        "file server",
        set(),
    )
    assert second["source-network"] == "head office"
    assert second["destination-country-code"] == "IE"
    assert not second.keys() & {"destination-network", "destination-threat"}
    assert (third["source-network"], third["destination-threat"]) == ("head office", ["c2", "drop"])
    assert answered.metrics["GeoMisses"] == answered.metrics["GeoReaderSlow"] == 0


def test_documents_of_the_lake_have_them_in_its_columns(place: Path) -> None:
    lake = tried(place, FLOWLOGS_DOCUMENTS="many")
    (document,) = lake(line(1, src=BERLIN)).documents
    assert document["source_threat"] == ["c2", "drop"]
    assert document["destination_network"] == "file server"
    assert document.keys() <= lake_columns().keys()


def test_a_list_that_changes_while_the_function_is_warm_is_taken_up(place: Path) -> None:
    decorator = tried(place, FLOWLOGS_REFRESH_SECONDS="0")
    assert "destination-threat" not in decorator(line(1, src=LEEDS, dst=CORK)).documents[0]
    (place / "threats" / "new.txt").write_text(f"{CORK}\n")
    assert decorator(line(1, src=LEEDS, dst=CORK)).documents[0]["destination-threat"] == ["new"]
    (place / "threats" / "new.txt").write_text(f"{CORK}\n{LEEDS}\n")
    assert decorator(line(1, src=LEEDS, dst=CORK)).documents[0]["source-threat"] == ["new"]
    (place / "threats" / "new.txt").unlink()
    assert "source-threat" not in decorator(line(1, src=LEEDS, dst=CORK)).documents[0]


def test_a_wrong_line_is_warned_of_once_and_counted(place: Path) -> None:
    (place / "threats" / "drop.txt").write_text("0.0.0.0/0\n91.12.0.0/16\n")
    decorator = tried(place, FLOWLOGS_REFRESH_SECONDS="0")
    for _ in range(3):
        answered = decorator(line(1, src=BERLIN))
        assert answered.documents[0]["source-threat"] == ["c2", "drop"]
        assert answered.metrics["GeoDatabaseProblems"] == 1
    assert sum("threats/drop.txt has 1 line" in warning for warning in decorator.warnings) == 1


def test_a_slow_reader_is_warned_of_and_published(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    really = maxminddb.open_database
    monkeypatch.setattr(maxminddb, "open_database", lambda path, _=None: really(path, maxminddb.MODE_MMAP))
    decorator = tried(place)
    answered = decorator(line(1, src=BERLIN))
    assert answered.documents[0]["source-city"] == "Musterstadt"
    assert answered.metrics["GeoReaderSlow"] == 1
    assert sum("slow reader" in warning for warning in decorator.warnings) == 1


def aws_ranges(*prefixes: tuple[str, str]) -> str:
    """Write prefixes and services as AWS does (VPC User Guide, "Syntax for AWS IP address range JSON")."""
    region = {"region": "eu-west-1", "network_border_group": "eu-west-1"}
    entries = [{"ip_prefix": prefix, "service": service, **region} for prefix, service in prefixes]
    return json.dumps({"syncToken": "1767225000", "prefixes": entries, "ipv6_prefixes": []})


def test_of_networks_in_each_other_the_most_specific_counts_and_own_ones_before_awss(place: Path) -> None:
    ranges = [("86.40.0.0/16", "AMAZON"), ("86.40.0.0/16", "S3"), ("86.40.16.0/24", "EC2"), ("91.12.0.0/16", "EC2")]
    (place / "networks" / "aws-ip-ranges.json").write_text(aws_ranges(*ranges))
    (place / "networks" / "own.txt").write_text(
        "10.0.0.0/8 company\n10.1.0.0/16 Paris\n10.1.2.0/24 lab\n91.0.0.0/8 ISP\n"
    )
    far = ["86.40.17.1", CORK, BERLIN]
    near = ["10.9.0.1", "10.1.3.1", "10.1.2.1"]
    lines = [line(number, src=src, dst=dst) for number, (src, dst) in enumerate(zip(near, far, strict=True), 1)]
    answered = tried(place)(*lines)
    assert [document["destination-network"] for document in answered.documents] == [
        "aws s3 eu-west-1",
        "aws ec2 eu-west-1",
        "ISP",
    ]
    assert [document["source-network"] for document in answered.documents] == ["company", "Paris", "lab"]
    assert answered.documents[2]["destination-threat"] == ["c2", "drop"]
    lake = tried(place, FLOWLOGS_DOCUMENTS="many")(*lines)
    for document, row in zip(answered.documents, lake.documents, strict=True):
        assert row["source_network"] == document["source-network"]
        assert row["destination_network"] == document["destination-network"]
        assert row.get("destination_threat") == document.get("destination-threat")


def publish(place: Path, run: str, files: Mapping[str, bytes]) -> None:
    """Publish files as the geoip function does: objects of their own, then the pointer."""
    store = FolderStore(place)
    keys = {name: f"files/{run}/{name}" for name in files}
    for name, key in keys.items():
        store.write(key, files[name])
    before = read_pointer(store)
    assert swap_pointer(store, before, Pointer({**before.files, **keys}))


def test_a_publication_is_followed_and_a_broken_database_in_it_never_replaces_a_good_one(
    place: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path_factory.mktemp("tmp")))
    published = tmp_path_factory.mktemp("published")
    city = (place / CITY_FILE).read_bytes()
    publish(published, "1", {CITY_FILE: city, "threats/drop.txt": b"91.12.0.0/16\n"})
    decorator = tried(published, FLOWLOGS_REFRESH_SECONDS="0")
    (document,) = decorator(line(1, src=BERLIN)).documents
    assert (document["source-city"], document["source-threat"]) == ("Musterstadt", ["drop"])
    publish(published, "2", {CITY_FILE: city[: len(city) // 2], "threats/drop.txt": f"{CORK}\n".encode()})
    for _ in range(2):
        (document,) = (answered := decorator(line(1, src=BERLIN, dst=CORK))).documents
        assert (document["source-city"], document["destination-threat"]) == ("Musterstadt", ["drop"])
        assert "source-threat" not in document
    assert answered.metrics["GeoDatabaseProblems"] == 3  # the broken one, the one in its place, no ASN database
    publish(published, "3", {CITY_FILE: city})
    answered = decorator(line(1, src=BERLIN))
    assert answered.documents[0]["source-city"] == "Musterstadt"
    assert answered.metrics["GeoDatabaseProblems"] == 1
