"""Imports the dashboards, as the last step of a set-up: documents are written and found without them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flowlogs.search.dashboards_server import DashboardsServer
from flowlogs.search.domain_errors import DomainError, DomainUnreachable, ObjectsRefused, RequestRefused, SignInRefused
from flowlogs.search.setup.step import DASHBOARDS, Result, Step

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 10.0
LONGEST_WAIT = 240.0
"""Seconds that Dashboards are waited for: on a fresh domain they come up after OpenSearch itself (*assumed*)."""
_BY_HAND = "import dashboards/*.ndjson by hand (docs/by-hand.md)"
_AGAIN = "run `flowlogs search setup` when it is mended: a deployment tries again only with something else to put"
_SAME_AGAIN = "run the same again when it is mended: what is there already does no harm"


@dataclass(frozen=True, slots=True)
class Importing:
    """Imports saved objects and sets the default index pattern. Done twice it changes nothing more.

    It never raises: what goes wrong here is an outcome, because undoing a deployment for it would take a new domain,
    half an hour old, with it. `time_left` gives the seconds that may still be waited. Where it is not `certain` that
    there are Dashboards, their absence is no failure.
    """

    server: DashboardsServer
    time_left: Callable[[], float]
    sleep: Callable[[float], None]
    certain: bool = False
    in_deployment: bool = False

    def __call__(self, objects: Sequence[Any], index_pattern: str) -> Step:
        """Import; `index_pattern` is the id of the one among the objects that becomes the default."""
        try:
            self._put(objects)
        except DomainError as error:
            return self._failed(error)
        detail = f"{len(objects)} saved objects in {self.server.url}"
        try:
            self._choose(index_pattern)
        except DomainError as error:
            return Step(DASHBOARDS, Result.DONE, f"{detail}; the default index pattern was left as it is: {error}")
        return Step(DASHBOARDS, Result.DONE, detail)

    def _put(self, objects: Sequence[Any]) -> None:
        """Import, and wait where Dashboards are not awake yet."""
        pause = _FIRST_PAUSE
        until = self.time_left() - LONGEST_WAIT
        while True:
            try:
                return self.server.put_objects(objects)
            except DomainUnreachable:
                if self.time_left() - pause <= max(until, 0):
                    raise
            self.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _choose(self, index_pattern: str) -> None:
        """Set the default where nobody chose one, or where the one that was chosen is gone; never over a choice."""
        chosen = self.server.default_index()
        if chosen == index_pattern or (chosen is not None and self.server.has_index_pattern(chosen)):
            return
        self.server.set_default_index(index_pattern)

    def _failed(self, error: DomainError) -> Step:
        if isinstance(error, RequestRefused) and error.is_unknown_path:
            where = f"there are no Dashboards at {self.server.url}"
            if self.certain:
                return Step(DASHBOARDS, Result.FAILED, where, f"check the address (--dashboards-url), or {_BY_HAND}")
            return Step(DASHBOARDS, Result.LEFT_OUT, where, f"say where they are (--dashboards-url), or {_BY_HAND}")
        return Step(DASHBOARDS, Result.FAILED, str(error), self._advice(error))

    def _advice(self, error: DomainError) -> str:
        if isinstance(error, ObjectsRefused):
            return f"an older Dashboards may not know what is in them: {_BY_HAND} to see each one's reason"
        again = f"{_AGAIN if self.in_deployment else _SAME_AGAIN}; or {_BY_HAND}"
        if isinstance(error, SignInRefused):
            return f"let the set-up reach Dashboards (its paths stand in docs/by-hand.md), then {again}"
        return again
