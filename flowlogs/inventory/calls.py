"""The one table of calls: what the inventory asks AWS, for which kinds, how often, and how many calls that comes to.

From it follow the asking (flowlogs/aws/scope_calls.py), the permissions of the role (accounts/inventory-role.yaml) and
docs/inventory-calls.md.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from flowlogs.inventory.call import Call, Items
from flowlogs.inventory.follow_ups import (
    MOST_PROJECTS,
    MOST_SERVICES,
    described_projects,
    described_services,
    each_cluster,
    each_prefix_list,
    each_rule,
    latest_and_default,
    pinned_versions,
    rules_of_each_cluster,
)
from flowlogs.inventory.kinds import Kind, Rhythm
from flowlogs.inventory.size import Size, parts


def _ec2(operation: str, kinds: str, member: str, items: Items, page: int = 1000, **more: Any) -> Call:
    return Call("ec2", operation, tuple(kinds.split()), member, page, items, **more)


def _use(service: str, operation: str, member: str, page: int, limit: str, items: Items, **more: Any) -> Call:
    return Call(service, operation, ("security-group-uses",), member, page, items, limit, **more)


def _named_services(size: Size) -> list[int]:
    return [part for services in size.clusters for part in parts(services, MOST_SERVICES)]


_HIDDEN = {"IncludeManagedResources": True}
"""Tells also of what AWS manages and the account hides. Source: EC2 API, ModifyManagedResourceVisibility."""
_NO_CLUSTER = frozenset({"ClusterNotFoundException"})
_NO_RULE = frozenset({"ResourceNotFoundException"})
_NO_PREFIX_LIST = frozenset({"InvalidPrefixListID.NotFound", "InvalidPrefixListId.NotFound"})
_NO_TEMPLATE = frozenset({"InvalidLaunchTemplateId.NotFound", "InvalidLaunchTemplateId.VersionNotFound"})

CALLS = (
    _ec2(
        "DescribeNetworkInterfaces",
        "network-interfaces",
        "NetworkInterfaces",
        lambda size: [size.interfaces],
        extra=_HIDDEN,
    ),
    _ec2("DescribeSecurityGroups", "security-groups", "SecurityGroups", lambda size: [size.security_groups]),
    _ec2(
        "DescribeSecurityGroupRules",
        "security-group-rules",
        "SecurityGroupRules",
        lambda size: [size.security_group_rules],
    ),
    _ec2(
        "DescribeLaunchTemplateVersions",
        "security-group-uses",
        "LaunchTemplateVersions",
        lambda size: [size.launch_template_versions],
        page=200,
        asked=latest_and_default,
        extra=_HIDDEN,
    ),
    _use(
        "autoscaling",
        "DescribeAutoScalingGroups",
        "AutoScalingGroups",
        100,
        "MaxRecords",
        lambda size: [size.auto_scaling_groups],
    ),
    _ec2(
        "DescribeLaunchTemplateVersions",
        "security-group-uses",
        "LaunchTemplateVersions",
        lambda size: size.pinned_templates,
        page=200,
        asked=pinned_versions,
        extra=_HIDDEN,
        gone=_NO_TEMPLATE,
    ),
    _use(
        "autoscaling",
        "DescribeLaunchConfigurations",
        "LaunchConfigurations",
        100,
        "MaxRecords",
        lambda size: [size.launch_configurations],
    ),
    _use("lambda", "ListFunctions", "Functions", 50, "MaxItems", lambda size: [size.functions]),
    _use("rds", "DescribeDBInstances", "DBInstances", 100, "MaxRecords", lambda size: [size.databases]),
    _use("rds", "DescribeDBClusters", "DBClusters", 100, "MaxRecords", lambda size: [size.database_clusters]),
    _use("ecs", "ListClusters", "clusterArns", 100, "maxResults", lambda size: [len(size.clusters)]),
    _use(
        "ecs",
        "ListServices",
        "serviceArns",
        100,
        "maxResults",
        lambda size: size.clusters,
        asked=each_cluster,
        gone=_NO_CLUSTER,
    ),
    _use(
        "ecs",
        "DescribeServices",
        "services",
        MOST_SERVICES,
        "",
        _named_services,
        asked=described_services,
        gone=_NO_CLUSTER,
    ),
    _use(
        "events",
        "ListRuleNamesByTarget",
        "RuleNames",
        100,
        "Limit",
        lambda size: size.task_rules or [0] * len(size.clusters),
        asked=rules_of_each_cluster,
    ),
    _use(
        "events",
        "ListTargetsByRule",
        "Targets",
        100,
        "Limit",
        lambda size: [1] * sum(size.task_rules),
        asked=each_rule,
        gone=_NO_RULE,
    ),
    _use(
        "batch",
        "DescribeComputeEnvironments",
        "computeEnvironments",
        100,
        "maxResults",
        lambda size: [size.compute_environments],
    ),
    _use("codebuild", "ListProjects", "projects", 100, "", lambda size: [size.build_projects]),
    _use(
        "codebuild",
        "BatchGetProjects",
        "projects",
        MOST_PROJECTS,
        "",
        lambda size: parts(size.build_projects, MOST_PROJECTS),
        asked=described_projects,
    ),
    _ec2("DescribeManagedPrefixLists", "prefix-lists", "PrefixLists", lambda size: [len(size.prefix_lists)], page=100),
    _ec2(
        "GetManagedPrefixListEntries",
        "prefix-lists",
        "Entries",
        lambda size: size.prefix_lists,
        page=100,
        asked=each_prefix_list,
        gone=_NO_PREFIX_LIST,
    ),
    _ec2("DescribeSubnets", "subnets", "Subnets", lambda size: [size.subnets]),
    _ec2("DescribeVpcs", "vpcs", "Vpcs", lambda size: [size.vpcs]),
    _ec2("DescribeNetworkAcls", "network-acls network-acl-entries", "NetworkAcls", lambda size: [size.network_acls]),
    _ec2("DescribeInstances", "instances", "Reservations", lambda size: [size.instances], extra=_HIDDEN),
)
"""Every call, in the order they are made. Source of `page`: each service's API reference, by botocore's model.

DescribeInstances counts instances, not reservations, and takes up to 1000: *assumed*, the model says no number.
ListFunctions answers 50 at most, whatever it is asked for.
"""


def asked_for(kinds: Iterable[Kind]) -> Iterator[tuple[tuple[str, ...], list[Call]]]:
    """Give the calls that feed some of these kinds, those together that feed the same ones."""
    wanted = {kind.name for kind in kinds}
    for fed, calls in groupby(CALLS, lambda call: call.kinds):
        if wanted.intersection(fed):
            yield fed, list(calls)


def actions() -> list[str]:
    """Give every action that reading takes, as IAM names them."""
    return sorted({call.action for call in CALLS})


def calls_a_run(size: Size, *, hourly: bool) -> int:
    """Count the calls of one run in one account and region; `hourly` says whether the hourly kinds are due."""
    return sum(call.calls(size) for call in CALLS if hourly or call.rhythm is Rhythm.EVERY_RUN)
