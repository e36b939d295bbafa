"""`flowlogs report` writes a whole page or none."""

import base64
import gzip
import json
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest
from command_line import ran

from flowlogs.deliver.local.lake_rows import rows_of

command = import_module("flowlogs.cli.report")
_NOON = 1_795_262_400


def _lake(folder: Path, more: int = 0, **facts: Any) -> str:
    documents = [
        {
            "interface_id": f"eni-{number}",
            "srcaddr": f"198.51.{number // 250 % 250}.{number % 250}",
            "dstaddr": "10.0.0.5",
            "srcport": 40_000,
            "dstport": 443,
            "protocol": 6,
            "packets": 1,
            "bytes": 40,
            "start": _NOON + number,
            "end": _NOON + number,
            "action": "ACCEPT",
            "log_status": "OK",
            "timestamp": (_NOON + number) * 1_000,
            **{name: value.format(number) for name, value in facts.items()},
        }
        for number in range(1 + more)
    ]
    folder.mkdir(parents=True)
    pq.write_table(rows_of(documents), folder / "flows.parquet")
    return str(folder)


def _data(page: Path) -> Any:
    (found,) = re.findall(r'<script[^>]* id="data"[^>]*>(.*?)</script>', page.read_text(), re.DOTALL)
    return json.loads(gzip.decompress(base64.b64decode(found)))


def test_a_page_is_written_and_said_to_be_there(tmp_path: Path) -> None:
    out = tmp_path / "new" / "page.html"
    done = ran("report", _lake(tmp_path / "lake"), "--out", str(out), "--title", "Ours <b>")
    assert (done.code, done.out) == (0, "")
    assert re.fullmatch(rf"{re.escape(str(out))}: \d\.\d MB; open it in a browser\n", done.err)
    about = _data(out)["about"]
    assert (about["title"], about["records"], about["places"]) == ("Ours <b>", 1, [str(tmp_path / "lake")])
    assert "Ours <b>" not in out.read_text().replace("Ours \\u003cb\\u003e", "")
    assert [path.name for path in out.parent.iterdir()] == ["page.html"]


def test_a_later_page_takes_the_place_of_an_earlier_one(tmp_path: Path) -> None:
    out, lake = tmp_path / "page.html", _lake(tmp_path / "lake", more=3)
    assert ran("report", lake, "--out", str(out)).code == 0
    assert (
        ran("report", lake, "--out", str(out), "--from", "2026-11-21T12:00:01", "--to", "2026-11-21T12:00:03").code == 0
    )
    assert _data(out)["about"]["records"] == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--from", "2030-01-01"], "no records of that time"),
        (["--from", "noon"], "no time such as"),
        (["--last", "soon"], "no length of time"),
        (["--from", "2026-11-22", "--to", "2026-11-21"], "--to is not after --from"),
    ],
)
def test_what_cannot_be_shown_leaves_the_earlier_page(tmp_path: Path, arguments: list[str], said: str) -> None:
    out = tmp_path / "page.html"
    out.write_text("earlier")
    done = ran("report", _lake(tmp_path / "lake"), "--out", str(out), *arguments)
    assert done.code in (1, 2)
    assert said in done.only_line
    assert out.read_text() == "earlier"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lake", "page.html"]


@pytest.mark.parametrize("place", ["missing", "empty", "text.parquet", "other.parquet", "cut.parquet"])
def test_what_is_no_lake_is_said_and_leaves_nothing(tmp_path: Path, place: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.parquet").write_text("2 012345678901 eni-1")
    pq.write_table(pa.table({"sales": [1]}), tmp_path / "other.parquet")
    whole = (Path(_lake(tmp_path / "lake", more=5_000)) / "flows.parquet").read_bytes()
    (tmp_path / "cut.parquet").write_bytes(whole[:20_000] + bytes(20_000) + whole[40_000:])
    done = ran("report", str(tmp_path / place), "--out", str(tmp_path / "page.html"))
    assert done.code == 1
    assert place in done.only_line
    assert not list(tmp_path.glob("page*"))


def test_a_report_that_another_is_writing_is_left_to_it(tmp_path: Path) -> None:
    (tmp_path / "page.html.part").write_text("half")
    done = ran("report", _lake(tmp_path / "lake"), "--out", str(tmp_path / "page.html"))
    assert (done.code, "another report" in done.only_line) == (1, True)
    assert (tmp_path / "page.html.part").read_text() == "half"


def test_a_fault_in_the_middle_leaves_no_half_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> bytes:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "_page", broken)
    done = ran("report", _lake(tmp_path / "lake"), "--out", str(tmp_path / "page.html"))
    assert (done.code, done.only_line) == (130, "Error: interrupted")
    assert [path.name for path in tmp_path.iterdir()] == ["lake"]


def test_a_page_that_is_too_large_is_made_of_fewer_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = _lake(tmp_path / "lake", more=6_000, vpc_id="{:0190}", subnet_id="{:0180}")
    assert ran("report", lake, "--out", str(tmp_path / "whole.html")).code == 0
    whole = (tmp_path / "whole.html").stat().st_size
    monkeypatch.setattr(command, "_LARGEST", whole - 1_000)
    assert ran("report", lake, "--out", str(tmp_path / "page.html")).code == 0
    assert (tmp_path / "page.html").stat().st_size < whole - 1_000
    assert _data(tmp_path / "page.html")["about"]["records"] == 6_001
