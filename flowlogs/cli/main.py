"""The command `flowlogs` and the exit codes of its commands."""

import os
import signal
import sys

import click

from flowlogs import __version__
from flowlogs.cli.doctor import doctor
from flowlogs.cli.generate import generate
from flowlogs.cli.geoip import geoip
from flowlogs.cli.inventory import inventory
from flowlogs.cli.invoke import invoke
from flowlogs.cli.parse import parse
from flowlogs.cli.run import run
from flowlogs.errors import FlowlogsError, SettingsError

_FAILED, _WRONG_USE, _INTERRUPTED, _TERMINATED = 1, 2, 130, 143


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, package_name="flowlogs")
def flowlogs() -> None:
    """Enrich AWS VPC flow logs: whose traffic, which security groups, from where, which way.

    \b
    $ flowlogs generate demo                     a small VPC's logs, inventory and geo databases
    $ flowlogs run demo/events --out results     through the real handlers into local destinations
    $ flowlogs parse flow.log.gz                 lines to NDJSON
    $ flowlogs inventory pull --out inv.json     whose traffic it is: interfaces and security groups, from AWS
    $ flowlogs geoip fetch --out geoip           City and ASN databases
    $ flowlogs doctor --smoke                    does a deployment bring marked lines through

    Exit codes: 0 every line is accounted for; 1 unreadable input or failed work; 2 wrong use.
    """


for command in (doctor, generate, geoip, inventory, invoke, parse, run):
    flowlogs.add_command(command)


def main() -> None:
    """Run the command line: one clear line for what goes wrong, never a traceback."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(_TERMINATED))  # so that what is unfinished is removed
    try:
        flowlogs.main(standalone_mode=False)
    except click.exceptions.Abort:
        _leave("interrupted", _INTERRUPTED)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except SettingsError as error:
        _leave(str(error), _WRONG_USE)
    except FlowlogsError as error:
        _leave(str(error), _FAILED)
    except BrokenPipeError:  # the reader of our output has gone: there is nobody to tell
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(_FAILED)
    except OSError as error:
        _leave(f"{error.filename or ''}: {error.strerror or error}".lstrip(": "), _FAILED)


def _leave(sentence: str, code: int) -> None:
    click.echo(f"Error: {sentence}", err=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
