"""What a role may do: each permission with its resources and, where one is a wildcard, the reason."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.arns import written


@dataclass(frozen=True, slots=True)
class Permission:
    """Actions on resources; `why` says what the wildcards in them are for, and there is none without."""

    actions: Sequence[str]
    resources: Sequence[str]
    why: str = ""
    conditions: Mapping[str, Any] = field(default_factory=dict)

    def statement(self) -> iam.PolicyStatement:
        """Give it as IAM takes it."""
        return iam.PolicyStatement(
            actions=list(self.actions), resources=list(self.resources), conditions=dict(self.conditions) or None
        )


def role_of(
    scope: Construct,
    id_: str,
    *,
    service: str,
    description: str,
    permissions: Iterable[Permission],
    conditions: Mapping[str, Any] | None = None,
) -> iam.Role:
    """Make the role of a service with these permissions, in one policy that stands in the role itself.

    Raise ValueError for a wildcard without a reason.
    """
    listed = list(permissions)
    role = iam.Role(
        scope,
        id_,
        description=description,
        assumed_by=iam.ServicePrincipal(service, conditions=conditions),
        inline_policies={"Work": iam.PolicyDocument(statements=[permission.statement() for permission in listed])},
    )
    for permission in listed:
        _acknowledge(role, permission)
    return role


def _acknowledge(role: iam.Role, permission: Permission) -> None:
    named = [(f"Action::{action}", action) for action in permission.actions]
    named += [(f"Resource::{_written(role, resource)}", _written(role, resource)) for resource in permission.resources]
    for finding, text in named:
        if not set(text) & set("*?"):
            continue
        if not permission.why:
            raise ValueError(f"{text} is a wildcard without a reason")
        if "*" in text:  # cdk-nag takes ? for a letter
            acknowledge(role, f"AwsSolutions-IAM5[{finding}]", permission.why)


def _written(scope: Construct, resource: str) -> str:
    return written(Stack.of(scope).resolve(resource))


def encrypting(bucket: s3.IBucket) -> list[Permission]:
    """Let a role write into a bucket with a key of its own; nothing for one without."""
    if bucket.encryption_key is None:
        return []
    return [Permission(["kms:GenerateDataKey", "kms:Decrypt"], [bucket.encryption_key.key_arn])]


def decrypting(bucket: s3.IBucket) -> list[Permission]:
    """Let a role read what lies in a bucket with a key of its own; nothing for one without."""
    if bucket.encryption_key is None:
        return []
    return [Permission(["kms:Decrypt"], [bucket.encryption_key.key_arn])]


def keeping(bucket: s3.IBucket, prefix: str, why: str) -> list[Permission]:
    """Let a role read, write, list and delete what lies below a prefix of a bucket; names are listed in all of it."""
    objects = bucket.arn_for_objects(f"{prefix}/*")
    return [
        Permission(["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], [objects], why),
        listing(bucket),
        *encrypting(bucket),
    ]


def listing(bucket: s3.IBucket) -> Permission:
    """Let a role list a bucket: without this S3 answers 403 and not 404 for an object that is not there yet.

    No condition on the prefix: a request for an object has none, so that it might not count (docs/aws-behaviour.md).
    """
    return Permission(["s3:ListBucket"], [bucket.bucket_arn])
