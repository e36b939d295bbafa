"""What a deployment asks the set-up to do, read from the properties of its custom resource."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flowlogs.errors import SettingsError
from flowlogs.search.prefix import LONGEST_PREFIX, PREFIX
from flowlogs.setting_kinds import Shape

_OF_CLOUDFORMATION = frozenset({"ServiceToken", "ServiceTimeout"})
_ENDPOINT = "https://host"
ROLE_ARN = r"arn:[a-z0-9-]+:iam::\d{12}:role/\S+"
_PROPERTIES: Mapping[str, tuple[str, str]] = {
    "Endpoint": (r"https?://[^/\s@?#]+/?", _ENDPOINT),
    "IndexPrefix": (PREFIX, f"lower-case letters, digits, ., - and _, at most {LONGEST_PREFIX}"),
    "DeliveryRole": (ROLE_ARN, "the ARN of an IAM role"),
    "RoleName": (r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", "letters, digits, ., - and _, at most 100"),
    "Shards": (r"[1-9][0-9]{0,2}", "a whole number from 1 to 999"),
    "Replicas": (r"[0-9]{1,2}", "a whole number from 0 to 99"),
    "RetentionDays": (r"|[1-9][0-9]{0,4}", "a whole number of days from 1 to 99999, or nothing: for ever"),
    "Shape": (r"json|ecs|ocsf", "json, ecs or ocsf"),
    "Dashboards": (r"true|false", "true or false"),
    "Rotates": (r"true|false", "true or false"),
    "Revision": (r".*", "anything"),
}
"""How each property is written, and how that is said."""
_DEFAULTS = {
    "Shards": "1",
    "Replicas": "1",
    "RetentionDays": "",
    "Shape": Shape.JSON.value,
    "Dashboards": "true",
    "Rotates": "true",
    "Revision": "",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """Which domain is set up, and how.

    `delivery_role` is the AWS role that writes; None: nobody is let in. `replicas` of None is one where there is a
    second node to hold it. An index is deleted `retention_days` after it was made; None: never. What never `rotates` is
    one index, of the prefix's name. `dashboards_url` is where its Dashboards are; None: below the domain's own address,
    if anywhere.
    """

    endpoint: str
    index_prefix: str
    delivery_role: str | None
    role_name: str
    shards: int
    replicas: int | None
    retention_days: int | None
    shape: Shape = Shape.JSON
    with_dashboards: bool = True
    rotates: bool = True
    dashboards_url: str | None = None

    @classmethod
    def of(cls, properties: Mapping[str, Any]) -> "Plan":
        """Read the properties (CloudFormation sends texts); raise SettingsError, naming one, where they are wrong."""
        unknown = sorted(set(properties) - set(_PROPERTIES) - _OF_CLOUDFORMATION)
        if unknown:
            known = ", ".join(_PROPERTIES)
            raise SettingsError(f"{unknown[0]} is no property of Custom::SearchSetup; there are {known}")
        texts = {name: _text(name, properties) for name in _PROPERTIES}
        return cls(
            endpoint=texts["Endpoint"].rstrip("/"),
            index_prefix=texts["IndexPrefix"],
            delivery_role=texts["DeliveryRole"],
            role_name=texts["RoleName"],
            shards=int(texts["Shards"]),
            replicas=int(texts["Replicas"]),
            retention_days=int(texts["RetentionDays"]) if texts["RetentionDays"] else None,
            shape=Shape(texts["Shape"]),
            with_dashboards=texts["Dashboards"] == "true",
            rotates=texts["Rotates"] == "true",
        )


def _text(name: str, properties: Mapping[str, Any]) -> str:
    pattern, takes = _PROPERTIES[name]
    value = properties.get(name, _DEFAULTS.get(name))
    if value is None:
        raise SettingsError(f"Custom::SearchSetup lacks {name}: it takes {takes}")
    if not re.fullmatch(pattern, str(value), re.ASCII | re.DOTALL):
        holds_user = name == "Endpoint" and "@" in str(value)  # and perhaps a password
        shown = "an address with a user in it" if holds_user else repr(str(value)[:60])
        raise SettingsError(f"{name} is {shown}: it takes {takes}")
    return str(value)
