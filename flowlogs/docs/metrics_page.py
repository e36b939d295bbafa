"""The page of all metrics."""

from flowlogs.docs.markdown import code, page, table
from flowlogs.metrics import LINES, METRICS, NAMESPACE

_OPENING = f"""\
# Metrics

Each invocation publishes its metrics in CloudWatch's embedded metric format, a line of its log: no call, no permission.
The namespace is `{NAMESPACE}`. Every metric has the dimensions `function` and `stream`: the function that publishes it
and the delivery stream it is about. `Lag` and `GeoDatabaseAge` are left out where there is nothing to measure.
"""
_ACCOUNT = """\
## The account of lines

Every flow-record line that reaches a function is counted once, per invocation and stream, and it adds up:
"""
_NOT_IN_THE_SUM = """\
Headers, blank lines, lines that begin with `#` and control messages are no flow records: they are *ignored* and stand
outside the sum. A line that was put back is received again when it returns; so over time a decorator receives what came
for the first time plus what it requeued. The ingestor's and the decorator's accounts of a stream are two accounts: what
the first delivers, the second receives.
"""


def metrics_page() -> str:
    """Write the page from the table of metrics."""
    received, delivered, dropped, failed, requeued = (code(LINES[part]) for part in _SUM)
    account = f"{received} = {delivered} + {dropped} + {failed} + {requeued}"
    rows = [
        (code(metric.name), metric.unit, ", ".join(metric.functions), metric.meaning) for metric in METRICS.values()
    ]
    return page(
        _OPENING, table(("metric", "unit", "function", "meaning"), rows), _ACCOUNT, f"> {account}", _NOT_IN_THE_SUM
    )


_SUM = ("received", "delivered", "dropped", "failed", "requeued")
