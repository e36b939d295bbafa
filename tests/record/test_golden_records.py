import json
from pathlib import Path

import pytest

from flowlogs.ingest.lines import Line, LineReader
from flowlogs.record.log_format import DEFAULT

GOLDEN = sorted((Path(__file__).parent.parent / "golden").glob("*.log"))


def test_the_golden_pairs_are_there() -> None:
    assert len(GOLDEN) >= 8


@pytest.mark.parametrize("log", GOLDEN, ids=lambda path: path.stem)
def test_reads_a_log_file_as_aws_documents_it(log: Path) -> None:
    found = list(LineReader(DEFAULT).read(log.read_bytes()))
    records = [line.log_format.read(line.text) for line in found if isinstance(line, Line)]
    assert records == [json.loads(record) for record in log.with_suffix(".json").read_text().splitlines()]
    assert len(records) == len(found)


@pytest.mark.parametrize("log", GOLDEN, ids=lambda path: path.stem)
def test_what_is_read_can_be_written_and_read_again(log: Path) -> None:
    for line in LineReader(DEFAULT).read(log.read_bytes()):
        assert isinstance(line, Line)
        record = line.log_format.read(line.text)
        assert line.log_format.read(line.log_format.write(record)) == record
