"""`flowlogs search setup`: makes a server ready before the first document comes."""

import re
import time
from collections.abc import Mapping
from typing import Any

import click
import orjson

from flowlogs.cli.opensearch_options import domain_of, opensearch_options, signs_in
from flowlogs.cli.plain_table import print_table, printable
from flowlogs.cli.search_target import check_prefix
from flowlogs.search.address import checked_address
from flowlogs.search.domain_errors import DomainError
from flowlogs.search.setup.plan import ROLE_ARN, Plan
from flowlogs.search.setup.rehearsal import RehearsedDomain
from flowlogs.search.setup.security import role_name
from flowlogs.search.setup.setting_up import SettingUp
from flowlogs.search.setup.step import SERVER, Result, Step
from flowlogs.setting_kinds import Shape

_SHAPES = (Shape.JSON, Shape.ECS, Shape.OCSF)
_COLOURS: dict[str, str] = {Result.DONE: "green", Result.LEFT_OUT: "yellow", Result.FAILED: "red"}


def _role(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    if value is not None and not re.fullmatch(ROLE_ARN, value, re.ASCII):
        raise click.BadParameter(f"{value[:60]!r}: it takes the ARN of an IAM role")
    return value


@click.command(short_help="Put index template, delivery role, retention policy and dashboards into a server.")
@click.option("--url", required=True, help="The server: https://host, or http://localhost:9200.")
@opensearch_options
@click.option("--dashboards-url", metavar="URL", help="Its Dashboards.  [default: below the server's own address]")
@click.option("--no-dashboards", is_flag=True, help="Leave the dashboards out.")
@click.option("--index", default="cwl", show_default=True, help="Beginning of the indexes' names.")
@click.option("--no-rotation", is_flag=True, help="There is one index, of that very name.")
@click.option(
    "--shape",
    type=click.Choice([str(each) for each in _SHAPES]),
    default=str(Shape.JSON),
    show_default=True,
    help="How the documents look.",
)
@click.option("--retention-days", type=click.IntRange(1, 99999), help="Delete an index so many days after it was made.")
@click.option("--shards", type=click.IntRange(1, 999), default=1, show_default=True, help="Parts of an index.")
@click.option(
    "--replicas", type=click.IntRange(0, 99), help="Copies of each.  [default: 1 where there is a second node]"
)
@click.option("--delivery-role", metavar="ARN", callback=_role, help="AWS role that writes: Firehose's.")
@click.option(
    "--timeout",
    type=click.IntRange(min=5),
    default=60,
    show_default=True,
    metavar="SECONDS",
    help="How long it may take, waiting for the server and its Dashboards included.",
)
@click.option("--dry-run", is_flag=True, help="Ask nobody; print what would be put, as NDJSON.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def setup(**options: Any) -> None:
    """Set up a server: OpenSearch, here or at Amazon, or Elasticsearch 7.8 and later, with its Dashboards or Kibana.

    It was tried with OpenSearch 2.19; 3 is taken too, and said to be untried.

    It puts the index template of --index, where asked a security role for --delivery-role and a policy that deletes
    old indexes, and the dashboards with their index pattern, which becomes the default where nobody chose another.
    A deployment does the same by itself. Done again it renews what is ours: put changes of your own into copies of the
    dashboards. What a server has no plugin for is left out, and said. Documents of another shape take another --index.

    Exit 0: nothing failed; 1: something did, and the next step is said.

    \b
    $ flowlogs search setup --url http://localhost:9200 --dashboards-url http://localhost:5601
    $ flowlogs search setup --url https://search.example.com --user admin --retention-days 30
    $ flowlogs search setup --url https://search.example.com --sigv4 --delivery-role arn:aws:iam::123456789012:role/name
    $ flowlogs search setup --url http://localhost:9200 --dry-run > requests.ndjson
    """
    check_prefix(options["index"])
    plan = _plan(options)
    if options["dry_run"]:
        _rehearse(plan)
        return
    countdown = _Countdown(options["timeout"])
    domain = domain_of(plan.endpoint, options, countdown.left)
    steps = _taken(SettingUp(domain, countdown.left, _Sleep(plan.endpoint, options["timeout"])), plan)
    _show(steps, as_json=options["as_json"])
    if any(step.result is Result.FAILED for step in steps):
        raise SystemExit(1)


def _plan(options: Mapping[str, Any]) -> Plan:
    """Read the options; raise SettingsError where an address is none, before anything is put."""
    signed, url = signs_in(options), options["dashboards_url"]
    return Plan(
        endpoint=checked_address(options["url"], signs_in=signed),
        index_prefix=options["index"],
        delivery_role=options["delivery_role"],
        role_name=role_name(options["index"]),
        shards=options["shards"],
        replicas=options["replicas"],
        retention_days=options["retention_days"],
        shape=Shape(options["shape"]),
        with_dashboards=not options["no_dashboards"],
        rotates=not options["no_rotation"],
        dashboards_url=checked_address(url, signs_in=signed, may_have_path=True) if url else None,
    )


class _Countdown:
    """The seconds that are left, from the first question on: typing a password takes none of them."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._ends: float | None = None

    def left(self) -> float:
        now = time.monotonic()
        if self._ends is None:
            self._ends = now + self._seconds
        return self._ends - now


class _Sleep:
    """Sleeps, and says so once: else nobody knows why nothing happens."""

    def __init__(self, endpoint: str, timeout: float) -> None:
        self._says: str | None = f"Waiting for {endpoint} to answer, {timeout:.0f} s at most …"

    def __call__(self, seconds: float) -> None:
        if self._says:
            click.echo(self._says, err=True)
            self._says = None
        time.sleep(seconds)


def _taken(set_up: SettingUp, plan: Plan) -> list[Step]:
    """Take the steps until one fails."""
    steps: list[Step] = []
    try:
        for step in set_up(plan):
            steps.append(step)  # noqa: PERF402 (what was done before a failure is kept)
    except DomainError as error:
        advice = "run the same again when it is mended: what is there already does no harm"
        steps.append(Step(error.step or SERVER, Result.FAILED, str(error), advice))
    return steps


def _rehearse(plan: Plan) -> None:
    domain = RehearsedDomain(plan.endpoint)
    list(SettingUp(domain, lambda: 1.0, time.sleep)(plan))
    for request in domain.requests:
        click.echo(orjson.dumps(request._asdict()))
    if plan.with_dashboards:
        click.echo("Note: saved objects travel as a file of lines (multipart/form-data, field `file`).", err=True)
    if plan.replicas is None:
        click.echo("Note: replicas are 1 only where the server has a second node, which is asked then.", err=True)


def _show(steps: list[Step], *, as_json: bool) -> None:
    if as_json:
        rows = [
            {"step": each.name, "result": each.result, "detail": each.detail, "advice": each.advice or None}
            for each in steps
        ]
        click.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2))
        return
    print_table(("result", "step", "what"), [(each.result, each.name, each.detail) for each in steps], _COLOURS)
    for step in steps:
        if step.advice:
            click.echo()
            click.echo(printable(f"Next step for the {step.name}: {step.advice}."))
