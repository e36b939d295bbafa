"""What tests of AWS's clients share: a client of moto, and one that answers as it is told."""

from collections.abc import Callable
from typing import Any

import boto3
from botocore.config import Config
from botocore.stub import Stubber

AWS: dict[str, Any] = {
    "region_name": "eu-west-1",
    "aws_access_key_id": "testing",
    "aws_secret_access_key": "testing",
    "config": Config(retries={"total_max_attempts": 1}),
}


def stubbed(service: str, tell: Callable[[Stubber], None]) -> Any:
    """Make a client that gives the answers it is told, in their order, and checks what it is asked."""
    client = boto3.client(service, **AWS)  # type: ignore[call-overload]
    stubber = Stubber(client)
    tell(stubber)
    stubber.activate()
    return client


class Failing:
    """A client all of whose calls fail, and whose paginators do."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, _: str) -> Callable[..., Any]:
        def call(*_: object, **__: object) -> Any:
            raise self._error

        return call
