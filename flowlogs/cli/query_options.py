"""What a query is asked with: values of parameters, the time, where it runs."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from flowlogs.analyse.engines import Engine
from flowlogs.analyse.named_query import NamedQuery, own_text
from flowlogs.analyse.window import Window
from flowlogs.doctor.deployment import STACK

Command = TypeVar("Command", bound=Callable[..., Any])
IN_ATHENA = "7d"
"""How far back Athena is asked where nothing says it: it is paid for by what it reads."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The options of a query."""

    values: Mapping[str, str]
    window: Window
    is_time_given: bool
    once: bool
    inventory: str | None
    athena: bool
    stack: str

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> "Asked":
        """Read the options; raise click.UsageError or SettingsError where one is wrong."""
        athena, last = options["athena"], options["last"]
        is_time_given = any(options[name] is not None for name in ("since", "until", "last"))
        if athena and not (options["since"] or last):
            last = IN_ATHENA
        window = Window.read(options["since"], options["until"], last, time.time())
        values = dict(_value(text) for text in options["values"])
        return cls(values, window, is_time_given, options["once"], options["inventory"], athena, options["stack"])

    @property
    def engine(self) -> Engine:
        """Who runs it."""
        return Engine.ATHENA if self.athena else Engine.DUCKDB

    def text_of(self, query: NamedQuery) -> str:
        """Write a named query with these values."""
        return query.text(self.engine, self.values, self.window, once=self.once)

    def text_of_own(self, sql: str) -> str:
        """Write somebody's own SQL with the relations it names; refuse options that say nothing of it."""
        if not sql.strip():
            raise click.UsageError("--sql is empty")
        if self.values:
            raise click.UsageError("--set is for named queries: write the value into your SQL")
        if self.once:
            raise click.UsageError("--once is for named queries: select from flows_once")
        text, is_of_time = own_text(sql, self.engine, self.window)
        if self.is_time_given and not is_of_time:
            raise click.UsageError(
                '--from, --to and --last are of `seen`: select from it, not from flows, or write WHERE "timestamp" >= …'
            )
        return text


def asked_options(command: Command) -> Command:
    """Add the options that say what is asked."""
    for option in reversed(
        (
            click.option("--set", "values", multiple=True, metavar="NAME=VALUE", help="Value of a parameter."),
            click.option("--from", "since", metavar="TIME", help="ISO time, UTC: records that begin then or later."),
            click.option("--to", "until", metavar="TIME", help="ISO time, UTC: records that begin before."),
            click.option(
                "--last", metavar="LENGTH", help=f"90m, 24h, 7d, 2w until now.  [default: {IN_ATHENA} in Athena]"
            ),
            click.option("--once", is_flag=True, help="Count records once that overlapping flow logs wrote twice."),
            click.option("--inventory", metavar="PATH", help="Inventory, for queries about groups without traffic."),
        )
    ):
        command = option(command)
    return command


def athena_options(command: Command) -> Command:
    """Add the options that send a query to Athena."""
    command = click.option(
        "--stack", default=STACK, show_default=True, metavar="NAME", help="With --athena: the CloudFormation stack."
    )(command)
    return click.option("--athena", is_flag=True, help="Ask the deployed lake, in Athena.")(command)


def _value(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise click.UsageError(f"--set {text[:60]}: write NAME=VALUE")
    return name.strip(), value
