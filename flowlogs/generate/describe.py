"""The generated VPC as `aws ec2 describe-…` prints it: interfaces and subnets; groups are in describe_groups.py.

Source of the shapes: botocore's ec2 model, `roles.Maker`.
"""

from collections.abc import Iterator
from hashlib import sha256
from uuid import NAMESPACE_OID, uuid5

from flowlogs.generate.interface import Interface
from flowlogs.generate.subnet import Subnet

Described = dict[str, object]

ATTACHED, CREATED = "2025-11-03T08:15:27+00:00", "2025-11-03T08:15:26Z"
"""When every interface was attached, and those of EKS's nodes were made: before all of the traffic."""
CLUSTER = "shop"
"""The EKS cluster."""


def interface(its: Interface, account_id: str, vpc_id: str, group_names: dict[str, str]) -> Described:
    """Describe a network interface; `group_names` has the names of security groups by id."""
    maker = its.role.maker
    described: Described = {
        "Attachment": _attachment(its, account_id),
        "AvailabilityZone": its.subnet.zone,
        "AvailabilityZoneId": its.subnet.az_id,
        "Description": _description(its),
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
        "RequesterManaged": maker is not None and maker.is_managed,
        "SourceDestCheck": its.role.name != "nat",
        "Status": "in-use",
        "SubnetId": its.subnet.subnet_id,
        "TagSet": [{"Key": key, "Value": value} for key, value in _tags(its).items()],
        "VpcId": vpc_id,
        "Operator": {"Managed": False},
    }
    if maker is not None:
        described["RequesterId"] = maker.requester_id.format(account=account_id, instance=its.instance_id)
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


def _description(its: Interface) -> str:
    uuid = uuid5(NAMESPACE_OID, its.interface_id)
    return its.role.description.format(resource=its.resource, name=its.name, instance=its.instance_id, uuid=uuid)


def _tags(its: Interface) -> dict[str, str]:
    """Give tags by key: a person names instances, EKS's network plug-in marks what it made, services write none."""
    if its.role.maker is None:
        return {"Name": its.name}
    if its.instance_id is None:
        return {}
    return {
        "cluster.k8s.amazonaws.com/name": CLUSTER,
        "eks:eni:owner": "amazon-vpc-cni",
        "node.k8s.amazonaws.com/createdAt": CREATED,
        "node.k8s.amazonaws.com/instance_id": its.instance_id,
    }


def _attachment(its: Interface, account_id: str) -> Described:
    maker = its.role.maker
    digits = its.interface_id.removeprefix("eni-")
    attachment: Described = {
        "AttachmentId": f"eni-attach-{digits}",
        "DeleteOnTermination": its.instance_id is not None,
        "DeviceIndex": 0 if maker is None else 1,
        "InstanceOwnerId": account_id if maker is None or maker.holder is None else maker.holder,
        "Status": "attached",
    }
    if maker is not None and maker.on_hyperplane:
        return attachment | {"AttachmentId": f"ela-attach-{digits}"}
    on_card = attachment | {"AttachTime": ATTACHED, "NetworkCardIndex": 0}
    return on_card if its.instance_id is None else on_card | {"InstanceId": its.instance_id}


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
    """Describe a public address: an elastic one of the account, or one that a service brought along."""
    maker, digits = its.role.maker, its.interface_id.removeprefix("eni-")
    host = f"ec2-{str(its.public).replace('.', '-')}"
    described: Described = {
        "IpOwnerId": account_id,
        "PublicDnsName": f"{host}.{its.subnet.zone[:-1]}.compute.amazonaws.com",
        "PublicIp": its.public,
    }
    if maker is not None and not maker.on_hyperplane:
        return described | {"IpOwnerId": maker.requester_id}
    return {"AllocationId": f"eipalloc-{digits}", "AssociationId": f"eipassoc-{digits}", **described}


def _dns_name(address: str, region: str) -> str:
    return f"ip-{address.replace('.', '-')}.{region}.compute.internal"


def _mac_address(interface_id: str) -> str:
    return "02:" + sha256(interface_id.encode()).digest()[:5].hex(":")
