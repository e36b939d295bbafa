"""Takes snapshots of many accounts and regions at once: what fails in one of them stops no other."""

from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import NamedTuple, Protocol, TypeAlias

from flowlogs.errors import UnusableInventory
from flowlogs.inventory.interval import Scope, Snapshot
from flowlogs.inventory.kinds import Kind, Rhythm

WORKERS = 16
"""Scopes that are asked at the same time."""
_LOOK_SECONDS = 0.25
"""How often the time left is looked at while nothing comes."""


class Take(Protocol):
    """Asks one scope: `flowlogs.aws.scope_calls`."""

    def __call__(self, scope: Scope, kinds: Sequence[Kind]) -> Iterator[tuple[str, Snapshot | str]]:
        """Give by the name of their kinds, as they come, snapshots, and sentences on why there is none.

        Raise OSError or UnusableInventory, with such a sentence, where nothing more can be had of this scope.
        """
        ...


Progress: TypeAlias = Callable[[Scope], object]
"""Hears of each scope when nothing more comes of it: for a bar on a terminal."""


@dataclass(slots=True)
class Taken:
    """What was taken by scope and kind, and a sentence for every kind of a scope that was not."""

    snapshots: dict[Scope, dict[str, Snapshot]] = field(default_factory=dict)
    failed: dict[tuple[Scope, str], str] = field(default_factory=dict)

    def add(self, more: "Taken") -> None:
        """Add what was taken besides: other kinds, or other scopes."""
        for scope, found in more.snapshots.items():
            self.snapshots.setdefault(scope, {}).update(found)
        self.failed |= more.failed

    def forget(self, kind: Kind) -> None:
        """Let the snapshots of a kind go."""
        for found in self.snapshots.values():
            found.pop(kind.name, None)


def take_all(
    scopes: Sequence[Scope],
    kinds: Sequence[Kind],
    time_left: Callable[[], float],
    *,
    take: Take,
    workers: int = WORKERS,
    progress: Progress | None = None,
) -> Taken:
    """Ask every scope for every kind, some scopes at a time and in their order; `time_left` is seconds.

    What every run takes is asked of all scopes before the rest is asked of any: where time is short, it is short for
    the rest, and a scope that never answers keeps one worker, not the others.

    Returns when the time is up at the latest: what has not come by then has failed. Calls under way are then left to
    themselves, in threads that keep no process alive; so they are where this is interrupted (Ctrl-C).
    """
    work = _Work(scopes, kinds, take, workers)
    try:
        while work.goes_on and time_left() > 0:
            work.begin()
            done = work.hear(min(_LOOK_SECONDS, max(0.0, time_left())))
            if done is not None and progress is not None:
                progress(done)
    finally:
        work.stopped.set()
    return work.ended()


class _Task(NamedTuple):
    """What one thread asks."""

    scope: Scope
    kinds: tuple[Kind, ...]


class _Work:
    """Scopes that wait and scopes that are asked, each by a thread of its own; only the caller's thread is in here."""

    def __init__(self, scopes: Sequence[Scope], kinds: Sequence[Kind], take: Take, workers: int) -> None:
        parts = [[kind for kind in kinds if kind.rhythm is rhythm] for rhythm in Rhythm]
        self._waiting = deque(
            _Task(scope, part) for part in map(tuple, parts) if part for scope in dict.fromkeys(scopes)
        )
        self._take = take
        self._workers = workers
        self._asked: dict[_Task, set[str]] = {}  # kinds that have not come
        self._left = Counter(task.scope for task in self._waiting)
        self._heard: SimpleQueue[tuple[_Task, str | None, Snapshot | str]] = SimpleQueue()
        self._taken = Taken()
        self.stopped = Event()

    @property
    def goes_on(self) -> bool:
        return bool(self._waiting or self._asked)

    def begin(self) -> None:
        """Ask as many scopes as may be asked at a time."""
        while self._waiting and len(self._asked) < self._workers:
            task = self._waiting.popleft()
            self._asked[task] = {kind.name for kind in task.kinds}
            Thread(target=self._ask, args=(task,), name=f"inventory-{task.scope}", daemon=True).start()

    def _ask(self, task: _Task) -> None:
        """Run in a thread of its own; whatever happens, the end is said."""
        why = f"{task.scope}: it was left without an answer"
        try:
            for kind, found in self._take(task.scope, task.kinds):
                self._heard.put((task, kind, found))
                if self.stopped.is_set():
                    break
        except (OSError, UnusableInventory) as error:
            why = str(error)
        finally:
            self._heard.put((task, None, why))

    def hear(self, seconds: float) -> Scope | None:
        """Wait for what comes next; give the scope of which nothing more comes, if that is what came."""
        try:
            task, kind, found = self._heard.get(timeout=seconds)
        except Empty:
            return None
        scope = task.scope
        if kind is None:
            self._fail(scope, self._asked.pop(task), str(found))
            self._left[scope] -= 1
            return None if self._left[scope] else scope
        self._asked[task].discard(kind)
        if isinstance(found, Snapshot):
            self._taken.snapshots.setdefault(scope, {})[kind] = found
        else:
            self._taken.failed[scope, kind] = found
        return None

    def ended(self) -> Taken:
        """Give what came; what did not has failed for want of time."""
        while not self._heard.empty():
            self.hear(0)
        for task, names in self._asked.items():
            self._fail(task.scope, names, f"{task.scope}: there was no time left for the answer")
        for scope, kinds in self._waiting:
            self._fail(scope, {kind.name for kind in kinds}, f"{scope}: there was no time left to ask")
        return self._taken

    def _fail(self, scope: Scope, kinds: set[str], why: str) -> None:
        for kind in kinds:
            self._taken.failed[scope, kind] = why
