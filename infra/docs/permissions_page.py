"""The page of all permissions: what each role may do on what, and why where that is a wildcard."""

from collections.abc import Iterator, Mapping
from typing import Any

from flowlogs.docs.markdown import code, page, table
from infra.arns import written
from infra.docs.resource_policies import as_list, grants_of, plain

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
    "An inventory of the whole organization with events, databases of MaxMind": {
        "destinations": "lake",
        "inventory_accounts": "organization",
        "inventory_events": "true",
        "geo_provider": "maxmind",
        "geo_licence": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:maxmind-AbCdEf",
    },
    "Existing delivery streams": {
        "destinations": "existing",
        "existing_search_stream": "my-search",
        "existing_lake_stream": "my-lake",
    },
    "A key of your own, data removed with the stack (keep_data=false)": {
        "source": "s3",
        "vpc_ids": "vpc-0123456789abcdef0",
        "kms_key_arn": "arn:aws:kms:eu-west-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef",
        "keep_data": "false",
    },
}
"""Deployments that show every role."""

_OPENING = """\
# Permissions

Every role that a deployment makes, with every action and resource, and every policy of a resource, as the templates
have them. `<Name>` stands for a resource of the stack. A wildcard has its reason beside it. What was shown in one
section is not repeated in the next ones. What you need yourself to deploy: [by hand](by-hand.md).
"""
_POLICIES = """\
### Policies of resources

Who else may do what on a resource of the stack. Every bucket's policy also denies everything without TLS 1.2.
"""
_PEOPLE = """\
The domain's policy says who may send a request; what it may do there is the domain's own access control.
`SetUpByPassword` is there on a public domain with a password: `search_setup` signs in by password, from addresses that
nobody knows before. So these paths are open to whoever has the master user's password of 32 random characters, and to
whoever tries to guess it or that of a user whom you add. With SAML, or inside a VPC, there is no such statement.
"""


def permissions_page(templates: Mapping[str, Mapping[str, Any]]) -> str:
    """Write the page from templates by what they show; what stands on it already is not repeated."""
    blocks = [_OPENING]
    seen = set[object]()
    for title, template in templates.items():
        roles = [block for block in _roles(template["Resources"]) if block not in seen]
        grants = [row for row in grants_of(template["Resources"]) if row not in seen]
        seen.update([*roles, *grants])
        blocks += [f"## {title}", *roles]
        if grants:
            blocks += [_POLICIES, table(("on", "who", "may", "what", "where"), grants)]
        if any(row[0].endswith("SetUpByPassword") for row in grants):
            blocks.append(_PEOPLE)
    return page(*blocks)


def _roles(resources: Mapping[str, Any]) -> Iterator[str]:
    for resource in resources.values():
        if resource["Type"] == "AWS::IAM::Role":
            properties = resource["Properties"]
            why = _reasons(resource)
            rows = [row for policy in properties.get("Policies", []) for row in _rows(policy["PolicyDocument"], why)]
            rows += [_managed(policy) for policy in properties.get("ManagedPolicyArns", [])]
            yield "\n\n".join((_head(properties), table(("actions", "resources", "why"), rows)))


def _managed(policy: Any) -> tuple[str, str, str]:
    text = written(policy) if not isinstance(policy, Mapping) or "Fn::Sub" not in policy else str(policy["Fn::Sub"])
    return code(text.rpartition("/")[2]), "AWS's managed policy", "Made by the CDK, to empty a bucket that goes."


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
        actions, resources = as_list(statement["Action"]), [written(one) for one in as_list(statement["Resource"])]
        shown = [plain(resource) for resource in resources]
        reasons = {reason for rule, reason in why.items() for resource in resources if f"::{resource}]" in rule}
        yield ", ".join(map(code, actions)), ", ".join(map(code, shown)), " ".join(sorted(reasons))
