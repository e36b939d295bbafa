"""The page of all commands: what `--help` prints."""

from collections.abc import Iterator

import click

from flowlogs.cli.main import flowlogs
from flowlogs.docs.markdown import page

_WIDTH = 100
_OPENING = """\
# Commands

What `--help` prints. Some options may be given by the environment instead: [settings](settings.md) lists them.
"""


def commands_page() -> str:
    """Write the page from the commands themselves."""
    blocks = [f"## {context.command_path}\n\n{_help(context)}" for context in every_command()]
    return page(_OPENING, *blocks)


def every_command() -> Iterator[click.Context]:
    """Give the context of `flowlogs` and of each command below it, a group before what is in it."""
    settings = flowlogs.context_settings
    yield from _below(click.Context(flowlogs, info_name="flowlogs", terminal_width=_WIDTH, **settings))


def _below(context: click.Context) -> Iterator[click.Context]:
    yield context
    group = context.command
    if isinstance(group, click.Group):
        for name in group.list_commands(context):
            yield from _below(click.Context(group.commands[name], context, name, terminal_width=_WIDTH))


def _help(context: click.Context) -> str:
    return f"```text\n{context.get_help()}\n```"
