"""What a decorator reads of the knowledge: variables that say where it lies, and permissions to read it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aws_cdk import Aws
from aws_cdk import aws_s3 as s3

from flowlogs.published import POINTER
from infra.permissions import Permission, decrypting, listing


@dataclass(frozen=True, slots=True)
class Reading:
    """Where to read, and leave to do it."""

    environment: Mapping[str, str | None]
    permissions: Sequence[Permission]


def together(readings: Sequence[Reading]) -> Reading:
    """Make one of several; what two of them ask for is asked for once."""
    environment = {name: value for reading in readings for name, value in reading.environment.items()}
    permissions: list[Permission] = []
    for reading in readings:
        permissions += [each for each in reading.permissions if each not in permissions]
    return Reading(environment, permissions)


def published(variable: str, bucket: s3.IBucket, prefix: str, parts: Sequence[str], why: str) -> Reading:
    """Read what a function of ours publishes below a prefix: its pointer first, then the `parts` it names."""
    objects = [bucket.arn_for_objects(f"{prefix}/{part}") for part in (POINTER, *parts)]
    return Reading(
        {variable: f"s3://{bucket.bucket_name}/{prefix}/{POINTER}"},
        [Permission(["s3:GetObject"], objects, why), listing(bucket), *decrypting(bucket)],
    )


def kept_elsewhere(variable: str, place: str, key_arn: str) -> Reading:
    """Read objects under an address in S3 that somebody else keeps, with the key they are encrypted with, if any."""
    bucket, _, prefix = place.removeprefix("s3://").partition("/")
    arn = f"arn:{Aws.PARTITION}:s3:::{bucket}"
    conditions = {"StringLike": {"s3:prefix": [f"{prefix}*"]}} if prefix else {}
    return Reading(
        {variable: place},
        [
            *([Permission(["kms:Decrypt"], [key_arn])] if key_arn else []),
            Permission(["s3:GetObject"], [f"{arn}/{prefix}*"], "The geo databases, whose names may change."),
            Permission(["s3:ListBucket"], [arn], conditions=conditions),
        ],
    )
