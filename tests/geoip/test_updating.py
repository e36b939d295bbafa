"""A run publishes what is new and good; whatever fails, the last good publication stays whole."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from memory_store import MemoryStore
from published_places import Place
from world import DAY, NOW

from flowlogs.geoip.fetch_failed import FetchFailed
from flowlogs.geoip.probe import opened
from flowlogs.geoip.source import About, Found, Work
from flowlogs.geoip.updated import Updated
from flowlogs.geoip.updating import TIDY_SECONDS, update
from flowlogs.published import POINTER, read_pointer


@dataclass
class Given:
    """A source that gives what it is told: a content, nothing newer, or a failure. `about` is what is known of it."""

    file: str
    content: bytes | str | None
    about: dict[str, Any] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    notes: tuple[str, ...] = ()

    def __call__(self, have: About | None, work: Work, seconds: float) -> Found | None:
        self.seconds.append(seconds)
        if isinstance(self.content, str):
            raise FetchFailed(self.content)
        if self.content is None or (have and have.get("sha256") == hashlib.sha256(self.content).hexdigest()):
            return None
        path = work.folder / f"{id(self)}.part"
        path.write_bytes(self.content)
        return Found(path, {"sha256": hashlib.sha256(self.content).hexdigest(), **self.about}, self.notes)


def of_maxmind(built: float) -> dict[str, Any]:
    return {"kind": "database", "provider": "maxmind", "knows": "City", "built": int(built)}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_objects_are_written_before_the_pointer_names_them(place: Place) -> None:
    updated = place.run(Given("a.mmdb", b"A"), Given("threats/b.txt", b"B"))
    assert (updated.fetched, updated.kept, updated.failed) == (["a.mmdb", "threats/b.txt"], [], [])
    assert place.files() == {"a.mmdb": b"A", "threats/b.txt": b"B"}
    written = [key for verb, key in place.store.log if verb in ("write", "swap")]
    assert written == ["files/run-1/a.mmdb", "files/run-1/threats/b.txt", POINTER]
    described = json.loads(place.store.objects[POINTER])["described"]
    assert described["a.mmdb"] == {"sha256": hashlib.sha256(b"A").hexdigest()}


def test_what_is_noted_of_a_file_names_it(place: Place) -> None:
    updated = place.run(Given("threats/b.txt", b"B", notes=("it has shrunk",)), Given("a.mmdb", b"A"))
    assert (updated.noted, updated.failed) == (["threats/b.txt: it has shrunk"], [])
    assert place.files() == {"threats/b.txt": b"B", "a.mmdb": b"A"}


class _LeavesAll(Given):
    def __call__(self, have: About | None, work: Work, seconds: float) -> Found | None:
        (work.folder / "database").write_bytes(b"large")
        raise FetchFailed("it is not good")


class _Looks(Given):
    def __call__(self, have: About | None, work: Work, seconds: float) -> Found | None:
        self.about["seen"] = [path.name for path in work.folder.parent.rglob("*") if path.is_file()]
        return None


def test_what_one_source_leaves_is_gone_before_the_next_begins(place: Place) -> None:
    place.run(_LeavesAll("a.mmdb", b""), Given("b.mmdb", b"B"), looking := _Looks("c.mmdb", None))
    assert looking.about["seen"] == []
    assert list(place.folder.iterdir()) == []


def test_where_nothing_is_new_nothing_is_written(place: Place) -> None:
    source = Given("a.mmdb", b"A")
    place.run(source)
    place.store.log.clear()
    updated = place.run(source, later=DAY)
    assert (updated.fetched, updated.kept) == ([], ["a.mmdb"])
    assert {verb for verb, _ in place.store.log} == {"read", "keys"}


def test_what_fails_keeps_its_last_good_and_the_others_go_on(place: Place) -> None:
    place.run(Given("a.mmdb", b"A1"), Given("b.mmdb", b"B1"))
    updated = place.run(Given("a.mmdb", "the server is gone"), Given("b.mmdb", b"B2"), Given("c.mmdb", "it too"))
    assert updated.failed == ["a.mmdb: the server is gone", "c.mmdb: it too"]
    assert updated.fetched == ["b.mmdb"]
    assert place.files() == {"a.mmdb": b"A1", "b.mmdb": b"B2"}


def test_where_all_fails_at_first_there_is_no_publication(place: Place) -> None:
    assert place.run(Given("a.mmdb", "no")).failed == ["a.mmdb: no"]
    assert place.store.objects == {}


class _RefusesOne(MemoryStore):
    def write(self, key: str, content: bytes) -> None:
        if "/b." in key:
            raise OSError("S3 answered SlowDown")
        super().write(key, content)


def test_an_object_that_cannot_be_written_is_a_failure_of_its_own(place: Place) -> None:
    place.store = _RefusesOne(lambda: place.now)
    updated = place.run(Given("b.mmdb", b"B"), Given("c.mmdb", b"C"))
    assert updated.failed == ["b.mmdb: it cannot be kept: S3 answered SlowDown"]
    assert place.files() == {"c.mmdb": b"C"}
    assert list(place.folder.iterdir()) == []


class _Overtaken(MemoryStore):
    """Another run publishes just before the pointer is swapped."""

    def swap(self, key: str, content: bytes, tag: str | None) -> bool:
        other = json.dumps({"files": {"a.mmdb": "files/other/a.mmdb"}, "described": {"a.mmdb": {"by": "other"}}})
        self.objects |= {"files/other/a.mmdb": b"other", POINTER: other.encode()}
        self.modified |= dict.fromkeys(self.objects, NOW)
        return super().swap(key, content, tag)


def test_who_comes_second_discards_its_work(place: Place) -> None:
    place.store = _Overtaken(lambda: place.now)
    updated = place.run(Given("a.mmdb", b"A"), Given("b.mmdb", "no"))
    assert (updated.is_discarded, updated.fetched, updated.failed) == (True, [], ["b.mmdb: no"])
    assert place.files() == {"a.mmdb": b"other"}
    assert place.objects() == ["files/other/a.mmdb"]


def test_runs_at_the_same_time_leave_one_whole_publication(place: Place, tmp_path: Path) -> None:
    together = Barrier(4)

    def one(number: int) -> Updated:
        folder = tmp_path / str(number)
        folder.mkdir()
        sources = [Given(f"{name}.mmdb", f"{name}{number}".encode()) for name in "abc"]
        together.wait()
        return update(place.store, sources, Work(lambda *_: None, folder, NOW, opened), f"run-{number}", lambda: 9.0)

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(one, range(4)))
    winners = [number for number, outcome in enumerate(outcomes) if not outcome.is_discarded]
    assert winners
    last = {key.split("/")[1] for key in read_pointer(place.store).files.values()}
    assert last <= {f"run-{number}" for number in winners}
    assert len(place.files()) == 3


class _Dies(MemoryStore):
    """The process is gone before the pointer is swapped."""

    dying = False

    def swap(self, key: str, content: bytes, tag: str | None) -> bool:
        if self.dying:
            raise OSError("gone")
        return super().swap(key, content, tag)


def test_a_run_that_dies_leaves_the_last_good_publication_and_its_rest_goes_later(place: Place) -> None:
    place.store = store = _Dies(lambda: place.now)
    place.run(Given("a.mmdb", b"A1"))
    store.dying = True
    with pytest.raises(OSError, match="gone"):
        place.run(Given("a.mmdb", b"A2"))
    assert place.files() == {"a.mmdb": b"A1"}
    store.dying = False
    place.run(Given("a.mmdb", b"A1"), later=TIDY_SECONDS - 1)
    assert place.objects() == ["files/run-1/a.mmdb", "files/run-2/a.mmdb"]
    place.run(Given("a.mmdb", b"A1"), later=2)
    assert place.objects() == ["files/run-1/a.mmdb"]


def test_what_was_replaced_stays_for_those_who_are_fetching_it(place: Place) -> None:
    place.run(Given("a.mmdb", b"A1"))
    place.run(Given("a.mmdb", b"A2"), later=DAY)
    assert place.objects() == ["files/run-1/a.mmdb", "files/run-2/a.mmdb"]
    place.run(Given("a.mmdb", b"A2"), later=DAY)
    assert place.objects() == ["files/run-2/a.mmdb"]


def test_nothing_but_files_of_runs_is_ever_deleted(place: Place) -> None:
    place.store.write("someone-elses", b"x")
    place.store.write("files/left-over/x", b"x")
    place.run(Given("a.mmdb", b"A"), later=DAY)
    assert place.objects() == ["files/run-1/a.mmdb", "someone-elses"]


def test_a_database_older_than_its_licence_allows_goes_also_where_it_is_the_last(place: Place) -> None:
    place.run(Given("a.mmdb", b"A", of_maxmind(NOW)), Given("b.mmdb", b"B", of_maxmind(NOW + 20 * DAY)))
    updated = place.run(Given("a.mmdb", "no"), Given("b.mmdb", "no"), later=30 * DAY)
    assert (updated.deleted, updated.ages) == ([], {"a.mmdb": 30, "b.mmdb": 10})
    place.store.log.clear()
    updated = place.run(Given("a.mmdb", "no"), Given("b.mmdb", "no"), later=1)
    assert (updated.deleted, list(updated.ages)) == (["a.mmdb"], ["b.mmdb"])
    assert place.store.log[-2:] == [("swap", POINTER), ("delete", "files/run-1/a.mmdb")]
    assert place.files() == {"b.mmdb": b"B"}


def test_a_database_whose_licence_sets_no_end_stays(place: Place) -> None:
    place.run(Given("a.mmdb", b"A", {**of_maxmind(NOW), "provider": "dbip"}))
    updated = place.run(Given("a.mmdb", "no"), later=400 * DAY)
    assert (updated.deleted, updated.oldest_days) == ([], 400)
    assert place.files() == {"a.mmdb": b"A"}


def test_one_that_is_replaced_when_its_time_is_over_goes_at_once(place: Place) -> None:
    place.run(Given("a.mmdb", b"A1", of_maxmind(NOW)))
    updated = place.run(Given("a.mmdb", b"A2", of_maxmind(NOW + 30 * DAY)), later=31 * DAY)
    assert updated.deleted == []
    assert place.objects() == ["files/run-2/a.mmdb"]


class _KeepsAll(MemoryStore):
    def delete(self, key: str) -> None:
        raise OSError("S3 answered AccessDenied")


def test_what_cannot_be_deleted_is_said(place: Place) -> None:
    place.store = _KeepsAll(lambda: place.now)
    place.run(Given("a.mmdb", b"A", of_maxmind(NOW)))
    updated = place.run(Given("a.mmdb", "no"), later=31 * DAY)
    assert updated.failed[1:] == ["files/run-1/a.mmdb cannot be deleted: S3 answered AccessDenied"]
    assert place.files() == {}


def test_what_is_no_longer_wanted_leaves_the_publication(place: Place) -> None:
    place.run(Given("threats/a.txt", b"A"), Given("threats/b.txt", b"B"))
    place.run(Given("threats/b.txt", None))
    assert place.files() == {"threats/b.txt": b"B"}


def test_an_object_that_is_gone_is_fetched_again(place: Place) -> None:
    source = Given("a.mmdb", b"A")
    place.run(source)
    place.store.delete("files/run-1/a.mmdb")
    assert place.run(source).fetched == ["a.mmdb"]
    assert place.files() == {"a.mmdb": b"A"}


@pytest.mark.parametrize("described", [None, [], {"a.mmdb": 5}, {"a.mmdb": {"version": {}}}, {"other": {}}])
def test_a_file_of_which_nothing_is_known_is_fetched_again(place: Place, described: Any) -> None:
    place.store.write("files/x/a.mmdb", b"A")
    content = {"files": {"a.mmdb": "files/x/a.mmdb"}, "described": described, "note": "of another version"}
    place.store.write(POINTER, json.dumps(content).encode())
    assert place.run(Given("a.mmdb", b"A2")).fetched == ["a.mmdb"]
    assert read_pointer(place.store).about["note"] == "of another version"


def test_what_is_no_pointer_is_left_alone(place: Place) -> None:
    place.store.write(POINTER, b"{")
    place.store.write("files/x/a.mmdb", b"A")
    with pytest.raises(ValueError, match="unexpected end"):
        place.run(Given("a.mmdb", b"A2"), later=DAY)
    assert place.store.objects == {POINTER: b"{", "files/x/a.mmdb": b"A"}


def test_each_may_take_its_share_of_the_time_that_is_left(place: Place) -> None:
    left = iter([90.0, 30.0, 0.0])
    sources = [Given("a.mmdb", b"A"), Given("b.mmdb", b"B"), Given("c.mmdb", b"C")]
    updated = place.run(*sources, time_left=lambda: next(left))
    assert [source.seconds for source in sources] == [[30], [15], []]
    assert updated.failed == ["c.mmdb: no time was left for it"]
