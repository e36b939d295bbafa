"""The generated VPC as `aws ec2 describe-…` prints it. Source of the shapes: botocore's ec2 model."""

from collections.abc import Iterable, Iterator
from hashlib import sha256

from flowlogs.generate.interface import Interface
from flowlogs.generate.security_groups import ANYWHERE, ANYWHERE_IPV6, Rule, SecurityGroup
from flowlogs.generate.subnet import Subnet

Described = dict[str, object]

ATTACHED = "2025-11-03T08:15:27+00:00"
"""When every interface was attached: before all of the traffic."""


def interface(its: Interface, account_id: str, vpc_id: str, group_names: dict[str, str]) -> Described:
    """Describe a network interface; `group_names` has the names of security groups by id."""
    managed = its.role.requester_id is not None
    described: Described = {
        "Attachment": _attachment(its, account_id),
        "AvailabilityZone": its.subnet.zone,
        "AvailabilityZoneId": its.subnet.az_id,
        "Description": its.role.description.format(resource=its.resource),
        "Groups": [{"GroupId": id_, "GroupName": group_names[id_]} for id_ in its.security_group_ids],
        "InterfaceType": its.role.interface_type,
        "Ipv6Addresses": [] if its.ipv6 is None else [{"Ipv6Address": its.ipv6, "IsPrimaryIpv6": False}],
        "Ipv4Prefixes": [] if its.prefix is None else [{"Ipv4Prefix": its.prefix}],
        "Ipv6Prefixes": [],
        "MacAddress": _mac_address(its.interface_id),
        "NetworkInterfaceId": its.interface_id,
        "OwnerId": account_id,
        "PrivateDnsName": _dns_name(its.address, its.subnet.zone[:-1]),
        "PrivateIpAddress": its.address,
        "PrivateIpAddresses": list(_addresses(its, account_id)),
        "RequesterManaged": managed,
        "SourceDestCheck": its.role.name != "nat",
        "Status": "in-use",
        "SubnetId": its.subnet.subnet_id,
        "TagSet": [] if managed else [{"Key": "Name", "Value": its.name}],
        "VpcId": vpc_id,
    }
    if its.role.requester_id is not None:
        described["RequesterId"] = its.role.requester_id
    if its.public is not None:
        described["Association"] = _association(its, account_id)
    return described


def subnet(its: Subnet, account_id: str, vpc_id: str) -> Described:
    """Describe a subnet."""
    ipv6 = [
        {
            "AssociationId": f"subnet-cidr-assoc-{its.subnet_id.removeprefix('subnet-')}",
            "Ipv6CidrBlock": block,
            "Ipv6CidrBlockState": {"State": "associated"},
        }
        for block in (its.ipv6_cidr,)
        if block is not None
    ]
    return {
        "AvailabilityZoneId": its.az_id,
        "OwnerId": account_id,
        "AssignIpv6AddressOnCreation": bool(ipv6),
        "Ipv6CidrBlockAssociationSet": ipv6,
        "Tags": [{"Key": "Name", "Value": f"{its.tier}-{its.zone}"}],
        "SubnetArn": f"arn:aws:ec2:{its.zone[:-1]}:{account_id}:subnet/{its.subnet_id}",
        "SubnetId": its.subnet_id,
        "State": "available",
        "VpcId": vpc_id,
        "CidrBlock": its.cidr,
        "AvailabilityZone": its.zone,
        "DefaultForAz": False,
        "MapPublicIpOnLaunch": its.tier == "public",
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
    return {"CidrIpv6" if ":" in rule.peer else "CidrIpv4": rule.peer}


def _attachment(its: Interface, account_id: str) -> Described:
    attachment: Described = {
        "AttachTime": ATTACHED,
        "AttachmentId": f"eni-attach-{its.interface_id.removeprefix('eni-')}",
        "DeleteOnTermination": its.instance_id is not None,
        "DeviceIndex": 0 if its.instance_id is not None else 1,
        "NetworkCardIndex": 0,
        "InstanceOwnerId": its.role.requester_id or account_id,
        "Status": "attached",
    }
    return attachment if its.instance_id is None else attachment | {"InstanceId": its.instance_id}


def _addresses(its: Interface, account_id: str) -> Iterator[Described]:
    for address in (its.address, *its.secondary):
        described: Described = {
            "Primary": address == its.address,
            "PrivateDnsName": _dns_name(address, its.subnet.zone[:-1]),
            "PrivateIpAddress": address,
        }
        if address == its.address and its.public is not None:
            described["Association"] = _association(its, account_id)
        yield described


def _association(its: Interface, account_id: str) -> Described:
    amazon = its.role.requester_id == "amazon-elb"  # a load balancer's addresses are AWS's
    host = f"ec2-{str(its.public).replace('.', '-')}"
    return {
        "IpOwnerId": "amazon-elb" if amazon else account_id,
        "PublicDnsName": f"{host}.{its.subnet.zone[:-1]}.compute.amazonaws.com",
        "PublicIp": its.public,
    }


def _dns_name(address: str, region: str) -> str:
    return f"ip-{address.replace('.', '-')}.{region}.compute.internal"


def _mac_address(interface_id: str) -> str:
    return "02:" + sha256(interface_id.encode()).digest()[:5].hex(":")
