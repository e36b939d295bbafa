import pytest

from flowlogs.ingest.narrowing import Keep, Narrowing
from flowlogs.record.log_format import DEFAULT, LogFormat
from flowlogs.record.networks import Networks

ENDS = LogFormat(["action", "srcaddr", "dstaddr"])
PACKETS = LogFormat(["pkt-dstaddr", "dstaddr", "action", "srcaddr", "pkt-srcaddr"])
INTERNAL = Narrowing(internal=Networks(["10.1.0.0/16", "fd00::/8"]))


def kept(narrowing: Narrowing, line: bytes, log_format: LogFormat = ENDS) -> bool:
    return narrowing.chooser(log_format)(line)


def accepts(number: int) -> list[bytes]:
    return [
        b"2 123456789012 eni-%d 10.0.0.%d 10.0.1.1 %d 443 6 10 %d 1700000000 1700000060 ACCEPT OK"
        % (number % 9, number % 250, number, number * 7)
        for number in range(number)
    ]


def test_everything_is_kept_unless_something_is_chosen() -> None:
    assert not Narrowing()
    assert Narrowing().sample_rate is None
    assert all(kept(Narrowing(), line) for line in (b"ACCEPT - -", b"REJECT - -", b"- - -"))


@pytest.mark.parametrize(("line", "stays"), [(b"REJECT - -", True), (b"ACCEPT - -", False), (b"- - -", False)])
def test_rejects_are_rejects_and_nothing_else(line: bytes, stays: bool) -> None:
    assert kept(Narrowing(Keep.REJECTS), line) is stays


@pytest.mark.parametrize("line", [b"REJECT - -", b"- - -", b"DROP - -"])
def test_a_sample_keeps_whatever_is_no_accept(line: bytes) -> None:
    assert kept(Narrowing(Keep.SAMPLE, 10**9), line)


@pytest.mark.parametrize("one_in", [2, 10, 100])
def test_a_sample_keeps_one_accept_in_so_many(one_in: int) -> None:
    keeps = Narrowing(Keep.SAMPLE, one_in).chooser(DEFAULT)
    share = sum(map(keeps, accepts(20_000))) / 20_000
    assert 0.8 / one_in < share < 1.2 / one_in
    assert Narrowing(Keep.SAMPLE, one_in).sample_rate == one_in


def test_a_line_is_chosen_alike_each_time_and_however_its_blanks_are() -> None:
    first, second = (Narrowing(Keep.SAMPLE, 4).chooser(DEFAULT) for _ in range(2))
    spread = [b"  " + line.replace(b" ", b" \t") + b"\r" for line in accepts(500)]
    assert [first(line) for line in accepts(500)] == [second(line) for line in spread]


def test_every_process_chooses_the_same_lines() -> None:
    keeps = Narrowing(Keep.SAMPLE, 4).chooser(DEFAULT)
    assert [number for number, line in enumerate(accepts(24)) if keeps(line)] == [12]


@pytest.mark.parametrize(
    ("line", "stays"),
    [
        (b"ACCEPT 10.1.0.1 10.1.255.255", False),
        (b"REJECT 10.1.0.1 10.1.0.2", False),
        (b"ACCEPT fd00::1 10.1.0.2", False),
        (b"ACCEPT 10.1.0.1 10.10.0.1", True),
        (b"ACCEPT 110.1.0.1 10.1.0.2", True),
        (b"ACCEPT - 10.1.0.1", True),
        (b"ACCEPT - -", True),
        (b"ACCEPT junk 10.1.0.1", True),
        (b"ACCEPT \xff 10.1.0.1", True),
    ],
)
def test_internal_traffic_has_both_ends_inside(line: bytes, stays: bool) -> None:
    assert kept(INTERNAL, line) is stays


@pytest.mark.parametrize(
    ("line", "stays"),
    [
        (b"8.8.8.8 10.1.0.1 ACCEPT 10.1.0.2 10.1.0.3", True),
        (b"10.1.0.9 8.8.8.8 ACCEPT 8.8.4.4 10.1.0.3", False),
        (b"- 10.1.0.1 ACCEPT 10.1.0.2 -", False),
        (b"- 10.1.0.1 ACCEPT 10.1.0.2 8.8.8.8", True),
    ],
)
def test_the_packets_own_addresses_win_wherever_the_format_has_them(line: bytes, stays: bool) -> None:
    assert kept(INTERNAL, line, PACKETS) is stays


def test_a_line_that_cannot_be_judged_is_kept_for_the_decorator_to_refuse() -> None:
    assert kept(Narrowing(Keep.REJECTS), b"ACCEPT -")
    assert kept(Narrowing(Keep.REJECTS), b"10.0.0.1 10.0.0.2", LogFormat(["srcaddr", "dstaddr"]))
    assert kept(INTERNAL, b"ACCEPT", LogFormat(["action"]))


def test_both_choices_hold_together() -> None:
    both = Narrowing(Keep.REJECTS, internal=Networks(["10.0.0.0/8"]))
    assert not kept(both, b"REJECT 10.0.0.1 10.0.0.2")
    assert not kept(both, b"ACCEPT 8.8.8.8 10.0.0.2")
    assert kept(both, b"REJECT 8.8.8.8 10.0.0.2")
