"""Address lists are taken only where they are lists of addresses."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from local_internet import LocalInternet, Page
from provider_servers import DROP, RANGES, internet_of_providers, serve_ranges
from world import NOW

from flowlogs.decorate.address_sets import open_address_sets
from flowlogs.geoip.download import Web
from flowlogs.geoip.fetch_failed import FetchFailed
from flowlogs.geoip.lists import AwsRanges, OwnNetworks, ThreatList
from flowlogs.geoip.probe import opened
from flowlogs.geoip.source import Found, Source, Work

THREATS = ThreatList("drop", f"https://{DROP}?key=secret")


@pytest.fixture
def internet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalInternet]:
    with internet_of_providers(tmp_path / "internet") as internet:
        monkeypatch.setenv("SSL_CERT_FILE", str(internet.authorities))
        yield internet


@pytest.fixture
def work(internet: LocalInternet, tmp_path: Path) -> Work:
    folder = tmp_path / "unfinished"
    folder.mkdir()
    return Work(Web(internet.environ(), sleep=lambda _: None), folder, NOW, opened)


def found(source: Source, work: Work) -> Found:
    found = source(None, work, 60)
    assert found is not None
    return found


def place_of(folder: Path, *found: tuple[Source, Found]) -> Path:
    """Put what was found where it is kept."""
    for source, one in found:
        (folder / source.file).parent.mkdir(parents=True, exist_ok=True)
        one.path.rename(folder / source.file)
    return folder


def threats(internet: LocalInternet, text: bytes) -> None:
    internet.pages[f"{DROP}?key=secret"] = Page(text)


def test_what_is_fetched_is_what_the_decorator_reads(internet: LocalInternet, work: Work, tmp_path: Path) -> None:
    serve_ranges(internet)
    threats(internet, b"; a list\n192.0.2.0/24 ; SBL1\n2001:db8::/32\n")
    sources = (AwsRanges(), THREATS, OwnNetworks([("10.0.0.0/8", "office"), ("10.1.0.0/16", "lab")]))
    place = place_of(tmp_path / "place", *[(source, found(source, work)) for source in sources])
    sets = open_address_sets([place], NOW + 6 * 86_400)
    assert sets.problems == []
    assert sets.facts("52.218.3.9") == {"network": "aws s3 eu-west-1"}
    assert sets.facts("192.0.2.9") == {"threat": ["drop"]}
    assert [sets.facts(address)["network"] for address in ("10.9.9.9", "10.1.0.1")] == ["office", "lab"]


def test_a_threat_list_says_when_and_where_it_was_fetched_but_no_key(
    internet: LocalInternet, work: Work, tmp_path: Path
) -> None:
    threats(internet, b"192.0.2.1\n")
    fetched = found(THREATS, work)
    head = b"# fetched: 2026-11-18T11:06:40Z\n# from: https://feeds.example.test/drop.txt\n"
    assert fetched.path.read_bytes() == head + b"192.0.2.1\n"
    assert fetched.about["kind"] == "threats"
    assert (fetched.about["provider"], fetched.about["networks"]) == ("drop", 1)
    place = place_of(tmp_path / "place", (THREATS, fetched))
    (stale,) = open_address_sets([place], NOW + 9 * 86_400).problems
    assert stale == "threats/drop.txt was fetched 9 days ago"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "holds no address$"),
        (b"# nothing today\n; nor tomorrow\n", "holds no address$"),
        (b"sorry\n", "holds no address, first line 1: "),
        (b'{"error": "no such list"}\n', "holds no address, first line 1: "),
        (bytes(5000), "holds no address"),
        (b"0.0.0.0/0\n", "holds no address, first line 1: "),
        (b"192.0.2.1\n" * 18 + b"what\n", r"is no list of addresses: 1 of 19 are none, first 19: "),
        (b"<html>gone</html>", "sent a web page"),
    ],
    ids=["nothing", "comments", "text", "json", "binary", "everything", "too many", "page"],
)
def test_what_is_no_list_is_not_taken(internet: LocalInternet, work: Work, text: bytes, said: str) -> None:
    threats(internet, text)
    with pytest.raises(FetchFailed, match=said) as failed:
        THREATS(None, work, 60)
    assert "secret" not in str(failed.value)


def test_a_few_wrong_lines_are_borne(internet: LocalInternet, work: Work) -> None:
    threats(internet, b"192.0.2.1\n" * 19 + b"what\n")
    assert found(THREATS, work).about["networks"] == 19


def test_a_wide_line_is_refused_and_noted_with_the_list(internet: LocalInternet, work: Work, tmp_path: Path) -> None:
    threats(internet, b"185.0.0.1\n" * 30 + b"64.0.0.0/2\n10.0.0.0/8\n")
    fetched = found(THREATS, work)
    assert fetched.about["networks"] == 30
    assert fetched.notes == ("1 of it cannot be used, first 31: a prefix of 2 bits would mark too much",)
    place = place_of(tmp_path / "place", (THREATS, fetched))
    assert open_address_sets([place], NOW).facts("65.0.0.1") == {}


def test_a_list_of_wide_lines_is_none(internet: LocalInternet, work: Work) -> None:
    threats(internet, b"".join(b"%d.0.0.0/3\n" % (32 * eighth) for eighth in range(8)))
    with pytest.raises(FetchFailed, match="holds no address, first line 1: a prefix of 3 bits would mark too much"):
        THREATS(None, work, 60)


def test_a_list_of_private_networks_alone_is_none(internet: LocalInternet, work: Work) -> None:
    threats(internet, b"10.0.0.0/8\n192.168.0.0/16\n")
    with pytest.raises(
        FetchFailed, match="holds no address, only private and special-purpose ones, which are no threats"
    ):
        THREATS(None, work, 60)


def test_a_list_that_shrinks_below_a_tenth_is_taken_and_noted(internet: LocalInternet, work: Work) -> None:
    threats(internet, b"185.0.0.1\n" * 5)
    for had, notes in ((50, ()), (51, ("it has shrunk from 51 to 5, and is taken",)), (None, ()), ("many", ())):
        again = THREATS({"networks": had}, work, 60)
        assert again is not None
        assert again.notes == notes
    serve_ranges(internet, 1, etag='"3"')
    ranges = AwsRanges()({"networks": 1000, "version": '"2"'}, work, 60)
    assert ranges is not None
    assert ranges.notes == ("it has shrunk from 1,000 to 2, and is taken",)


def test_awss_list_is_fetched_again_only_when_it_has_changed(internet: LocalInternet, work: Work) -> None:
    serve_ranges(internet, 20)
    fetched = found(AwsRanges(), work)
    assert fetched.about["networks"] == 21
    assert AwsRanges()(fetched.about, work, 60) is None
    serve_ranges(internet, 30, etag='"2"')
    again = AwsRanges()(fetched.about, work, 60)
    assert again is not None
    assert (again.about["networks"], again.about["version"]) == (31, '"2"')


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[]", "not AWS's list of networks"),
        (b"{", "not AWS's list of networks"),
        (b"{}", "not AWS's list of networks"),
        (b"<html>", "web page"),
        (
            json.dumps({"prefixes": [{"ip_prefix": "what", "service": "S3", "region": "x"}]}).encode(),
            "holds no address",
        ),
    ],
    ids=["list", "half", "empty", "page", "wrong"],
)
def test_what_is_not_awss_list_is_not_taken(internet: LocalInternet, work: Work, content: bytes, said: str) -> None:
    internet.pages[RANGES] = Page(content)
    with pytest.raises(FetchFailed, match=said):
        AwsRanges()(None, work, 60)


def test_own_networks_are_written_when_they_are_others(work: Work) -> None:
    source = OwnNetworks([("10.0.0.0/8", "office"), ("2001:db8::/32", "lab")])
    written = found(source, work)
    assert written.path.read_text() == "10.0.0.0/8 office\n2001:db8::/32 lab\n"
    assert source(written.about, work, 60) is None
    assert OwnNetworks([("10.0.0.0/8", "office")])(written.about, work, 60) is not None


def test_own_networks_that_are_none_are_refused(work: Work) -> None:
    with pytest.raises(FetchFailed, match=r"the network '10\.0\.0/8' is not an address"):
        OwnNetworks([("10.0.0.0/8", "office"), ("10.0.0/8", "lab")])(None, work, 60)
