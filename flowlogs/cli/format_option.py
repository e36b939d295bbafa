"""The option `--format`, alike in every command that reads lines."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from flowlogs.errors import SettingsError
from flowlogs.record.log_format import LogFormat
from flowlogs.settings import value_of

Command = TypeVar("Command", bound=Callable[..., Any])


def _read(_context: click.Context, _parameter: click.Parameter, text: str) -> LogFormat:
    try:
        found: LogFormat = value_of({"FLOWLOGS_FORMAT": text}, "FLOWLOGS_FORMAT")
    except SettingsError as error:
        raise click.BadParameter(str(error).removeprefix("FLOWLOGS_FORMAT is ")) from error
    return found


def format_option(command: Command) -> Command:
    """Add the option; the command gets a LogFormat."""
    return click.option(
        "--format",
        "log_format",
        default="v2",
        show_default=True,
        envvar="FLOWLOGS_FORMAT",
        callback=_read,
        help="Order of the fields where no header says it: '${version} ${account-id} …', bare names, or v2 … v11.",
    )(command)
