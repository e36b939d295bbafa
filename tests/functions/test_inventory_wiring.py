from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from memory_store import MemoryStore

from flowlogs.aws.account_scopes import Wanted
from flowlogs.errors import SettingsError
from flowlogs.inventory.interface_changes import Created, InterfaceEvent
from flowlogs.inventory.interval import Scope, Snapshot
from flowlogs.inventory.kinds import INTERFACES, Kind
from flowlogs.inventory.taking import Taken
from flowlogs.inventory.updating import Sources
from flowlogs.metrics import METRICS
from flowlogs.published import POINTER, read_pointer
from functions.inventory.wiring import ASKING_SHARE, InventoryFunction, Outside, wanted, wire

NOON = 1_772_625_600.0
"""2026-03-04T12:00:00Z"""
ONE, TWO = Scope("111111111111", "eu-west-1"), Scope("222222222222", "eu-west-1")
CREATED = InterfaceEvent(ONE, "eni-1", int(NOON) - 60, Created({"vpc-id": "vpc-1", "addresses": ["10.0.0.5"]}))


@dataclass
class Context:
    aws_request_id: str = "request-1"
    milliseconds: int = 100_000

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds


@dataclass
class Heard:
    """What the function logged and published."""

    told: list[tuple[str, object, dict[str, Any]]] = field(default_factory=list)
    metrics: list[tuple[str, str, dict[str, float]]] = field(default_factory=list)

    def info(self, msg: object, **fields: Any) -> None:
        self.told.append(("info", msg, fields))

    def warning(self, msg: object, **fields: Any) -> None:
        self.told.append(("warning", msg, fields))

    def publish(self, function: str, stream: str, values: Any) -> None:
        self.metrics.append((function, stream, dict(values)))

    def warnings(self) -> list[object]:
        return [message for level, message, _ in self.told if level == "warning"]


@dataclass
class Queue:
    """A queue whose events a test gives; `refuses` is an error of SQS."""

    events: list[InterfaceEvent] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    unread: int = 0
    refuses: str = ""
    deleted: int = 0

    def drain(self, time_left: Callable[[], float]) -> list[InterfaceEvent]:
        if self.refuses:
            raise OSError(self.refuses)
        return self.events

    def done(self) -> None:
        self.deleted += 1


@dataclass
class Aws:
    """Two accounts; `failing` answers nothing. `left` is how many seconds each asking was given."""

    failing: tuple[Scope, ...] = ()
    left: list[float] = field(default_factory=list)
    now: float = NOON

    def scopes(self) -> list[Scope]:
        return [ONE, TWO]

    def take(self, scopes: Sequence[Scope], kinds: Sequence[Kind], time_left: Callable[[], float]) -> Taken:
        self.left.append(time_left())
        there = [scope for scope in scopes if scope not in self.failing]
        snapshots = {scope: {kind.name: Snapshot(scope, int(self.now), {}) for kind in kinds} for scope in there}
        failed = {(scope, kind.name): f"{scope} refused" for scope in self.failing for kind in kinds}
        return Taken(snapshots, failed)


def function(aws: Aws, heard: Heard, queue: Queue | None = None, store: MemoryStore | None = None) -> InventoryFunction:
    sources = Sources(aws.scopes, aws.take, queue)
    return InventoryFunction(store or MemoryStore(), sources, lambda: aws.now, heard.publish, heard)


def measured(heard: Heard) -> dict[str, float]:
    [(name, stream, values)] = heard.metrics
    assert (name, stream) == ("inventory", "")
    assert all(METRICS[metric].functions == ("inventory",) for metric in values)
    return values


def test_a_run_tells_what_it_did_and_measures_every_metric_of_the_table() -> None:
    heard, queue = Heard(), Queue([CREATED])
    said = function(Aws(), heard, queue)(Context())
    assert said == {"discarded": False, "taken": 2, "failed": 0}
    assert heard.warnings() == []
    assert measured(heard) == {
        "ScopesTaken": 2,
        "ScopesFailed": 0,
        "StalestScope": 0,
        "InterfacesKnown": 0,
        "InterfaceEvents": 1,
        "InterfaceEventsUnread": 0,
        "InventoryRunsDiscarded": 0,
    }
    assert {name for name, metric in METRICS.items() if metric.functions == ("inventory",)} == measured(heard).keys()
    assert queue.deleted == 1


def test_messages_that_are_no_events_are_warned_about_and_counted() -> None:
    heard = Heard()
    queue = Queue([CREATED], ["messages that are no events, which are let go: 3; it is none"], unread=3)
    function(Aws(), heard, queue)(Context())
    assert heard.warnings() == ["messages that are no events, which are let go: 3; it is none"]
    assert (measured(heard)["InterfaceEvents"], measured(heard)["InterfaceEventsUnread"]) == (1, 3)
    assert queue.deleted == 1, "they are deleted with the others"


def test_a_queue_that_refuses_is_warned_about_and_the_snapshots_are_published() -> None:
    heard, store = Heard(), MemoryStore()
    queue = Queue(refuses="SQS answered AccessDenied", problems=["of the last run"], unread=3)
    said = function(Aws(), heard, queue, store)(Context())
    assert said["taken"] == 2
    assert heard.warnings() == ["events on interfaces cannot be read: SQS answered AccessDenied"]
    assert measured(heard)["InterfaceEventsUnread"] == 0
    assert POINTER in store.objects


def test_a_scope_that_fails_is_warned_about_once_and_counted() -> None:
    heard = Heard()
    said = function(Aws(failing=(TWO,)), heard)(Context())
    assert said == {"discarded": False, "taken": 1, "failed": 1}
    assert heard.warnings() == [f"{TWO} refused"]
    assert (measured(heard)["ScopesTaken"], measured(heard)["ScopesFailed"]) == (1, 1)


def test_who_is_overtaken_says_so_and_leaves_the_events() -> None:
    heard, queue, store = Heard(), Queue([CREATED]), MemoryStore()
    quick = function(Aws(), Heard(), store=store)

    class Slow(Aws):
        def take(self, scopes: Sequence[Scope], kinds: Sequence[Kind], time_left: Callable[[], float]) -> Taken:
            if INTERFACES in kinds:
                quick(Context("request-2"))
            return super().take(scopes, kinds, time_left)

    said = function(Slow(), heard, queue, store)(Context())
    assert said["discarded"] is True
    assert measured(heard)["InventoryRunsDiscarded"] == 1
    assert queue.deleted == 0
    assert heard.told[-1][1] == "Another run was quicker; this one is discarded."


def test_asking_has_a_share_of_the_invocation_and_the_rest_is_for_writing() -> None:
    aws = Aws()
    function(aws, Heard())(Context(milliseconds=200_000))
    assert aws.left == [ASKING_SHARE * 200]


def test_what_a_run_writes_is_named_by_its_time_and_request() -> None:
    store = MemoryStore()
    function(Aws(), Heard(), store=store)(Context("request-7"))
    assert read_pointer(store).about["run"] == "2026-03-04T120000Z-request-7"


@pytest.mark.parametrize(
    ("accounts", "means"),
    [
        ((), Wanted(ids=[])),
        (("own",), Wanted(own=True, ids=[])),
        (("organization",), Wanted(organization=True, ids=[])),
        (("own", "222222222222", "organization"), Wanted(own=True, organization=True, ids=["222222222222"])),
    ],
)
def test_a_setting_says_which_accounts_are_asked(accounts: tuple[str, ...], means: Wanted) -> None:
    assert wanted(accounts) == means


def wired(**settings: str) -> tuple[InventoryFunction, list[tuple[str, Any]]]:
    made: list[tuple[str, Any]] = []

    def maker(name: str, thing: Any) -> Callable[[Any], Any]:
        def make(given: Any) -> Any:
            made.append((name, given))
            return thing

        return make

    outside = Outside(maker("store", MemoryStore()), maker("accounts", object()), maker("queue", Queue()))
    environ = {"FLOWLOGS_INVENTORY_STORE": "s3://bucket/inventory", **settings}
    return wire(environ, Heard(), outside), made


def test_without_a_queue_nothing_is_known_of_events() -> None:
    found, made = wired()
    assert found.sources.events is None
    assert [name for name, _ in made] == ["accounts", "store"]
    assert made[1] == ("store", "s3://bucket/inventory")


def test_settings_reach_what_they_are_about() -> None:
    url = "https://sqs.eu-west-1.amazonaws.com/111111111111/events"
    found, made = wired(
        FLOWLOGS_INVENTORY_EVENTS=url, FLOWLOGS_ACCOUNT_ROLE="inventory-reader", FLOWLOGS_EXTERNAL_ID="secret-id"
    )
    assert found.sources.events is not None
    assert dict(made) == {
        "accounts": ("inventory-reader", "secret-id"),
        "queue": url,
        "store": "s3://bucket/inventory",
    }


def test_without_a_place_to_publish_there_is_no_function() -> None:
    with pytest.raises(SettingsError, match="FLOWLOGS_INVENTORY_STORE is not set"):
        wire({}, Heard(), Outside())
