"""Geo databases, AWS's networks, threat lists: a function that fetches them, checks them and publishes them."""

from collections.abc import Iterable, Mapping, Sequence

from aws_cdk import Aws
from aws_cdk import aws_s3 as s3
from constructs import Construct, IDependable

from flowlogs.geoip.updating import FILES
from infra.function import Function
from infra.knowledge.reading import Reading, published
from infra.knowledge.schedule import Schedule
from infra.permissions import Permission, keeping

GEO = "geo"
"""Prefix of all it keeps, in the bucket of knowledge. Nothing there ends by itself: the last good ones must outlive a
provider that is out of reach, and what a licence forbids to keep the function deletes itself."""
_SECONDS, _MEMORY, _ROOM = 600, 1024, 1024
"""Timeout, MB of memory, MB of /tmp: two databases of some 70 MB, compressed and not, over a slow line."""
_RATE, _PATIENCE = "1 day", 3600
"""A look every day, since it fetches only what is new: a database a week or a month, AWS's networks when they change.

With a look a week, threat lists would be a week old, a failure would last as long, and a database that its licence
allows for 30 days would be deleted up to a week late. MaxMind lets an account download 30 times a day; a look asks for
two checksums.
"""


class Geoip(Construct):
    """The geoip function. It runs from `begin` on; Lambda tries twice again what failed, minutes later.

    Concurrency is not reserved: of two runs at a time, one swaps the pointer, and the other deletes what it wrote.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        environment: Mapping[str, str | None],
        bucket: s3.IBucket,
        licence: Sequence[Permission],
        log_retention_days: int,
    ) -> None:
        super().__init__(scope, id_)
        self._bucket = bucket
        self.made = Function(
            self,
            "Geoip",
            name="geoip",
            description="Fetches geo databases and lists of networks",
            environment={**environment, "FLOWLOGS_GEOIP_STORE": f"s3://{bucket.bucket_name}/{GEO}"},
            permissions=[
                *licence,
                *keeping(bucket, GEO, "Its own objects, which have a new name each run."),
            ],
            seconds=_SECONDS,
            memory=_MEMORY,
            room=_ROOM,
            log_retention_days=log_retention_days,
        )
        self.made.node.add_dependency(bucket)  # so that it is removed before a bucket is emptied
        self.function, self.role = self.made.function, self.made.role

    def begin(self, after: Iterable[IDependable]) -> None:
        """Run on a schedule, which is made after `after`."""
        Schedule(
            self,
            "Schedule",
            what="Geo databases",
            function=self.function,
            rate=_RATE,
            patience=_PATIENCE,
            after=after,
        )

    def reading(self) -> Reading:
        """Give what a decorator needs to read the databases and lists."""
        why = "Databases and lists, which have a new name each run."
        return published("FLOWLOGS_GEOIP", self._bucket, GEO, [f"{FILES}*"], why)


def reading_licence(licence: str, key_arn: str) -> list[Permission]:
    """Let a role read the one secret (its ARN) or parameter (`ssm:/name`), and use its key where it has one."""
    if not licence:
        return []
    decrypting = [Permission(["kms:Decrypt"], [key_arn])] if key_arn else []
    name = licence.removeprefix("ssm:/")
    if name == licence:
        return [Permission(["secretsmanager:GetSecretValue"], [licence]), *decrypting]
    parameter = f"arn:{Aws.PARTITION}:ssm:{Aws.REGION}:{Aws.ACCOUNT_ID}:parameter/{name}"
    return [Permission(["ssm:GetParameter"], [parameter]), *decrypting]
