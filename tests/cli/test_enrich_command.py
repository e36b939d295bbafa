"""`flowlogs enrich` on whatever a user names: the golden corpus, accounts, resuming, faults."""

import base64
import errno
import fcntl
import gzip
import json
import re
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest
import test_one_corpus_every_path as corpus
import zstandard
from command_line import Ran, line, ran
from moto import mock_aws

from flowlogs.decorate.spelling import COLUMNS
from flowlogs.deliver.local.atomic_file import AtomicFile
from flowlogs.deliver.local.lake_rows import SCHEMA
from flowlogs.deliver.local.output_in_use_error import OutputInUseError
from flowlogs.enrich.day_files import LakeFile
from flowlogs.enrich.written import NAME, Written
from flowlogs.generate import geoip
from flowlogs.record.log_format import DEFAULT

GOOD = b"".join(line(port) + b"\n" for port in range(3))
NOTHING = {"received": 0, "delivered": 0, "dropped": 0, "failed": 0, "requeued": 0, "ignored": 0, "duplicates": 0}
CORPUS = b"\n".join([DEFAULT.header, *corpus.LINES, b""])


def enriched(*arguments: str | Path, stdin: bytes = b"") -> Ran:
    return ran("enrich", *map(str, arguments), "--json", stdin=stdin)


def account(done: Ran) -> dict[str, int]:
    read: dict[str, int] = json.loads(done.out.splitlines()[-1])
    return read


def counts(done: Ran) -> tuple[int, int, int]:
    found = account(done)
    assert found["received"] == found["delivered"] + found["failed"]
    return found["delivered"], found["failed"], found["ignored"]


def lake(folder: Path) -> list[dict[str, Any]]:
    files = sorted(folder.glob("date=*/*.parquet"))
    return [row for file in files for row in pq.read_table(file, partitioning=None).to_pylist()]


def documents(folder: Path) -> list[dict[str, Any]]:
    files = sorted(folder.glob("date=*/*.ndjson"))
    return [json.loads(row) for file in files for row in file.read_bytes().splitlines()]


def ports(folder: Path) -> list[int]:
    return sorted(row["srcport"] for row in lake(folder))


def refused(folder: Path) -> list[dict[str, Any]]:
    files = sorted(folder.glob("refused/*.ndjson"))
    return [json.loads(row) for file in files for row in file.read_bytes().splitlines()]


def unfinished(folder: Path) -> list[Path]:
    return list(folder.rglob("*.part"))


def as_plain_text(folder: Path) -> None:
    (folder / "flow.log").write_bytes(CORPUS)


def with_carriage_returns(folder: Path) -> None:
    (folder / "flow.log").write_bytes(b"\xef\xbb\xbf" + CORPUS.replace(b"\n", b"\r\n"))


def as_gzip_members(folder: Path) -> None:
    members = [gzip.compress(each + b"\n", mtime=0) for each in CORPUS.splitlines()]
    (folder / "flow.log.gz").write_bytes(b"".join(members))


def as_zstd(folder: Path) -> None:
    (folder / "flow.log.zst").write_bytes(zstandard.compress(CORPUS))


def as_an_export_of_cloudwatch(folder: Path) -> None:
    lines = (b"2026-01-01T00:00:00.000Z " + each + b"\n" for each in corpus.LINES)
    (folder / "000000.gz").write_bytes(gzip.compress(b"".join(lines), mtime=0))


def as_two_flow_logs_in_s3_layout(folder: Path) -> None:
    """One in its own order below a Hive prefix, one in the default order in a folder of an hour."""
    order = list(reversed(range(len(DEFAULT.fields))))
    turned = [b" ".join(each.split()[place] for place in order) for each in (DEFAULT.header, *corpus.LINES[:20])]
    hive = folder / "AWSLogs/aws-account-id=123456789012/aws-service=vpcflowlogs/year=2026/month=01/day=01/hour=00"
    hourly = folder / "AWSLogs/123456789012/vpcflowlogs/eu-west-1/2026/01/01/00"
    for place, lines in ((hive, turned), (hourly, [DEFAULT.header, *corpus.LINES[20:]])):
        place.mkdir(parents=True)
        (place / "a.log.gz").write_bytes(gzip.compress(b"\n".join(lines), mtime=0))


def as_parquet(folder: Path) -> None:
    rows = [DEFAULT.read(each) for each in corpus.LINES]
    schema = pa.schema([(f.key, pa.int64() if f.kind in ("number", "time") else pa.string()) for f in DEFAULT.fields])
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), folder / "flow.parquet")


def in_one_file_behind_headers_and_comments(folder: Path) -> None:
    lines = [b"# a comment", b"", DEFAULT.header, *corpus.LINES[:9], DEFAULT.header, b"  ", *corpus.LINES[9:]]
    (folder / "flow.log").write_bytes(b"\n".join(lines))


FILES = [
    as_plain_text,
    with_carriage_returns,
    as_gzip_members,
    as_zstd,
    as_an_export_of_cloudwatch,
    as_two_flow_logs_in_s3_layout,
    as_parquet,
    in_one_file_behind_headers_and_comments,
]


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("geoip")
    geoip.write(folder, built=1767225600)
    return folder


def as_event_files(source: corpus.Source) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        for number, event in enumerate(source(folder)):
            (folder.parent / f"{number}.json").write_text(json.dumps(event))

    write.__name__ = f"event_of_{source.__name__}"
    return write


EVENTS = [as_event_files(source) for source in corpus.SOURCES]


@pytest.mark.parametrize("write", [*FILES, *EVENTS], ids=lambda write: write.__name__.replace("_", " "))
def test_makes_the_golden_documents(write: Callable[[Path], None], tmp_path: Path, places: Path) -> None:
    folder = tmp_path / "in/files"
    folder.mkdir(parents=True)
    write(folder)
    named = sorted(folder.parent.glob("*.json")) or [folder]
    knows = ("--inventory", corpus.ROOT / "events/network-interfaces.json", "--geoip", places)
    for form in ("parquet", "ndjson"):
        done = enriched(*named, *knows, "--out", tmp_path / form, "--as", form)
        assert done.code == 0
        assert counts(done)[:2] == (46, 0)
    found = [corpus.present(row) for row in lake(tmp_path / "parquet")]
    assert sorted(found, key=corpus.by_identity) == corpus.golden("documents-lake.ndjson")
    found = documents(tmp_path / "ndjson")
    assert sorted(found, key=corpus.by_identity) == corpus.golden("documents-search.ndjson")


def test_parquet_has_the_schema_of_the_lake_and_lies_by_the_day_of_the_record(tmp_path: Path) -> None:
    older = line(7).replace(b"1767225600 1767225659", b"1767139200 1767139259")
    assert enriched("-", "--out", tmp_path, stdin=GOOD + older).code == 0
    files = sorted(tmp_path.glob("date=*/*.parquet"))
    assert [file.parent.name for file in files] == ["date=2025-12-31", "date=2026-01-01"]
    for file in files:
        assert pq.read_schema(file).equals(SCHEMA)


@pytest.mark.parametrize("content", [b"", DEFAULT.header + b"\n", b"\n\n# nothing\n"])
def test_an_input_without_records_gives_none(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "empty.log").write_bytes(content)
    done = enriched(tmp_path / "empty.log", "--out", tmp_path / "out")
    assert done.code == 0
    assert account(done) == {**NOTHING, "ignored": content.count(b"\n")}
    assert lake(tmp_path / "out") == []


def test_refused_lines_are_counted_and_kept_as_they_were(tmp_path: Path) -> None:
    odd = b"2 x \xff\x00 y"
    (tmp_path / "a.log").write_bytes(GOOD + odd + b"\n" + line(9).replace(b" 6 ", b" six "))
    done = enriched(tmp_path / "a.log", "--out", tmp_path / "out")
    assert done.code == 0
    assert counts(done) == (3, 2, 0)
    assert [(row["line"], row["field"]) for row in refused(tmp_path / "out")] == [(4, "line"), (5, "protocol")]
    first = refused(tmp_path / "out")[0]
    assert base64.b64decode(first["text"]) == odd
    assert first["file"] == str(tmp_path / "a.log")
    assert first["header"] == DEFAULT.header.decode()
    assert enriched(tmp_path / "a.log", "--out", tmp_path / "other", "--strict").code == 1


def test_a_second_run_adds_only_what_is_new(tmp_path: Path) -> None:
    logs, out = tmp_path / "logs", tmp_path / "out"
    logs.mkdir()
    (logs / "a.log").write_bytes(GOOD)
    assert counts(enriched(logs, "--out", out)) == (3, 0, 0)
    (logs / "b.log").write_bytes(line(9))
    again = enriched(logs, logs / "a.log", "--out", out)
    assert counts(again) == (1, 0, 0)
    assert "inputs enriched before, and left alone: 1" in again.err
    assert ports(out) == [0, 1, 2, 9]
    assert counts(enriched(logs, "--out", out)) == (0, 0, 0)
    assert ports(out) == [0, 1, 2, 9]


def test_a_file_named_twice_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.log").write_bytes(GOOD)
    (tmp_path / "link.log").symlink_to("a.log")
    assert counts(enriched("a.log", tmp_path / "a.log", "./a.log", "link.log", "--out", "out")) == (3, 0, 0)


def test_an_input_that_changed_is_not_added_again(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(GOOD)
    enriched(tmp_path / "a.log", "--out", tmp_path / "out")
    (tmp_path / "a.log").write_bytes(GOOD + line(9))
    done = enriched(tmp_path / "a.log", "--out", tmp_path / "out")
    assert done.code == 1
    assert "a.log has changed since it was enriched: --force begins anew" in done.err
    assert ports(tmp_path / "out") == [0, 1, 2]
    assert counts(enriched(tmp_path / "a.log", "--out", tmp_path / "out", "--force")) == (4, 0, 0)
    assert ports(tmp_path / "out") == [0, 1, 2, 9]


@pytest.mark.parametrize(
    ("option", "told"),
    [
        (("--as", "ndjson"), "form"),
        (("--format", "v3"), "format"),
        (("--internal", "10.0.0.0/8"), "internal"),
        (("--inventory", str(corpus.ROOT / "events/network-interfaces.json")), "inventory"),
    ],
)
def test_other_settings_are_refused_in_the_same_folder(option: tuple[str, str], told: str, tmp_path: Path) -> None:
    enriched("-", "--out", tmp_path, stdin=GOOD)
    done = enriched("-", "--out", tmp_path, *option, stdin=line(9))
    assert done.code == 1
    assert f"was written with another {told}: name another folder, or --force to begin anew" in done.only_line
    assert ports(tmp_path) == [0, 1, 2]


@pytest.mark.parametrize(
    "broken",
    [gzip.compress(GOOD, mtime=0)[:-9], zstandard.compress(GOOD)[:-5], b"PAR1 and no more"],
    ids=["gzip", "zstd", "Parquet"],
)
def test_of_an_input_that_breaks_off_nothing_is_kept_and_others_go_on(broken: bytes, tmp_path: Path) -> None:
    logs, out = tmp_path / "logs", tmp_path / "out"
    logs.mkdir()
    (logs / "a.log").write_bytes(GOOD)
    (logs / "b.log").write_bytes(broken)
    (logs / "c.log").write_bytes(line(9))
    done = enriched(logs, "--out", out)
    assert done.code == 1
    assert "b.log: " in done.err
    assert "nothing of it is kept" in done.err
    assert counts(done) == (4, 0, 0)
    assert ports(out) == [0, 1, 2, 9]
    (logs / "b.log").write_bytes(line(5))
    assert counts(enriched(logs, "--out", out)) == (1, 0, 0)
    assert ports(out) == [0, 1, 2, 5, 9]


def test_a_large_input_that_breaks_off_leaves_nothing_among_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flowlogs.cli.enrich._FORMS", {"parquet": (LakeFile, COLUMNS, 300)})
    logs, out = tmp_path / "logs", tmp_path / "out"
    logs.mkdir()
    (logs / "a.log").write_bytes(GOOD)
    large = b"".join(line(1000 + port) + b"\n" for port in range(2000))
    (logs / "b.gz").write_bytes(gzip.compress(large, mtime=0)[:-9])
    (logs / "c.log").write_bytes(line(9))
    done = enriched(logs, "--out", out)
    assert done.code == 1
    assert "b.gz: after line " in done.err
    assert counts(done) == (4, 0, 0)
    assert ports(out) == [0, 1, 2, 9]
    assert unfinished(out) == []


def test_parquet_that_is_no_flow_log_is_unreadable(tmp_path: Path) -> None:
    pq.write_table(pa.table({"city": ["Berlin"]}), tmp_path / "a.parquet")
    done = enriched(tmp_path / "a.parquet", "--out", tmp_path / "out")
    assert done.code == 1
    assert "its columns are not those of a flow log" in done.err


def test_an_odd_row_of_parquet_is_refused_with_its_number(tmp_path: Path) -> None:
    table = pa.table({"srcaddr": ["10.0.0.1", "nowhere", "-"], "start": [1767225600, 1767225601, 1767225602]})
    pq.write_table(table, tmp_path / "a.parquet")
    done = enriched(tmp_path / "a.parquet", "--out", tmp_path / "out")
    assert counts(done) == (2, 1, 0)
    assert [(row["line"], row["field"]) for row in refused(tmp_path / "out")] == [(2, "srcaddr")]


class _Interrupted:
    """Breaks off at the n-th of some calls, as an interrupt or a full disk does."""

    def __init__(self, real: Callable[..., Any], at: int, error: BaseException) -> None:
        self._real, self._left, self._error = real, at, error

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        self._left -= 1
        if self._left == 0:
            raise self._error
        return self._real(*arguments, **named)


POINTS = [
    "flowlogs.enrich.batch.DayFiles.write",
    "flowlogs.enrich.batch.DayFiles.finish",
    "flowlogs.enrich.written.os.fsync",
    "flowlogs.enrich.batch.AtomicFile.keep",
    "flowlogs.enrich.reading.Packing.add",
]


BREAKS = [
    (point, error)
    for point in POINTS
    for error in (KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left on device"))
    if isinstance(error, OSError) or "DayFiles.write" not in point  # an interrupt comes to the main thread only
]


@pytest.mark.parametrize("at", [1, 2, 3])
@pytest.mark.parametrize(("point", "error"), BREAKS, ids=repr)
def test_a_run_that_is_broken_off_is_completed_by_the_next(
    point: str, at: int, error: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever it breaks off, the rows are the same in the end, and no unfinished file is left."""
    monkeypatch.setattr("flowlogs.enrich.enriching._MOST_INPUTS", 2)
    logs, out = tmp_path / "logs", tmp_path / "out"
    logs.mkdir()
    for number in range(6):
        day = line(number).replace(b"1767225600", b"%d" % (1767225600 - 86400 * (number % 2)))
        (logs / f"{number}.log").write_bytes(day + b"\nodd\n")
    assert counts(enriched(logs / "0.log", "--out", out)) == (1, 1, 0)
    with monkeypatch.context() as broken:
        stub = _Interrupted(_resolved(point), at, error)
        broken.setattr(point, lambda *given, **named: stub(*given, **named))
        first = enriched(logs, "--out", out)
        assert first.code == (130 if isinstance(error, KeyboardInterrupt) else 1)
    second = enriched(logs, "--out", out)
    assert second.code == 0
    assert ports(out) == [0, 1, 2, 3, 4, 5]
    assert [row["field"] for row in refused(out)] == ["line"] * 6
    assert unfinished(out) == []


def _resolved(point: str) -> Any:
    module = "flowlogs.enrich." + point.split(".")[2]
    found: Any = __import__(module, fromlist=["x"])
    for name in point.split(".")[3:]:
        found = getattr(found, name)
    return found


def test_a_list_that_was_cut_off_counts_only_whole_batches(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(GOOD)
    out = tmp_path / "out"
    enriched(tmp_path / "a.log", "--out", out)
    rows = (out / NAME).read_bytes().splitlines(keepends=True)
    (out / NAME).write_bytes(rows[0] + rows[1][:-5])
    for file in out.glob("date=*/*.parquet"):
        file.rename(f"{file}.part")
    assert counts(enriched(tmp_path / "a.log", "--out", out)) == (3, 0, 0)
    assert ports(out) == [0, 1, 2]
    assert unfinished(out) == []


def test_files_of_a_batch_in_the_list_get_their_names(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(GOOD)
    out = tmp_path / "out"
    enriched(tmp_path / "a.log", "--out", out)
    for file in out.glob("date=*/*.parquet"):
        file.rename(f"{file}.part")
    assert counts(enriched(tmp_path / "a.log", "--out", out)) == (0, 0, 0)
    assert ports(out) == [0, 1, 2]


def test_two_runs_do_not_write_into_one_folder(tmp_path: Path) -> None:
    from flowlogs.enrich.written import Written

    held = Written(tmp_path, {"format": "x"})
    done = enriched("-", "--out", tmp_path, stdin=GOOD)
    held.close()
    assert done.code == 1
    assert "another run is writing there" in done.only_line


def test_a_record_without_a_time_lies_at_today_unless_its_carrier_has_one(tmp_path: Path) -> None:
    lines = b"10.0.0.1 10.0.0.2\n2026-01-02T03:04:05Z 10.0.0.1 10.0.0.3\n"
    assert enriched("-", "--out", tmp_path, "--format", "srcaddr dstaddr", stdin=lines).code == 0
    days = {file.parent.name for file in tmp_path.glob("date=*/*.parquet")}
    assert "date=2026-01-02" in days
    assert len(days) == 2
    assert [row["timestamp"] is None for row in sorted(lake(tmp_path), key=lambda row: str(row["dstaddr"]))] == [
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("nothing.log",), "nothing.log: no such file or folder"),
        (("-", "--inventory", "nowhere"), "--inventory nowhere: no such file or folder"),
        (("-", "--geoip", "nowhere"), "--geoip nowhere: no such file or folder"),
        (("-", "--internal", "10.0.0.1/8"), "FLOWLOGS_INTERNAL is '10.0.0.1/8': it takes CIDRs"),
    ],
)
def test_what_is_not_there_is_said_in_one_line(arguments: tuple[str, ...], told: str, tmp_path: Path) -> None:
    done = enriched(*arguments, "--out", tmp_path / "out", stdin=GOOD)
    assert done.code in (1, 2)
    assert told in done.only_line


def test_an_unwritable_folder_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes(b"")
    done = enriched("-", "--out", tmp_path / "out", stdin=GOOD)
    assert done.code == 2
    assert "is a file" in done.only_line


def test_hostile_many_days_do_not_open_as_many_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    most = []
    begin = AtomicFile.__init__

    def counting(self: AtomicFile, path: Path) -> None:
        begin(self, path)
        most.append(len(list(Path("/proc/self/fd").iterdir())))

    monkeypatch.setattr(AtomicFile, "__init__", counting)
    lines = b"".join(b"%d\n" % (86400 * day) for day in range(300))
    assert enriched("-", "--out", tmp_path, "--format", "start", stdin=lines).code == 0
    assert len(lake(tmp_path)) == 300
    assert max(most) - min(most) <= 64


@pytest.mark.parametrize("name", ["a.log.gz", "b.parquet", "c.log.zst"])
def test_reads_objects_of_s3_each_once(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for setting in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(setting, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setattr("flowlogs.aws.clients._clients", {})
    as_parquet(tmp_path)
    contents = {
        "a.log.gz": gzip.compress(CORPUS, mtime=0),
        "b.parquet": (tmp_path / "flow.parquet").read_bytes(),
        "c.log.zst": zstandard.compress(CORPUS),
    }
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket="flow-log-objects")
        client.put_object(Bucket="flow-log-objects", Key=f"AWSLogs/1/{name}", Body=contents[name])
        assert counts(enriched("s3://flow-log-objects/AWSLogs/", "--out", tmp_path / "out"))[:2] == (46, 0)
        assert counts(enriched("s3://flow-log-objects/AWSLogs/", "--out", tmp_path / "out"))[:2] == (0, 0)
    assert len(lake(tmp_path / "out")) == 46


def test_gzip_that_is_cut_short_is_said_with_the_line_it_breaks_off_at(tmp_path: Path) -> None:
    lines = b"".join(line(port) + b"\n" for port in range(5000))
    packed = gzip.compress(lines, mtime=0)
    (tmp_path / "a.gz").write_bytes(packed[: len(packed) // 2])
    done = enriched(tmp_path / "a.gz", "--out", tmp_path / "out")
    assert done.code == 1
    told = re.search(r"a\.gz: after line ([0-9,]+): gzip is broken or cut short", done.err)
    unpacked = zlib.decompressobj(wbits=31).decompress(packed[: len(packed) // 2])
    assert told is not None
    assert int(told[1].replace(",", "")) - unpacked.count(b"\n") in (0, 1)  # a line that was begun is one


def test_the_folder_that_is_written_to_may_lie_among_the_logs(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "a.log").write_bytes(GOOD)
    assert enriched(logs, "--out", logs / "lake").code == 0
    (logs / "b.log").write_bytes(GOOD)
    for _ in range(2):
        done = enriched(logs, "--out", logs / "lake")
        assert done.code == 0, done.err
        assert len(lake(logs / "lake")) == 2 * len(GOOD.splitlines())


def test_logs_may_lie_in_the_folder_that_is_written_to(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a.log").write_bytes(GOOD + b"no record\n")
    (tmp_path / "b.log").write_bytes(GOOD)
    for paths in ([tmp_path / "logs"], [tmp_path], [tmp_path], [tmp_path / "logs", tmp_path / "b.log"]):
        done = enriched(*paths, "--out", tmp_path)
        assert done.code == 0, done.err
    assert len(lake(tmp_path)) == 2 * len(GOOD.splitlines())


def test_a_lake_is_no_flow_log(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(GOOD)
    lake_of = tmp_path / "lake"
    assert enriched(tmp_path / "a.log", "--out", lake_of).code == 0
    done = enriched(lake_of, "--out", tmp_path / "out")
    assert done.code == 1
    assert done.only_line == (
        f"Error: {lake_of} is a lake of documents, not a flow log: name the logs that it was made of"
    )
    (parquet,) = lake_of.glob("date=*/*.parquet")
    done = enriched(parquet, "--out", tmp_path / "out")
    assert done.code == 1
    assert f"{parquet} is a lake of documents, not a flow log" in done.err
    assert counts(done) == (0, 0, 0)


def test_only_files_and_their_list_are_left(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(GOOD)
    assert enriched(tmp_path / "a.log", "--out", tmp_path / "out").code == 0
    assert sorted(path.name.partition("=")[0] for path in (tmp_path / "out").iterdir()) == ["date", NAME]


def test_a_lock_that_its_holder_removed_is_not_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, flock = Written(tmp_path, {}), fcntl.flock
    others: list[Written] = []

    def late(file: Any, how: int) -> None:
        monkeypatch.undo()
        first.close()  # that run ends, and another begins, between this one's opening and locking
        others.append(Written(tmp_path, {}))
        flock(file, how)

    monkeypatch.setattr("flowlogs.enrich.written.fcntl.flock", late)
    with pytest.raises(OutputInUseError):
        Written(tmp_path, {})
    others[0].close()
    Written(tmp_path, {}).close()
    assert [path.name for path in tmp_path.iterdir()] == [NAME]
