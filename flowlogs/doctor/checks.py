"""Checks of a deployment that send nothing: each says what is there, or what to do."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from flowlogs.doctor.asked import FlowLog, Outside
from flowlogs.doctor.dead_letters import letters_since
from flowlogs.doctor.deployment import Deployment
from flowlogs.doctor.knowledge import GEO, INVENTORY, knowledge
from flowlogs.doctor.refused import Refused
from flowlogs.doctor.row import Row, State


def checked(deployment: Deployment, outside: Outside) -> Iterator[Row]:
    """Run every check that applies; raise Refused where nothing can be asked at all."""
    yield Row("stack", State.OK, f"{deployment.stack.name} is {deployment.stack.status}")
    yield from _guarded("flow log", lambda: _flow_logs(deployment, outside))
    if deployment.source == "cloudwatch":
        yield from _guarded("subscription", lambda: [_subscription(deployment, outside)])
    for destination, name in deployment.streams.items():
        yield from _guarded(f"{destination} stream", lambda name=name, to=destination: [_stream(to, name, outside)])  # type: ignore[misc]
    if imported := deployment.output("DashboardsImport"):
        yield _dashboards(imported, deployment)
    yield from _guarded("inventory", lambda: knowledge(deployment, outside, INVENTORY))
    yield from _guarded("geo databases", lambda: knowledge(deployment, outside, GEO))
    if "existing" in deployment.destinations:
        yield _existing()
    if deployment.put_aside:
        yield from _guarded("dead letters", lambda: [_dead_letters(deployment, outside)])


def _guarded(check: str, look: Callable[[], list[Row]]) -> list[Row]:
    try:
        return look()
    except Refused as error:
        if error.for_everything:
            raise
        state = State.MISSING if error.missing else State.REFUSED
        return [Row(check, state, str(error), _AFTER_REFUSAL[state])]


_AFTER_REFUSAL = {
    State.MISSING: "it was deleted after the deployment: deploy again",
    State.REFUSED: "sign in as someone who may look, or ask for that permission",
}


def _flow_logs(deployment: Deployment, outside: Outside) -> list[Row]:
    found = flow_logs_of(deployment, outside)
    if not found and deployment.source == "s3":
        return [
            Row(
                "flow log",
                State.UNSEEN,
                f"none of this account writes to {deployment.output('FlowLogBucket')}",
                "right where other accounts fill the bucket; else create one, or deploy with VPCs",
            )
        ]
    if not found:
        return [
            Row(
                "flow log",
                State.MISSING,
                "none writes to this deployment",
                "deploy with the VPCs, subnets or interfaces to watch, or create a flow log in the VPC console",
            )
        ]
    return [_flow_log(one, deployment) for one in found]


def flow_logs_of(deployment: Deployment, outside: Outside) -> list[FlowLog]:
    """List the flow logs that write into the deployment, into a log group and a bucket where it has both."""
    group, bucket = deployment.output("LogGroup"), deployment.output("FlowLogBucket")
    every = outside.flow_logs.into_log_group(group) if group else []
    if bucket:
        arn = f":::{bucket}"
        into_s3 = outside.flow_logs.into("s3")
        every += [one for one in into_s3 if one.destination.endswith(arn) or f"{arn}/" in one.destination]
    if deployment.source == "firehose":
        names = set(deployment.streams.values())
        onto_streams = outside.flow_logs.into("kinesis-data-firehose")
        every += [one for one in onto_streams if one.destination.rpartition("/")[2] in names]
    return every


def _flow_log(found: FlowLog, deployment: Deployment) -> Row:
    name = f"flow log {found.flow_log_id}"
    if found.delivery == "FAILED":
        steps = _DELIVERY_TO_S3 if ":s3:::" in found.destination else _DELIVERY
        return Row(name, State.MISSING, f"delivery failed: {found.error}", steps.get(found.error, steps[""]))
    if found.log_format.split() != [f"${{{field.name}}}" for field in deployment.log_format.fields]:
        step = "lines would be refused: deploy again with this record format, or remove that flow log"
        if ":s3:::" not in found.destination:  # files in S3 say their order themselves
            return Row(name, State.MISSING, f"writes another order of fields: {found.log_format[:200]}", step)
    if not found.delivery:
        return Row(name, State.UNSEEN, f"{found.resource_id}: nothing delivered yet", "wait ten minutes")
    return Row(name, State.OK, f"{found.resource_id}: delivers")


_DELIVERY = {
    "Access error": "its role may not write: deploy again, or compare the role with VPC User Guide, "
    '"Publish flow logs to CloudWatch Logs"',
    "Rate limited": "CloudWatch Logs throttles it: raise that quota, or choose 600 s of aggregation",
    "": "AWS calls it an internal error: wait, and if it stays delete the flow log and deploy again",
}
"""Next steps by DeliverLogsErrorMessage. Source: EC2 API, FlowLog."""
_DELIVERY_TO_S3 = {
    **_DELIVERY,
    "Access error": "log delivery may not write into the bucket, or not use its key: compare the bucket's policy and "
    'the key\'s with docs/deployment.md, "A key of your own"',
}


def _subscription(deployment: Deployment, outside: Outside) -> Row:
    group = deployment.output("LogGroup") or ""
    arns = outside.log_groups.subscriptions(group)
    names = {arn.rpartition("/")[2].rpartition(":")[2] for arn in arns}
    ingestor = deployment.output("Ingestor")
    if ingestor in names or (ingestor is None and names):
        return Row("subscription", State.OK, f"{group} to {ingestor or ', '.join(sorted(names))}")
    instead = f", but to {', '.join(sorted(names))}" if names else ""
    return Row(
        "subscription",
        State.MISSING,
        f"{group} is not subscribed to {ingestor or 'the ingestor'}{instead}",
        "a log group has room for two subscription filters: remove one where both are taken, then deploy again",
    )


def _stream(destination: str, name: str, outside: Outside) -> Row:
    state = outside.delivery_streams.state(name)
    if state == "ACTIVE":
        return Row(f"{destination} stream", State.OK, f"{name} is ACTIVE")
    step = "wait some minutes" if state == "CREATING" else "delete it and deploy again"
    return Row(f"{destination} stream", State.MISSING, f"{name} is {state}", step)


def _dashboards(imported: str, deployment: Deployment) -> Row:
    """Say what became of the import; a failed one may be mended since, which the stack does not know."""
    where = deployment.output("Dashboards") or "OpenSearch Dashboards"
    if imported == "done":
        return Row("dashboards", State.OK, f"imported into {where}")
    if imported == "left out":
        return Row("dashboards", State.OK, "left out at the last deployment")
    step = f"import them: flowlogs search setup --url {deployment.output('SearchEndpoint')}, and who you sign in as"
    secret = deployment.output("SearchSecret")
    return Row(
        "dashboards",
        State.UNSEEN,
        "could not be imported at the last deployment; the log of search_setup says why",
        f"{step} (--secret {secret})" if secret else step,
    )


def _existing() -> Row:
    return Row(
        "existing streams",
        State.UNSEEN,
        "delivery streams of your own: what they deliver is not seen from here",
        "look into their destinations; the decorator must be chosen on each of them",
    )


def _dead_letters(deployment: Deployment, outside: Outside) -> Row:
    today = datetime.fromtimestamp(outside.now(), UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    letters = letters_since(outside.buckets, deployment.put_aside, today)
    places = [f"s3://{bucket}/{prefix}" for bucket, prefix in deployment.put_aside]
    if not letters.count:
        return Row("dead letters", State.OK, f"none today in {' and '.join(places)}")
    kinds = ", ".join(f"{number:,} {kind}" for kind, number in sorted(letters.kinds.items()))
    return Row(
        "dead letters",
        State.MISSING,
        f"{letters.count:,}{' or more' if letters.cut else ''} objects today: {kinds}",
        f"read why, each line of them names its reason: `aws s3 ls --recursive {places[0]}`",
    )
