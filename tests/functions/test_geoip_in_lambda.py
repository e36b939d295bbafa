"""The geoip function as AWS's Python runtime runs it, in a process of its own, against providers and S3 over HTTP."""

import json
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from local_runtime import LocalLambda
from memory_store import MemoryStore

from flowlogs.metrics import METRICS, NAMESPACE
from flowlogs.published import POINTER, pointer_of

sys.path.append(str(Path(__file__).parents[1] / "geoip"))  # where the providers are that every test of geoip uses
from local_aws import BUCKET, LocalAws
from local_internet import Asked, LocalInternet, Page
from provider_servers import (
    ACCOUNT_ID,
    DBIP,
    DROP,
    LICENCE_KEY,
    SIGNATURE,
    internet_of_providers,
    serve_all_of_dbip,
    serve_all_of_maxmind,
    serve_drop,
    serve_ranges,
)
from world import DAY, database

pytestmark = pytest.mark.slow
NOW = int(time.time())
MONTH = f"{datetime.fromtimestamp(NOW, UTC):%Y-%m}"
SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:maxmind-abc"
TEXT = json.dumps({"account_id": ACCOUNT_ID, "licence_key": LICENCE_KEY})
SECRET_VALUE, PARAMETER_VALUE = "secretsmanager.GetSecretValue", "AmazonSSM.GetParameter"
SCHEDULED = {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}
BOTH = ["dbip-asn-lite.mmdb", "dbip-city-lite.mmdb"]
RANGES_FILE, DROP_FILE, OWN_FILE = "networks/aws-ip-ranges.json", "threats/drop.txt", "networks/own.txt"


@dataclass
class World:
    """All that the function meets: the internet, AWS, and a folder for the process."""

    internet: LocalInternet
    aws: LocalAws
    folder: Path

    def function(self, **settings: str) -> LocalLambda:
        environ = {
            **self.internet.environ(),
            "AWS_ENDPOINT_URL": self.aws.url,
            "FLOWLOGS_GEOIP_STORE": f"s3://{BUCKET}/geo",
            **settings,
        }
        return LocalLambda("geoip", environ, self.folder)

    def files(self) -> dict[str, bytes]:
        """Give the content of the publication: every file that it names is there."""
        pointer = pointer_of(self.aws.store.objects[f"geo/{POINTER}"])
        return {name: self.aws.store.objects[f"geo/{key}"] for name, key in pointer.files.items()}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with internet_of_providers(tmp_path / "internet") as internet, LocalAws(MemoryStore()) as aws:
        serve_all_of_dbip(internet, MONTH, NOW - 2 * DAY)
        serve_all_of_maxmind(internet, NOW - 2 * DAY)
        serve_ranges(internet)
        serve_drop(internet)
        yield World(internet, aws, tmp_path)


def failure(function: LocalLambda) -> str:
    answer = function.invoke(SCHEDULED)
    assert answer.kind == "error", answer
    assert answer.body["errorType"] == "FetchFailed"
    return str(answer.body["errorMessage"])


def measured(row: Mapping[str, Any]) -> dict[str, float]:
    """Give the values of a row of metrics, which must be those of the table."""
    (directive,) = row["_aws"]["CloudWatchMetrics"]
    assert (directive["Namespace"], directive["Dimensions"]) == (NAMESPACE, [["function", "stream"]])
    assert (row["function"], row["stream"]) == ("geoip", "-")
    names = [metric["Name"] for metric in directive["Metrics"]]
    assert all(METRICS[name].functions[-1] == "geoip" for name in names)
    return {name: round(row[name][0]) for name in names}


def test_publishes_all_that_is_set_and_only_what_is_new_the_next_time(world: World) -> None:
    settings = {
        "FLOWLOGS_THREAT_LISTS": f"drop=https://{DROP}",
        "FLOWLOGS_NAMED_NETWORKS": "office=10.0.0.0/8 lab=2001:db8::/32 office=192.168.0.0/16",
    }
    with world.function(**settings) as function:
        answer = function.respond(SCHEDULED)
        assert sorted(answer["fetched"]) == sorted([*BOTH, RANGES_FILE, DROP_FILE, OWN_FILE])
        files = world.files()
        assert files[OWN_FILE] == b"10.0.0.0/8 office\n2001:db8::/32 lab\n192.168.0.0/16 office\n"
        assert files["dbip-city-lite.mmdb"] == database("DBIP-City-Lite", NOW - 2 * DAY)
        again = function.respond("whatever an event may be")
        assert (again["fetched"], sorted(again["kept"])) == ([DROP_FILE], sorted([*BOTH, RANGES_FILE, OWN_FILE]))
        assert [measured(row) for row in function.metrics()] == [
            {"GeoFetchesFailed": 0, "GeoDatabasesDeleted": 0, "GeoDatabaseAge": 2}
        ] * 2
        messages = [row["message"] for row in function.logged("INFO")]
        assert messages == ["Fetched 5, nothing newer for 0, failed 0.", "Fetched 1, nothing newer for 4, failed 0."]
        assert function.logged("WARNING") == []


@pytest.mark.parametrize(
    ("licence", "target", "answer"),
    [
        (SECRET, SECRET_VALUE, {"ARN": SECRET, "Name": "maxmind", "SecretString": TEXT}),
        ("ssm:/maxmind", PARAMETER_VALUE, {"Parameter": {"Name": "/maxmind", "Type": "SecureString", "Value": TEXT}}),
    ],
)
def test_the_licence_key_is_read_where_it_is_kept_and_shown_to_maxmind_only(
    world: World, licence: str, target: str, answer: Any
) -> None:
    world.aws.answers[target] = (200, answer)
    settings = {"FLOWLOGS_GEO_PROVIDER": "maxmind", "FLOWLOGS_GEO_LICENCE": licence, "FLOWLOGS_AWS_RANGES": "false"}
    with world.function(**settings) as function:
        function.respond(SCHEDULED)
        told = function.log()
    assert sorted(world.files()) == ["GeoLite2-ASN.mmdb", "GeoLite2-City.mmdb"]
    assert {asked.host for asked in world.internet.asked if asked.authorization} == {"download.maxmind.com"}
    assert not [secret for secret in (LICENCE_KEY, SIGNATURE, "Basic ") if secret in told]
    stored = b"".join(world.aws.store.objects.values())
    assert LICENCE_KEY.encode() not in stored


def test_a_key_that_was_changed_is_used_by_the_same_container(world: World) -> None:
    wrong = json.dumps({"account_id": ACCOUNT_ID, "licence_key": "battery_staple"})
    world.aws.answers[SECRET_VALUE] = (200, {"SecretString": wrong})
    with world.function(FLOWLOGS_GEO_PROVIDER="maxmind", FLOWLOGS_GEO_LICENCE=SECRET) as function:
        text = failure(function)
        assert "GeoLite2-City.mmdb: download.maxmind.com answered 401: check the account id and the licence key" in text
        world.aws.answers[SECRET_VALUE] = (200, {"SecretString": TEXT})
        assert function.respond(SCHEDULED)["fetched"] == ["GeoLite2-City.mmdb", "GeoLite2-ASN.mmdb"]
        assert "battery" not in text + function.log()


def test_what_fails_is_told_at_the_end_and_the_others_are_published(world: World) -> None:
    world.internet.pages[f"{DBIP}/free/dbip-city-lite-{MONTH}.mmdb.gz"] = Page(b"<html>maintenance</html>")
    with world.function() as function:
        text = failure(function)
        assert text == "dbip-city-lite.mmdb: download.db-ip.com sent a web page instead of data; is a proxy in between?"
        assert sorted(world.files()) == ["dbip-asn-lite.mmdb", RANGES_FILE]
        (row,) = function.metrics()
        assert measured(row) == {"GeoFetchesFailed": 1, "GeoDatabasesDeleted": 0, "GeoDatabaseAge": 2}
        assert [row["message"] for row in function.logged("WARNING")] == [f"Not fetched: {text}"]


def test_without_a_licence_key_that_can_be_read_the_lists_come_all_the_same(world: World) -> None:
    with world.function(FLOWLOGS_GEO_PROVIDER="maxmind", FLOWLOGS_GEO_LICENCE="gone") as function:
        text = failure(function)
        (row,) = function.metrics()
    assert text.count("the secret gone cannot be read (ResourceNotFoundException): check that it exists") == 2
    assert list(world.files()) == [RANGES_FILE]
    assert measured(row) == {"GeoFetchesFailed": 2, "GeoDatabasesDeleted": 0}


def test_a_database_that_its_licence_forbids_goes_even_if_nothing_else_comes(world: World) -> None:
    old = database("GeoLite2-City", NOW - 31 * DAY)
    about = {"kind": "database", "provider": "maxmind", "knows": "City", "built": NOW - 31 * DAY}
    world.aws.store.write("geo/files/old/GeoLite2-City.mmdb", old)
    pointer = {"files": {"GeoLite2-City.mmdb": "files/old/GeoLite2-City.mmdb"}}
    pointer["described"] = {"GeoLite2-City.mmdb": about}  # type: ignore[dict-item]
    world.aws.store.write(f"geo/{POINTER}", json.dumps(pointer).encode())
    settings = {"FLOWLOGS_GEO_PROVIDER": "maxmind", "FLOWLOGS_GEO_LICENCE": "gone", "FLOWLOGS_AWS_RANGES": "false"}
    with world.function(**settings) as function:
        failure(function)
        (row,) = function.metrics()
        assert measured(row) == {"GeoFetchesFailed": 2, "GeoDatabasesDeleted": 1}
        assert any("GeoLite2-City.mmdb" in row["message"] for row in function.logged("WARNING"))
    assert world.files() == {}
    assert old not in world.aws.store.objects.values()


def test_who_is_overtaken_discards_its_work_and_does_not_fail(world: World) -> None:
    def overtaken(_: Asked) -> Page:
        world.aws.store.write(f"geo/{POINTER}", b'{"files": {}}')
        return Page(b"192.0.2.1\n")

    world.internet.pages[DROP] = overtaken
    with world.function(FLOWLOGS_THREAT_LISTS=f"drop=https://{DROP}", FLOWLOGS_GEO_PROVIDER="none") as function:
        assert function.respond(SCHEDULED) == {"fetched": [], "kept": [], "deleted": []}
        assert "Another run was quicker" in function.logged("INFO")[0]["message"]
    assert list(world.aws.store.objects) == [f"geo/{POINTER}"]


def test_a_container_that_is_killed_leaves_the_last_good_publication(world: World) -> None:
    with world.function() as function:
        function.respond(SCHEDULED)
    before = world.files()
    reached, never = Event(), Event()

    def stalls(_: Asked) -> Page:
        reached.set()
        never.wait(20)
        return Page()

    world.internet.pages[DROP] = stalls
    own = "office=10.0.0.0/8"
    with world.function(FLOWLOGS_THREAT_LISTS=f"drop=https://{DROP}", FLOWLOGS_NAMED_NETWORKS=own) as function:
        function.start(SCHEDULED)
        assert reached.wait(20)
        function.kill()
    never.set()
    assert world.files() == before
    serve_drop(world.internet)
    with world.function(FLOWLOGS_THREAT_LISTS=f"drop=https://{DROP}", FLOWLOGS_NAMED_NETWORKS=own) as function:
        assert function.respond(SCHEDULED)["fetched"] == [DROP_FILE, OWN_FILE]
    assert sorted(world.files()) == sorted([*before, DROP_FILE, OWN_FILE])


def test_a_place_that_cannot_be_used_is_told_and_measured(world: World) -> None:
    world.aws.store.refuses = "AccessDenied"
    with world.function() as function:
        sentence = "the publication cannot be used: S3 answered AccessDenied to GetObject of geo/pointer.json"
        assert failure(function) == sentence
        (row,) = function.metrics()
    assert measured(row) == {"GeoFetchesFailed": 1, "GeoDatabasesDeleted": 0}
    world.aws.store.refuses = None
    world.aws.store.write(f"geo/{POINTER}", b"{")
    with world.function() as function:
        assert failure(function).startswith("the publication cannot be used: ")
    assert world.aws.store.objects == {f"geo/{POINTER}": b"{"}


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"FLOWLOGS_GEOIP_STORE": ""}, "FLOWLOGS_GEOIP_STORE is not set: it takes s3://bucket/prefix"),
        ({"FLOWLOGS_GEOIP_STORE": "folder"}, "'folder' is no address in S3"),
        ({"FLOWLOGS_GEO_PROVIDER": "maxmind"}, "asks for an account: set FLOWLOGS_GEO_LICENCE"),
        ({"FLOWLOGS_GEO_PROVIDER": "ip2location"}, "it takes maxmind, dbip or none"),
        ({"FLOWLOGS_THREAT_LISTS": "drop"}, "FLOWLOGS_THREAT_LISTS"),
        ({"FLOWLOGS_NAMED_NETWORKS": "office=10.0.0.1/8"}, "FLOWLOGS_NAMED_NETWORKS"),
        ({"FLOWLOGS_GEO_LICENSE": "x"}, "FLOWLOGS_GEO_LICENSE is no setting"),
    ],
)
def test_a_wrong_setting_is_an_error_before_anything_is_fetched(
    world: World, settings: dict[str, str], said: str
) -> None:
    with world.function(**settings) as function:
        answer = function.answer()
    assert (answer.kind, answer.body["errorType"]) == ("init-error", "SettingsError")
    assert said in answer.body["errorMessage"]
    assert world.internet.asked == []
