"""`flowlogs search`: what concerns an OpenSearch server."""

import click

from flowlogs.cli.lazy_group import LazyCommands, LazyGroup

_COMMANDS = {
    "setup": "Put index template, delivery role, retention policy and dashboards into a server.",
    "load": "Load documents, or what Firehose kept as refused, into an OpenSearch server.",
}


@click.group(cls=LazyGroup, commands=LazyCommands(_COMMANDS, "search"))
def search() -> None:
    """Put documents into an OpenSearch server, and set one up.

    \b
    $ flowlogs search setup --url http://localhost:9200 --dashboards-url http://localhost:5601
    $ flowlogs search load results/search --url http://localhost:9200
    """
