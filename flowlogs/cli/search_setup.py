"""`flowlogs search setup`: makes a server ready before the first document comes."""

import re
import time
from collections.abc import Callable
from typing import Any

import click
import orjson

from flowlogs.cli.opensearch_options import domain_of, opensearch_options
from flowlogs.cli.plain_table import print_table, printable
from flowlogs.cli.search_target import check_prefix
from flowlogs.search.dashboards_server import DashboardsServer
from flowlogs.search.domain import Domain
from flowlogs.search.domain_errors import DomainError
from flowlogs.search.outcome import Outcome, Result
from flowlogs.search.plan import ROLE_ARN, Plan
from flowlogs.search.rehearsal import RehearsedDomain
from flowlogs.search.security import role_name
from flowlogs.search.server import Server
from flowlogs.search.setting_up import STEPS, SettingUp
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

    It puts the index template of --index, where asked a security role for --delivery-role and a policy that deletes
    old indexes, and the dashboards with their index pattern, which becomes the default where nobody chose another.
    A deployment does the same by itself. Done again it renews what is ours: put changes of your own into copies of the
    dashboards. What a server has no plugin for is left out, and said.

    Exit 0: nothing failed; 1: something did, and the next step is said.

    \b
    $ flowlogs search setup --url http://localhost:9200 --dashboards-url http://localhost:5601
    $ flowlogs search setup --url https://search.example.com --user admin --retention-days 30
    $ flowlogs search setup --url https://search.example.com --sigv4 --delivery-role arn:aws:iam::123456789012:role/r
    $ flowlogs search setup --url http://localhost:9200 --dry-run > requests.ndjson
    """
    check_prefix(options["index"])
    plan = _plan(options)
    if options["dry_run"]:
        _rehearse(plan, options["dashboards_url"])
        return
    domain = domain_of(plan.endpoint, options)

    def dashboards(server: Server) -> DashboardsServer:
        return domain.dashboards(
            options["dashboards_url"] or f"{domain.endpoint}{server.dashboards}", settings=server.settings
        )

    if options["dashboards_url"]:
        domain.dashboards(options["dashboards_url"])  # an address that is none is said before anything is put
    ends = time.monotonic() + options["timeout"]
    outcomes = _taken(_setting_up(domain, dashboards, lambda: ends - time.monotonic()), plan)
    _show(outcomes, as_json=options["as_json"])
    if any(outcome.result is Result.FAILED for outcome in outcomes):
        raise SystemExit(1)


def _plan(options: dict[str, Any]) -> Plan:
    return Plan(
        endpoint=options["url"].rstrip("/"),
        index_prefix=options["index"],
        delivery_role=options["delivery_role"],
        role_name=role_name(options["index"]),
        shards=options["shards"],
        replicas=options["replicas"],
        retention_days=options["retention_days"],
        shape=Shape(options["shape"]),
        dashboards=not options["no_dashboards"],
        rotates=not options["no_rotation"],
    )


def _setting_up(
    domain: Domain, dashboards: Callable[[Server], DashboardsServer], time_left: Callable[[], float]
) -> SettingUp:
    return SettingUp(domain, time_left, _Patience(), dashboards)


class _Patience:
    """Sleeps, and says so once: else nobody knows why nothing happens."""

    def __init__(self) -> None:
        self._said = False

    def __call__(self, seconds: float) -> None:
        if not self._said:
            click.echo("Waiting for an answer …", err=True)
            self._said = True
        time.sleep(seconds)


def _taken(set_up: SettingUp, plan: Plan) -> list[Outcome]:
    """Take the steps until one fails."""
    outcomes: list[Outcome] = []
    try:
        for outcome in set_up(plan):
            outcomes.append(outcome)  # noqa: PERF402 (what was done before a failure is kept)
    except DomainError as error:
        advice = "run the same again when it is mended: what is there already does no harm"
        outcomes.append(Outcome(STEPS[len(outcomes)], Result.FAILED, str(error), advice))
    return outcomes


def _rehearse(plan: Plan, dashboards_url: str | None) -> None:
    domain = RehearsedDomain(plan.endpoint)
    set_up = _setting_up(domain, lambda server: domain.dashboards(server, dashboards_url), lambda: 1.0)
    list(set_up(plan))
    for request in domain.requests:
        click.echo(orjson.dumps(request._asdict()))


def _show(outcomes: list[Outcome], *, as_json: bool) -> None:
    if as_json:
        rows = [
            {"step": each.step, "result": each.result, "detail": each.detail, "advice": each.advice or None}
            for each in outcomes
        ]
        click.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2))
        return
    print_table(("result", "step", "what"), [(each.result, each.step, each.detail) for each in outcomes], _COLOURS)
    for outcome in outcomes:
        if outcome.advice:
            click.echo()
            click.echo(printable(f"Next step for the {outcome.step}: {outcome.advice}."))
