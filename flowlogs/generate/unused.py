"""What the generated VPC allows and nobody uses, in words of the flow record: for finders to be checked by."""

from collections.abc import Iterator

from flowlogs.generate import office
from flowlogs.generate.plan import Plan
from flowlogs.generate.security_groups import HTTP, RDP, UNUSED_PORT
from flowlogs.generate.vpc import Vpc

Truth = dict[str, object]


def truths(vpc: Vpc, plan: Plan) -> Iterator[tuple[str, Truth]]:
    """Give what is to be found, each under the name of the finding."""
    yield "unused-rule", _rule(vpc, "app", UNUSED_PORT) | {"records": 0}
    yield "unused-http-rule", _rule(vpc, "remote-desktop", HTTP) | {"records": 0, "used_beside_it": _rdp(vpc, plan)}
    yield "idle-group", _group(vpc, "recovery")
    yield "unattached-group", _group(vpc, "migration")


def _rdp(vpc: Vpc, plan: Plan) -> Truth:
    """Tell of the other rule of that group; `records` are those let in, none where nobody was at work."""
    let_in = [record for record in office.records(vpc, plan) if record["flow_direction"] == "ingress"]
    sources = sorted({record["srcaddr"] for record in let_in})
    return _rule(vpc, "remote-desktop", RDP) | {"records": len(let_in), "sources": sources}


def _rule(vpc: Vpc, name: str, port: int) -> Truth:
    group = vpc.groups[name]
    rule_id, rule = next((id_, rule) for id_, rule in group.rules if rule.ports[0] == port)
    return {
        "security_group_id": group.group_id,
        "security_group_rule_id": rule_id,
        "protocol": rule.protocol,
        "dstport": port,
        "peer": rule.peer,
    }


def _group(vpc: Vpc, name: str) -> Truth:
    """Tell of a group whose interfaces, if it is attached to any, have no traffic."""
    group_id = vpc.groups[name].group_id
    attached = [each.interface_id for each in vpc.interfaces if group_id in each.security_group_ids]
    return {"security_group_id": group_id, "interface_ids": attached, "records": 0}
