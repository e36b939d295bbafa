"""The page of what the inventory asks of AWS in an hour: for one account, for 50 and for 500."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter

from flowlogs.aws.accounts import BEFORE_EXPIRY, HOLD_SECONDS
from flowlogs.aws.fleet_calls import Fleet, requests_an_hour
from flowlogs.aws.scope_calls import ATTEMPTS
from flowlogs.costs.prices import load
from flowlogs.costs.volumes import HOURLY_REQUESTS, RUN_REQUESTS
from flowlogs.docs.markdown import code, page, table
from flowlogs.inventory.calls import CALLS, calls_a_run
from flowlogs.inventory.kinds import Rhythm
from flowlogs.inventory.size import Size
from flowlogs.inventory.taking import WORKERS

BUCKET, REFILL = 100, 20
"""Calls that EC2's bucket holds, and gets back each second. Source: EC2 Developer Guide, "Request throttling"."""
HOURS = 730
"""Hours of a month."""
_AWS_LISTS = (55, 12, 10, 10, 4, 3, 3, 2)
"""Prefix lists of AWS's own in a region, and their entries: *assumed*."""

EMPTY = Size(vpcs=1, subnets=3, security_groups=1, security_group_rules=2, network_acls=1, prefix_lists=_AWS_LISTS)
USUAL = Size(
    interfaces=400,
    security_groups=100,
    security_group_rules=600,
    launch_template_versions=20,
    auto_scaling_groups=10,
    pinned_templates=(1,),
    functions=80,
    databases=8,
    database_clusters=3,
    clusters=(12, 8),
    task_rules=(2, 0),
    compute_environments=1,
    build_projects=10,
    prefix_lists=(*_AWS_LISTS, 20, 5),
    subnets=12,
    vpcs=2,
    network_acls=3,
    instances=150,
)
LARGE = Size(
    interfaces=5_000,
    security_groups=2_500,
    security_group_rules=20_000,
    launch_template_versions=600,
    auto_scaling_groups=300,
    pinned_templates=(1,) * 30,
    launch_configurations=20,
    functions=1_500,
    databases=150,
    database_clusters=40,
    clusters=(150,) * 10,
    task_rules=(5,) * 10,
    compute_environments=20,
    build_projects=300,
    prefix_lists=(*_AWS_LISTS, *(40,) * 20),
    subnets=200,
    vpcs=20,
    network_acls=40,
    instances=2_500,
)
SIZES = {"default VPC alone": EMPTY, "usual": USUAL, "large": LARGE}
"""Regions of an account by what the page calls them."""
ACCOUNTS = (1, 50, 500)

_OPENING = f"""\
# What the inventory asks of AWS

Network interfaces in every run, everything else once an hour; a run every five minutes unless `inventory_minutes` says
otherwise. AWS bills none of what describes, but counts it: EC2 lets an account make {BUCKET} calls of an operation in a
region at once and {REFILL} a second from then on, other tools' calls among them (EC2 Developer Guide, "Request
throttling"). The inventory asks an account and region one thing at a time, {WORKERS} accounts and regions at once, in
the largest pages that there are. What is refused for being too much is asked again, more slowly, {ATTEMPTS} times in
all; then it has failed in this run, and the next one asks again.

The figures follow from the code's table of calls (`flowlogs/inventory/calls.py`), and a test holds them: they equal the
requests that a simulated AWS counts in an hour.
"""
_SIZES_TEXT = """\
## One account and region

What there is decides how many pages it takes. Three sizes, which are made up; calls in one run, and in one hour:
"""
_OPERATIONS_TEXT = f"""\
A page is asked for where there is nothing, too. Of the {BUCKET} calls of an operation that EC2 takes at once, the
*large* region takes {{most}} at most, of `{{operation}}`:
"""
_FLEETS_TEXT = """\
## Many accounts

Accounts of an organization, *usual* in one region each; {accounts} accounts have {interfaces:,} interfaces. Each
account has limits of its own: only STS and Organizations are asked on behalf of all. Requests in an hour:
"""
_NOTES = f"""\
- More regions multiply everything but STS, Organizations and S3. A region with nothing but a default VPC takes
  {{empty}} calls an hour: name those that you use in `inventory_regions`.
- Credentials for an account are made for {HOLD_SECONDS:,} seconds and kept until {BEFORE_EXPIRY} before their end, so
  they are made twice an hour at most. An organization is listed once an hour. A function that starts anew asks for
  both.
- S3 is asked on behalf of the whole inventory. At list prices that is ${{dollars:.2f}} a month ([prices](prices.md)).
  With `inventory_events` there is one object more in each run.
- CloudTrail notes each call as a read, in the account that is asked. Where you pay for a second trail, or for what
  reads the events, that counts; a trail may leave reads out.
- To read the answers of 500 *usual* accounts took 55 seconds of one processor for interfaces, 160 where everything was
  taken, and 550 MB (measured with answers from memory, not in Lambda). A run that has no time left says which accounts
  it did not come to, and the next one asks them: with more than 500, let `inventory_minutes` be 10 or 15.
- With `inventory_minutes=1` there are {{often:,}} calls an hour in a *usual* account instead of {{usual:,}}.
"""


def inventory_calls_page() -> str:
    """Write the page from the table of calls."""
    fleets = [Fleet(accounts, USUAL) for accounts in ACCOUNTS]
    month = load().price("s3_put").cost(HOURS * _puts(fleets[0]))
    operation, most = max(_of_ec2(LARGE).items(), key=itemgetter(1))
    return page(
        _OPENING,
        _SIZES_TEXT,
        table(("", *SIZES), _size_rows()),
        _OPERATIONS_TEXT.format(most=most, operation=operation),
        table(("operation", "for", "a page", "asked", *(f"a run: {name}" for name in SIZES)), _operation_rows()),
        _FLEETS_TEXT.format(accounts=ACCOUNTS[-1], interfaces=ACCOUNTS[-1] * USUAL.interfaces),
        table(("requests an hour", *(_accounts(fleet) for fleet in fleets)), _fleet_rows(fleets)),
        _NOTES.format(
            empty=_asked(Fleet(1, EMPTY)),
            dollars=month,
            often=_asked(Fleet(1, USUAL, minutes=1)),
            usual=_asked(Fleet(1, USUAL)),
        ),
    )


def _size_rows() -> Iterable[Sequence[str]]:
    sizes = SIZES.values()
    yield "network interfaces", *(f"{size.interfaces:,}" for size in sizes)
    yield (
        "security groups, their rules",
        *(f"{size.security_groups:,}, {size.security_group_rules:,}" for size in sizes),
    )
    yield "Lambda functions", *(f"{size.functions:,}" for size in sizes)
    yield "services on ECS clusters", *(f"{sum(size.clusters):,} on {len(size.clusters)}" for size in sizes)
    yield "managed prefix lists, AWS's own too", *(f"{len(size.prefix_lists)}" for size in sizes)
    yield "**calls of a run**", *(f"{calls_a_run(size, hourly=False):,}" for size in sizes)
    yield "**calls of the run that takes everything**", *(f"{calls_a_run(size, hourly=True):,}" for size in sizes)
    yield "**calls an hour**", *(f"{_asked(Fleet(1, size)):,}" for size in sizes)


def _operation_rows() -> Iterable[Sequence[str]]:
    for call in CALLS:
        asked = "every run" if call.rhythm is Rhythm.EVERY_RUN else "hourly"
        calls = (f"{call.calls(size):,}" for size in SIZES.values())
        yield code(call.action), ", ".join(call.kinds), f"{call.page:,}", asked, *calls


def _fleet_rows(fleets: Sequence[Fleet]) -> Iterable[Sequence[str]]:
    counted = [_by_service(fleet) for fleet in fleets]
    for service in dict.fromkeys(service for services in counted for service in services):
        yield code(service), *(f"{services[service]:,}" for services in counted)
    yield "S3: objects written, and lists", *(f"{_puts(fleet):,}" for fleet in fleets)
    yield (
        "**in all**",
        *(f"{sum(services.values()) + _puts(fleet):,}" for services, fleet in zip(counted, fleets, strict=True)),
    )


def _by_service(fleet: Fleet) -> Counter[str]:
    services: Counter[str] = Counter()
    for action, count in requests_an_hour(fleet).items():
        services[action.partition(":")[0]] += count
    return services


def _of_ec2(size: Size) -> Mapping[str, int]:
    """Count the calls of each of EC2's operations in a run that takes everything."""
    counted: Counter[str] = Counter()
    for call in CALLS:
        if call.service == "ec2":
            counted[call.operation] += call.calls(size)
    return counted


def _asked(fleet: Fleet) -> int:
    """Count what is asked about what there is."""
    actions = {call.action for call in CALLS}
    return sum(count for action, count in requests_an_hour(fleet).items() if action in actions)


def _puts(fleet: Fleet) -> int:
    return fleet.runs * RUN_REQUESTS + HOURLY_REQUESTS


def _accounts(fleet: Fleet) -> str:
    return f"{fleet.accounts} account{'s' if fleet.accounts > 1 else ''}"
