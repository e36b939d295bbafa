import random
from collections import Counter
from threading import Event

import pytest
from fake_streams import THROTTLED, FakeStreams, FakeTime, Fault
from hypothesis import given, settings
from hypothesis import strategies as st

from flowlogs.errors import StreamError
from flowlogs.ingest.forwarding import Forwarded, Forwarder, Targets, fitting
from flowlogs.ingest.lines import Line, LineReader, Refused
from flowlogs.ingest.narrowing import Keep, Narrowing
from flowlogs.ingest.sending import Sender
from flowlogs.ingest.streams import MAX_RECORD_BYTES
from flowlogs.record.log_format import LogFormat

CONFIGURED = LogFormat(["action", "srcaddr"])
OTHER = LogFormat(["srcaddr", "action"])
BOTH = Targets("search", "lake")
REJECTS = Narrowing(Keep.REJECTS)


def forwarder(streams: FakeStreams, clock: FakeTime, targets: Targets = BOTH, chosen: Narrowing = REJECTS) -> Forwarder:
    sender = Sender(streams, clock.sleep, random.Random(1))
    return Forwarder(targets, log_format=CONFIGURED, narrowing=chosen, sender=sender)


def forward(
    lines: list[Line | Refused], streams: FakeStreams, targets: Targets = BOTH, chosen: Narrowing = REJECTS
) -> Forwarded:
    forwarded, clock = Forwarded(), FakeTime(3)
    forwarder(streams, clock, targets, chosen).forward(lines, forwarded, clock.time_left)
    return forwarded


LINES: list[Line | Refused] = [
    Line(CONFIGURED, b"ACCEPT 10.0.0.1"),
    Line(CONFIGURED, b"REJECT 10.0.0.2", 1_700_000_000),
    Line(OTHER, b"10.0.0.3 REJECT"),
    Line(OTHER, b"10.0.0.4 ACCEPT"),
    Refused(b"{", "line", "begins like JSON and is none", b"h"),
]


def test_search_gets_single_lines_that_were_chosen_and_the_lake_gets_all_packed() -> None:
    streams = FakeStreams()
    forwarded = forward(LINES, streams)
    assert streams.taken["search"] == [b"2023-11-14T22:13:20Z REJECT 10.0.0.2", b"srcaddr action\n10.0.0.3 REJECT"]
    assert streams.taken["lake"] == [
        b"action srcaddr\nACCEPT 10.0.0.1\n2023-11-14T22:13:20Z REJECT 10.0.0.2\n",
        b"srcaddr action\n10.0.0.3 REJECT\n10.0.0.4 ACCEPT\n",
    ]
    search, lake = forwarded.accounts["search"], forwarded.accounts["lake"]
    assert (search.received, search.delivered, search.dropped, search.failed) == (5, 2, 2, 1)
    assert (lake.received, lake.delivered, lake.dropped, lake.failed) == (5, 4, 0, 1)
    assert [letter.stream for letter in forwarded.letters] == ["search", "lake"]


@pytest.mark.parametrize("targets", [Targets("search", None), Targets(None, "lake")])
def test_a_stream_that_is_not_there_has_no_account(targets: Targets) -> None:
    forwarded = forward(LINES, FakeStreams(), targets)
    assert list(forwarded.accounts) == targets.names()


def test_an_unsent_record_becomes_a_letter_for_each_of_its_lines_with_its_own_order() -> None:
    forwarded = forward(LINES, FakeStreams(then=StreamError("ResourceNotFoundException", temporary=False)))
    letters = {(letter.stream, letter.header, letter.line, letter.reason) for letter in forwarded.letters}
    gone = "ResourceNotFoundException"
    assert letters == {
        ("search", b"action srcaddr", b"2023-11-14T22:13:20Z REJECT 10.0.0.2", gone),
        ("search", b"srcaddr action", b"10.0.0.3 REJECT", gone),
        ("lake", b"action srcaddr", b"ACCEPT 10.0.0.1", gone),
        ("lake", b"action srcaddr", b"2023-11-14T22:13:20Z REJECT 10.0.0.2", gone),
        ("lake", b"srcaddr action", b"10.0.0.3 REJECT", gone),
        ("lake", b"srcaddr action", b"10.0.0.4 ACCEPT", gone),
        ("search", b"h", b"{", "begins like JSON and is none"),
        ("lake", b"h", b"{", "begins like JSON and is none"),
    }
    assert all(account.adds_up() and account.delivered == 0 for account in forwarded.accounts.values())


def test_a_line_that_no_record_holds_is_refused_with_its_beginning() -> None:
    streams, large = FakeStreams(), Line(CONFIGURED, b"REJECT " + b"x" * MAX_RECORD_BYTES)
    forwarded = forward([large, *LINES], streams)
    letter = forwarded.letters[0]
    assert letter.line.startswith(b"REJECT xxx")
    assert len(letter.line) < MAX_RECORD_BYTES
    assert "1024007 bytes" in letter.reason
    assert forwarded.accounts["lake"].delivered == 4


def test_the_longest_line_that_fits_is_put_even_behind_a_header() -> None:
    longest = Line(OTHER, b"x" * (MAX_RECORD_BYTES - 16 * 1024))
    assert fitting(longest) is longest
    assert forward([longest], FakeStreams(), chosen=Narrowing()).accounts["search"].delivered == 1


def test_neither_stream_waits_for_the_other() -> None:
    streams, other = FakeStreams(), {"search": Event(), "lake": Event()}

    def before(stream: str) -> None:
        other[stream].set()
        assert all(event.wait(5) for event in other.values())

    streams.before = before
    assert not forward(LINES[:3], streams).letters


FAULTS: st.SearchStrategy[list[Fault]] = st.lists(
    st.one_of(
        st.none(),
        st.just(THROTTLED),
        st.lists(st.integers(0, 499), max_size=3),
        st.builds(StreamError, st.just("Failed"), temporary=st.booleans()),
    ),
    max_size=8,
)
FOUND = st.lists(
    st.builds(Line, st.sampled_from([CONFIGURED, OTHER]), st.sampled_from([b"ACCEPT x", b"REJECT y", b"z"]), st.none())
    | st.just(LINES[-1]),
    max_size=40,
)


@settings(deadline=None, max_examples=200)
@given(FOUND, FAULTS, st.sampled_from([None, THROTTLED]), st.sampled_from([Narrowing(), REJECTS]))
def test_whatever_fails_every_line_is_accounted_for_on_each_stream(
    found: list[Line | Refused], faults: list[Fault], then: Fault, chosen: Narrowing
) -> None:
    streams = FakeStreams(faults, then)
    forwarded = forward(found, streams, chosen=chosen)
    for stream, account in forwarded.accounts.items():
        arrived = [line for record in streams.taken[stream] for line in LineReader(CONFIGURED).read(record)]
        letters = [letter for letter in forwarded.letters if letter.stream == stream]
        assert account.adds_up()
        assert account.received == len(found)
        assert account.delivered == len(arrived)
        assert account.failed == len(letters)
        assert account.dropped == 0 or (stream == "search" and chosen is REJECTS)
    lake = [line.text for record in streams.taken["lake"] for line in LineReader(CONFIGURED).read(record)]
    lake += [letter.line for letter in forwarded.letters if letter.stream == "lake"]
    assert Counter(lake) == Counter(line.text for line in found)
