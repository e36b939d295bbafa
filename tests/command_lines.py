"""Command lines of ours, read as click reads them, without running them."""

from collections.abc import Sequence

import click

from flowlogs.cli.main import flowlogs


def read(words: Sequence[str]) -> None:
    """Read what follows `flowlogs`; raise click.UsageError for what its commands do not take.

    Files need not be there: a page speaks of the reader's own.
    """
    context = click.Context(flowlogs, **flowlogs.context_settings)
    rest = list(words)
    while isinstance(context.command, click.Group):
        name, command, rest = context.command.resolve_command(context, rest)
        assert command is not None
        try:
            context = command.make_context(name, rest, parent=context)
        except click.BadParameter as error:
            if not error.message.endswith(("does not exist.", "no such file or folder")):
                raise
            return
        rest = [*context._protected_args, *context.args]
