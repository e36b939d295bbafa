"""The settings of the functions as options, alike in every command that runs them."""

import os
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from flowlogs.setting_kinds import Setting
from flowlogs.settings import SETTINGS, check_names

Command = TypeVar("Command", bound=Callable[..., Any])

OPTIONS = {
    "format": "FLOWLOGS_FORMAT",
    "inventory": "FLOWLOGS_INVENTORY",
    "geoip": "FLOWLOGS_GEOIP",
    "internal": "FLOWLOGS_INTERNAL",
    "search-keep": "FLOWLOGS_SEARCH_KEEP",
    "drop-internal": "FLOWLOGS_DROP_INTERNAL",
    "shape": "FLOWLOGS_SHAPE",
}
"""Options by the setting they stand for; the environment says what an option does not."""

OF_COMMANDS = frozenset({"FLOWLOGS_SEARCH_PASSWORD"})
"""Variables that look like settings of functions, and that only commands read."""


def function_options(command: Command) -> Command:
    """Add an option for each setting that matters on a laptop."""
    for name, setting in reversed(OPTIONS.items()):
        row = SETTINGS[setting]
        command = click.option(
            f"--{name}",
            name.replace("-", "_"),
            envvar=setting,
            show_envvar=True,
            help=_help(row),
        )(command)
    return command


def _help(row: Setting) -> str:
    default = f"  [default: {row.default}]" if row.default else ""
    return f"{row.meaning[0].upper()}{row.meaning[1:]}: {row.takes}.{default}"


def environ_of(options: Mapping[str, Any]) -> dict[str, str]:
    """Give the settings that options name, as the functions' environment."""
    check_names(given_settings())
    values = {setting: options[name.replace("-", "_")] for name, setting in OPTIONS.items()}
    return {setting: value for setting, value in values.items() if value is not None}


def given_settings() -> dict[str, str]:
    """Give the settings of the environment, right or wrong."""
    return {
        name: value for name, value in os.environ.items() if name.startswith("FLOWLOGS_") and name not in OF_COMMANDS
    }
