"""The generated security groups and rules as `aws ec2 describe-…` prints them. Source of the shapes: as describe.py."""

from collections.abc import Iterable, Iterator

from flowlogs.generate.describe import Described
from flowlogs.generate.security_groups import ANYWHERE, ANYWHERE_IPV6, Rule, SecurityGroup


def security_groups(groups: Iterable[SecurityGroup], account_id: str, region: str, vpc_id: str) -> Iterator[Described]:
    """Describe all groups, each with its rules as `IpPermissions`, where they have no ids."""
    named = {group.name: group for group in groups}
    for group in named.values():
        everything = {"IpProtocol": "-1", "UserIdGroupPairs": [], "PrefixListIds": []}
        yield {
            "GroupId": group.group_id,
            "IpPermissionsEgress": [
                {**everything, "IpRanges": [{"CidrIp": ANYWHERE}], "Ipv6Ranges": [{"CidrIpv6": ANYWHERE_IPV6}]}
            ],
            "Tags": [{"Key": "Name", "Value": group.name}],
            "VpcId": vpc_id,
            "SecurityGroupArn": f"arn:aws:ec2:{region}:{account_id}:security-group/{group.group_id}",
            "OwnerId": account_id,
            "GroupName": group.name,
            "Description": f"shop: {group.name}",
            "IpPermissions": list(_permissions(group, named, account_id)),
        }


def security_group_rules(groups: Iterable[SecurityGroup], account_id: str, vpc_id: str) -> Iterator[Described]:
    """Describe the rules of all groups: the inbound ones, and the two that let everything out."""
    named = {group.name: group for group in groups}
    for group in named.values():
        owned = {"GroupId": group.group_id, "GroupOwnerId": account_id}
        for rule_id, rule in group.rules:
            peer = _peer(rule, named, account_id, vpc_id)
            yield {"SecurityGroupRuleId": rule_id, **owned, "IsEgress": False, **_ports(rule), **peer}
        everything = {"IpProtocol": "-1", "FromPort": -1, "ToPort": -1}
        for number, anywhere in enumerate(({"CidrIpv4": ANYWHERE}, {"CidrIpv6": ANYWHERE_IPV6})):
            rule_id = f"sgr-{group.group_id.removeprefix('sg-')[:-1]}{number}"
            peer = {**everything, **anywhere}
            yield {"SecurityGroupRuleId": rule_id, **owned, "IsEgress": True, **peer, "Tags": []}


def _permissions(group: SecurityGroup, named: dict[str, SecurityGroup], account_id: str) -> Iterator[Described]:
    """Give the inbound rules as EC2 does here: those of one protocol and ports together."""
    for protocol, ports in dict.fromkeys((rule.protocol, rule.ports) for _, rule in group.rules):
        rules = [rule for _, rule in group.rules if (rule.protocol, rule.ports) == (protocol, ports)]
        yield {
            "IpProtocol": protocol,
            "FromPort": ports[0],
            "ToPort": ports[1],
            "UserIdGroupPairs": [
                {"Description": rule.description, "UserId": account_id, "GroupId": named[rule.peer].group_id}
                for rule in rules
                if rule.peer in named
            ],
            "IpRanges": _ranges(rules, named, "CidrIpv4", "CidrIp"),
            "Ipv6Ranges": _ranges(rules, named, "CidrIpv6", "CidrIpv6"),
            "PrefixListIds": [],
        }


def _ranges(rules: Iterable[Rule], named: dict[str, SecurityGroup], kind: str, member: str) -> list[Described]:
    return [
        {"Description": rule.description, member: rule.peer}
        for rule in rules
        if rule.peer not in named and _family(rule.peer) == kind
    ]


def _family(network: str) -> str:
    return "CidrIpv6" if ":" in network else "CidrIpv4"


def _ports(rule: Rule) -> Described:
    return {
        "IpProtocol": rule.protocol,
        "FromPort": rule.ports[0],
        "ToPort": rule.ports[1],
        "Description": rule.description,
        "Tags": [],
    }


def _peer(rule: Rule, named: dict[str, SecurityGroup], account_id: str, vpc_id: str) -> Described:
    if rule.peer in named:
        referenced = {"GroupId": named[rule.peer].group_id, "UserId": account_id, "VpcId": vpc_id}
        return {"ReferencedGroupInfo": referenced}
    return {_family(rule.peer): rule.peer}
