"""Sends marked lines into a deployment and waits until they are at each destination."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from flowlogs.doctor.asked import Outside, Unseen
from flowlogs.doctor.dead_letters import letters_with
from flowlogs.doctor.deployment import Deployment
from flowlogs.doctor.refused import Refused
from flowlogs.doctor.sending import send
from flowlogs.doctor.watches import DeliveryWatch, LakeWatch, NotYet, SearchWatch, Watch
from flowlogs.generate.dataset import Line

PAUSE = 10.0
"""Seconds between two looks; Firehose delivers once a minute at its quickest."""
QUIET = 180.0
"""Seconds without a dead letter after which lines count as passed on to streams that we cannot look behind."""


class Arrival(StrEnum):
    """How it stands with a destination."""

    WAITING = "waiting"
    COMPLETE = "complete"
    INCOMPLETE = "incomplete"  # time is over
    REFUSED = "refused"  # we may not look
    UNSEEN = "unseen"  # cannot be seen from here


@dataclass(slots=True)
class Progress:
    """What is known of one destination; `seconds` from sending until all had come, or until now."""

    destination: str
    expected: int
    seen: int = 0
    duplicates: int = 0
    seconds: float = 0.0
    arrival: Arrival = Arrival.WAITING
    note: str = ""

    def take(self, counts: Mapping[int, int], ports: frozenset[int]) -> None:
        """Take what a look has found."""
        ours = {port: count for port, count in counts.items() if port in ports}
        self.seen = len(ours)
        self.duplicates = sum(ours.values()) - len(ours)
        self.note = ""
        if self.seen == self.expected:
            self.arrival = Arrival.COMPLETE


@dataclass(slots=True)
class Outcome:
    """What became of a run: `letters` are addresses of objects with marked lines that could not be passed on."""

    marker: str
    sent: int
    progress: list[Progress]
    letters: list[str] = field(default_factory=list)
    letters_note: str = ""

    @property
    def complete(self) -> bool:
        """Whether everything we can see has come and nothing was put aside."""
        fine = (Arrival.COMPLETE, Arrival.UNSEEN)
        return not self.letters and not self.letters_note and all(one.arrival in fine for one in self.progress)


@dataclass(slots=True)
class Smoke:
    """One run: `show` is told of the progress after each look."""

    deployment: Deployment
    outside: Outside
    marker: str
    timeout: float
    """Seconds."""
    show: Callable[[Sequence[Progress]], None] = lambda _: None
    _watches: dict[str, Watch] = field(default_factory=dict)
    _sent_at: float = 0.0

    def run(self, lines: list[Line]) -> Outcome:
        """Send lines and wait; raise Refused where they cannot be sent, or nothing can be asked any more."""
        ports = frozenset(_port(line, self.deployment) for line in lines)
        self._sent_at = self.outside.now()
        progress = [Progress(name, len(lines)) for name in sorted(self.deployment.destinations)]
        for one in progress:
            self._open(one)
        send(self.deployment, self.outside, self.marker, lines)
        self._wait(progress, ports)
        outcome = Outcome(self.marker, len(lines), progress)
        self._look_for_letters(outcome)
        return outcome

    def _open(self, one: Progress) -> None:
        """Make the watch of a destination before anything is sent, so that what is wrong is said at once."""
        try:
            self._watches[one.destination] = self._watch(one.destination, one.expected)
        except Unseen as reason:
            one.arrival, one.note = Arrival.UNSEEN, str(reason)
        except Refused as error:
            _refuse(one, error)

    def _watch(self, destination: str, expected: int) -> Watch:
        output = self.deployment.stack.outputs
        if destination == "search":
            return self._search_watch(expected)
        if destination == "lake":
            place = (output["LakeBucket"], output["LakePrefix"], output["LakeFormat"])
            return LakeWatch(self.outside.buckets, *place, self.deployment.log_format, self.marker, self._sent_at)
        raise Unseen("delivery streams of your own: cannot be seen from here; look into their destinations")

    def _search_watch(self, expected: int) -> Watch:
        try:
            return SearchWatch(self.outside.search(self.deployment.stack), self.marker)
        except Unseen as reason:
            stream = self.deployment.streams["search"]
            return DeliveryWatch(self.outside.delivery_streams, stream, expected, self._sent_at, str(reason))

    def _wait(self, progress: Sequence[Progress], ports: frozenset[int]) -> None:
        while True:
            for one in progress:
                self._look(one, ports)
            self.show(progress)
            left = self._until(progress) - self.outside.now()
            if left <= 0:
                break
            self.outside.sleep(min(PAUSE, left))
        for one in progress:
            if one.arrival is Arrival.WAITING:
                one.arrival = Arrival.INCOMPLETE

    def _until(self, progress: Sequence[Progress]) -> float:
        """Say when waiting ends: with the timeout while something is to come, after a while if nothing can be seen."""
        arrivals = {one.arrival for one in progress}
        if Arrival.WAITING in arrivals:
            return self._sent_at + self.timeout
        blind = Arrival.UNSEEN in arrivals and Arrival.COMPLETE not in arrivals
        return self._sent_at + (min(QUIET, self.timeout) if blind else 0)

    def _look(self, one: Progress, ports: frozenset[int]) -> None:
        if one.arrival is not Arrival.WAITING:
            return
        now = self.outside.now()
        try:
            one.take(self._watches[one.destination].look(now), ports)
        except NotYet as reason:
            one.note = str(reason)
        except Unseen as reason:
            one.arrival, one.note = Arrival.UNSEEN, str(reason)
        except Refused as error:
            _refuse(one, error)
        one.seconds = now - self._sent_at

    def _look_for_letters(self, outcome: Outcome) -> None:
        since = datetime.fromtimestamp(self._sent_at - 600, UTC)  # clocks differ; the marker tells ours
        try:
            outcome.letters = letters_with(self.outside.buckets, self.deployment.put_aside, since, self.marker)
        except Refused as error:
            outcome.letters_note = f"dead letters were not looked at: {error}"


def _refuse(one: Progress, error: Refused) -> None:
    """Note that a look was refused; what may pass is tried again, what stops everything is raised."""
    if error.for_everything:
        raise error
    one.note = str(error)
    if not error.temporary:
        one.arrival = Arrival.REFUSED


def _port(line: Line, deployment: Deployment) -> int:
    return deployment.log_format.read(line.text).get("srcport", 0)
