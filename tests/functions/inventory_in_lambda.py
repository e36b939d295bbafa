"""The world that the inventory function meets in a process of its own: accounts, a queue, a bucket, a clock."""

import json
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from local_runtime import ROOT, Answer, LocalLambda
from memory_store import MemoryStore
from moved_clock import MovedClock

from flowlogs.inventory.files import read_inventory
from flowlogs.inventory.inventory import Found, Inventory
from flowlogs.inventory.publication import LOOK_UP_NAME
from flowlogs.inventory.size import Size
from flowlogs.published import POINTER, Pointer, pointer_of

sys.path.append(str(Path(__file__).parents[1] / "aws"))  # where the accounts are that every test of calls uses
from estates import Described, estate, interface
from fake_ec2 import OWN as OWN  # the tests' too
from fake_ec2 import Estate
from local_accounts import LocalAccounts
from local_bucket import BUCKET, LocalBucket

OTHER = "222222222222"
REGION = "eu-west-1"
SCHEDULED = {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}
MINUTE, HOUR = 60, 3600
QUEUE = f"https://sqs.{REGION}.amazonaws.com/{OWN}/events"
STORE = "inventory"
"""Prefix of the store in the bucket."""
EVENTS = ROOT / "events"


@dataclass
class World:
    """All that the function meets, and a folder for its processes."""

    folder: Path
    store: MemoryStore = field(init=False)
    accounts: LocalAccounts = field(init=False)
    clock: MovedClock = field(init=False)

    def __post_init__(self) -> None:
        self.clock = MovedClock(self.folder / "clock", ROOT)
        self.store = MemoryStore(lambda: self.clock.now)
        self.accounts = LocalAccounts(LocalBucket(self.store), self.clock)
        self.has(OWN, 3)
        self.has(OTHER, 2, first=100)

    @property
    def bucket(self) -> LocalBucket:
        return self.accounts.bucket

    def function(self, name: str = "inventory", **settings: str) -> LocalLambda:
        own = {"FLOWLOGS_INVENTORY_STORE": f"s3://{BUCKET}/{STORE}", "FLOWLOGS_ACCOUNTS": f"own {OTHER}"}
        given = own if name == "inventory" else {}
        return LocalLambda(
            name, {**self.accounts.environ(), **self.clock.environ, **given, **settings}, self.folder / name
        )

    def start(self, function: LocalLambda, event: Any = SCHEDULED, seconds: float = 60) -> None:
        """Give a function an event; its deadline is by the clock that it has."""
        function.start(event, self.clock.ahead + seconds)

    def invoke(self, function: LocalLambda, event: Any = SCHEDULED, seconds: float = 60) -> Answer:
        self.start(function, event, seconds)
        return function.answer()

    def run(self, function: LocalLambda, event: Any = SCHEDULED, seconds: float = 60) -> Any:
        """Invoke, and give what is answered; nothing but a response will do."""
        answer = self.invoke(function, event, seconds)
        assert answer.kind == "response", answer
        return answer.body

    def has(self, account: str, number: int, first: int = 0, *more: Described, region: str = REGION) -> None:
        """Let an account have so many interfaces and these, and a little of all else."""
        there = [*(interface(n, account) for n in range(first, first + number)), *more]
        small = estate(Size(security_groups=2, security_group_rules=3, subnets=8, vpcs=1, instances=number))
        self.accounts.estates[account, region] = with_interfaces(small, there)

    def pointer(self) -> Pointer:
        return pointer_of(self.store.objects[f"{STORE}/{POINTER}"])

    def published(self) -> dict[str, bytes]:
        """Give the pointer and all that it names."""
        pointer = self.pointer()
        about = pointer.about
        keys = [POINTER, *pointer.files.values(), about["scopes"], *([about["events"]] if "events" in about else [])]
        keys += [state["key"] for state in about["states"].values()]
        return {key: self.store.objects[f"{STORE}/{key}"] for key in keys}


def with_interfaces(there: Estate, interfaces: list[Described]) -> Estate:
    return {**there, "DescribeNetworkInterfaces": lambda _: interfaces}


def event_at(name: str, time: float, interface_id: str, **described: Any) -> str:
    """Write CloudTrail's event of a sample as it would come for another interface and time."""
    event = json.loads((EVENTS / f"cloudtrail-{name}.json").read_text())
    at = datetime.fromtimestamp(int(time), UTC).isoformat().replace("+00:00", "Z")
    detail = event["detail"] | {"eventTime": at, "recipientAccountId": OWN, "awsRegion": REGION}
    if name.startswith("create"):
        made = detail["responseElements"]["networkInterface"] | {"networkInterfaceId": interface_id, **described}
        detail["responseElements"] = {"networkInterface": made}
    else:
        detail["requestParameters"] = {"networkInterfaceId": interface_id}
    return json.dumps(event | {"time": at, "detail": detail})


def look_up(world: World) -> Inventory:
    """Read what a decorator would: the look-up file that the pointer names."""
    content = world.published()[world.pointer().files[LOOK_UP_NAME]]
    path = world.folder / f"{world.pointer().about['run']}.sqlite.gz"
    path.write_bytes(content)
    return read_inventory(path)


def owner(found: Found) -> str | None:
    return None if found.interface is None else found.interface.interface_id


def eni(number: int) -> str:
    return f"eni-{number:017x}"
