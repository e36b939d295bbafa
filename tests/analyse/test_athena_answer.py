from datetime import date, datetime
from decimal import Decimal

import pyarrow as pa  # type: ignore[import-untyped]
import pytest

from flowlogs.analyse.athena_answer import table_of, values_of
from flowlogs.analyse.athena_query import Column, Page

VALUES: list[tuple[str, str, object]] = [
    ("bigint", "9223372036854775807", 2**63 - 1),
    ("integer", "-7", -7),
    ("smallint", "7", 7),
    ("tinyint", "-128", -128),
    ("double", "1.0E10", 1e10),
    ("double", "Infinity", float("inf")),
    ("float", "0.5", 0.5),
    ("boolean", "true", True),
    ("decimal", "1.50", Decimal("1.50")),
    ("date", "2026-11-21", date(2026, 11, 21)),
    ("timestamp", "2026-11-21 10:00:00.123", datetime(2026, 11, 21, 10, 0, 0, 123_000)),
    ("varchar", "", ""),
    ("varchar", "größe\n\x00", "größe\n\x00"),
    ("array", "[sg-1, sg-2]", "[sg-1, sg-2]"),
    ("map", "{a=b}", "{a=b}"),
    ("timestamp with time zone", "2026-11-21 10:00:00.000 UTC", "2026-11-21 10:00:00.000 UTC"),
]


@pytest.mark.parametrize(("type_", "text", "value"), VALUES)
def test_values_have_the_types_that_athena_names_and_null_stays_null(type_: str, text: str, value: object) -> None:
    scale = 2 if type_ == "decimal" else 0
    texts = pa.chunked_array([pa.array([text]), pa.array([None], pa.string())])
    assert values_of(texts, Column("c", type_, 10, scale)).to_pylist() == [value, None]


def test_a_column_with_a_value_that_arrow_cannot_hold_stays_text() -> None:
    texts = pa.chunked_array([["2026-11-21 10:00:00.000", "+12000-01-01 00:00:00.000"]])
    assert values_of(texts, Column("c", "timestamp", 0, 0)).to_pylist() == texts.to_pylist()


@pytest.mark.parametrize(("precision", "scale"), [(39, 0), (-1, 0), (10, 99)])
def test_a_column_of_a_type_that_arrow_lacks_stays_text(precision: int, scale: int) -> None:
    assert values_of(pa.chunked_array([["1.5"]]), Column("c", "decimal", precision, scale)).to_pylist() == ["1.5"]


def test_pages_become_one_table_whose_columns_are_those_of_the_first() -> None:
    columns = [Column("port", "integer", 10, 0), Column("name", "varchar", 0, 0)]
    table = table_of([Page(columns, [["22", "ssh"]]), Page(columns, []), Page(columns, [[None, ""], ["53", None]])])
    assert table.to_pydict() == {"port": [22, None, 53], "name": ["ssh", "", None]}
