import gzip
import io

import pytest

from flowlogs.errors import MalformedEnvelope
from flowlogs.ingest.text_stream import LONGEST_LINE, lines_of, peeked


class Slow(io.RawIOBase):
    """Gives a byte or two at a time, as a network may."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        return self._data.read(size if size < 0 else min(size, 7))


@pytest.mark.parametrize("text", [b"", b"\n", b"a", b"a\n", b"a\nb", b"a\r\n\nb\n", b"ab\ncd\n" * 1000])
def test_plain_and_compressed_text_have_the_same_lines(text: bytes) -> None:
    expected = list(io.BytesIO(text))
    assert list(lines_of(io.BytesIO(text))) == expected
    assert list(lines_of(io.BytesIO(gzip.compress(text, mtime=0)))) == expected
    assert list(lines_of(Slow(text))) == expected  # type: ignore[arg-type]
    assert list(lines_of(Slow(gzip.compress(text, mtime=0)))) == expected  # type: ignore[arg-type]


def test_all_members_of_gzip_are_read() -> None:
    assert list(lines_of(io.BytesIO(gzip.compress(b"a\nb", mtime=0) + gzip.compress(b"c\nd\n", mtime=0)))) == [
        b"a\n",
        b"bc\n",
        b"d\n",
    ]


def test_the_first_bytes_are_looked_at_and_not_lost() -> None:
    first, whole = peeked(io.BytesIO(b"PAR1 and more"))
    assert (first, whole.read()) == (b"PAR1", b"PAR1 and more")


@pytest.mark.parametrize("cut", [3, 12, -1, -9])
def test_gzip_that_breaks_off_says_so_after_its_lines(cut: int) -> None:
    with pytest.raises(MalformedEnvelope):
        list(lines_of(io.BytesIO(gzip.compress(b"abc\n" * 1000, mtime=0)[:cut])))


def test_bytes_behind_gzip_say_so_after_its_lines() -> None:
    lines = lines_of(io.BytesIO(gzip.compress(b"a\nb\n", mtime=0) + b"junk"))
    assert [next(lines), next(lines)] == [b"a\n", b"b\n"]
    with pytest.raises(MalformedEnvelope):
        next(lines)


@pytest.mark.parametrize("length", [LONGEST_LINE, LONGEST_LINE + 1, 3 * LONGEST_LINE + 5])
def test_a_line_without_end_is_cut_and_its_neighbours_are_whole(length: int) -> None:
    lines = list(lines_of(io.BytesIO(b"a\n" + b"x" * length + b"\nb\n")))
    assert lines == [b"a\n", b"x" * LONGEST_LINE, b"b\n"]


def test_the_longest_line_that_fits_is_whole() -> None:
    text = b"x" * (LONGEST_LINE - 1) + b"\nb\n"
    assert list(lines_of(io.BytesIO(text))) == [b"x" * (LONGEST_LINE - 1) + b"\n", b"b\n"]
