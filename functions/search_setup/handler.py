"""The search set-up function: answers CloudFormation's custom resources through CDK's provider framework."""

import os
from typing import Any

from aws_lambda_powertools import Logger

from flowlogs.invocation import Context
from functions.search_setup.wiring import FUNCTION, wire

set_up = wire(os.environ, Logger(service=FUNCTION))  # made once, reused by every warm invocation


def handler(event: Any, context: Context) -> dict[str, Any]:
    """Answer Create, Update or Delete of a resource; the text of an exception is what a deployer reads."""
    return set_up(event, context)
