import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import unhurried

from flowlogs.errors import UnusableInventory
from flowlogs.inventory import json_lines
from flowlogs.inventory.json_lines import line, packed, rows_in

NAME = "states/vpcs/run-1.ndjson.gz"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "\n"]), inner),
    max_leaves=5,
)


def read(content: bytes) -> list[Any]:
    return [row for _, row in rows_in(content, NAME)]


def squeezed(text: bytes) -> bytes:
    return zlib.compress(text, wbits=31)


@unhurried
@given(st.lists(JSON, max_size=20))
def test_reading_undoes_writing_and_numbers_the_rows(rows: list[Any]) -> None:
    assert list(rows_in(packed(map(line, rows)), NAME)) == list(enumerate(rows, 1))


@pytest.mark.parametrize("chunk", range(1, 60))
def test_rows_are_whole_wherever_a_chunk_ends(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_lines, "_CHUNK", chunk)
    rows = [{"id": f"eni-{number}", "name": "é" * number} for number in range(20)]
    assert read(packed(map(line, rows))) == rows


@pytest.mark.parametrize("chunk", range(1, 60))
def test_what_is_not_all_or_not_alone_is_refused_wherever_a_chunk_ends(
    chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_lines, "_CHUNK", chunk)
    content = packed(map(line, range(20)))
    assert read(content) == list(range(20))
    for length in range(len(content)):
        with pytest.raises(UnusableInventory, match="cut off"):
            read(content[:length])
    for more in (b"\0", content, b"more"):
        with pytest.raises(UnusableInventory, match="behind its end"):
            read(content + more)


def test_the_same_row_gives_the_same_bytes_and_nothing_says_when() -> None:
    assert line({"b": 1, "a": {"d": 1, "c": 2}}) == b'{"a":{"c":2,"d":1},"b":1}\n'
    content = packed([b"1\n"])
    assert (content[3], content[4:8]) == (0, bytes(4)), "flags and time"


def test_no_row_is_something_too() -> None:
    assert packed([]) != b""
    assert read(packed([])) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "cut off"),
        (b"{}\n", "cannot be decompressed"),
        (zlib.compress(b"{}\n"), "cannot be decompressed"),
        (squeezed(b"1\n{\n"), "line 2 is no JSON"),
        (squeezed(b"1\n\n2\n"), "line 2 is no JSON"),
        (squeezed(b"\xff\n"), "line 1 is no JSON"),
        (squeezed(b"[" * 100_000 + b"\n"), "line 1 is no JSON"),
        (squeezed(b"1\n2"), "ends within a line"),
    ],
)
def test_what_is_broken_is_refused_by_its_name(content: bytes, said: str) -> None:
    with pytest.raises(UnusableInventory, match=f"^{NAME}.*{said}"):
        read(content)


def test_a_checksum_that_does_not_fit_is_refused() -> None:
    content = bytearray(packed(map(line, range(20))))
    content[-5] ^= 1
    with pytest.raises(UnusableInventory, match="cannot be decompressed"):
        read(bytes(content))


def test_what_unpacks_to_a_line_without_end_is_refused_before_it_is_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    unpacked = 0
    real = json_lines._unpacked

    def counting(content: bytes, name: str) -> Any:
        nonlocal unpacked
        for piece in real(content, name):
            unpacked += len(piece)
            yield piece

    monkeypatch.setattr(json_lines, "_unpacked", counting)
    monkeypatch.setattr(json_lines, "_CHUNK", 1 << 12)
    with pytest.raises(UnusableInventory, match=f"^{NAME}: a line is longer than 16777216 bytes"):
        read(squeezed(b" " * (1 << 26)))
    assert unpacked < (1 << 24) + (1 << 12) * 1100
