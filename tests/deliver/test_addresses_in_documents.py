"""What is known of addresses in documents: of both ends, public and private, beside the metrics that say how it is."""

from pathlib import Path

import maxminddb
import pytest
from decorator_outside import ARRIVAL, Tried, line

from flowlogs.decorate.document import lake_columns
from flowlogs.generate import geoip

BERLIN, CORK = "91.12.32.9", "86.40.16.5"


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
    assert "destination-threat" not in decorator(line(1)).documents[0]
    (place / "threats" / "new.txt").write_text("10.0.0.2\n")
    assert decorator(line(1)).documents[0]["destination-threat"] == ["new"]
    (place / "threats" / "new.txt").write_text("10.0.0.2\n10.0.0.1\n")
    assert decorator(line(1)).documents[0]["source-threat"] == ["new"]
    (place / "threats" / "new.txt").unlink()
    assert "source-threat" not in decorator(line(1)).documents[0]


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
