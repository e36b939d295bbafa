"""Takes snapshots of many accounts and regions at once: what fails in one of them stops no other."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Protocol, TypeAlias

from flowlogs.errors import UnusableInventory
from flowlogs.inventory.interval import Scope, Snapshot
from flowlogs.inventory.kinds import Kind

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


class _Work:
    """Scopes that wait and scopes that are asked, each by a thread of its own; only the caller's thread is in here."""

    def __init__(self, scopes: Sequence[Scope], kinds: Sequence[Kind], take: Take, workers: int) -> None:
        self._waiting = deque(dict.fromkeys(scopes))
        self._kinds = list(kinds)
        self._take = take
        self._workers = workers
        self._asked: dict[Scope, set[str]] = {}  # kinds that have not come
        self._heard: SimpleQueue[tuple[Scope, str | None, Snapshot | str]] = SimpleQueue()
        self._taken = Taken()
        self.stopped = Event()

    @property
    def goes_on(self) -> bool:
        return bool(self._waiting or self._asked)

    def begin(self) -> None:
        """Ask as many scopes as may be asked at a time."""
        while self._waiting and len(self._asked) < self._workers:
            scope = self._waiting.popleft()
            self._asked[scope] = {kind.name for kind in self._kinds}
            Thread(target=self._ask, args=(scope,), name=f"inventory-{scope}", daemon=True).start()

    def _ask(self, scope: Scope) -> None:
        """Run in the scope's thread; whatever happens, the end is said."""
        why = f"{scope}: it was left without an answer"
        try:
            for kind, found in self._take(scope, self._kinds):
                self._heard.put((scope, kind, found))
                if self.stopped.is_set():
                    break
        except (OSError, UnusableInventory) as error:
            why = str(error)
        finally:
            self._heard.put((scope, None, why))

    def hear(self, seconds: float) -> Scope | None:
        """Wait for what comes next; give the scope of which nothing more comes, if that is what came."""
        try:
            scope, kind, found = self._heard.get(timeout=seconds)
        except Empty:
            return None
        if kind is None:
            self._fail(scope, self._asked.pop(scope), str(found))
            return scope
        self._asked[scope].discard(kind)
        if isinstance(found, Snapshot):
            self._taken.snapshots.setdefault(scope, {})[kind] = found
        else:
            self._taken.failed[scope, kind] = found
        return None

    def ended(self) -> Taken:
        """Give what came; what did not has failed for want of time."""
        while not self._heard.empty():
            self.hear(0)
        for scope, kinds in self._asked.items():
            self._fail(scope, kinds, f"{scope}: there was no time left for the answer")
        for scope in self._waiting:
            self._fail(scope, {kind.name for kind in self._kinds}, f"{scope}: there was no time left to ask")
        return self._taken

    def _fail(self, scope: Scope, kinds: set[str], why: str) -> None:
        for kind in kinds:
            self._taken.failed[scope, kind] = why
