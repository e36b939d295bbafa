"""Who may write documents: a role of the security plugin, and the AWS role it is mapped to."""

from collections.abc import Mapping
from typing import Any

_KEPT = ("users", "hosts", "backend_roles", "and_backend_roles", "description")
"""What a mapping may be put with; `reserved` and `hidden` only come back. Source: OpenSearch, "Role mapping APIs"."""


def role_name(prefix: str) -> str:
    """Give the name of a prefix's role, and of its retention policy; a dot would not do in one (*assumed*)."""
    return f"flowlogs-{prefix}".replace(".", "-")


def role_path(role: str, plugins: str = "/_plugins") -> str:
    """Give the path of a role; `plugins` begins those of the plugins. Source: OpenSearch, "Access control API"."""
    return f"{plugins}/_security/api/roles/{role}"


def mapping_path(role: str, plugins: str = "/_plugins") -> str:
    """Give the path of a role's mapping."""
    return f"{plugins}/_security/api/rolesmapping/{role}"


def delivery_role(prefix: str) -> dict[str, Any]:
    """Give the role that lets Firehose write indexes whose names begin with the prefix.

    These are AWS's own permissions for Firehose; `manage` has the updates of a mapping that new fields cause. The
    pattern is wider than the template's: Firehose asks for the mappings and statistics of `<prefix>*`, and what it asks
    for must lie in what it may. Source: OpenSearch Service Developer Guide, "Fine-grained access control",
    "Integrations"; Firehose Developer Guide, "Grant Firehose access to a public OpenSearch Service destination".
    """
    return {
        "description": f"flowlogs: the delivery stream writes {prefix}*",
        "cluster_permissions": ["cluster_composite_ops", "cluster_monitor"],
        "index_permissions": [
            {"index_patterns": [f"{prefix}*"], "allowed_actions": ["create_index", "manage", "crud"]},
        ],
    }


def mapping_with(found: Mapping[str, Any] | None, role_arn: str) -> dict[str, Any]:
    """Give a mapping with one AWS role more; whoever is mapped already stays. `found` is None where there is none yet.

    A role of an earlier deployment stays too: until the stream has been told of the new one, it still writes with it.
    """
    there = found if isinstance(found, Mapping) else {}
    kept = {key: there[key] for key in _KEPT if there.get(key)}
    roles = list(kept.get("backend_roles", []))
    return {**kept, "backend_roles": roles if role_arn in roles else [*roles, role_arn]}
