"""Sample lines of the last minutes: what is written into a deployment to see it work."""

from collections.abc import Iterator

from flowlogs.generate import dataset
from flowlogs.generate.incidents import plant
from flowlogs.generate.plan import Plan
from flowlogs.generate.tally import Tally
from flowlogs.generate.vpc import Vpc
from flowlogs.record.log_format import LogFormat

_MINUTE = 60
_SSH, _TCP = 22, 6


def last_minutes(now: float, minutes: int) -> int:
    """Give when traffic begins (Unix seconds) that ends no later than now, in whole minutes."""
    return int(now) // _MINUTE * _MINUTE - minutes * _MINUTE


class RecentLines:
    """The lines of a plan, counted as they are taken; rejected SSH is always among them."""

    def __init__(self, vpc: Vpc, plan: Plan, log_format: LogFormat) -> None:
        self.tally = Tally()
        self._vpc, self._plan, self._format = vpc, plan, log_format
        self._incidents = plant(vpc, plan)

    def __iter__(self) -> Iterator[dataset.Line]:
        return dataset.lines(self._vpc, self._plan, self._format, self._incidents, self.tally)

    @property
    def rejected_ssh(self) -> int:
        """Say how many lines show a rejected SSH connection; none where the format lacks one of the three fields."""
        shown = {field.key for field in self._format.fields}
        if not {"dstport", "protocol", "action"} <= shown:
            return 0
        return sum(
            record.get("action") == "REJECT" and record.get("dstport") == _SSH and record.get("protocol") == _TCP
            for incident in self._incidents
            for record in incident.records
        )
