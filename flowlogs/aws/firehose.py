"""Puts records onto Amazon Data Firehose."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from botocore.config import Config

from flowlogs.aws.clients import client_of
from flowlogs.aws.failures import FAILURES, code_of, is_temporary
from flowlogs.errors import StreamError

if TYPE_CHECKING:
    from types_boto3_firehose import FirehoseClient

_CONFIG = Config(
    connect_timeout=3,
    read_timeout=10,
    max_pool_connections=16,
    retries={"total_max_attempts": 1},  # the sender resends, and only what failed
)


class FirehoseStreams:
    """Delivery streams of an account (`flowlogs.ingest.streams.Streams`)."""

    def __init__(self, client: "FirehoseClient | None" = None) -> None:
        self._given = client

    @property
    def _client(self) -> "FirehoseClient":
        return self._given or cast("FirehoseClient", client_of("firehose", _CONFIG))

    def put(self, stream: str, records: Sequence[bytes]) -> list[str | None]:
        """Put records in one PutRecordBatch; give an error code for each that was not taken."""
        try:
            answer = self._client.put_record_batch(
                DeliveryStreamName=stream, Records=[{"Data": record} for record in records]
            )
        except FAILURES as error:
            raise StreamError(code_of(error), temporary=is_temporary(error)) from error
        return [response.get("ErrorCode") for response in answer["RequestResponses"]]
