"""The inventory: a function that takes interfaces and security groups, keeps their history and publishes it."""

from collections.abc import Iterable, Mapping, Sequence

from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from constructs import Construct, IDependable

from infra.function import Function
from infra.knowledge.interface_events import InterfaceEvents
from infra.knowledge.reading import Reading, published
from infra.knowledge.schedule import Schedule, minutes
from infra.permissions import Permission, keeping

INVENTORY = "inventory"
"""Prefix of all it keeps, in the bucket of knowledge."""
HISTORY = f"{INVENTORY}/history/"
"""Prefix of the Parquet, a day an object: the only thing that ends. States and the look-up file are needed for as long
as nothing newer is there, and what was replaced the function deletes itself."""
_LONGEST, _MARGIN = 900, 10
"""Seconds: the most a function may run (Lambda quotas), and by how much a run ends before the next one begins."""


def timeout(every: int) -> int:
    """Give the seconds that a run may last where there is one every so many minutes."""
    return min(60 * every, _LONGEST) - _MARGIN


class Inventory(Construct):
    """The inventory function; `events` is None where no events are collected. It runs from `begin` on.

    Concurrency is not reserved, which small accounts refuse: two runs at a time, by the clock and after a deployment,
    are harmless. One swaps the pointer, and the other deletes what it wrote and leaves its messages in the queue.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        environment: Mapping[str, str | None],
        bucket: s3.IBucket,
        asking: Sequence[Permission],
        every: int,
        memory: int,
        with_events: bool,
        log_retention_days: int,
    ) -> None:
        """`every` so many minutes, with so many MB of memory."""
        super().__init__(scope, id_)
        self._every = every
        self._bucket = bucket
        seconds = timeout(every)
        self.events = InterfaceEvents(self, "Events", hidden=seconds) if with_events else None
        self.made = Function(
            self,
            "Inventory",
            name="inventory",
            description="Takes network interfaces, security groups and what belongs to them",
            environment={
                **environment,
                "FLOWLOGS_INVENTORY_STORE": f"s3://{bucket.bucket_name}/{INVENTORY}",
                "FLOWLOGS_INVENTORY_EVENTS": self.events.queue.queue_url if self.events else None,
            },
            permissions=[
                *asking,
                *keeping(bucket, INVENTORY, "Its own objects: a new name each run, a folder each day."),
                *([self.events.emptying()] if self.events else []),
            ],
            seconds=seconds,
            memory=memory,
            room=1024,
            log_retention_days=log_retention_days,
        )
        self.made.node.add_dependency(bucket)  # so that it is removed before a bucket is emptied
        self.function, self.role = self.made.function, self.made.role
        self._never_again()

    def _never_again(self) -> None:
        """Have Lambda not repeat a run that failed, nor keep one waiting: the next one comes by the clock."""
        lambda_.CfnEventInvokeConfig(
            self,
            "Once",
            function_name=self.function.function_name,
            qualifier="$LATEST",
            maximum_retry_attempts=0,
            maximum_event_age_in_seconds=60 * self._every,
        )

    def begin(self, after: Iterable[IDependable]) -> None:
        """Run on a schedule, which is made after `after`."""
        Schedule(
            self,
            "Schedule",
            what="The inventory",
            function=self.function,
            rate=minutes(self._every),
            patience=60 * self._every,
            after=after,
        )

    def reading(self) -> Reading:
        """Give what a decorator needs to read the look-up file."""
        why = "Look-up files, which have a new name each run."
        return published("FLOWLOGS_INVENTORY", self._bucket, INVENTORY, ["lookups/*"], why)
