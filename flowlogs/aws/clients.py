"""Makes boto3's clients when they are first needed: not at import, and never twice."""

from collections.abc import Mapping
from threading import Lock
from typing import Any

import boto3
from botocore.config import Config

_clients: dict[str, Any] = {}
_making = Lock()  # boto3 makes no promise for two threads that make clients at once


def client_of(service: str, config: Config) -> Any:
    """Give the client of a service, with the settings of the environment; raise botocore's error where they lack."""
    with _making:
        if service not in _clients:
            _clients[service] = boto3.client(service, config=config)  # type: ignore[call-overload]
        return _clients[service]


def understood(client: Any, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out parameters that the installed botocore is too old to know: it refuses a call that has them."""
    known = client.meta.service_model.operation_model(operation).input_shape.members
    return {name: value for name, value in parameters.items() if name in known}
