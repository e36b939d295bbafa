"""Makes what there is in an account and region, of any size, as AWS describes it."""

from collections.abc import Callable, Mapping
from typing import Any

from fake_ec2 import Estate, Items

from flowlogs.inventory.size import Size

Described = dict[str, Any]


def interface(number: int, account: str = "111111111111") -> Described:
    """Describe a network interface as DescribeNetworkInterfaces does."""
    address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    return {
        "NetworkInterfaceId": f"eni-{number:017x}",
        "VpcId": "vpc-1",
        "SubnetId": f"subnet-{number % 8}",
        "AvailabilityZone": "eu-west-1a",
        "OwnerId": account,
        "InterfaceType": "interface",
        "Description": "",
        "RequesterManaged": False,
        "PrivateIpAddress": address,
        "PrivateIpAddresses": [{"Primary": True, "PrivateIpAddress": address}],
        "Groups": [{"GroupId": f"sg-{number % 50}", "GroupName": f"group-{number % 50}"}],
        "Attachment": {"InstanceId": f"i-{number:017x}", "AttachTime": "2026-01-01T00:00:00+00:00"},
        "TagSet": [{"Key": "Name", "Value": f"host-{number}"}],
    }


def estate(size: Size) -> Estate:
    """Make an estate of this size."""
    return {
        "DescribeNetworkInterfaces": _each(size.interfaces, interface),
        "DescribeSecurityGroups": _each(size.security_groups, lambda n: {"GroupId": f"sg-{n}", "GroupName": "g"}),
        "DescribeSecurityGroupRules": _each(
            size.security_group_rules, lambda n: {"SecurityGroupRuleId": f"sgr-{n}", "GroupId": "sg-1"}
        ),
        "DescribeSubnets": _each(size.subnets, lambda n: {"SubnetId": f"subnet-{n}", "CidrBlock": "10.0.0.0/24"}),
        "DescribeVpcs": _each(size.vpcs, lambda n: {"VpcId": f"vpc-{n}", "CidrBlock": "10.0.0.0/16"}),
        "DescribeNetworkAcls": _each(size.network_acls, _network_acl),
        "DescribeInstances": _each(size.instances, _reservation),
        "DescribeManagedPrefixLists": _each(len(size.prefix_lists), lambda n: {"PrefixListId": f"pl-{n}"}),
        "GetManagedPrefixListEntries": lambda given: [
            {"Cidr": f"10.{n >> 8}.{n & 255}.0/24"} for n in range(size.prefix_lists[_number(given["PrefixListId"])])
        ],
        **_templates(size),
        **_services(size),
        "DescribeLaunchConfigurations": _each(
            size.launch_configurations, lambda n: {"LaunchConfigurationName": f"lc-{n}", "SecurityGroups": ["sg-1"]}
        ),
        "ListFunctions": _each(
            size.functions, lambda n: {"FunctionName": f"f-{n}", "VpcConfig": {"SecurityGroupIds": ["sg-2"]}}
        ),
        "DescribeDBInstances": _each(
            size.databases,
            lambda n: {"DBInstanceIdentifier": f"db-{n}", "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-3"}]},
        ),
        "DescribeDBClusters": _each(size.database_clusters, lambda n: {"DBClusterIdentifier": f"cluster-{n}"}),
        "DescribeComputeEnvironments": _each(
            size.compute_environments,
            lambda n: {"computeEnvironmentName": f"ce-{n}", "computeResources": {"securityGroupIds": ["sg-4"]}},
        ),
        "ListProjects": _each(size.build_projects, lambda n: f"project-{n}"),
        "BatchGetProjects": lambda given: [
            {"name": name, "vpcConfig": {"securityGroupIds": ["sg-5"]}} for name in given["names"]
        ],
    }


def _templates(size: Size) -> dict[str, Items]:
    """Give templates whose versions 1 and 2 are default and latest, and groups that name others of some of them."""

    def versions(given: Mapping[str, Any]) -> list[Described]:
        if "LaunchTemplateId" in given:
            return [_version(given["LaunchTemplateId"], int(version)) for version in given["Versions"]]
        assert given["Versions"] == ["$Latest", "$Default"]
        return [_version(f"lt-{n // 2}", 1 + n % 2) for n in range(size.launch_template_versions)]

    def group(number: int) -> Described:
        pinned = range(3, 3 + (size.pinned_templates[number] if number < len(size.pinned_templates) else 0))
        overrides = [
            {"LaunchTemplateSpecification": {"LaunchTemplateId": f"lt-{number}", "Version": str(version)}}
            for version in pinned
        ]
        return {
            "AutoScalingGroupName": f"asg-{number}",
            "LaunchTemplate": {"LaunchTemplateId": "lt-0", "Version": "2"},
            "MixedInstancesPolicy": {"LaunchTemplate": {"Overrides": overrides}},
        }

    return {
        "DescribeLaunchTemplateVersions": versions,
        "DescribeAutoScalingGroups": _each(size.auto_scaling_groups, group),
    }


def _version(template: str, number: int) -> Described:
    data = {"NetworkInterfaces": [{"Groups": [f"sg-version-{number}"]}]}
    return {"LaunchTemplateId": template, "VersionNumber": number, "LaunchTemplateData": data}


def _services(size: Size) -> dict[str, Items]:
    """Give clusters with services, and rules that start tasks on them."""

    def arn(kind: str, name: str) -> str:
        return f"arn:aws:ecs:eu-west-1:111111111111:{kind}/{name}"

    def services(given: Mapping[str, Any]) -> list[str]:
        cluster = given["cluster"].rpartition("/")[2]
        return [arn("service", f"{cluster}/s-{n}") for n in range(size.clusters[_number(cluster)])]

    def described(given: Mapping[str, Any]) -> list[Described]:
        network = {"awsvpcConfiguration": {"subnets": [], "securityGroups": ["sg-6"]}}
        return [
            {"serviceName": name.rpartition("/")[2], "clusterArn": given["cluster"], "networkConfiguration": network}
            for name in given["services"]
        ]

    def rules(given: Mapping[str, Any]) -> list[str]:
        number = _number(given["TargetArn"])
        return [f"rule-{number}-{n}" for n in range(size.task_rules[number] if size.task_rules else 0)]

    network = {"awsvpcConfiguration": {"Subnets": [], "SecurityGroups": ["sg-7"]}}
    parameters = {"TaskDefinitionArn": "t", "NetworkConfiguration": network}
    return {
        "ListClusters": _each(len(size.clusters), lambda n: arn("cluster", f"c-{n}")),
        "ListServices": services,
        "DescribeServices": described,
        "ListRuleNamesByTarget": rules,
        "ListTargetsByRule": lambda _: [{"Id": "1", "Arn": "a", "EcsParameters": parameters}],
    }


def _network_acl(number: int) -> Described:
    entry = {"Egress": False, "RuleNumber": 100, "Protocol": "-1", "RuleAction": "allow", "CidrBlock": "0.0.0.0/0"}
    return {"NetworkAclId": f"acl-{number}", "Entries": [entry]}


def _reservation(number: int) -> Described:
    return {"ReservationId": f"r-{number}", "Instances": [{"InstanceId": f"i-{number}"}]}


def _each(number: int, make: Callable[[int], Any]) -> Items:
    items = [make(n) for n in range(number)]
    return lambda _: items


def _number(name: str) -> int:
    return int(name.rpartition("-")[2])
