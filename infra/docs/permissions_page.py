"""The page of all permissions: what each role may do on what, and why where that is a wildcard."""

from collections.abc import Iterator, Mapping
from typing import Any

from flowlogs.docs.markdown import code, page, table
from infra.arns import written

EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    "A log group, search and lake (the default)": {
        "vpc_ids": "vpc-0123456789abcdef0",
        "search_allowed_ips": "198.51.100.0/24",
    },
    "Files in S3, the lake alone, geo databases": {
        "source": "s3",
        "destinations": "lake",
        "vpc_ids": "vpc-0123456789abcdef0",
        "geo_databases": "s3://my-databases/geoip/",
    },
    "Search inside a VPC": {
        "destinations": "search",
        "search_vpc_id": "vpc-0123456789abcdef0",
        "search_subnet_ids": "subnet-0123456789abcdef0,subnet-0123456789abcdef1",
    },
    "Existing delivery streams": {
        "destinations": "existing",
        "existing_search_stream": "my-search",
        "existing_lake_stream": "my-lake",
    },
}
"""Deployments that show every role."""

_OPENING = """\
# Permissions

Every role that a deployment makes, with every action and resource, as the template has them; nothing else is granted.
`<Name>` stands for a resource of the stack. A wildcard has its reason beside it. What
you need yourself to deploy is what CloudFormation does in your name: see the README.
"""


def permissions_page(templates: Mapping[str, Mapping[str, Any]]) -> str:
    """Write the page from templates by what they show; a role that stands on it already is not repeated."""
    blocks, seen = [_OPENING], set[str]()
    for title, template in templates.items():
        roles = [block for block in _roles(template["Resources"]) if block not in seen]
        seen.update(roles)
        blocks += [f"## {title}", *roles]
    return page(*blocks)


def _roles(resources: Mapping[str, Any]) -> Iterator[str]:
    for resource in resources.values():
        if resource["Type"] == "AWS::IAM::Role":
            properties = resource["Properties"]
            why = _reasons(resource)
            rows = [row for policy in properties.get("Policies", []) for row in _rows(policy["PolicyDocument"], why)]
            yield "\n\n".join((_head(properties), table(("actions", "resources", "why"), rows)))


def _head(properties: Mapping[str, Any]) -> str:
    (trust,) = properties["AssumeRolePolicyDocument"]["Statement"]
    service = trust["Principal"]["Service"]
    condition = ", for this account only" if trust.get("Condition") else ""
    return f"### {properties.get('Description', 'A role of the CDK')}\n\nAssumed by {code(service)}{condition}."


def _reasons(resource: Mapping[str, Any]) -> dict[str, str]:
    acknowledged = resource.get("Metadata", {}).get("cdk_nag", {}).get("rules_to_suppress", [])
    return {rule["id"]: rule["reason"] for rule in acknowledged}


def _rows(document: Mapping[str, Any], why: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    for statement in document["Statement"]:
        actions, resources = _list(statement["Action"]), [written(one) for one in _list(statement["Resource"])]
        shown = [_plain(resource) for resource in resources]
        reasons = {reason for rule, reason in why.items() for resource in resources if f"::{resource}]" in rule}
        yield ", ".join(map(code, actions)), ", ".join(map(code, shown)), " ".join(sorted(reasons))


def _plain(resource: str) -> str:
    """Write an ARN of this account and region as the docs of AWS do."""
    for name, said in (("Partition", "aws"), ("Region", "REGION"), ("AccountId", "ACCOUNT")):
        resource = resource.replace(f"<AWS::{name}>", said)
    return resource


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
