"""`flowlogs parse` on whatever a user names."""

import errno
import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest
import zstandard
from click.testing import CliRunner
from command_line import Ran, line, ran

from flowlogs.cli.parse import parse

GOOD = b"".join(line(port) + b"\n" for port in range(3))


def parsed(*arguments: str | Path, stdin: bytes = b"") -> Ran:
    return ran("parse", *map(str, arguments), "--json", stdin=stdin)


def account(done: Ran) -> dict[str, int]:
    read: dict[str, int] = json.loads(done.err.splitlines()[-1])
    return read


def test_reads_standard_input() -> None:
    done = parsed("-", stdin=GOOD)
    assert done.code == 0
    assert [record["srcport"] for record in done.rows()] == [0, 1, 2]
    assert done.rows()[0] == {
        "version": 2,
        "account-id": "012345678901",
        "interface-id": "eni-1",
        "srcaddr": "10.0.0.1",
        "dstaddr": "10.0.0.2",
        "srcport": 0,
        "dstport": 443,
        "protocol": 6,
        "packets": 1,
        "bytes": 40,
        "start": 1767225600,
        "end": 1767225659,
        "action": "ACCEPT",
        "log-status": "OK",
    }


@pytest.mark.parametrize(
    "content",
    [
        GOOD,
        GOOD.rstrip(b"\n"),
        GOOD.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + GOOD,
        gzip.compress(GOOD, mtime=0),
        gzip.compress(GOOD[:100], mtime=0) + gzip.compress(GOOD[100:], mtime=0),
        zstandard.compress(GOOD),
        zstandard.compress(GOOD[:100]) + zstandard.compress(GOOD[100:]),
        b"".join(json.dumps({"message": line(port).decode()}).encode() + b"\n" for port in range(3)),
    ],
    ids=["text", "no last newline", "CRLF", "BOM", "gzip", "gzip members", "zstd", "zstd frames", "messages"],
)
def test_reads_a_file_however_it_is_packed(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "any.name"
    file.write_bytes(content)
    done = parsed(file)
    assert done.code == 0
    assert [record["srcport"] for record in done.rows()] == [0, 1, 2]
    assert account(done)["delivered"] == 3


def test_reads_folders_and_globs_but_no_hidden_or_half_written_file(tmp_path: Path) -> None:
    inner = tmp_path / "a/b"
    inner.mkdir(parents=True)
    for name in ("a/1.log", "a/b/2.log", ".hidden", "a/b/3.log.part", "README.md"):
        (tmp_path / name).write_bytes(line(1))
    assert len(parsed(tmp_path).rows()) == 2
    assert len(parsed(tmp_path / "**/*.log").rows()) == 2
    assert len(parsed(tmp_path / "a/1.log", inner).rows()) == 2


def test_each_file_has_its_own_header(tmp_path: Path) -> None:
    (tmp_path / "1.log").write_bytes(b"srcaddr dstaddr\n1.2.3.4 5.6.7.8\n")
    (tmp_path / "2.log").write_bytes(line(7))
    done = parsed(tmp_path)
    assert done.rows()[0] == {"srcaddr": "1.2.3.4", "dstaddr": "5.6.7.8"}
    assert done.rows()[1]["srcport"] == 7
    assert account(done) | {"received": 2, "delivered": 2, "ignored": 1} == account(done)


def test_reads_parquet_as_aws_writes_it(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"version": 5, "account_id": "012345678901", "srcaddr": "10.0.0.1", "srcport": 0, "start": 1767225600},
        {"version": 5, "account_id": None, "srcaddr": "-", "srcport": 443, "start": None},
        {"version": 5, "account_id": "1", "srcaddr": "no address", "srcport": 1, "start": 1},
    ]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "flows.log.parquet")
    done = parsed(tmp_path)
    assert done.code == 0
    assert done.rows() == [
        {"version": 5, "account-id": "012345678901", "srcaddr": "10.0.0.1", "srcport": 0, "start": 1767225600},
        {"version": 5, "srcport": 443},
    ]
    (refused,) = done.refused()
    assert (refused["line"], refused["field"]) == (3, "srcaddr")


def test_says_of_a_refused_line_where_it_stands_and_why(tmp_path: Path) -> None:
    file = tmp_path / "flow.log"
    file.write_bytes(line(1) + b"\n\n" + line(2).replace(b" 443 ", b" https ") + b"\n2 short\n" + line(3))
    done = parsed(file)
    assert done.code == 0
    assert [record["srcport"] for record in done.rows()] == [1, 3]
    assert done.refused() == [
        {"file": str(file), "line": 3, "field": "dstport", "reason": "not a number"},
        {"file": str(file), "line": 4, "field": "line", "reason": "2 values for 14 fields"},
    ]
    assert account(done) == {
        "received": 4,
        "delivered": 2,
        "dropped": 0,
        "failed": 2,
        "requeued": 0,
        "ignored": 1,
        "duplicates": 0,
    }
    assert ran("parse", str(file), "--strict").code == 1
    assert ran("parse", "-", "--strict", stdin=GOOD).code == 0


def test_takes_the_order_of_the_fields_from_an_option(tmp_path: Path) -> None:
    text = b"443 10.0.0.1 something\n"
    done = ran("parse", "-", "--format", "${dstport} ${srcaddr} ${my-field}", stdin=text)
    assert done.rows() == [{"dstport": 443, "srcaddr": "10.0.0.1", "my-field": "something"}]
    assert ran("parse", "-", "--format", "dstport srcaddr my-field", stdin=text).rows() == done.rows()


@pytest.mark.parametrize(
    "log_format", ["v6", "v12", "nonsense", "${version", "${version} ${version}", "${Version}", ""]
)
def test_a_wrong_format_is_wrong_use(log_format: str) -> None:
    done = ran("parse", "-", "--format", log_format, stdin=GOOD)
    assert (done.code, done.out) == ((2, "") if log_format else (0, done.out))  # none is the default
    if log_format:
        assert "--format" in done.err


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("cut.gz", gzip.compress(GOOD, mtime=0)[:-5]),
        ("bad.gz", gzip.compress(GOOD, mtime=0)[:15] + b"\xff" * 30),
        ("more.gz", gzip.compress(GOOD, mtime=0) + b"rest"),
        ("cut.zst", zstandard.compress(GOOD)[:-5]),
        ("head.zst", zstandard.compress(GOOD)[:4]),
        ("bad.zst", zstandard.compress(GOOD)[:9] + b"\xff" * 60),
        ("more.zst", zstandard.compress(GOOD) + b"rest"),
        ("bad.parquet", b"PAR1" + b"x" * 100),
        ("cut.parquet", b"PAR1"),
    ],
)
def test_a_broken_file_is_one_line_that_names_it(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    done = ran("parse", str(tmp_path / name))
    assert done.code == 1
    assert name in done.only_line
    assert len(done.rows()) <= 3


@pytest.mark.parametrize("place", ["nowhere", "nowhere/*.gz", "empty-folder", "s3://"])
def test_what_is_not_there_is_one_line_that_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty-folder").mkdir()
    done = ran("parse", place)
    assert done.code == (2 if place == "s3://" else 1)
    assert place in done.only_line


def test_a_file_without_permission_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, *_: object) -> None:  # root, whom CI may be, could read any file
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    (tmp_path / "secret").write_bytes(GOOD)
    monkeypatch.setattr(Path, "open", refuse)
    done = ran("parse", str(tmp_path / "secret"))
    assert (done.code, "secret" in done.only_line) == (1, True)


def test_an_endless_line_is_cut_and_refused(tmp_path: Path) -> None:
    (tmp_path / "long").write_bytes(b"2 " * 2_000_000 + b"\n" + GOOD)
    done = parsed(tmp_path / "long")
    assert (account(done)["failed"], account(done)["delivered"]) == (1, 3)


def test_the_summary_goes_to_standard_error_and_is_a_table_unless_json_is_asked() -> None:
    done = ran("parse", "-", stdin=GOOD)
    assert len(done.out.splitlines()) == 3
    assert "delivered" in done.err
    assert CliRunner().invoke(parse, []).exit_code == 2
