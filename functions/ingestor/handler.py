"""The ingestor function: forwards flow-record lines to the delivery streams."""

import os
from typing import Any

from aws_lambda_powertools import Logger

from flowlogs.invocation import Context
from functions.ingestor.wiring import FUNCTION, wire

ingest = wire(os.environ, Logger(service=FUNCTION))  # made once, reused by every warm invocation


def handler(event: Any, context: Context) -> dict[str, Any]:
    """Answer an event of CloudWatch Logs, S3, EventBridge or SQS with the account of its lines."""
    return ingest(event, context)
