import pytest

from flowlogs.record.fields import Kind
from flowlogs.record.values import READERS


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (b"0", 0),
        (b"007", 7),
        (b"9223372036854775807", 2**63 - 1),
        (b"0" * 30 + b"9223372036854775807", 2**63 - 1),
    ],
)
def test_a_number_is_ascii_digits(value: bytes, number: int) -> None:
    assert READERS[Kind.NUMBER](value) == number


@pytest.mark.parametrize(
    "value",
    [b"1_000", b"+5", b"-5", "٣".encode(), "²".encode(), b"1.0", b"1e3", b"0x10", b"", b"NaN", b"1\x00"],
)
def test_what_is_no_number_is_refused(value: bytes) -> None:
    with pytest.raises(ValueError, match="not a number"):
        READERS[Kind.NUMBER](value)


@pytest.mark.parametrize("value", [b"9223372036854775808", b"9" * 20, b"9" * 10_000])
def test_a_number_that_no_column_holds_is_refused(value: bytes) -> None:
    with pytest.raises(ValueError, match=r"beyond 2\^63-1"):
        READERS[Kind.NUMBER](value)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (b"0", 0),
        (b"1700000000", 1_700_000_000),
        (b"100000000000", 10**11),
        (b"100000000001", 10**8),
        (b"1700000000999", 1_700_000_000),
        (b"253402300799999", 253_402_300_799),
    ],
)
def test_a_time_is_seconds_and_milliseconds_become_seconds(value: bytes, seconds: int) -> None:
    assert READERS[Kind.TIME](value) == seconds


@pytest.mark.parametrize("value", [b"253402300800000", b"9223372036854775807"])
def test_a_time_beyond_the_year_9999_is_refused(value: bytes) -> None:
    with pytest.raises(ValueError, match="beyond the year 9999"):
        READERS[Kind.TIME](value)


@pytest.mark.parametrize(
    "value", [b"0.0.0.0", b"255.255.255.255", b"::", b"2001:DB8::1", b"::ffff:10.0.0.1", b"0:0:0:0:0:0:0:1"]
)
def test_an_address_keeps_its_spelling(value: bytes) -> None:
    assert READERS[Kind.ADDRESS](value) == value.decode()


@pytest.mark.parametrize(
    "value",
    [
        b"256.1.1.1",
        b"1.2.3",
        b"1.2.3.4.5",
        b"01.2.3.4",
        b"1.2.3.4/24",
        b"0x7f.0.0.1",
        b"2130706433",
        b"fe80::1%eth0",
        b"1::2::3",
        b"12345::",
        b"::ffff:256.0.0.1",
        b"1.2.3.4\x00",
        b"\x00",
        b"::1\x00",
        b"localhost",
        "\u0661.2.3.4".encode(),  # an Arabic digit
        b"\xff",
        b"",
    ],
)
def test_what_is_no_address_is_refused(value: bytes) -> None:
    with pytest.raises(ValueError, match="not an address"):
        READERS[Kind.ADDRESS](value)


def test_text_is_utf_8() -> None:
    assert READERS[Kind.TEXT]("Grün".encode()) == "Grün"
    with pytest.raises(ValueError, match="not UTF-8"):
        READERS[Kind.TEXT](b"\xe4")
