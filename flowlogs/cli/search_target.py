"""The OpenSearch server that a command puts documents into."""

import random
import re
import time
from collections.abc import Callable, Iterable, Mapping
from threading import Event
from typing import Any, TypeVar

import click

from flowlogs.aws.opensearch import Domain
from flowlogs.cli.plain_table import printable
from flowlogs.search.bulk import Bulk, Waiting
from flowlogs.search.domain_errors import DomainError
from flowlogs.search.index_template import index_template
from flowlogs.setting_kinds import Shape

Command = TypeVar("Command", bound=Callable[..., Any])

LONGEST_PREFIX = 66
"""Characters: an index name has at most 80 in Firehose, of which hourly rotation takes 14."""
_PREFIX = re.compile(r"[a-z0-9][a-z0-9._-]*")
_WORTH_TELLING = 4.0
"""Seconds of a pause from which on a person wants to know why nothing happens."""


def check_prefix(prefix: str) -> None:
    """Raise click.UsageError where indexes cannot begin so."""
    if not _PREFIX.fullmatch(prefix):
        raise click.UsageError("--index takes lower-case letters, digits, '.', '_' and '-', as OpenSearch does")
    if len(prefix) > LONGEST_PREFIX:
        raise click.UsageError(f"--index takes at most {LONGEST_PREFIX} characters")


def prepare(domain: Domain, prefix: str, shape: Shape = Shape.JSON) -> None:
    """See that there is a server, and that the indexes of a prefix have their template; raise DomainError.

    A template that is there stays as it is: it may be somebody's own.
    """
    domain.ping("/")
    found = domain.get("/")
    if not isinstance(found, Mapping) or "version" not in found:
        raise DomainError(f"{domain.endpoint} answers, but not as OpenSearch does")
    path = f"/_index_template/{prefix}"
    if domain.get(path) is None:
        replicas = 0 if _data_nodes(domain) == 1 else 1
        domain.put(path, index_template(prefix, replicas=replicas, shape=shape))
        click.echo(f"Put the index template {prefix} into {domain.endpoint}: there was none", err=True)


def _data_nodes(domain: Domain) -> int:
    """Count the nodes that hold documents: a copy beside the original needs a second one."""
    health = domain.get("/_cluster/health")
    return int(health["number_of_data_nodes"]) if isinstance(health, Mapping) else 0


def bulk_into(domain: Domain, retry_seconds: float, hurry: Event | None = None) -> Bulk:
    """Give what adds documents, with this machine's clock; long waits are told, and end when `hurry` is set."""
    hurried = hurry or Event()

    def told(waiting: Waiting) -> None:
        if waiting.seconds >= _WORTH_TELLING:
            sentence = f"{domain.endpoint} has not taken {waiting.documents:,} documents ({waiting.error})"
            click.echo(f"{printable(sentence)}; the next try is in {waiting.seconds:.0f} s", err=True)

    def sleep(seconds: float) -> None:
        hurried.wait(seconds)

    def may_wait() -> bool:
        return not hurried.is_set()

    return Bulk(domain, time.monotonic, sleep, random.random, retry_seconds, on_wait=told, may_wait=may_wait)


def counted(domain: Domain, indexes: Iterable[str]) -> dict[str, int]:
    """Count the documents that are there, by index; raise DomainError."""
    counts = {}
    for index in sorted(indexes):
        domain.get(f"/{index}/_refresh")  # what was added is found only then
        counts[index] = domain.count(index)
    return counts


def show_counts(domain: Domain, added: Mapping[str, int], *, err: bool = False) -> None:
    """Print how many documents were added to each index, and how many lie there by the server's own count."""
    try:
        there = counted(domain, [index for index, number in added.items() if number])
    except DomainError as error:
        click.echo(f"Note: what was added could not be counted: {printable(str(error))}", err=True)
        return
    for index, number in there.items():
        click.echo(f"  {index:28}{added[index]:9,} documents added, {number:,} in the index", err=err)
        if number < added[index]:
            click.echo(f"Note: {index} holds fewer documents than were added: something deletes there", err=True)


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
