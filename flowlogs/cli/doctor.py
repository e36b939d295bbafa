"""`flowlogs doctor`: what is missing in a deployment, and the next step."""

import random

import click
import orjson

from flowlogs.cli import aws_account
from flowlogs.cli.plain_table import print_table, printable
from flowlogs.cli.smoke_progress import SmokeProgress, show_outcome
from flowlogs.doctor.asked import Outside
from flowlogs.doctor.checks import checked
from flowlogs.doctor.deployment import STACK, Deployment, NoDeployment, deployment_of, found, why_incomplete
from flowlogs.doctor.row import Row, State
from flowlogs.doctor.smoke import Smoke
from flowlogs.generate.smoke import MOST, marked_lines, new_marker

_COLOURS: dict[str, str] = {State.OK: "green", State.MISSING: "red", State.REFUSED: "yellow", State.UNSEEN: "yellow"}


@click.command(short_help="What is missing in a deployment, and the next step.")
@click.option("--stack", default=STACK, show_default=True, metavar="NAME", help="The CloudFormation stack.")
@click.option("--smoke", is_flag=True, help="Send marked lines and wait until they are at each destination.")
@click.option(
    "--lines",
    type=click.IntRange(1, MOST),
    default=100,
    show_default=True,
    help="Marked lines, with --smoke. All are rejects, some of SSH.",
)
@click.option(
    "--timeout",
    type=click.IntRange(min=1),
    default=900,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for them, with --smoke.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def doctor(*, stack: str, smoke: bool, lines: int, timeout: int, as_json: bool) -> None:
    """Check a deployment: is everything there, does the flow log deliver, was anything put aside today.

    With --smoke, marked lines are sent where the flow log writes, and looked for in every destination: OpenSearch
    and the lake are asked until all have come. They are of this minute, of an interface that does not exist, and
    rejected; the alarm "SSH rejects" goes off. Account and region are those of AWS_PROFILE and AWS_REGION.

    Exit 0: nothing is missing; 1: something is, and the next step is said.

    \b
    $ flowlogs doctor
    $ flowlogs doctor --smoke
    $ flowlogs doctor --smoke --stack second-Flowlogs --timeout 1800 --json
    """
    outside = aws_account.outside()
    deployed = found(outside.stacks, stack)
    if why := why_incomplete(deployed):
        raise NoDeployment(f"{why}; next step: read its events, `aws cloudformation describe-stack-events`")
    deployment = deployment_of(deployed)
    fine = _smoke(deployment, outside, lines, timeout, as_json) if smoke else _check(deployment, outside, as_json)
    if not fine:
        raise SystemExit(1)


def _check(deployment: Deployment, outside: Outside, as_json: bool) -> bool:
    rows = list(checked(deployment, outside))
    if as_json:
        click.echo(orjson.dumps([row.as_dict() for row in rows], option=orjson.OPT_INDENT_2))
    else:
        _show(rows)
    return all(row.stands for row in rows)


def _show(rows: list[Row]) -> None:
    print_table(("state", "check", "found"), [(row.state, row.check, row.found) for row in rows], _COLOURS)
    for row in rows:
        if row.next_step:
            click.echo()
            click.echo(printable(f"Next step for the {row.check}: {row.next_step}."))


def _smoke(deployment: Deployment, outside: Outside, count: int, timeout: int, as_json: bool) -> bool:
    marker = new_marker(random.SystemRandom().getrandbits)
    account_id = deployment.stack.account_id
    lines = marked_lines(marker, count, outside.now(), deployment.log_format, account_id)
    into = printable(f"{deployment.stack.name} ({deployment.source})")
    click.echo(f"{count:,} lines of the interface {marker} into {into}", err=True)
    try:
        with SmokeProgress(timeout) as progress:
            outcome = Smoke(deployment, outside, marker, timeout, progress.show).run(lines)
    except KeyboardInterrupt:
        click.echo(f"Note: what was sent goes on its way; look for the interface {marker}", err=True)
        raise
    show_outcome(outcome, deployment, as_json=as_json)
    return outcome.complete
