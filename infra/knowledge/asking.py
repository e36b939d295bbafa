"""What the inventory function may ask AWS: its own account directly, other accounts through a role in each."""

from collections.abc import Sequence

from aws_cdk import Aws

from flowlogs.inventory.calls import actions
from infra.permissions import Permission


def asking_aws(*, accounts: Sequence[str], organization: bool, role_name: str) -> list[Permission]:
    """Let a role read its own account, and take the role `role_name` in accounts by id or in those of the organization.

    In every account, that role decides whom it trusts and what may be read there (accounts/inventory-role.yaml).
    """
    reading = [*actions(), *(["organizations:ListAccounts"] if organization else [])]
    why = "What there is gets known by these actions only: they list and describe, and change nothing."
    permissions = [Permission(reading, ["*"], why)]
    if organization:
        why = "Accounts of the organization come and go; in each, the role of this name decides whom it trusts."
        permissions += [Permission(["sts:AssumeRole"], [_role_arn("*", role_name)], why)]
    elif accounts:
        permissions += [Permission(["sts:AssumeRole"], [_role_arn(account, role_name) for account in accounts])]
    return permissions


def _role_arn(account: str, name: str) -> str:
    return f"arn:{Aws.PARTITION}:iam::{account}:role/{name}"
