from pathlib import Path

from flowlogs.deliver.local.atomic_file import AtomicFile


def test_a_name_that_is_taken_or_was_left_unfinished_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "name.gz").write_bytes(b"finished")
    (tmp_path / "name-1.gz.part").write_bytes(b"of a run that was killed")
    file = AtomicFile.unique(tmp_path, "name", ".gz")
    file.file.write(b"new")
    assert file.keep() == tmp_path / "name-2.gz"
    assert sorted(path.read_bytes() for path in tmp_path.iterdir()) == [
        b"finished",
        b"new",
        b"of a run that was killed",
    ]


def test_a_file_has_its_name_only_when_it_is_complete(tmp_path: Path) -> None:
    file = AtomicFile(tmp_path / "deep" / "name")
    file.file.write(b"half")
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["name.part"]
    file.file.write(b" and half")
    assert file.keep().read_bytes() == b"half and half"
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["name"]
