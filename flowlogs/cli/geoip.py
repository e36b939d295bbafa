"""`flowlogs geoip`: fetches geo databases and address lists, shows what is there, looks addresses up."""

import click

from flowlogs.cli.geoip_fetch import fetch
from flowlogs.cli.geoip_lookup import lookup
from flowlogs.cli.geoip_show import show


@click.group()
def geoip() -> None:
    """Fetch geo databases and address lists, see what is there, look addresses up.

    \b
    $ flowlogs geoip fetch --provider dbip --aws-ranges --out geo
    $ flowlogs geoip show geo
    $ flowlogs geoip lookup 8.8.8.8 2001:4860:4860::8888 --geoip geo
    """


for command in (fetch, show, lookup):
    geoip.add_command(command)
