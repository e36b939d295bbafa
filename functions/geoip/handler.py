"""The geoip function: fetches what is new, publishes what is good."""

import os
from typing import Any

from aws_lambda_powertools import Logger

from flowlogs.invocation import Context
from functions.geoip.wiring import FUNCTION, wire

update = wire(os.environ, Logger(service=FUNCTION))  # made once, reused by every warm invocation


def handler(event: Any, context: Context) -> dict[str, Any]:  # noqa: ARG001 (a schedule's, which says nothing)
    """Run once; what an event says does not matter. An exception makes Lambda try again."""
    return update(context)
