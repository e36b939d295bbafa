"""A group whose commands are imported when they are asked for: what reads Parquet or asks AWS takes its time."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

import click


class LazyCommands(Mapping[str, click.Command]):
    """The commands of `flowlogs.cli` by name, which is also that of their module, behind the name of a group."""

    def __init__(self, short_help: Mapping[str, str], group: str = "") -> None:
        self.short_help = short_help
        self._begin = f"{group}_" if group else ""

    def __getitem__(self, name: str) -> click.Command:
        if name not in self.short_help:
            raise KeyError(name)
        command: click.Command = getattr(import_module(f"flowlogs.cli.{self._begin}{name}"), name)
        return command

    def __iter__(self) -> Iterator[str]:
        return iter(self.short_help)

    def __len__(self) -> int:
        return len(self.short_help)


class LazyGroup(click.Group):
    """A group of such commands: none is imported to list them."""

    commands: LazyCommands  # type: ignore[assignment]  # nothing is ever added

    def __init__(self, *, commands: LazyCommands, **more: Any) -> None:
        super().__init__(**more)
        self.commands = commands

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, self.commands.short_help[name]) for name in self.list_commands(ctx)])
