"""What `flowlogs geoip` prints does nothing to a terminal, and nothing in it is cut."""

import json
import os
import shutil
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from command_line import Ran, ran

from flowlogs.cli import geoip_fetch, plain_table
from flowlogs.decorate.licences import LICENCES
from flowlogs.geoip.updated import Updated

sys.path.append(str(Path(__file__).parents[1] / "decorate"))  # where databases are written
from databases_on_disk import EVERYWHERE, write

NOW = int(time.time())
EVIL = "evil\x1b]0;owned\x07\x9b31m\u202ename"
SHOWN = r"evil\x1b]0;owned\x07\x9b31m\u202ename"
WIDTHS = pytest.mark.parametrize("width", [40, 80, 200, None])
LONG_FILE = "GeoLite2-City-with-a-name-that-is-longer-than-what-a-column-of-a-table-is-filled-up-to.mmdb"


@pytest.fixture
def geo(tmp_path: Path) -> Path:
    """Databases and lists whose every name is made to harm."""
    folder = tmp_path / "geo"
    for kind in ("networks", "threats"):
        (folder / kind).mkdir(parents=True)
    named = {"names": {"en": EVIL}}
    place = {"country": {"iso_code": "DE", **named}, "city": named}
    system: dict[str, object] = {"autonomous_system_number": 7, "autonomous_system_organization": EVIL}
    write(folder / LONG_FILE, f"GeoLite2-City{EVIL}", dict.fromkeys(EVERYWHERE, place), built=NOW)
    write(folder / f"{EVIL}.mmdb", f"GeoLite2-ASN{EVIL}", dict.fromkeys(EVERYWHERE, system), built=NOW)
    (folder / f"broken{EVIL}.mmdb").write_text("no database")
    (folder / "networks" / f"{EVIL}.txt").write_text(f"9.0.0.0/8 {EVIL}\nwrong{EVIL}\n", "utf-8")
    (folder / "threats" / f"{EVIL}.txt").write_text("9.0.0.0/8\n")
    return folder


def on_a_terminal(width: int | None, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Ran:
    """Run the command where the table takes standard output for a terminal of `width` columns; None: for a pipe."""
    monkeypatch.setattr(plain_table, "sys", SimpleNamespace(stdout=SimpleNamespace(isatty=lambda: width is not None)))
    monkeypatch.setenv("COLUMNS", str(width or 1))
    return ran("geoip", *arguments)


def is_harmless(found: Ran) -> bool:
    return (found.out + found.err).replace("\n", "").isprintable()


@WIDTHS
def test_what_is_looked_up_neither_breaks_the_table_nor_reaches_the_terminal(
    geo: Path, width: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = on_a_terminal(
        width, monkeypatch, "lookup", "9.1.1.1", "2a05:d018:f10:6400:aaaa:bbbb:cccc:7", "--geoip", str(geo)
    )
    assert is_harmless(found)
    assert found.out.count(SHOWN) == 2 * 3 + 2  # city, country and organization of both; a network, a list
    assert found.out.count("2a05:d018:f10:6400:aaaa:bbbb:cccc:7") == 1
    assert LICENCES["maxmind"].attribution in found.out.splitlines()
    broken, wrong = found.err.splitlines()
    assert broken.startswith(f"Note: broken{SHOWN}.mmdb cannot be used: ")
    assert wrong.startswith(f"Note: networks/{SHOWN}.txt has 1 line that cannot be used")
    if width is None:
        assert len(found.out.splitlines()) == 1 + 2 + 2


@WIDTHS
def test_what_is_shown_is_whole_and_harmless(geo: Path, width: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    found = on_a_terminal(width, monkeypatch, "show", str(geo))
    assert is_harmless(found)
    assert [found.out.count(file) for file in (LONG_FILE, f"{SHOWN}.mmdb", f"GeoLite2-City{SHOWN}")] == [1, 1, 1]
    assert LICENCES["maxmind"].attribution in found.out.splitlines()
    assert f"Error: broken{SHOWN}.mmdb cannot be used: " in found.err
    assert f"Note: networks/{SHOWN}.txt has 1 line that cannot be used" in found.err
    if width is None:
        assert found.out.count(LICENCES["maxmind"].name) == 2
        assert len(found.out.splitlines()) == 3 + 2 + 1 + 3


@WIDTHS
def test_what_became_of_files_is_whole_and_harmless(
    tmp_path: Path, width: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    updated = Updated(
        fetched=[LONG_FILE], kept=["threats/drop.txt"], failed=[f"it says {EVIL}"], noted=[EVIL], deleted=[EVIL]
    )
    updated.ages[LONG_FILE] = 3.2
    monkeypatch.setattr(geoip_fetch, "update_folder", lambda *_: updated)
    out = tmp_path / "folder"
    found = on_a_terminal(width, monkeypatch, "fetch", "--aws-ranges", "--out", str(out))
    assert (found.code, is_harmless(found)) == (1, True)
    assert [found.out.count(str(out / file)) for file in (LONG_FILE, "threats/drop.txt")] == [1, 1]
    assert found.err.splitlines() == [
        f"Note: {SHOWN} was deleted: its licence does not allow a database of that age",
        f"Note: {SHOWN}",
        f"Error: it says {SHOWN}",
    ]
    if width is None:
        assert [line.split()[1:] for line in found.out.splitlines()[1:]] == [["fetched", "3"], ["nothing", "newer"]]


def test_where_nothing_was_fetched_there_is_no_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geoip_fetch, "update_folder", lambda *_: Updated(failed=["no"]))
    found = ran("geoip", "fetch", "--aws-ranges", "--out", str(tmp_path))
    assert (found.out, found.err) == ("", "Error: no\n")


def test_json_holds_names_as_they_are_and_those_that_are_no_utf8_escaped(geo: Path) -> None:
    shutil.copy(geo / LONG_FILE, geo / os.fsdecode(b"b\xff.mmdb"))
    files = [row["file"] for row in json.loads(ran("geoip", "show", str(geo), "--json").out)["databases"]]
    assert sorted(files) == sorted([str(geo / LONG_FILE), rf"{geo}/b\xff.mmdb", str(geo / f"{EVIL}.mmdb")])


@pytest.mark.parametrize(
    ("system", "said"),
    [
        ({"autonomous_system_number": 7, "autonomous_system_organization": "Seven"}, "AS7 Seven"),
        ({"autonomous_system_number": 7}, "AS7"),
        ({"autonomous_system_organization": "Seven"}, "Seven"),
        ({}, ""),
    ],
)
def test_an_autonomous_system_may_have_no_name_or_no_number(
    tmp_path: Path, system: dict[str, object], said: str
) -> None:
    write(tmp_path / "asn.mmdb", "GeoIP2-ISP", dict.fromkeys(EVERYWHERE, system), built=NOW)
    header, row = ran("geoip", "lookup", "8.8.8.8", "--geoip", str(tmp_path)).out.splitlines()
    assert row[header.index("autonomous system") :].rstrip() == said
    assert ("in no database" in row) is (said == "")
