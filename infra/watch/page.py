"""The page on what is watched: what each source offers, the alarms, the saved queries."""

from flowlogs.docs.markdown import code, page, table
from flowlogs.record.log_format import DEFAULT
from infra.watch.alarm_row import AlarmRow
from infra.watch.alarm_table import ALARMS
from infra.watch.filter_pattern import rejected_ssh_pattern
from infra.watch.insights import FLOW_QUERIES, FUNCTION_QUERIES
from infra.watch.offers import OFFERS, SOURCES

_OPENING = """\
# Watching it

A deployment counts rejected SSH, rings alarms, saves queries and draws a CloudWatch dashboard named `flowlogs`. The
setting `prefix` goes before the names of all of them.
"""
_OFFERS = """\
## What each source offers

*With a log group* means that a second flow log writes into CloudWatch Logs beside the source.
"""
_PATTERN = """\
## Rejected SSH

A metric filter counts records of TCP port 22 that were rejected. Its pattern follows the record format, field for
field; for the default format it is
"""
_WITHOUT = """\
Where no log group holds flow records, one decorator publishes the same metric, of the lines that it answered Ok: the
lake's where there is one, else the search stream's. The alarm is the same. A record format without `dstport`,
`protocol` or `action` cannot tell rejected SSH: synth warns, and there is neither filter nor alarm.

The alarm rings for one rejected connection in one minute. The count is dated when the traffic was, and comes minutes
later; so the alarm looks back as long as a flow log may take (16 minutes for an interval of 60 s, 25 for 600 s), and
stays in alarm as long. The decorator's count is of now, and its alarm looks at the last minute alone.
"""
_ALARMS = """\
## Alarms

All tell one SNS topic, which sends an e-mail where an address is set. `SSH rejects` is named so, the others begin with
`flowlogs`, and those of which there are several end with what they are about: `flowlogs lines failed (ingestor, lake)`.

Missing data does not ring: a metric that nothing happens to has none. Only *no flow records* rings by missing data,
because there silence is the news: a flow log writes NODATA records even without traffic. It waits for twice the
aggregation interval and 15 minutes, in whole periods of 5 minutes: 20 minutes for an interval of 60 s, 35 minutes for
600 s. It exists only where the deployment made the flow log.

With runs of the inventory further apart than 5 minutes (`inventory_minutes`), *inventory is old* waits for three of
them and *accounts fail* looks at three. With `geo_provider=maxmind`, *geo databases old* rings after 21 days.
"""
_QUERIES = """\
## Saved queries

They are in CloudWatch Logs Insights, in the folder `flowlogs`. In the default format they use the names that Insights
finds by itself; in any other they begin with a `parse` that names the fields in their order. A query whose fields the
record format lacks is left out.
"""


def watch_page() -> str:
    """Write the page from the tables of offers, alarms and queries."""
    return page(
        _OPENING,
        _OFFERS,
        table(("", *SOURCES), [(offer.what, *offer.by_source) for offer in OFFERS]),
        _PATTERN,
        f"```text\n{rejected_ssh_pattern(DEFAULT)}\n```",
        _WITHOUT,
        _ALARMS,
        table(("alarm", "one for", "rings when", "it means", "do first"), [_alarm(row) for row in ALARMS]),
        _QUERIES,
        table(("query", "asks"), _queries()),
    )


def _alarm(row: AlarmRow) -> tuple[str, ...]:
    return row.name, row.of.value, rule(row), row.meaning, _capitalized(row.first)


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]


def rule(row: AlarmRow) -> str:
    """Say in words when an alarm rings."""
    metric = f"{row.statistic} of {code(row.metric)} ({row.where.value})"
    if row.share_of is not None:
        metric = f"{code(row.metric)} as % of {code(row.share_of)}"
    return f"{metric} {row.compare} {row.threshold:g}{_times(row)}"


def _times(row: AlarmRow) -> str:
    if row.silence:
        return " for the time said above"
    minutes = row.period // 60
    step = f"{minutes} minute{'' if minutes == 1 else 's'}"
    return f" in {step}" if row.periods == 1 else f" in each {step}, {row.periods} times in a row"


def _queries() -> list[tuple[str, str]]:
    flows = [(query.title, "flow records") for query in FLOW_QUERIES]
    return [*flows, *((query.title, "the functions' logs") for query in FUNCTION_QUERIES)]
