"""Writes down who may do what in a template, to be read line by line; run as a program, it writes the golden files.

Run: python tests/infra/permission_text.py
"""

import json
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from deployments import Deployments
from template_reading import Deployed, listed, plain, written

GOLDEN = Path(__file__).parent / "golden"
READ = (
    "cloudwatch",
    "s3",
    "s3 queue",
    "s3 topic",
    "firehose lake json",
    "cloudwatch existing",
    "domain in a vpc",
    "saml",
    "existing domain",
    "narrowed",
    "organization",
    "some accounts",
    "licence in a parameter",
    "second stack",
)
"""The deployments whose permissions are kept in golden files: each kind of role is in one of them."""
POLICIES = {
    "AWS::S3::BucketPolicy": "Bucket",
    "AWS::SQS::QueuePolicy": "Queues",
    "AWS::SNS::TopicPolicy": "Topics",
    "AWS::OpenSearchService::Domain": "DomainName",
    "AWS::Logs::ResourcePolicy": "PolicyName",
    "AWS::SecretsManager::ResourcePolicy": "SecretId",
    "AWS::KMS::Key": "Description",
}
"""Resources that hold a policy, and the property that says of what."""


class Statement(NamedTuple):
    """A statement, by who holds it: a role's name, or the resource of a policy."""

    holder: str
    allows: bool
    who: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: tuple[str, ...]


def roles_of(deployed: Deployed) -> Iterator[Statement]:
    """List what roles may do, also by policies that stand outside them and by managed ones."""
    for id_, role in deployed.all("IAM::Role").items():
        for policy in role.get("Policies", []):
            yield from _statements(plain(id_), policy["PolicyDocument"])
        for arn in role.get("ManagedPolicyArns", []):
            yield Statement(plain(id_), True, "", (f"all of {written(arn)}",), (), ())
    for kind in ("IAM::Policy", "IAM::ManagedPolicy"):
        for policy in deployed.all(kind).values():
            for role in policy["Roles"]:
                yield from _statements(written(role), policy["PolicyDocument"])


def trusts_of(deployed: Deployed) -> Iterator[Statement]:
    """List who may be which role."""
    for id_, role in deployed.all("IAM::Role").items():
        yield from _statements(plain(id_), role["AssumeRolePolicyDocument"])


def policies_of(deployed: Deployed) -> Iterator[Statement]:
    """List what the policies of resources say, and who may invoke functions."""
    for id_, resource in deployed.resources.items():
        properties = resource.get("Properties", {})
        document = properties.get("PolicyDocument", properties.get("AccessPolicies", properties.get("KeyPolicy")))
        if resource["Type"] in POLICIES and document:
            yield from _statements(plain(id_), _parsed(document))
    for id_, permission in deployed.all("Lambda::Permission").items():
        conditions = [
            f"{name} = {written(permission[name])}" for name in ("SourceAccount", "SourceArn") if name in permission
        ]
        yield Statement(
            plain(id_),
            True,
            written(permission["Principal"]),
            (permission["Action"],),
            (written(permission["FunctionName"]),),
            tuple(conditions),
        )


def _parsed(document: Any) -> Mapping[str, Any]:
    """Read a policy that a template holds as text with references in it."""
    if isinstance(document, Mapping) and "Statement" in document:
        return document
    found: Mapping[str, Any] = json.loads(written(document))
    return found


def _statements(holder: str, document: Mapping[str, Any]) -> Iterator[Statement]:
    for statement in listed(document["Statement"]):
        principal = statement.get("Principal", {})
        who = (
            [principal]
            if isinstance(principal, str)
            else [each for found in principal.values() for each in listed(found)]
        )
        conditions = [
            f"{operator} {key} = {', '.join(written(each) for each in listed(value))}"
            for operator, keys in statement.get("Condition", {}).items()
            for key, value in keys.items()
        ]
        yield Statement(
            holder,
            statement["Effect"] == "Allow",
            ", ".join(sorted(written(each) for each in who)),
            tuple(sorted(listed(statement["Action"]))),
            tuple(sorted(written(each) for each in listed(statement.get("Resource", [])))),
            tuple(sorted(conditions)),
        )


def text_of(deployed: Deployed) -> str:
    """Write all of a deployment down: a line for each action, resource and condition."""
    lines = [f"# {deployed.name}"]
    lines += ["\n## Roles", *_section((*trusts_of(deployed), *roles_of(deployed)))]
    lines += ["\n## Policies of resources", *_section(policies_of(deployed))]
    return "\n".join(lines) + "\n"


def _section(statements: Iterable[Statement]) -> Iterator[str]:
    by_holder: dict[str, list[Statement]] = {}
    for statement in statements:
        by_holder.setdefault(statement.holder, []).append(statement)
    for holder in sorted(by_holder):
        yield f"\n{holder}"
        for statement in by_holder[holder]:
            yield from _lines(statement)


def _lines(statement: Statement) -> Iterator[str]:
    verb = "may" if statement.allows else "may never"
    yield f"  {statement.who or 'it'} {verb}"
    yield from (f"    {action}" for action in statement.actions)
    yield from (f"      on {resource}" for resource in statement.resources)
    yield from (f"      if {condition}" for condition in statement.conditions)


def golden_file(name: str) -> Path:
    """Give the file that a deployment's permissions are kept in."""
    return GOLDEN / f"permissions-{name.replace(' ', '-')}.txt"


def main() -> None:
    """Write the golden files anew."""
    GOLDEN.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        deployments = Deployments(Path(folder), READ)
        for name in READ:
            golden_file(name).write_text(text_of(Deployed(deployments.named(name))))
            sys.stdout.write(f"{golden_file(name)}\n")


if __name__ == "__main__":
    main()
