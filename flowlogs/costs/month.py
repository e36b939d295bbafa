"""Works a month's bill out, stage by stage of a record's way."""

from flowlogs.costs import volumes as assumed
from flowlogs.costs.bill import Bill, Writing
from flowlogs.costs.plan import Plan
from flowlogs.costs.prices import Prices
from flowlogs.costs.volumes import DAYS, GB, HOURS, Volumes
from flowlogs.metrics import METRICS

SOURCE, FUNCTIONS, STREAMS, SEARCH, LAKE = "source", "functions", "streams", "search", "lake"
INVENTORY, WATCH = "inventory", "watch"
_NEVER_COUNTED = (
    "Athena (each query, by what it scans), other data transfer, KMS requests, dead letters, fetching geo databases, "
    "S3 requests of decorators, e-mail, taxes, free tiers"
)


def month(plan: Plan, prices: Prices) -> Bill:
    """Give what a month of a plan costs."""
    writing, volumes = Writing(prices), Volumes(plan)
    for add in (_source, _functions, _streams, _search, _lake, _inventory, _watch):
        add(writing, plan, volumes)
    return Bill(plan, prices, writing.items, _assumptions(plan), writing.unpriced, _NEVER_COUNTED)


def saved(plan: Plan, narrowed: Plan, prices: Prices) -> float:
    """Give the dollars a month that a narrower plan costs less."""
    return month(plan, prices).total - month(narrowed, prices).total


def _source(writing: Writing, plan: Plan, volumes: Volumes) -> None:
    if plan.source == "cloudwatch":
        writing.add(SOURCE, "vended_cloudwatch", volumes.gigabytes)
        writing.add(SOURCE, "logs_storage", _stored(volumes.gigabytes * plan.gzipped, plan.log_retention_days))
    elif plan.source == "firehose":  # one flow log for each stream
        writing.add(SOURCE, "vended_firehose", plan.streams * volumes.gigabytes)
    else:
        writing.add(SOURCE, "vended_s3", volumes.gigabytes)
        writing.add(SOURCE, "s3_storage", _stored(volumes.gigabytes * plan.gzipped, plan.log_retention_days))
        writing.add(SOURCE, "s3_put", volumes.files)
        writing.add(SOURCE, "s3_get", volumes.files)  # by the ingestor, or once by you
        writing.add(SOURCE, "sqs_requests", 3 * volumes.ingestions)  # sent, received, deleted
        if plan.source == "files":
            writing.add(SOURCE, "transfer_out", volumes.gigabytes * plan.gzipped)


def _functions(writing: Writing, plan: Plan, volumes: Volumes) -> None:
    decorated = volumes.to_search + (volumes.lines if plan.lake else 0.0)
    forwarded = volumes.lines if volumes.ingestions else 0.0
    invocations = volumes.ingestions + volumes.decorations(decorated)
    seconds = forwarded / assumed.FORWARDED + decorated / assumed.DECORATED + invocations * assumed.OVERHEAD
    writing.add(FUNCTIONS, "lambda_requests", invocations)
    writing.add(FUNCTIONS, "lambda_arm64", seconds * assumed.MEMORY_GB)
    writing.add(FUNCTIONS, "logs_ingested", invocations * assumed.LOG_BYTES / GB)


def _streams(writing: Writing, plan: Plan, volumes: Volumes) -> None:
    put = (volumes.search_put if plan.search else 0.0) + (volumes.lake_put if plan.lake else 0.0)
    taken_in = volumes.lake_put
    if plan.source == "firehose":
        taken_in = volumes.gigabytes
        writing.add(STREAMS, "firehose_vended", plan.streams * volumes.gigabytes)
    else:
        writing.add(STREAMS, "firehose_put", put)
    if plan.lake == "parquet":
        writing.add(STREAMS, "firehose_conversion", taken_in)
    if plan.search_zones_in_vpc and plan.search:
        writing.add(STREAMS, "firehose_vpc", volumes.kept * plan.indexed_bytes / GB)
        writing.add(STREAMS, "firehose_vpc_hour", plan.search_zones_in_vpc * HOURS)


def _search(writing: Writing, plan: Plan, _: Volumes) -> None:
    if plan.search:
        writing.add(SEARCH, plan.search_instance, plan.search_nodes * HOURS)
        writing.add(SEARCH, "opensearch_gp3", plan.search_nodes * plan.search_volume_gb)
        writing.add(SEARCH, plan.search_master, plan.search_masters * HOURS)
        writing.add(SEARCH, "secret", plan.secrets)


def _lake(writing: Writing, plan: Plan, volumes: Volumes) -> None:
    writing.add(LAKE, "s3_storage", _stored(volumes.lake_gigabytes, plan.lake_retention_days))
    writing.add(LAKE, "s3_put", volumes.lake_files)


def _inventory(writing: Writing, plan: Plan, volumes: Volumes) -> None:
    runs = volumes.inventories
    writing.add(INVENTORY, "lambda_requests", runs)
    writing.add(INVENTORY, "lambda_arm64", runs * assumed.RUN_SECONDS * assumed.MEMORY_GB)
    writing.add(INVENTORY, "logs_ingested", runs * assumed.LOG_BYTES / GB)
    hourly = HOURS * assumed.HOURLY_REQUESTS if plan.inventory_minutes else 0.0
    writing.add(INVENTORY, "s3_put", runs * assumed.RUN_REQUESTS + hourly)


def _watch(writing: Writing, plan: Plan, _: Volumes) -> None:
    functions = ["decorator"] if plan.source == "firehose" else ["decorator", "ingestor"]
    ours = sum(_metrics(name) for name in functions) * plan.streams  # of files alone there are none
    ours += _metrics("inventory") if plan.inventory_minutes else 0  # geoip's are there for one hour a day
    writing.add(WATCH, "metric", ours if plan.metrics is None else plan.metrics)
    writing.add(WATCH, "alarm", plan.alarms)
    writing.add(WATCH, "dashboard", plan.dashboards)
    writing.add(WATCH, "kms_key", plan.kms_keys)
    writing.add(WATCH, "vpc_endpoint", plan.endpoints * HOURS)


def _metrics(function: str) -> int:
    return sum(function in metric.functions for metric in METRICS.values())


def _stored(gigabytes: float, days: float) -> float:
    """Give what is stored once as much is removed as is added."""
    return gigabytes * days / DAYS


def _assumptions(plan: Plan) -> list[str]:
    said = [
        f"{plan.lines_per_second:,.0f} lines a second of {plan.line_bytes:.0f} bytes, all month; a GB is 10^9 bytes",
        f"an ingestor forwards {assumed.FORWARDED:,} and a decorator answers {assumed.DECORATED:,} lines a second",
        f"each invocation lasts {1000 * assumed.OVERHEAD:.0f} ms more and logs {assumed.LOG_BYTES:,} bytes",
        "storage is what is there once the retention is reached",
    ]
    if plan.inventory_minutes:
        said.append(f"a run of the inventory lasts {assumed.RUN_SECONDS} s, every {plan.inventory_minutes:g} minutes")
    if plan.source == "cloudwatch":
        said.append(f"an event of the ingestor brings {assumed.LINES_AN_EVENT:,} lines")
    if plan.source in ("s3", "files"):
        said.append(f"a file of flow logs holds {assumed.LINES_A_FILE:,} lines, and one is written every 5 minutes")
    return said
