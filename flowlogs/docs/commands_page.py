"""The page of all commands: what `--help` prints."""

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
    above = click.Context(flowlogs, info_name="flowlogs", terminal_width=_WIDTH, **flowlogs.context_settings)
    blocks = ["## flowlogs", _help(flowlogs, above)]
    for name in flowlogs.list_commands(above):
        command = flowlogs.commands[name]
        context = click.Context(command, info_name=name, parent=above, terminal_width=_WIDTH)
        blocks += [f"## flowlogs {name}", _help(command, context)]
    return page(_OPENING, *blocks)


def _help(command: click.Command, context: click.Context) -> str:
    return f"```text\n{command.get_help(context)}\n```"
