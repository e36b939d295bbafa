"""Reads what keeps a security group in use although no network interface may have it at the moment."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from flowlogs.inventory.answers import Answer, Given, id_in, members_of

Described: TypeAlias = Mapping[str, Any]
Uses: TypeAlias = Callable[[Described, Given], tuple[str, set[str]]]
"""Gives the name of what is described, and the groups that it names."""


def uses_of(answer: Answer) -> Iterator[tuple[str, str, set[str]]]:
    """Give type and name of each of the answer's resources that names groups, and the groups."""
    resource_type, read = USES[answer.operation]
    for described in answer.items:
        name, groups = read(described, answer.given)
        if groups:
            yield resource_type, name, groups


def uses_in(answers: Sequence[Answer]) -> dict[str, dict[str, Any]]:
    """Read uses by id: `launch-template/lt-…`. A launch template has the groups of all of its versions that count."""
    named: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for answer in answers:
        if answer.operation in USES:
            for resource_type, name, groups in uses_of(answer):
                named[resource_type, name] |= groups
    return {
        f"{resource_type}/{name}": {
            "resource-type": resource_type,
            "resource": name,
            "security-group-ids": sorted(groups),
        }
        for (resource_type, name), groups in named.items()
    }


def _launch_template(described: Described, _: Given) -> tuple[str, set[str]]:
    """Take groups by id and, as in a default VPC, by name, and those of each interface that it makes."""
    data = described.get("LaunchTemplateData") or {}
    groups = {*members_of(data, "SecurityGroupIds"), *members_of(data, "SecurityGroups")}
    for interface in members_of(data, "NetworkInterfaces"):
        groups.update(members_of(interface, "Groups"))
    return id_in(described, "LaunchTemplateId"), groups


def _launch_configuration(described: Described, _: Given) -> tuple[str, set[str]]:
    return id_in(described, "LaunchConfigurationName"), set(members_of(described, "SecurityGroups"))


def _function(described: Described, _: Given) -> tuple[str, set[str]]:
    groups = members_of(described.get("VpcConfig") or {}, "SecurityGroupIds")
    return id_in(described, "FunctionName"), set(groups)


def _database(described: Described, _: Given) -> tuple[str, set[str]]:
    return id_in(described, "DBInstanceIdentifier"), _vpc_groups(described)


def _database_cluster(described: Described, _: Given) -> tuple[str, set[str]]:
    return id_in(described, "DBClusterIdentifier"), _vpc_groups(described)


def _vpc_groups(described: Described) -> set[str]:
    return {id_in(group, "VpcSecurityGroupId") for group in members_of(described, "VpcSecurityGroups")}


def _service(described: Described, _: Given) -> tuple[str, set[str]]:
    """Take the groups of the service and of every deployment and task set that is under way."""
    cluster = str(described.get("clusterArn") or "").rpartition("/")[2]
    name = id_in(described, "serviceName")
    holders = (described, *members_of(described, "deployments"), *members_of(described, "taskSets"))
    groups = {
        group for holder in holders for group in members_of(_awsvpc(holder, "networkConfiguration"), "securityGroups")
    }
    return f"{cluster}/{name}" if cluster else name, groups


def _scheduled_task(described: Described, given: Given) -> tuple[str, set[str]]:
    """Read a target of an EventBridge rule that starts a task; what is printed does not name its rule."""
    target = id_in(described, "Id")
    network = _awsvpc(described.get("EcsParameters") or {}, "NetworkConfiguration")
    name = f"{given['Rule']}/{target}" if "Rule" in given else target
    return name, set(members_of(network, "SecurityGroups"))


def _awsvpc(holder: Described, member: str) -> Described:
    return (holder.get(member) or {}).get("awsvpcConfiguration") or {}


def _compute_environment(described: Described, _: Given) -> tuple[str, set[str]]:
    groups = members_of(described.get("computeResources") or {}, "securityGroupIds")
    return id_in(described, "computeEnvironmentName"), set(groups)


def _build_project(described: Described, _: Given) -> tuple[str, set[str]]:
    return id_in(described, "name"), set(members_of(described.get("vpcConfig") or {}, "securityGroupIds"))


USES: Mapping[str, tuple[str, Uses]] = {
    "DescribeLaunchTemplateVersions": ("launch-template", _launch_template),
    "DescribeLaunchConfigurations": ("launch-configuration", _launch_configuration),
    "ListFunctions": ("lambda-function", _function),
    "DescribeDBInstances": ("database", _database),
    "DescribeDBClusters": ("database-cluster", _database_cluster),
    "DescribeServices": ("ecs-service", _service),
    "ListTargetsByRule": ("scheduled-task", _scheduled_task),
    "DescribeComputeEnvironments": ("batch-compute-environment", _compute_environment),
    "BatchGetProjects": ("build-project", _build_project),
}
"""Resource type and reader by operation; the databases of Neptune and DocumentDB come with those of RDS.

Other tools called such groups unused: prowler's issues 516, 1038, 2943 and 3264, cloud-custodian's 4845, 6081 and 8297,
ScoutSuite's 1443.
"""
