"""Lists, reads and writes objects of any bucket, for a person at a terminal."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from botocore.config import Config

from flowlogs.aws.clients import client_of
from flowlogs.aws.explained import explained
from flowlogs.aws.failures import FAILURES
from flowlogs.doctor.asked import Found

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

_CONFIG = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 6})


class S3Buckets:
    """Buckets (`flowlogs.doctor.asked.Buckets`)."""

    def __init__(self, client: "S3Client | None" = None) -> None:
        self._given = client

    @property
    def _client(self) -> "S3Client":
        return self._given or cast("S3Client", client_of("s3", _CONFIG))

    def list(self, bucket: str, prefix: str) -> Iterator[Found]:
        """List objects whose keys begin so; raise Refused."""
        try:
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
            for page in pages:
                for found in page.get("Contents", []):
                    yield Found(found["Key"], found["Size"], found["LastModified"])
        except FAILURES as error:
            raise explained(error, "s3:ListBucket", bucket) from error

    def read(self, bucket: str, key: str) -> bytes:
        """Read an object; raise Refused."""
        try:
            return self._client.get_object(Bucket=bucket, Key=key)["Body"].read()
        except FAILURES as error:
            raise explained(error, "s3:GetObject (and kms:Decrypt with the bucket's key)", f"{bucket}/{key}") from error

    def put(self, bucket: str, key: str, content: bytes) -> None:
        """Write an object; raise Refused."""
        try:
            self._client.put_object(Bucket=bucket, Key=key, Body=content)
        except FAILURES as error:
            action = "s3:PutObject (and kms:GenerateDataKey with the bucket's key)"
            raise explained(error, action, f"{bucket}/{key}") from error
