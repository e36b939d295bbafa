import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import boto3
import pytest
from botocore.exceptions import ReadTimeoutError
from botocore.response import StreamingBody
from botocore.stub import Stubber
from moto import mock_aws

from flowlogs.aws.places import objects_at, watched_at
from flowlogs.aws.s3 import Address, Bucket, S3Objects, WatchedObjects, address_of
from flowlogs.decorate.watched import Watched, WatchedPaths
from flowlogs.errors import NotKept, SettingsError
from flowlogs.ingest.dead_letters import DeadLetter, DeadLetters, Folder, Objects, rows_of
from flowlogs.inventory.files import read_inventory

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

AWS: dict[str, str] = {
    "region_name": "us-east-1",
    "aws_access_key_id": "testing",
    "aws_secret_access_key": "testing",
}
LETTER = DeadLetter("search", "a reason", b"2 x", b"version srcport")


@pytest.fixture
def s3() -> Iterator["S3Client"]:
    with mock_aws():
        client = boto3.client("s3", **AWS)  # type: ignore[call-overload]
        client.create_bucket(Bucket="kept")
        yield client


class Place(NamedTuple):
    objects: Objects
    keys: Callable[[], list[str]]
    content: Callable[[str], bytes]


def folder(tmp_path: Path, _: Any) -> Place:
    def keys() -> list[str]:
        return [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()]

    return Place(Folder(tmp_path), keys, lambda key: (tmp_path / key).read_bytes())


def bucket(prefix: str) -> Callable[[Path, Any], Place]:
    def make(_: Path, s3: "S3Client") -> Place:
        def keys() -> list[str]:
            found = [one["Key"] for one in s3.list_objects_v2(Bucket="kept").get("Contents", [])]
            return [key.removeprefix("dead/letters/") for key in found]

        def content(key: str) -> bytes:
            name = f"dead/letters/{key}" if prefix else key
            return s3.get_object(Bucket="kept", Key=name)["Body"].read()

        return Place(Bucket(Address("kept", prefix), s3), keys, content)

    return make


@pytest.fixture(
    params=[folder, bucket(""), bucket("dead/letters"), bucket("dead/letters/")],
    ids=["folder", "bucket", "prefix", "prefix with slash"],
)
def place(request: pytest.FixtureRequest, tmp_path: Path, s3: "S3Client") -> Place:
    return request.param(tmp_path, s3)  # type: ignore[no-any-return]


def test_dead_letters_are_one_object_wherever_they_are_kept(place: Place) -> None:
    letters = DeadLetters(place.objects, "ingestor")
    letters.keep([LETTER, LETTER], 1_700_000_000, "request-1")
    letters.keep([LETTER], 1_700_000_000, "request-2")
    keys = sorted(place.keys())
    assert keys == [f"ingestor/2023/11/14/22/ingestor-1700000000-request-{n}.ndjson.gz" for n in (1, 2)]
    assert [len(rows_of(place.content(key))) for key in keys] == [2, 1]


def test_an_object_put_again_is_replaced_as_a_whole(place: Place) -> None:
    place.objects.put("a/b", b"first and longer")
    place.objects.put("a/b", b"second")
    assert (place.keys(), place.content("a/b")) == (["a/b"], b"second")


def test_s3_that_refuses_keeps_no_dead_letters_and_the_caller_learns_it(s3: "S3Client") -> None:
    with pytest.raises(NotKept, match="NoSuchBucket"):
        DeadLetters(Bucket(Address("none", ""), s3), "ingestor").keep([LETTER], 0, "request-1")


def test_an_object_is_opened_for_reading(s3: "S3Client") -> None:
    s3.put_object(Bucket="kept", Key="a b+ü.log", Body=b"line\n" * 1000)
    with S3Objects(s3).open("kept", "a b+ü.log") as body:
        assert body.read(4) == b"line"
        assert body.read() == b"\n" + b"line\n" * 999


@pytest.mark.parametrize(("name", "key"), [("kept", "none"), ("none", "a")])
def test_an_object_that_is_not_there_is_an_os_error(s3: "S3Client", name: str, key: str) -> None:
    with pytest.raises(OSError, match="S3 answered NoSuch"):
        S3Objects(s3).open(name, key)


class BreaksOff(io.BytesIO):
    def read(self, size: int | None = -1, /) -> bytes:
        raise ReadTimeoutError(endpoint_url="x")


def test_an_object_that_breaks_off_is_an_os_error() -> None:
    client = boto3.client("s3", **AWS)  # type: ignore[call-overload]
    stubber = Stubber(client)
    stubber.add_response("get_object", {"Body": StreamingBody(BreaksOff(), 5)})
    with stubber, S3Objects(client).open("kept", "a") as body, pytest.raises(OSError, match="ReadTimeoutError"):
        body.read(4)


@pytest.fixture
def in_tmp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


def watched_in_s3(tmp_path: Path, s3: "S3Client") -> tuple[Watched, Callable[[str, bytes], object]]:
    s3.put_object(Bucket="kept", Key="other.json", Body=b"x")
    return WatchedObjects(Address("kept", "inventory/"), s3), lambda name, content: s3.put_object(
        Bucket="kept", Key=f"inventory/{name}", Body=content
    )


def watched_on_disk(tmp_path: Path, _: Any) -> tuple[Watched, Callable[[str, bytes], object]]:
    (tmp_path / "inventory").mkdir()
    return WatchedPaths([tmp_path / "inventory"]), lambda name, content: (tmp_path / "inventory" / name).write_bytes(
        content
    )


EMPTY = b'{"NetworkInterfaces": []}'
ONE = b'{"NetworkInterfaces": [{"NetworkInterfaceId": "eni-1"}]}'


@pytest.mark.usefixtures("in_tmp")
@pytest.mark.parametrize("make", [watched_in_s3, watched_on_disk])
def test_a_watched_place_has_another_version_when_it_changed(tmp_path: Path, s3: "S3Client", make: Any) -> None:
    watched, write = make(tmp_path, s3)
    write("a.json", EMPTY)
    first = watched.version()
    assert watched.version() == first
    assert len(read_inventory(*watched.files())) == 0
    write("a.json", ONE)
    second = watched.version()
    assert second != first
    assert len(read_inventory(*watched.files())) == 1
    write("b.json", ONE)
    assert watched.version() not in (first, second)


def test_a_file_in_a_folder_of_a_watched_folder_is_watched_too(tmp_path: Path) -> None:
    (file := tmp_path / "account" / "a.json").parent.mkdir()
    watched = WatchedPaths([tmp_path])
    file.write_bytes(EMPTY)
    first = watched.version()
    file.write_bytes(ONE)
    assert watched.version() != first


@pytest.mark.usefixtures("in_tmp")
def test_objects_of_one_name_under_two_prefixes_are_both_there(s3: "S3Client") -> None:
    for account, interface in (("111", b"eni-1"), ("222", b"eni-2")):
        s3.put_object(Bucket="kept", Key=f"inventory/{account}/interfaces.json", Body=ONE.replace(b"eni-1", interface))
    inventory = read_inventory(*WatchedObjects(Address("kept", "inventory/"), s3).files())
    assert inventory.has_id("eni-1")
    assert inventory.has_id("eni-2")


@pytest.mark.usefixtures("in_tmp")
@pytest.mark.parametrize("prefix", ["geo/", "geo", "ge"])
def test_names_below_the_prefix_stay_as_they_are(s3: "S3Client", prefix: str) -> None:
    for key in ("geo/City.mmdb", "geo/networks/own.txt", "geo/threats/deep/drop.txt"):
        s3.put_object(Bucket="kept", Key=key, Body=key.encode())
    (folder,) = WatchedObjects(Address("kept", prefix), s3).files()
    found = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    above = "" if prefix.startswith("geo") else "geo/"
    assert found == {
        f"{above}City.mmdb": b"geo/City.mmdb",
        f"{above}networks/own.txt": b"geo/networks/own.txt",
        f"{above}threats/deep/drop.txt": b"geo/threats/deep/drop.txt",
    }


@pytest.mark.usefixtures("in_tmp")
def test_one_object_is_watched_alone_and_an_older_version_of_it_goes(s3: "S3Client", tmp_path: Path) -> None:
    watched = WatchedObjects(Address("kept", "geo/City.mmdb"), s3)
    for content in (b"one", b"two"):
        s3.put_object(Bucket="kept", Key="geo/City.mmdb", Body=content)
        (folder,) = watched.files()
        assert (folder / "City.mmdb").read_bytes() == content
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["City.mmdb"]


@pytest.mark.usefixtures("in_tmp")
@pytest.mark.parametrize("key", ["geo/../../up.txt", "geo//a.txt", "geo/./a.txt"])
def test_a_key_that_leads_elsewhere_is_refused(s3: "S3Client", tmp_path: Path, key: str) -> None:
    s3.put_object(Bucket="kept", Key=key, Body=b"x")
    with pytest.raises(OSError, match="is no name of a file"):
        WatchedObjects(Address("kept", "geo/"), s3).files()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("prefix", ["inventory/", "inventory"])
def test_a_publication_named_by_its_folder_is_refused_with_what_to_name(s3: "S3Client", prefix: str) -> None:
    for key in ("lookups/1.sqlite.gz", "pointer.json"):
        s3.put_object(Bucket="kept", Key=f"inventory/{key}", Body=b"{}")
    watched = WatchedObjects(Address("kept", prefix), s3)
    for ask in (watched.version, watched.files):
        with pytest.raises(OSError, match=r"is a publication: its address ends in pointer.json"):
            ask()


@pytest.mark.usefixtures("in_tmp")
def test_a_place_in_s3_without_anything_is_an_os_error(s3: "S3Client") -> None:
    s3.put_object(Bucket="kept", Key="inventory/", Body=b"")  # the console's folder
    with pytest.raises(OSError, match="nothing lies under s3://kept/inventory/"):
        WatchedObjects(Address("kept", "inventory/"), s3).version()
    with pytest.raises(OSError, match="NoSuchBucket"):
        WatchedObjects(Address("none", ""), s3).version()


def test_a_watched_file_that_is_not_there_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="none"):
        WatchedPaths([tmp_path / "none"]).version()


@pytest.mark.parametrize(
    ("text", "address"),
    [("s3://b", ("b", "")), ("s3://b/", ("b", "")), ("s3://b/a/b/", ("b", "a/b/")), ("s3://b/a=1", ("b", "a=1"))],
)
def test_an_address_in_s3_is_bucket_and_key(text: str, address: tuple[str, str]) -> None:
    assert address_of(text) == address


@pytest.mark.parametrize("text", ["", "b/a", "s3:b/a", "https://b/a", "s3:///a"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="no address in S3"):
        address_of(text)


def test_a_setting_names_files_or_objects() -> None:
    assert objects_at(None) is None
    assert watched_at(None) is None
    assert isinstance(objects_at("/tmp/x"), Folder)
    assert isinstance(objects_at("s3://b/x"), Bucket)
    assert isinstance(watched_at("s3://b/x"), WatchedObjects)
    several = watched_at("a.mmdb, b.mmdb,")
    assert several is not None
    assert several.files() == [Path("a.mmdb"), Path("b.mmdb")]
