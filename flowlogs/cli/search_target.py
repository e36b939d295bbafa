"""The OpenSearch server that a command puts documents into."""

import random
import time
from collections.abc import Callable
from threading import Event
from typing import Any, TypeVar

import click

from flowlogs.aws.opensearch import Domain
from flowlogs.cli.plain_table import printable
from flowlogs.search.bulk import Bulk, Pause
from flowlogs.search.index_template import index_template, template_path
from flowlogs.search.prefix import LONGEST_PREFIX, is_prefix
from flowlogs.search.server import replicas_of, server_at
from flowlogs.search.shape_there import check_shape
from flowlogs.search.template_in_force import overruled_by, remark
from flowlogs.setting_kinds import Shape

Command = TypeVar("Command", bound=Callable[..., Any])

_WORTH_TELLING = 4.0
"""Seconds of a pause from which on a person wants to know why nothing happens."""


def check_prefix(prefix: str) -> None:
    """Raise click.UsageError where indexes cannot begin so."""
    if len(prefix) > LONGEST_PREFIX:
        raise click.UsageError(f"--index takes at most {LONGEST_PREFIX} characters")
    if not is_prefix(prefix):
        raise click.UsageError("--index takes lower-case letters, digits, '.', '_' and '-', as OpenSearch does")


def prepare(domain: Domain, prefix: str, shape: Shape = Shape.JSON) -> None:
    """See that there is a server, and that the indexes of a prefix have their template; raise DomainError."""
    reach(domain)
    see_template(domain, prefix, shape)


def reach(domain: Domain) -> None:
    """See that there is a server, and that it is one that we can use; raise DomainError."""
    domain.ping("/")
    server_at(domain)


def see_template(domain: Domain, prefix: str, shape: Shape) -> None:
    """See that the indexes of a prefix have their template.

    A template that is there stays as it is: it may be somebody's own. Raise DomainError where it, or an index, is ours
    and made for documents of another shape.
    """
    path = template_path(prefix)
    found = domain.get(path)
    check_shape(domain, prefix, shape, found)
    if found is None:
        domain.put(path, index_template(prefix, replicas=replicas_of(domain), shape=shape))
        click.echo(f"Put the index template {prefix} into {domain.endpoint}: there was none", err=True)
    theirs = overruled_by(domain, prefix)
    if theirs is not None:
        click.echo(f"Note: {printable(remark(prefix, theirs))}", err=True)


def bulk_into(domain: Domain, retry_seconds: float, hurry: Event | None = None) -> Bulk:
    """Give what adds documents, with this machine's clock; long waits are told, and end when `hurry` is set."""
    hurried = hurry or Event()

    def told(pause: Pause) -> None:
        if pause.seconds >= _WORTH_TELLING:
            sentence = f"{domain.endpoint} has not taken {pause.documents:,} documents ({pause.error})"
            click.echo(f"{printable(sentence)}; the next try is in {pause.seconds:.0f} s", err=True)

    def sleep(seconds: float) -> None:
        hurried.wait(seconds)

    def may_wait() -> bool:
        return not hurried.is_set()

    return Bulk(domain, time.monotonic, sleep, random.random, retry_seconds, on_wait=told, may_wait=may_wait)


def retry_option(command: Command) -> Command:
    """Add the option that says how long a server is waited for."""
    return click.option(
        "--retry",
        type=click.IntRange(0, 7200),
        default=300,
        show_default=True,
        metavar="SECONDS",
        help="How long documents are sent again that the server does not take for now.",
    )(command)
