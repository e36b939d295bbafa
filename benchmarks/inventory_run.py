"""Measures whole runs of the inventory function in an organization: asking, merging, writing, and their memory.

AWS is the tests' fake below botocore, with answers that were written before: what is measured is parsing them, merging
and publishing, not AWS's own time.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.memory import resident
from flowlogs.aws.account_clients import AccountClients
from flowlogs.aws.accounts import Accounts
from flowlogs.folder_store import FolderStore
from functions.inventory.wiring import Outside, wire

sys.path.append("tests/aws")
from fake_ec2 import OWN, FakeAws
from wire import answer

ACCOUNTS = 500
INTERFACES = 400  # an account
SECONDS = 290.0
"""The longest that a run may take. Source: infra/knowledge/inventory.py."""
MEMORY = 1769
"""Of the function, in MiB. Source: infra/settings/knowledge.py."""
_CHANGED = 20
"""One interface of so many is another each hour."""
_ACCOUNT, _HOUR = "ACCTX", "HOURX"
"""Placeholders in answers that were written before."""
_START = 1_767_225_600  # 2026-01-01
_RUNS = {"first run": 0, "run after five minutes": 300, "run after an hour": 3900}
"""And the seconds after the first at which they begin."""


def rows(folder: Path) -> Iterator[dict[str, Any]]:
    """Give the rows of the table."""
    command = [sys.executable, "-m", "benchmarks.inventory_run", str(folder)]
    done = subprocess.run(command, check=True, capture_output=True)  # noqa: S603 (our own words)
    found = json.loads(done.stdout.splitlines()[-1])
    for what in _RUNS:
        yield {
            "what": f"{what}, {ACCOUNTS * INTERFACES:,} interfaces (beside it: until the last answer)",
            "figure": f"{found[what]:.1f} s",
            "plain": f"{found['asking, ' + what]:.1f}",
            "ratio": found[what] / found["asking, " + what],
            "wanted": f"at most {SECONDS:.0f} s",
            "missed": found[what] > SECONDS,
        }
    yield {
        "what": "memory of these runs at its peak (beside it: what the function has)",
        "figure": f"{found['peak']:.0f} MiB",
        "plain": f"{MEMORY:.0f}",
        "ratio": found["peak"] / MEMORY,
        "wanted": "at most 0.75",
        "missed": found["peak"] > 0.75 * MEMORY,
    }


def _measured(folder: Path) -> dict[str, float]:
    """Run the function three times; give seconds, and the peak of memory in MiB."""
    now = [_START]
    aws, answers = FakeAws(), _Answers()
    aws.trouble.append(answers.give)
    outside = Outside(
        store=lambda _: FolderStore(folder),
        accounts=lambda role: Accounts(role, AccountClients(aws.session())),
        clock=lambda: now[0] + time.perf_counter(),
        publish=lambda *_: None,
    )
    others = [f"{200_000_000_000 + number}" for number in range(ACCOUNTS - 1)]
    environ = {
        "FLOWLOGS_INVENTORY_STORE": "s3://bucket/inventory",
        "FLOWLOGS_ACCOUNTS": " ".join([OWN, *others]),
        "FLOWLOGS_REGIONS": "eu-west-1",
    }
    function = wire(environ, _Log(), outside)
    found: dict[str, float] = {}
    for hour, (what, after) in enumerate(_RUNS.items()):
        now[0], answers.hour = _START + after, hour
        begun = time.perf_counter()
        said = function(_Context())
        found[what] = time.perf_counter() - begun
        found[f"asking, {what}"] = answers.last - begun
        if said != {"discarded": False, "taken": ACCOUNTS, "failed": 0}:
            raise RuntimeError(f"the {what} says {said}")
    return {**found, "peak": resident("VmHWM")}


class _Log:
    def info(self, msg: object, **fields: Any) -> None:
        pass

    def warning(self, msg: object, **fields: Any) -> None:
        sys.stderr.write(f"{msg} {fields}\n")


@dataclass
class _Context:
    aws_request_id: str = "benchmark"

    def get_remaining_time_in_millis(self) -> int:
        return 10**9


class _Answers:
    """Writes one account's answer to each operation once, and makes every other's of it."""

    def __init__(self) -> None:
        self.hour = 0
        self.last = 0.0  # when the last answer was given
        self._written: dict[str, tuple[int, dict[str, str], bytes]] = {}

    def give(self, asked: Any) -> tuple[int, dict[str, str], bytes] | None:
        self.last = time.perf_counter()
        name = asked.model.name
        if name not in _CONTENTS:
            return None
        if name not in self._written:
            self._written[name] = answer(asked.model, _CONTENTS[name]())
        status, headers, body = self._written[name]
        account = f"{int(asked.account) % 2**20:05x}".encode()
        return status, headers, body.replace(b"ACCTX", account).replace(b"HOURX", b"%05d" % self.hour)


def _interfaces() -> dict[str, Any]:
    return {"NetworkInterfaces": [_interface(number) for number in range(INTERFACES)]}


def _interface(number: int) -> dict[str, Any]:
    mark = _HOUR if number % _CHANGED == 0 else "00000"
    id_, address = f"{_ACCOUNT}{mark}{number:07x}", f"10.0.{number >> 8}.{number & 255}"
    return {
        "Attachment": {
            "AttachTime": "2025-11-21T10:00:00.000Z",
            "AttachmentId": f"eni-attach-{id_}",
            "DeleteOnTermination": True,
            "DeviceIndex": 0,
            "NetworkCardIndex": 0,
            "InstanceId": f"i-{id_}",
            "InstanceOwnerId": "111111111111",
            "Status": "attached",
        },
        "AvailabilityZone": "eu-west-1a",
        "Description": "Primary network interface",
        "Groups": [
            {"GroupId": f"sg-{_ACCOUNT}00000000{(number + extra) % 60:04x}", "GroupName": "web"}
            for extra in range(1 + number % 3)
        ],
        "InterfaceType": "interface",
        "MacAddress": "06:00:00:00:00:01",
        "NetworkInterfaceId": f"eni-{id_}",
        "OwnerId": "111111111111",
        "PrivateDnsName": f"ip-{address.replace('.', '-')}.eu-west-1.compute.internal",
        "PrivateIpAddress": address,
        "PrivateIpAddresses": [{"Primary": True, "PrivateIpAddress": address, "PrivateDnsName": "ip"}],
        "RequesterManaged": False,
        "SourceDestCheck": True,
        "Status": "in-use",
        "SubnetId": f"subnet-{_ACCOUNT}00000000{number % 12:04x}",
        "TagSet": [{"Key": key, "Value": "some value"} for key in ("Name", "team", "stage")],
        "VpcId": f"vpc-{_ACCOUNT}000000000001",
    }


def _groups() -> dict[str, Any]:
    described = {"Description": "of a service", "OwnerId": "111111111111", "VpcId": f"vpc-{_ACCOUNT}000000000001"}
    return {
        "SecurityGroups": [
            {"GroupId": f"sg-{_ACCOUNT}00000000{number:04x}", "GroupName": f"group-{number}", **described}
            for number in range(60)
        ]
    }


def _rules() -> dict[str, Any]:
    return {
        "SecurityGroupRules": [
            {
                "SecurityGroupRuleId": f"sgr-{_ACCOUNT}00000000{number:04x}",
                "GroupId": f"sg-{_ACCOUNT}00000000{number % 60:04x}",
                "GroupOwnerId": "111111111111",
                "IsEgress": number % 2 == 0,
                "IpProtocol": "tcp",
                "FromPort": 443,
                "ToPort": 443,
                "CidrIpv4": "10.0.0.0/8",
                "Description": "from the inside",
            }
            for number in range(300)
        ]
    }


def _subnets() -> dict[str, Any]:
    return {
        "Subnets": [
            {
                "SubnetId": f"subnet-{_ACCOUNT}00000000{number:04x}",
                "VpcId": f"vpc-{_ACCOUNT}000000000001",
                "CidrBlock": f"10.0.{16 * number}.0/20",
                "AvailabilityZoneId": "euw1-az1",
                "OwnerId": "111111111111",
            }
            for number in range(12)
        ]
    }


_CONTENTS: Mapping[str, Callable[[], dict[str, Any]]] = {
    "DescribeNetworkInterfaces": _interfaces,
    "DescribeSecurityGroups": _groups,
    "DescribeSecurityGroupRules": _rules,
    "DescribeSubnets": _subnets,
}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_measured(Path(sys.argv[1]))) + "\n")
