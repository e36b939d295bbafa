"""The page of all metrics."""

from flowlogs.docs.markdown import code, page, table
from flowlogs.metrics import LINES, METRICS, NAMESPACE, SSH_REJECTS

_OPENING = f"""\
# Metrics

Each invocation publishes its metrics in CloudWatch's embedded metric format, a line of its log: no call, no permission.
The namespace is `{NAMESPACE}`, or what `FLOWLOGS_NAMESPACE` says. Every metric has the dimensions `function` and
`stream`: the function that publishes it and the delivery stream it is about. `Lag` and `GeoDatabaseAge` are left out
where there is nothing to measure.
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
_REJECTS = f"""\
## {SSH_REJECTS}

A metric filter on a log group can count rejected SSH; where flow logs go elsewhere there is no log group. With
`FLOWLOGS_SSH_REJECTS` set, one decorator counts instead: lines with action REJECT, port 22 and protocol 6 that it
answered Ok in this invocation, none that were put back, left out or refused. The setting is a namespace, say
`vpcflowlogs`, and the metric is named `{SSH_REJECTS}`; `vpcflowlogs:Rejected SSH` gives it another name. It has no
dimensions, and the unit is Count. An invocation that received lines publishes it, also where it is 0. Set it on one
decorator only, or lines count twice: the lake's where there is one, for what is left out of the search stream is not
counted there.
"""


def metrics_page() -> str:
    """Write the page from the table of metrics."""
    received, delivered, dropped, failed, requeued = (code(LINES[part]) for part in _SUM)
    account = f"{received} = {delivered} + {dropped} + {failed} + {requeued}"
    rows = [
        (code(metric.name), metric.unit, ", ".join(metric.functions), metric.meaning) for metric in METRICS.values()
    ]
    return page(
        _OPENING,
        table(("metric", "unit", "function", "meaning"), rows),
        _ACCOUNT,
        f"> {account}",
        _NOT_IN_THE_SUM,
        _REJECTS,
    )


_SUM = ("received", "delivered", "dropped", "failed", "requeued")
