from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowlogs.errors import UnusableInventory
from flowlogs.inventory.answers import Answer
from flowlogs.inventory.calls import CALLS
from flowlogs.inventory.follow_ups import each_prefix_list, each_rule, pinned_versions
from flowlogs.inventory.kinds import KINDS
from flowlogs.inventory.reading import facts_in, facts_of

Described = dict[str, Any]
INTERFACE: Described = {
    "NetworkInterfaceId": "eni-1",
    "VpcId": "vpc-1",
    "SubnetId": "subnet-1",
    "PrivateIpAddress": "10.0.0.5",
    "Groups": [{"GroupId": "sg-1", "GroupName": "web"}],
    "InterfaceType": "interface",
}
GROUP: Described = {
    "GroupId": "sg-1",
    "GroupName": "web",
    "Description": "from everywhere",
    "VpcId": "vpc-1",
    "OwnerId": "123456789012",
    "IpPermissions": [],
    "Tags": [],
}
RULE: Described = {
    "SecurityGroupRuleId": "sgr-1",
    "GroupId": "sg-1",
    "GroupOwnerId": "123456789012",
    "IsEgress": False,
    "IpProtocol": "tcp",
    "FromPort": 0,
    "ToPort": 443,
    "ReferencedGroupInfo": {"GroupId": "sg-2", "UserId": "210987654321"},
    "Description": "the balancer",
}
SUBNET: Described = {
    "SubnetId": "subnet-1",
    "VpcId": "vpc-1",
    "CidrBlock": "10.0.0.0/24",
    "Ipv6CidrBlockAssociationSet": [
        {"Ipv6CidrBlock": "2001:db8::/64", "Ipv6CidrBlockState": {"State": "associated"}},
        {"Ipv6CidrBlock": "2001:db8:1::/64", "Ipv6CidrBlockState": {"State": "disassociated"}},
    ],
    "AvailabilityZoneId": "euw1-az1",
    "OwnerId": "123456789012",
    "Tags": [{"Key": "team", "Value": "a"}, {"Key": "Name", "Value": "public"}],
}
VPC: Described = {
    "VpcId": "vpc-1",
    "CidrBlock": "10.0.0.0/16",
    "CidrBlockAssociationSet": [
        {"CidrBlock": "10.0.0.0/16", "CidrBlockState": {"State": "associated"}},
        {"CidrBlock": "10.1.0.0/16", "CidrBlockState": {"State": "associated"}},
        {"CidrBlock": "10.2.0.0/16", "CidrBlockState": {"State": "failed"}},
    ],
    "Ipv6CidrBlockAssociationSet": [{"Ipv6CidrBlock": "2001:db8::/56"}],
    "OwnerId": "123456789012",
}
NETWORK_ACL: Described = {
    "NetworkAclId": "acl-1",
    "VpcId": "vpc-1",
    "IsDefault": True,
    "OwnerId": "123456789012",
    "Associations": [{"SubnetId": "subnet-2"}, {"SubnetId": "subnet-1"}],
    "Entries": [
        {
            "Egress": False,
            "RuleNumber": 100,
            "Protocol": "6",
            "RuleAction": "allow",
            "CidrBlock": "0.0.0.0/0",
            "PortRange": {"From": 0, "To": 1023},
        },
        {
            "Egress": True,
            "RuleNumber": 100,
            "Protocol": "1",
            "RuleAction": "deny",
            "Ipv6CidrBlock": "::/0",
            "IcmpTypeCode": {"Type": -1, "Code": -1},
        },
    ],
}
PREFIX_LIST: Described = {
    "PrefixListId": "pl-1",
    "PrefixListName": "com.amazonaws.eu-west-1.s3",
    "State": "create-complete",
    "MaxEntries": 20,
    "OwnerId": "AWS",
}
RESERVATION: Described = {
    "ReservationId": "r-1",
    "OwnerId": "123456789012",
    "Instances": [
        {
            "InstanceId": "i-1",
            "VpcId": "vpc-1",
            "State": {"Name": "stopped"},
            "Tags": [{"Key": "Name", "Value": "web"}, {"Key": "aws:autoscaling:groupName", "Value": "webs"}],
        },
        {"InstanceId": "i-2", "State": {"Name": "terminated"}},
    ],
}
PRINTED = {
    "NetworkInterfaces": INTERFACE,
    "SecurityGroups": GROUP,
    "SecurityGroupRules": RULE,
    "Subnets": SUBNET,
    "Vpcs": VPC,
    "NetworkAcls": NETWORK_ACL,
    "PrefixLists": PREFIX_LIST,
    "Reservations": RESERVATION,
    "LaunchTemplateVersions": {
        "LaunchTemplateId": "lt-1",
        "VersionNumber": 1,
        "LaunchTemplateData": {"SecurityGroupIds": ["sg-2"], "NetworkInterfaces": [{"Groups": ["sg-1"]}]},
    },
    "LaunchConfigurations": {"LaunchConfigurationName": "lc", "SecurityGroups": ["sg-1"]},
    "Functions": {"FunctionName": "f", "VpcConfig": {"SecurityGroupIds": ["sg-1"]}},
    "DBInstances": {"DBInstanceIdentifier": "db", "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-1"}]},
    "DBClusters": {"DBClusterIdentifier": "aurora", "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-1"}]},
    "services": {
        "serviceName": "web",
        "clusterArn": "arn:aws:ecs:eu-west-1:123456789012:cluster/main",
        "networkConfiguration": {"awsvpcConfiguration": {"subnets": [], "securityGroups": ["sg-1"]}},
        "deployments": [{"networkConfiguration": {"awsvpcConfiguration": {"securityGroups": ["sg-2"]}}}],
    },
    "Targets": {
        "Id": "1",
        "Arn": "arn:aws:ecs:eu-west-1:123456789012:cluster/main",
        "EcsParameters": {"NetworkConfiguration": {"awsvpcConfiguration": {"SecurityGroups": ["sg-1"]}}},
    },
    "computeEnvironments": {"computeEnvironmentName": "spot", "computeResources": {"securityGroupIds": ["sg-1"]}},
    "projects": {"name": "build", "vpcConfig": {"securityGroupIds": ["sg-1"]}},
}
"""One item of every answer by its member, in the shapes of the APIs; all ids are invented."""


def read(member: str, **changed: object) -> Mapping[str, Any]:
    """Read the one item of a member with other values, and give what is known by id."""
    (found,) = facts_in({member: [PRINTED[member] | changed]}).values()
    return found


def test_every_answer_is_read() -> None:
    followed_up = {"AutoScalingGroups", "clusterArns", "serviceArns", "RuleNames", "Entries"}
    assert {call.member for call in CALLS} - followed_up == set(PRINTED)


def test_a_network_interface() -> None:
    assert read("NetworkInterfaces") == {
        "eni-1": {
            "vpc-id": "vpc-1",
            "subnet-id": "subnet-1",
            "addresses": ["10.0.0.5"],
            "security-group-ids": ["sg-1"],
            "interface-type": "interface",
        }
    }


def test_a_security_group() -> None:
    assert read("SecurityGroups") == {
        "sg-1": {
            "group-name": "web",
            "description": "from everywhere",
            "vpc-id": "vpc-1",
            "owner-id": "123456789012",
        }
    }


def test_a_rule_between_groups() -> None:
    assert read("SecurityGroupRules") == {
        "sgr-1": {
            "security-group-id": "sg-1",
            "is-outbound": False,
            "protocol": "tcp",
            "from-port": 0,
            "to-port": 443,
            "peer-security-group-id": "sg-2",
            "peer-account-id": "210987654321",
            "description": "the balancer",
        }
    }


@pytest.mark.parametrize(
    ("member", "value", "column"),
    [
        ("CidrIpv4", "10.0.0.0/8", "cidr"),
        ("CidrIpv6", "2001:db8::/32", "cidr"),
        ("PrefixListId", "pl-1", "prefix-list-id"),
    ],
)
def test_a_rule_has_one_peer(member: str, value: str, column: str) -> None:
    facts = read("SecurityGroupRules", ReferencedGroupInfo=None, **{member: value})["sgr-1"]
    peers = {"cidr", "prefix-list-id", "peer-security-group-id", "peer-account-id"}
    assert {name: facts[name] for name in peers & set(facts)} == {column: value}


def test_the_account_of_a_group_in_the_same_account_is_not_said() -> None:
    peer = {"GroupId": "sg-2", "UserId": RULE["GroupOwnerId"]}
    assert "peer-account-id" not in read("SecurityGroupRules", ReferencedGroupInfo=peer)["sgr-1"]


def test_a_rule_for_everything_is_as_ec2_says_it() -> None:
    facts = read("SecurityGroupRules", IpProtocol="-1", FromPort=-1, ToPort=-1, IsEgress=True)["sgr-1"]
    assert (facts["protocol"], facts["from-port"], facts["to-port"], facts["is-outbound"]) == ("-1", -1, -1, True)


def test_a_subnet_without_the_cidr_that_it_had() -> None:
    assert read("Subnets") == {
        "subnet-1": {
            "vpc-id": "vpc-1",
            "cidrs": ["10.0.0.0/24", "2001:db8::/64"],
            "az-id": "euw1-az1",
            "owner-id": "123456789012",
            "name": "public",
        }
    }


def test_a_vpc_with_all_of_its_cidrs() -> None:
    cidrs = ["10.0.0.0/16", "10.1.0.0/16", "2001:db8::/56"]
    assert read("Vpcs") == {"vpc-1": {"cidrs": cidrs, "owner-id": "123456789012"}}


def test_a_network_acl_and_its_entries() -> None:
    facts = facts_in({"NetworkAcls": [NETWORK_ACL]})
    assert facts["network-acls"] == {
        "acl-1": {
            "vpc-id": "vpc-1",
            "is-default": True,
            "subnet-ids": ["subnet-1", "subnet-2"],
            "owner-id": "123456789012",
        }
    }
    assert facts["network-acl-entries"] == {
        "acl-1/inbound/100": {
            "network-acl-id": "acl-1",
            "is-outbound": False,
            "number": 100,
            "action": "allow",
            "protocol": "6",
            "from-port": 0,
            "to-port": 1023,
            "cidr": "0.0.0.0/0",
        },
        "acl-1/outbound/100": {
            "network-acl-id": "acl-1",
            "is-outbound": True,
            "number": 100,
            "action": "deny",
            "protocol": "1",
            "from-port": -1,
            "to-port": -1,
            "cidr": "::/0",
        },
    }


def test_an_instance_that_was_terminated_is_there_no_more() -> None:
    assert read("Reservations") == {
        "i-1": {"name": "web", "auto-scaling-group": "webs", "vpc-id": "vpc-1", "owner-id": "123456789012"}
    }


def test_a_prefix_list_has_the_entries_that_it_was_asked_for() -> None:
    entries = [{"Cidr": "10.2.0.0/16", "Description": "b"}, {"Cidr": "10.1.0.0/16"}, {"Cidr": "10.2.0.0/16"}]
    answers = [
        Answer("DescribeManagedPrefixLists", [PREFIX_LIST]),
        Answer("GetManagedPrefixListEntries", entries, {"PrefixListId": "pl-1"}),
    ]
    assert facts_of(answers)["prefix-lists"] == {
        "pl-1": {
            "name": "com.amazonaws.eu-west-1.s3",
            "entries": ["10.1.0.0/16", "10.2.0.0/16"],
            "max-entries": 20,
            "owner-id": "AWS",
        }
    }


def test_entries_that_nobody_asked_for_are_not_known_to_be_none() -> None:
    asked = [Answer("DescribeManagedPrefixLists", [PREFIX_LIST])]
    asked_and_none = [*asked, Answer("GetManagedPrefixListEntries", [], {"PrefixListId": "pl-1"})]
    assert "entries" not in facts_of(asked)["prefix-lists"]["pl-1"]
    assert facts_of(asked_and_none)["prefix-lists"]["pl-1"]["entries"] == []


def test_the_older_way_to_ask_for_prefix_lists_tells_their_entries() -> None:
    printed = {"PrefixLists": [{"PrefixListId": "pl-2", "PrefixListName": "s3", "Cidrs": ["54.231.0.0/17"]}]}
    assert facts_in(printed)["prefix-lists"]["pl-2"] == {"name": "s3", "entries": ["54.231.0.0/17"]}


USES = {
    "LaunchTemplateVersions": ("launch-template", "lt-1", ["sg-1", "sg-2"]),
    "LaunchConfigurations": ("launch-configuration", "lc", ["sg-1"]),
    "Functions": ("lambda-function", "f", ["sg-1"]),
    "DBInstances": ("database", "db", ["sg-1"]),
    "DBClusters": ("database-cluster", "aurora", ["sg-1"]),
    "services": ("ecs-service", "main/web", ["sg-1", "sg-2"]),
    "Targets": ("scheduled-task", "1", ["sg-1"]),
    "computeEnvironments": ("batch-compute-environment", "spot", ["sg-1"]),
    "projects": ("build-project", "build", ["sg-1"]),
}


@pytest.mark.parametrize("member", USES)
def test_what_keeps_a_group_in_use(member: str) -> None:
    resource_type, name, groups = USES[member]
    assert facts_in({member: [PRINTED[member]]}) == {
        "security-group-uses": {
            f"{resource_type}/{name}": {
                "resource-type": resource_type,
                "resource": name,
                "security-group-ids": groups,
            }
        }
    }


@pytest.mark.parametrize("member", USES)
def test_what_names_no_group_keeps_none_in_use(member: str) -> None:
    names = {"LaunchTemplateId", "LaunchConfigurationName", "FunctionName", "Id", "name"}
    names |= {"DBInstanceIdentifier", "DBClusterIdentifier", "serviceName", "computeEnvironmentName"}
    bare = {key: value for key, value in PRINTED[member].items() if key in names}
    assert facts_in({member: [bare]}) == {"security-group-uses": {}}


def test_a_launch_template_has_the_groups_of_each_version_that_counts() -> None:
    versions = [
        {"LaunchTemplateId": "lt-1", "LaunchTemplateData": {"SecurityGroupIds": [group]}} for group in ("sg-2", "sg-1")
    ]
    uses = facts_in({"LaunchTemplateVersions": versions})["security-group-uses"]
    assert uses["launch-template/lt-1"]["security-group-ids"] == ["sg-1", "sg-2"]


def test_a_scheduled_task_is_known_by_its_rule() -> None:
    answer = Answer("ListTargetsByRule", [PRINTED["Targets"]], {"Rule": "nightly"})
    assert list(facts_of([answer])["security-group-uses"]) == ["scheduled-task/nightly/1"]


def test_several_answers_in_a_list_are_read_together() -> None:
    pages = [{"Subnets": [SUBNET]}, {"Subnets": [SUBNET | {"SubnetId": "subnet-2"}], "Vpcs": [VPC]}]
    facts = facts_in(pages)
    assert {kind: list(found) for kind, found in facts.items()} == {
        "subnets": ["subnet-1", "subnet-2"],
        "vpcs": ["vpc-1"],
    }


@pytest.mark.parametrize("content", [{}, [], None, "text", 5, {"Other": [1]}, {"Subnets": None}])
def test_what_is_no_answer_has_no_facts(content: object) -> None:
    assert facts_in(content) == {}


IDS = {
    "NetworkInterfaces": "NetworkInterfaceId",
    "SecurityGroups": "GroupId",
    "SecurityGroupRules": "SecurityGroupRuleId",
    "Subnets": "SubnetId",
    "Vpcs": "VpcId",
    "NetworkAcls": "NetworkAclId",
    "PrefixLists": "PrefixListId",
    "LaunchTemplateVersions": "LaunchTemplateId",
    "LaunchConfigurations": "LaunchConfigurationName",
    "Functions": "FunctionName",
    "DBInstances": "DBInstanceIdentifier",
    "DBClusters": "DBClusterIdentifier",
    "services": "serviceName",
    "Targets": "Id",
    "computeEnvironments": "computeEnvironmentName",
    "projects": "name",
}


@pytest.mark.parametrize("value", [None, "", 7], ids=["null", "empty", "a number"])
@pytest.mark.parametrize("member", IDS)
def test_what_has_no_id_is_refused_by_the_name_of_the_member(member: str, value: object) -> None:
    with pytest.raises(UnusableInventory, match=rf"an entry has no {IDS[member]}: it is not as AWS describes it"):
        facts_in({member: [PRINTED[member] | {IDS[member]: value}]})


def test_an_instance_without_an_id_is_refused() -> None:
    with pytest.raises(UnusableInventory, match="an entry has no InstanceId"):
        facts_in({"Reservations": [{"Instances": [{"Tags": []}]}]})


@pytest.mark.parametrize("member", PRINTED)
@pytest.mark.parametrize("odd", [5, "text", [5], {"a": 5}], ids=repr)
def test_an_answer_of_another_shape_is_refused(member: str, odd: object) -> None:
    with pytest.raises(UnusableInventory):
        facts_in({member: odd})


@pytest.mark.parametrize(
    ("member", "name", "value"),
    [
        ("Subnets", "Tags", "text"),
        ("Subnets", "Tags", ["text"]),
        ("Subnets", "VpcId", 5),
        ("SecurityGroupRules", "FromPort", "22"),
        ("SecurityGroupRules", "FromPort", True),
        ("SecurityGroupRules", "IsEgress", "false"),
        ("NetworkAcls", "Entries", [{"Egress": True}]),
        ("NetworkAcls", "Entries", [5]),
        ("PrefixLists", "Cidrs", [5]),
        ("Functions", "VpcConfig", "text"),
        ("Functions", "VpcConfig", {"SecurityGroupIds": [{}]}),
    ],
)
def test_a_value_of_another_shape_is_refused(member: str, name: str, value: object) -> None:
    with pytest.raises(UnusableInventory, match="not as AWS describes"):
        facts_in({member: [PRINTED[member] | {name: value}]})


OPTIONAL = sorted(
    (member, name) for member, described in PRINTED.items() for name in described if name != IDS.get(member)
)


@given(st.sets(st.sampled_from(OPTIONAL)), st.sets(st.sampled_from(OPTIONAL)))
def test_whatever_is_missing_or_null_the_rest_is_read(
    missing: set[tuple[str, str]], null: set[tuple[str, str]]
) -> None:
    content = {
        member: [
            {
                name: None if (member, name) in null else value
                for name, value in described.items()
                if (member, name) not in missing - null
            }
        ]
        for member, described in PRINTED.items()
    }
    facts = facts_in(content)
    assert set(facts) - {"network-acl-entries", "instances"} == set(KINDS) - {"network-acl-entries", "instances"}
    for found in facts.values():
        assert all(value not in (None, "") for columns in found.values() for value in columns.values())


def test_a_prefix_list_that_is_being_made_or_deleted_is_not_asked_for_entries() -> None:
    states = ("create-complete", "modify-in-progress", "create-failed", "delete-in-progress", None)
    lists = [{"PrefixListId": f"pl-{state}", "State": state} for state in states]
    asked = [given["PrefixListId"] for given in each_prefix_list([Answer("DescribeManagedPrefixLists", lists)])]
    assert asked == ["pl-create-complete", "pl-modify-in-progress", "pl-None"]


def test_versions_are_asked_for_where_a_group_names_one_by_number_that_was_not_told() -> None:
    def named(template: str, version: str) -> Described:
        return {"LaunchTemplateId": template, "LaunchTemplateName": "n", "Version": version}

    groups = [
        {"LaunchTemplate": named("lt-1", "1")},
        {"LaunchTemplate": named("lt-1", "$Latest")},
        {"LaunchTemplate": named("lt-1", "10")},
        {"LaunchTemplate": named("lt-1", "9")},
        {"LaunchTemplate": None},
        {"LaunchTemplate": {"LaunchTemplateName": "without an id", "Version": "3"}},
        {"LaunchConfigurationName": "lc"},
        {
            "MixedInstancesPolicy": {
                "LaunchTemplate": {
                    "LaunchTemplateSpecification": named("lt-2", "4"),
                    "Overrides": [{"InstanceType": "m7g.large"}, {"LaunchTemplateSpecification": named("lt-3", "5")}],
                }
            }
        },
    ]
    answers = [
        Answer("DescribeLaunchTemplateVersions", [{"LaunchTemplateId": "lt-1", "VersionNumber": 1}]),
        Answer("DescribeAutoScalingGroups", groups),
    ]
    assert list(pinned_versions(answers)) == [
        {"LaunchTemplateId": "lt-1", "Versions": ["9", "10"]},
        {"LaunchTemplateId": "lt-2", "Versions": ["4"]},
        {"LaunchTemplateId": "lt-3", "Versions": ["5"]},
    ]


def test_a_rule_that_starts_tasks_on_two_clusters_is_asked_about_once() -> None:
    answers = [Answer("ListRuleNamesByTarget", ["nightly"], {"TargetArn": arn}) for arn in ("a", "b")]
    assert list(each_rule(answers)) == [{"Rule": "nightly"}]
