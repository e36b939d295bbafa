import _thread
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from flowlogs.errors import UnusableInventory
from flowlogs.inventory.interval import Scope, Snapshot
from flowlogs.inventory.kinds import INTERFACES, KINDS, SUBNETS, Kind
from flowlogs.inventory.taking import Taken, take_all

VPCS = KINDS["vpcs"]
BOTH = [VPCS, SUBNETS]
SCOPES = [Scope(f"{number:012}", "eu-west-1") for number in range(40)]


def forever() -> float:
    return 60.0


def snapshot(scope: Scope) -> Snapshot:
    return Snapshot(scope, 1, {})


@dataclass(slots=True)
class Aws:
    """Answers at once, but for scopes that fail, or wait until they are let go."""

    fails: Mapping[Scope, Exception] = field(default_factory=dict)
    refuses: frozenset[tuple[Scope, str]] = frozenset()
    waits: frozenset[Scope] = frozenset()
    let_go: threading.Event = field(default_factory=threading.Event)
    asked: list[Scope] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    waiting: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, scope: Scope, kinds: Sequence[Kind]) -> Iterator[tuple[str, Snapshot | str]]:
        with self.lock:
            self.asked.append(scope)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            for kind in kinds:
                refused = (scope, kind.name) in self.refuses
                yield kind.name, f"{scope} refused" if refused else snapshot(scope)
                if scope in self.waits:
                    self.waiting += 1
                    self.let_go.wait(60)
                if scope in self.fails:
                    raise self.fails[scope]
        finally:
            with self.lock:
                self.at_once -= 1


def wait_for_threads() -> None:
    for thread in threading.enumerate():
        if thread.name.startswith("inventory-"):
            thread.join(10)


@pytest.fixture
def letting_go() -> Iterator[threading.Event]:
    """Give what lets waiting scopes go, also where a test fails."""
    event = threading.Event()
    yield event
    event.set()


def test_every_kind_of_every_scope_is_taken() -> None:
    taken = take_all(SCOPES, BOTH, forever, take=Aws())
    assert taken == Taken({scope: {kind.name: snapshot(scope) for kind in BOTH} for scope in SCOPES})


def test_a_scope_that_is_named_twice_is_asked_once() -> None:
    aws = Aws()
    take_all([*SCOPES, *SCOPES], BOTH, forever, take=aws)
    assert sorted(aws.asked) == SCOPES


@pytest.mark.parametrize("error", [OSError("no way there"), UnusableInventory("no such thing")], ids=["refused", "odd"])
def test_a_scope_that_fails_stops_no_other_and_keeps_what_came_before(error: Exception) -> None:
    taken = take_all(SCOPES, BOTH, forever, take=Aws(fails={SCOPES[3]: error}), workers=2)
    assert set(taken.snapshots) == set(SCOPES)
    assert set(taken.snapshots[SCOPES[3]]) == {VPCS.name}
    assert taken.failed == {(SCOPES[3], SUBNETS.name): str(error)}


def test_a_kind_that_fails_does_not_take_the_other_with_it() -> None:
    taken = take_all(SCOPES, BOTH, forever, take=Aws(refuses=frozenset({(SCOPES[5], VPCS.name)})))
    assert set(taken.snapshots[SCOPES[5]]) == {SUBNETS.name}
    assert taken.failed == {(SCOPES[5], VPCS.name): f"{SCOPES[5]} refused"}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_error_of_our_own_leaves_its_scope_without_an_answer_and_no_one_waiting() -> None:
    taken = take_all(SCOPES, BOTH, forever, take=Aws(fails={scope: ZeroDivisionError() for scope in SCOPES}), workers=3)
    wait_for_threads()  # else the last of them would report its error to the next test
    assert set(taken.snapshots) == set(SCOPES)
    assert taken.failed == {(scope, SUBNETS.name): f"{scope}: it was left without an answer" for scope in SCOPES}


def test_what_is_not_told_at_all_has_failed() -> None:
    def silent(scope: Scope, kinds: Sequence[Kind]) -> Iterator[tuple[str, Snapshot | str]]:
        return iter(())

    taken = take_all(SCOPES[:1], BOTH, forever, take=silent)
    assert set(taken.failed) == {(SCOPES[0], kind.name) for kind in BOTH}


@pytest.mark.parametrize("workers", [1, 3])
def test_no_more_scopes_are_asked_at_a_time_than_there_are_workers(workers: int) -> None:
    aws = Aws()
    take_all(SCOPES, BOTH, forever, take=aws, workers=workers)
    assert aws.most_at_once <= workers
    assert len(aws.asked) == len(SCOPES)


def test_scopes_are_asked_in_their_order() -> None:
    aws = Aws()
    take_all(SCOPES, BOTH, forever, take=aws, workers=1)
    assert aws.asked == SCOPES


def test_what_every_run_takes_is_asked_of_all_scopes_before_the_rest() -> None:
    asked: list[tuple[Scope, tuple[str, ...]]] = []

    def take(scope: Scope, kinds: Sequence[Kind]) -> Iterator[tuple[str, Snapshot | str]]:
        asked.append((scope, tuple(kind.name for kind in kinds)))
        return iter([(kind.name, snapshot(scope)) for kind in kinds])

    done: list[Scope] = []
    taken = take_all(SCOPES[:3], [SUBNETS, INTERFACES, VPCS], forever, take=take, workers=1, progress=done.append)
    often = [(scope, (INTERFACES.name,)) for scope in SCOPES[:3]]
    assert asked == [*often, *((scope, (SUBNETS.name, VPCS.name)) for scope in SCOPES[:3])]
    assert all(len(taken.snapshots[scope]) == 3 for scope in SCOPES[:3])
    assert done == SCOPES[:3], "each is heard of once, when nothing more comes of it"


def test_a_scope_that_never_answers_keeps_one_worker_and_not_the_others(letting_go: threading.Event) -> None:
    aws = Aws(waits=frozenset(SCOPES[:1]), let_go=letting_go)

    def only_the_silent_one_is_left() -> float:
        return 0.0 if len(aws.asked) == 2 * 5 and aws.at_once == 2 else 0.01

    taken = take_all(SCOPES[:5], [INTERFACES, SUBNETS], only_the_silent_one_is_left, take=aws, workers=3)
    assert {scope for scope, _ in taken.failed} <= {SCOPES[0]}
    assert all(set(taken.snapshots[scope]) == {INTERFACES.name, SUBNETS.name} for scope in SCOPES[1:5])


def until_waiting(aws: Aws, scopes: int) -> Callable[[], float]:
    """Make a clock on which the time is up when so many scopes wait."""
    return lambda: 0.0 if aws.waiting >= scopes else 0.01


def test_when_time_runs_out_the_rest_has_failed_and_is_not_waited_for(letting_go: threading.Event) -> None:
    aws = Aws(waits=frozenset(SCOPES[:2]), let_go=letting_go)
    taken = take_all(SCOPES[:4], BOTH, until_waiting(aws, 2), take=aws, workers=2)
    assert taken.snapshots == {scope: {VPCS.name: snapshot(scope)} for scope in SCOPES[:2]}
    assert taken.failed == {
        (SCOPES[0], SUBNETS.name): f"{SCOPES[0]}: there was no time left for the answer",
        (SCOPES[1], SUBNETS.name): f"{SCOPES[1]}: there was no time left for the answer",
        **{(scope, kind.name): f"{scope}: there was no time left to ask" for scope in SCOPES[2:4] for kind in BOTH},
    }
    assert sorted(aws.asked) == SCOPES[:2]


def test_what_comes_after_the_time_is_up_changes_nothing(letting_go: threading.Event) -> None:
    aws = Aws(waits=frozenset(SCOPES[:1]), let_go=letting_go)
    taken = take_all(SCOPES[:1], BOTH, until_waiting(aws, 1), take=aws)
    failed = dict(taken.failed)
    letting_go.set()
    wait_for_threads()
    assert aws.at_once == 0
    assert taken.failed == failed
    assert set(taken.snapshots[SCOPES[0]]) == {VPCS.name}


def test_without_any_time_nothing_is_asked() -> None:
    aws = Aws()
    taken = take_all(SCOPES, BOTH, lambda: 0.0, take=aws)
    assert not aws.asked
    assert len(taken.failed) == len(SCOPES) * len(BOTH)


def test_no_thread_keeps_the_process_alive(letting_go: threading.Event) -> None:
    aws = Aws(waits=frozenset(SCOPES[:3]), let_go=letting_go)
    take_all(SCOPES[:3], BOTH, until_waiting(aws, 3), take=aws)
    left = [thread for thread in threading.enumerate() if thread.name.startswith("inventory-")]
    assert left
    assert all(thread.daemon for thread in left)


def test_an_interruption_is_heard_while_a_scope_is_asked(letting_go: threading.Event) -> None:
    aws = Aws(waits=frozenset(SCOPES[:1]), let_go=letting_go)
    threading.Timer(0.05, _thread.interrupt_main).start()
    with pytest.raises(KeyboardInterrupt):
        take_all(SCOPES, BOTH, forever, take=aws, workers=1)
    assert aws.asked == SCOPES[:1]


def test_progress_hears_of_each_scope_when_it_is_done() -> None:
    done: list[Scope] = []
    take_all(SCOPES, BOTH, forever, take=Aws(fails={SCOPES[1]: OSError("no")}), progress=done.append)
    assert sorted(done) == SCOPES


@pytest.mark.slow
def test_five_hundred_accounts_of_four_hundred_interfaces_each_are_taken() -> None:
    facts = {f"eni-{number:017x}": {"vpc-id": "vpc-1", "addresses": [f"10.0.0.{number}"]} for number in range(400)}

    def take(scope: Scope, kinds: Sequence[Kind]) -> Iterator[tuple[str, Snapshot | str]]:
        for kind in kinds:
            yield kind.name, Snapshot(scope, 1, dict(facts))

    scopes = [Scope(f"{number:012}", "eu-west-1") for number in range(500)]
    taken = take_all(scopes, [INTERFACES], forever, take=take)
    assert sum(len(found[INTERFACES.name].resources) for found in taken.snapshots.values()) == 200_000
    assert not taken.failed
