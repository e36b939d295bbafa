"""The command `flowlogs` and the exit codes of its commands."""

import sys

try:
    import os
    import signal

    import click

    from flowlogs import __version__
    from flowlogs.cli.lazy_group import LazyCommands, LazyGroup
    from flowlogs.cli.plain_table import printable
    from flowlogs.errors import FlowlogsError, SettingsError
except KeyboardInterrupt:  # `main` answers it from here on
    sys.exit(130)

_COMMANDS = {
    "doctor": "What is missing in a deployment, and the next step.",
    "enrich": "Make enriched Parquet (or NDJSON) of log files: the documents that the decorator makes, faster.",
    "estimate": "The monthly bill of each delivery path, for a sample of logs or a rate.",
    "generate": "A seeded, realistic VPC's flow logs with inventory, geo databases and incidents.",
    "geoip": "Fetch geo databases and address lists, see what is there, look addresses up.",
    "inventory": "Take an inventory of interfaces and security groups from AWS, and look into one.",
    "invoke": "Run one function on EVENT, a file of JSON or - for standard input, and print its answer.",
    "parse": "Print the records in PATHS as NDJSON, one a line, in AWS's field names.",
    "query": "Answer a question about enriched flow records: a named query, or SQL of your own.",
    "report": "Show enriched flow records as a picture: one HTML file that needs no network.",
    "run": "Run events or log files through the real ingestor and decorator and a local delivery stream.",
    "search": "Put documents into an OpenSearch server, and set one up.",
}
"""What each says of itself, so that the list of all imports none of them."""
_FAILED, _WRONG_USE, _INTERRUPTED, _TERMINATED = 1, 2, 130, 143


@click.group(
    cls=LazyGroup,
    commands=LazyCommands(_COMMANDS),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
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


def main() -> None:
    """Run the command line: one clear line for what goes wrong, never a traceback."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(_TERMINATED))  # so that what is unfinished is removed
    _open_closed_streams()
    try:
        flowlogs.main(standalone_mode=False)
    except (click.exceptions.Abort, KeyboardInterrupt):  # the latter before click is ready for it
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


def _open_closed_streams() -> None:
    """Let what is written to a stream that the caller has closed (`>&-`) go nowhere; Python has None for it."""
    sys.stdout = sys.stdout or os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
    sys.stderr = sys.stderr or os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")


def _leave(sentence: str, code: int) -> None:
    click.echo(f"Error: {printable(sentence)}", err=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
