"""Parquet of S3 is fetched for a query; a key says what its owner likes."""

import io
from pathlib import Path

import pytest

from flowlogs.cli.inputs import Input
from flowlogs.cli.lake_places import on_this_machine

KEYS = [
    "../evil.parquet",
    "lake/date=2026-11-20/../../../../evil.parquet",
    "//etc//evil.parquet",
    "./lake/./evil.parquet",
]


@pytest.mark.parametrize("key", KEYS)
def test_a_key_cannot_leave_the_folder_that_its_object_is_copied_into(
    key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("flowlogs.cli.lake_places.inputs_of", lambda _: [Input(key, f"s3://bucket/{key}")])
    monkeypatch.setattr("flowlogs.cli.lake_places.open_input", lambda _: io.BytesIO(b"PAR1"))
    with on_this_machine(["s3://bucket/"]) as (folder,):
        copies = [path for path in tmp_path.rglob("*") if path.is_file()]
        assert [path.read_bytes() for path in copies] == [b"PAR1"]
        assert all(path.is_relative_to(Path(folder) / "0") for path in copies)
    assert list(tmp_path.iterdir()) == []
