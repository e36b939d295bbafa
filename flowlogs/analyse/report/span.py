"""The time that a report shows, cut into slices."""

from dataclasses import dataclass

MOST_SLICES = 300
_DAY = 86_400
_STEPS = (60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, _DAY)
"""Lengths of a slice in seconds, all of which divide a day; beyond them whole days."""
_EARLIER = (_DAY, 7 * _DAY)


@dataclass(frozen=True, slots=True)
class Span:
    """`slices` slices of `step` seconds, from `since` on (Unix seconds), which is a multiple of `step`."""

    since: int
    step: int
    slices: int

    @classmethod
    def over(cls, first: int, last: int) -> "Span":
        """Cut the time that holds both instants into as many slices as may be, of at least a minute."""
        fits = (step for step in _STEPS if last // step - first // step < MOST_SLICES)
        step = next(fits, 0) or _days(first, last)
        return cls(first - first % step, step, last // step - first // step + 1)

    @property
    def until(self) -> int:
        """The first second behind it."""
        return self.since + self.step * self.slices

    def coarser(self) -> "Span | None":
        """Give the same time in longer slices, each of which is several of these; None where it is one slice."""
        if self.slices == 1:
            return None
        longer = next((step for step in _STEPS if step > self.step and step % self.step == 0), 2 * self.step)
        last = self.until - 1
        return Span(self.since - self.since % longer, longer, last // longer - self.since // longer + 1)

    def shifts(self) -> tuple[int, ...]:
        """Give how far back (a day, a week) this time can be compared with itself, in seconds."""
        return tuple(each for each in _EARLIER if each % self.step == 0 and each < self.step * self.slices)


def _days(first: int, last: int) -> int:
    step = _DAY
    while last // step - first // step >= MOST_SLICES:
        step *= 2
    return step
