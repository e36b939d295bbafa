"""What the policies of resources allow: buckets, queues, topics, functions, the domain, log groups, endpoints."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from flowlogs.docs.markdown import code
from infra.arns import written

_DOCUMENTS = {
    "AWS::S3::BucketPolicy": ("Bucket", "PolicyDocument"),
    "AWS::SQS::QueuePolicy": ("Queues", "PolicyDocument"),
    "AWS::SNS::TopicPolicy": ("Topics", "PolicyDocument"),
    "AWS::EC2::VPCEndpoint": ("ServiceName", "PolicyDocument"),
    "AWS::OpenSearchService::Domain": ("DomainName", "AccessPolicies"),
}
"""Types of resources with a policy: the properties that say on what, and the policy itself."""

Grant = tuple[str, str, str, str, str]
"""On what, who, which actions, which resources, under which conditions."""


def grants_of(resources: Mapping[str, Any]) -> Iterator[Grant]:
    """Give every statement that allows something; the denials of requests without TLS are the same everywhere."""
    for resource in resources.values():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::Lambda::Permission":
            yield _invoking(properties)
        elif resource["Type"] == "AWS::Logs::ResourcePolicy":
            yield from _statements("log groups of the domain", _document(properties["PolicyDocument"]))
        elif resource["Type"] in _DOCUMENTS:
            on, document = _DOCUMENTS[resource["Type"]]
            named = ", ".join(code(plain(written(one))) for one in as_list(properties[on]))
            yield from _statements(named, properties[document])


def _document(policy: Any) -> Mapping[str, Any]:
    """Read a policy that the template holds as a text with references in it."""
    text = policy if isinstance(policy, str) else written(policy)
    read = json.loads(text)
    assert isinstance(read, dict)  # noqa: S101 (what a policy is)
    return read


def _invoking(properties: Mapping[str, Any]) -> Grant:
    conditions = {name: properties[name] for name in ("SourceAccount", "SourceArn") if name in properties}
    return (
        code(plain(written(properties["FunctionName"]))),
        code(plain(written(properties["Principal"]))),
        code(properties["Action"]),
        "the function",
        _shown(conditions),
    )


def _statements(on: str, document: Mapping[str, Any]) -> Iterator[Grant]:
    for statement in document["Statement"]:
        if statement["Effect"] == "Allow":
            sid = statement.get("Sid", "")
            yield (
                f"{on}: {sid}" if sid else on,
                ", ".join(code(plain(written(one))) for one in _principals(statement["Principal"])),
                ", ".join(map(code, as_list(statement["Action"]))),
                ", ".join(code(plain(written(one))) for one in as_list(statement["Resource"])),
                "; ".join(_shown(condition) for condition in statement.get("Condition", {}).values()),
            )


def _principals(principal: Any) -> list[Any]:
    return (
        [one for found in principal.values() for one in as_list(found)]
        if isinstance(principal, Mapping)
        else [principal]
    )


def _shown(conditions: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{code(name)} = {' or '.join(code(plain(written(one))) for one in as_list(value))}"
        for name, value in conditions.items()
    )


def plain(resource: str) -> str:
    """Write an ARN of this account and region as the docs of AWS do."""
    for name, said in (("Partition", "aws"), ("Region", "REGION"), ("AccountId", "ACCOUNT")):
        resource = resource.replace(f"<AWS::{name}>", said)
    return resource


def as_list(value: Any) -> list[Any]:
    """Give a value that a template may hold alone or in a list as a list."""
    return value if isinstance(value, list) else [value]
