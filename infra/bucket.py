"""Buckets: private, encrypted, reachable by TLS only, with access logs and an end to what they keep."""

from typing import Any

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct


class Buckets(Construct):
    """Makes the buckets of a deployment; they differ in what lies in them and how many days it stays."""

    def __init__(self, scope: Construct, id_: str, *, key: kms.IKey | None, keep_data: bool) -> None:
        super().__init__(scope, id_)
        self._key = key
        self._keep_data = keep_data
        self._access_logs = s3.Bucket(
            self,
            "AccessLogs",
            encryption=s3.BucketEncryption.S3_MANAGED,  # S3 writes access logs into no bucket with another key
            lifecycle_rules=[_end(_ACCESS_LOG_DAYS)],
            **self._private(),
        )

    def make(self, scope: Construct, id_: str, *, days: int, ending: str = "") -> s3.Bucket:
        """Make a bucket that keeps objects for so many days; with `ending`, a prefix, the others stay for ever."""
        return s3.Bucket(
            scope,
            id_,
            encryption=s3.BucketEncryption.KMS if self._key else s3.BucketEncryption.S3_MANAGED,
            encryption_key=self._key,
            bucket_key_enabled=True if self._key else None,
            server_access_logs_bucket=self._access_logs,
            server_access_logs_prefix=f"{id_}/",
            lifecycle_rules=[_end(days, ending), _UNFINISHED] if ending else [_end(days)],
            **self._private(),
        )

    def _private(self) -> dict[str, Any]:
        return {
            "block_public_access": s3.BlockPublicAccess.BLOCK_ALL,
            "object_ownership": s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            "enforce_ssl": True,
            "minimum_tls_version": 1.2,
            "removal_policy": removal(keep_data=self._keep_data),
            "auto_delete_objects": not self._keep_data,
        }


def removal(*, keep_data: bool) -> RemovalPolicy:
    """Say what becomes of data when its stack goes; what a failed first deployment made is empty and always goes."""
    return RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE if keep_data else RemovalPolicy.DESTROY


_ACCESS_LOG_DAYS = 90


_UNFINISHED_DAYS = Duration.days(7)
_UNFINISHED = s3.LifecycleRule(id="unfinished", abort_incomplete_multipart_upload_after=_UNFINISHED_DAYS)


def _end(days: int, prefix: str = "") -> s3.LifecycleRule:
    expiration = Duration.days(days)
    if prefix:
        return s3.LifecycleRule(id="end", prefix=prefix, expiration=expiration)
    return s3.LifecycleRule(id="end", expiration=expiration, abort_incomplete_multipart_upload_after=_UNFINISHED_DAYS)
