from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from flowlogs.generate import vpc
from flowlogs.generate.carriers import log_streams
from flowlogs.generate.carriers.log_streams import AROUND, LONGEST_SPAN_MS, MOST_BYTES, MOST_EVENTS, Event, LogStreams
from flowlogs.generate.plan import Plan, version_of
from flowlogs.generate.recent import RecentLines, last_minutes
from flowlogs.record.log_format import DEFAULT, LogFormat

NOW = 1_767_226_500.0


class StrictLogs:
    """Takes calls as PutLogEvents does, and fails one that breaks a limit. Source: CloudWatch Logs API."""

    def __init__(self, rejected: int = 0) -> None:
        self.calls: list[tuple[str, list[Event]]] = []
        self.streams: list[str] = []
        self._rejected = rejected

    def create(self, group: str, stream: str) -> None:
        assert stream not in self.streams
        self.streams.append(stream)

    def put(self, group: str, stream: str, events: Sequence[Event]) -> int:
        assert stream in self.streams
        assert 0 < len(events) <= MOST_EVENTS
        assert sum(len(event.message.encode()) + AROUND for event in events) <= MOST_BYTES
        times = [event.timestamp for event in events]
        assert times == sorted(times)
        assert times[-1] - times[0] <= LONGEST_SPAN_MS
        self.calls.append((stream, list(events)))
        return self._rejected


def test_ten_thousand_events_are_one_call_and_one_more_are_two() -> None:
    logs = StrictLogs()
    streams = LogStreams(logs, "g")
    for _ in range(MOST_EVENTS + 1):
        streams.add(b"x", "eni-1", 0)
    streams.close()
    assert [len(events) for _, events in logs.calls] == [MOST_EVENTS, 1]


def test_a_call_ends_at_a_megabyte_with_what_is_around_each_event() -> None:
    logs, line = StrictLogs(), b"x" * (MOST_BYTES // 4 - AROUND)
    streams = LogStreams(logs, "g")
    for _ in range(5):
        streams.add(line, "eni-1", 0)
    streams.close()
    assert [len(events) for _, events in logs.calls] == [4, 1]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3 * 24 * 3600)), max_size=60))
def test_whatever_the_order_every_line_is_put_once_within_the_limits(lines: list[tuple[str, int]]) -> None:
    logs = StrictLogs()
    streams = LogStreams(logs, "g")
    for interface_id, start in lines:
        streams.add(f"{interface_id} {start}".encode(), interface_id, start)
    streams.close()
    put = [(stream, event.message) for stream, events in logs.calls for event in events]
    assert sorted(put) == sorted((f"{interface_id}-all", f"{interface_id} {start}") for interface_id, start in lines)
    assert (streams.written, streams.count) == (len(lines), len({interface_id for interface_id, _ in lines}))


def test_what_is_rejected_is_counted_apart() -> None:
    streams = LogStreams(StrictLogs(rejected=2), "g")
    for _ in range(5):
        streams.add(b"x", "eni-1", 0)
    streams.close()
    assert (streams.written, streams.rejected) == (3, 2)


def test_memory_holds_so_many_lines_and_no_more(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(log_streams, "MOST_HELD", 10)
    logs = StrictLogs()
    streams = LogStreams(logs, "g")
    for number in range(25):
        streams.add(b"x", f"eni-{number}", 0)
    assert len(logs.calls) == 20


def recent(log_format: LogFormat = DEFAULT, lines: int = 300) -> RecentLines:
    plan = Plan(lines=lines, start=last_minutes(NOW, 5), minutes=5, version=version_of(log_format))
    return RecentLines(vpc.build(), plan, log_format)


def test_recent_lines_are_of_the_last_minutes_and_never_of_the_future() -> None:
    lines = list(recent())
    assert len(lines) > 250
    assert all(NOW - 360 <= line.start <= line.end <= NOW for line in lines)


def test_rejected_ssh_is_counted_as_a_reader_would_count_it() -> None:
    for lines in (1, 300, 5000):
        some = recent(lines=lines)
        records = [DEFAULT.read(line.text) for line in some]
        ssh = [
            record
            for record in records
            if (record.get("dstport"), record.get("protocol"), record.get("action")) == (22, 6, "REJECT")
        ]
        assert len(ssh) == some.rejected_ssh > 0


def test_a_format_that_does_not_show_rejected_ssh_has_none() -> None:
    assert recent(LogFormat(["interface-id", "dstport", "action"])).rejected_ssh == 0
