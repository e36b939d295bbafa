"""How much of everything a plan moves in a month, and what had to be assumed for it."""

import math
from dataclasses import dataclass

from flowlogs.costs.plan import Plan

HOURS = 730
"""Hours of a month, as AWS's calculator has them."""
SECONDS = HOURS * 3600
DAYS = HOURS / 24
GB = 1e9
STEP = 5 * 1024
"""Bytes that Firehose rounds a record of Direct PUT up to. Source: Amazon Data Firehose pricing."""
PACKED_BYTES = 100 * 1024
"""Bytes of a lake record, which holds many lines (`flowlogs.ingest.packing`)."""
TRANSFORMED_BYTES = 200_000
"""Bytes of an event of the decorator: the buffer of the transformation, 0.2 MB."""
MEMORY_GB = 1769 / 1024
"""Memory of a function: what brings one whole CPU. Source: Lambda Developer Guide, "Memory"."""
DECORATED = 20_000
"""Lines a second that a decorator is taken to answer: under half of what the benchmark's slowest case measures."""
FORWARDED = 10_000
"""Lines a second that an ingestor is taken to forward, puts to Firehose among it; not measured on AWS."""
OVERHEAD = 0.02
"""Seconds that any invocation is taken to last besides its lines."""
LOG_BYTES = 3_000
"""Bytes that an invocation logs: its metrics, a sentence, Lambda's own report."""
LINES_AN_EVENT = 100
"""Lines that CloudWatch Logs is taken to bring an invocation: AWS publishes no figure, small networks have fewer."""
LINES_A_FILE = 5_000
"""Lines that a file of flow logs in S3 is taken to hold."""
FILE_SECONDS = 300
"""A flow log writes to S3 at least this often. Source: VPC User Guide, "Publish flow logs to Amazon S3"."""
JSON_BYTES = 90
"""Bytes that a document takes in a lake of JSON; a raw line takes its compressed size."""
LAKE_FILE_SECONDS = 300
LAKE_FILE_BYTES = 128_000_000
RUN_SECONDS = 3
"""Seconds that a run of the inventory is taken to last: one account and region, some hundred interfaces."""
RUN_REQUESTS = 8
"""Requests of each run that S3 bills as PUT: interfaces, the record of accounts, the look-up file and the pointer are
written, and four prefixes are listed for what nobody needs any more."""
HOURLY_REQUESTS = 30
"""More of them in one run an hour, at most: a state of nine kinds, Parquet of yesterday and today of ten, and which day
is the first of these; in the first hour of a day that of the day before, too."""


@dataclass(frozen=True, slots=True)
class Volumes:
    """A month of a plan; bytes are counted before compression."""

    plan: Plan

    @property
    def lines(self) -> float:
        """Lines that come."""
        return self.plan.lines_per_second * SECONDS

    @property
    def gigabytes(self) -> float:
        """GB of lines that come."""
        return self.lines * self.plan.line_bytes / GB

    @property
    def kept(self) -> float:
        """Lines that become documents of search."""
        return self.lines * self.plan.search_keep if self.plan.search else 0.0

    @property
    def search_put(self) -> float:
        """GB that Firehose counts on the way to search: a record for each line, rounded up."""
        return self.singles_put(self.kept)

    def singles_put(self, lines: float) -> float:
        """Give the GB that Firehose counts for lines that are a record each."""
        return lines * math.ceil(self.plan.line_bytes / STEP) * STEP / GB

    @property
    def lake_put(self) -> float:
        """GB that Firehose counts on the way to the lake: packed records, each rounded up."""
        line = self.plan.line_bytes + 1  # and its newline
        lines_a_record = max(1, PACKED_BYTES // line)
        steps = math.ceil(lines_a_record * line / STEP)
        return self.lines / lines_a_record * steps * STEP / GB

    @property
    def ingestions(self) -> float:
        """Invocations of the ingestor; none where the flow log goes straight to Firehose, or no further than S3."""
        if self.plan.source == "cloudwatch":
            return self.lines / LINES_AN_EVENT
        return self.files if self.plan.source == "s3" else 0.0

    @property
    def files(self) -> float:
        """Files that a flow log writes into S3: at least one each time it writes at all."""
        return max(self.lines / LINES_A_FILE, SECONDS / FILE_SECONDS) if self.lines else 0.0

    @property
    def inventories(self) -> float:
        """Runs of the inventory."""
        return SECONDS / 60 / self.plan.inventory_minutes if self.plan.inventory_minutes else 0.0

    def decorations(self, lines: float) -> float:
        """Invocations of a decorator for so many lines."""
        return lines * self.plan.line_bytes / TRANSFORMED_BYTES

    @property
    def to_search(self) -> float:
        """Lines that the decorator of search receives: those of a vended stream are narrowed only there."""
        return (self.lines if self.plan.source == "firehose" else self.kept) if self.plan.search else 0.0

    @property
    def lake_gigabytes(self) -> float:
        """GB of files that a month adds to the lake."""
        plan = self.plan
        if plan.lake is None:
            return 0.0
        document = {"parquet": plan.parquet_bytes, "json": JSON_BYTES, "raw": plan.gzipped * plan.line_bytes}
        return self.lines * document[plan.lake] / GB

    @property
    def lake_files(self) -> float:
        """Files that a month adds to the lake."""
        return max(self.gigabytes * GB / LAKE_FILE_BYTES, SECONDS / LAKE_FILE_SECONDS) if self.plan.lake else 0.0

    @property
    def index_a_day(self) -> float:
        """GB of index that a day of documents needs."""
        return self.kept * self.plan.indexed_bytes / GB / DAYS
