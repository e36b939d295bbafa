"""The decorator function: makes the lines of Firehose records documents."""

import os
from typing import Any

from aws_lambda_powertools import Logger

from flowlogs.invocation import Context
from functions.decorator.wiring import FUNCTION, wire

decorate = wire(os.environ, Logger(service=FUNCTION))  # made once, reused by every warm invocation


def handler(event: Any, context: Context) -> dict[str, Any]:
    """Answer a transformation event of Firehose: every record once, in order."""
    return decorate(event, context)
