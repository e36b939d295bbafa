"""The option `--rate`: lines a second, a minute or a day."""

import re

import click

_RATE = re.compile(r"(\d{1,15}(?:\.\d{1,9})?)([kMG]?)(?:/(s|min|h|day))?\Z", re.ASCII)
_TIMES = {"": 1, "k": 1e3, "M": 1e6, "G": 1e9}
_MOST = 1e9
_DAYS = re.compile(r"\d{1,9}\Z", re.ASCII)
_MOST_DAYS = 36_500
_SECONDS = {None: 1, "s": 1, "min": 60, "h": 3600, "day": 86_400}


class Rate(click.ParamType[float]):
    """Reads `100`, `6000/min`, `2.5M/day` as lines a second."""

    name = "rate"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Give lines a second; refuse what is no rate."""
        if isinstance(value, float):
            return value
        read = _RATE.match(str(value).strip())
        if read is None or not float(read[1]):
            self.fail(f"{str(value)[:40]!r} is no rate: it reads like 100, 6000/min or 2.5M/day", param, ctx)
        rate = float(read[1]) * _TIMES[read[2]] / _SECONDS[read[3]]
        if rate > _MOST:
            self.fail(f"{str(value)[:40]} is more than {_MOST:,.0f} lines a second", param, ctx)
        return rate


class Days(click.ParamType[dict[str, float]]):
    """Reads `30` (for everything), or `search=8,lake=365,logs=30`, as days by what is kept."""

    name = "days"
    _WHAT = ("search", "lake", "logs")

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> dict[str, float]:
        """Give the days; refuse what is none."""
        if isinstance(value, dict):
            return value
        days: dict[str, float] = {}
        for part in str(value).split(","):
            name, is_named, number = part.strip().rpartition("=")
            if not _DAYS.match(number) or not 0 < int(number) <= _MOST_DAYS:
                self.fail(f"{number[:40]!r} is no number of days, from 1 to {_MOST_DAYS:,}", param, ctx)
            names = [name] if is_named else self._WHAT
            if not set(names) <= set(self._WHAT) or not days.keys().isdisjoint(names):
                self.fail(f"{part.strip()[:40]!r}: say each of {', '.join(self._WHAT)} once, or one number", param, ctx)
            days |= dict.fromkeys(names, float(number))
        return days
