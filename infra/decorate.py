"""The decorate stage: the transformation of a delivery stream."""

from collections.abc import Mapping, Sequence

from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.function import WHOLE_PROCESSOR, Function
from infra.knowledge.reading import Reading
from infra.permissions import Permission, encrypting

_SECONDS = 240
"""Timeout: Firehose waits at most five minutes. Source: Firehose Developer Guide, "Transform source data"."""
_ROOM = 1024
"""MB of /tmp: geo databases of some 70 MB and a look-up file of up to 200 MB, twice while new ones replace them."""


class Decorator(Construct):
    """The decorator of one stream; both streams' are of one code and differ in their settings."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        destination: str,
        environment: Mapping[str, str | None],
        stream_arn: str,
        dead_letters: s3.IBucket,
        reading: Reading,
        log_retention_days: int,
        reserved_concurrency: int | None,
    ) -> None:
        super().__init__(scope, id_)
        made = Function(
            self,
            "Decorator",
            name="decorator",
            description=f"Makes flow records documents for the stream {destination}",
            environment={
                **environment,
                "FLOWLOGS_DEAD_LETTERS": f"s3://{dead_letters.bucket_name}/decorate",
                **reading.environment,
            },
            permissions=[
                # what an answer has no room for goes back onto the stream
                Permission(["firehose:PutRecordBatch"], [stream_arn]),
                Permission(
                    ["s3:PutObject"],
                    [dead_letters.arn_for_objects("decorate/*")],
                    "Dead letters of this function; their names say when.",
                ),
                Permission(["ec2:DescribeNetworkInterfaces"], ["*"], "The action takes no resource."),
                *reading.permissions,
                *encrypting(dead_letters),
            ],
            seconds=_SECONDS,
            memory=WHOLE_PROCESSOR,
            room=_ROOM,
            log_retention_days=log_retention_days,
            reserved_concurrency=reserved_concurrency,
        )
        self.made, self.function = made, made.function

    def let(self, roles: Sequence[str]) -> None:
        """Let roles of delivery streams that are not ours invoke it."""
        for number, role in enumerate(roles):
            self.function.add_permission(f"Stream{number}", principal=iam.ArnPrincipal(role))
