"""Puts marked lines where the flow log would have put them."""

import orjson

from flowlogs.doctor.asked import Outside
from flowlogs.doctor.deployment import Deployment
from flowlogs.doctor.refused import Refused, refused
from flowlogs.generate.carriers.log_streams import LogStreams
from flowlogs.generate.dataset import Line
from flowlogs.generate.smoke import log_file, log_file_key
from flowlogs.ingest.sending import Sender

_SECONDS = 120.0
"""Time that sending onto a delivery stream may take before it is given up."""


def send(deployment: Deployment, outside: Outside, marker: str, lines: list[Line]) -> None:
    """Send lines into the source of a deployment; raise Refused where not all were taken."""
    if deployment.source == "cloudwatch":
        _into_log_group(deployment.output("LogGroup") or "", outside, lines)
    elif deployment.source == "s3":
        _into_bucket(deployment, outside, marker, lines)
    else:
        for stream in deployment.streams.values():
            _onto_stream(stream, outside, lines)


def _into_log_group(group: str, outside: Outside, lines: list[Line]) -> None:
    streams = LogStreams(outside.log_groups, group)
    for line in lines:
        streams.add(line.text, line.interface_id, line.start)
    streams.close()
    if streams.rejected:
        sentence = f"CloudWatch Logs rejected {streams.rejected:,} lines as too old or too new"
        raise Refused(f"{sentence}: is the clock of this machine right, and how long does {group} keep events?")


def _into_bucket(deployment: Deployment, outside: Outside, marker: str, lines: list[Line]) -> None:
    stack, prefix = deployment.stack, deployment.output("FlowLogPrefix") or ""
    key = log_file_key(prefix, stack.account_id, stack.region, marker, outside.now())
    outside.buckets.put(deployment.output("FlowLogBucket") or "", key, log_file(lines, deployment.log_format))


def _onto_stream(stream: str, outside: Outside, lines: list[Line]) -> None:
    """Put single records in the form in which VPC Flow Logs puts them."""
    end = outside.now() + _SECONDS
    records = [orjson.dumps({"message": line.text.decode()}) for line in lines]
    unsent = Sender(outside.streams, outside.sleep).send(stream, records, lambda: end - outside.now())
    if unsent:
        raise refused(unsent[0].reason, "firehose:PutRecordBatch", stream)
