"""Shows where marked lines have arrived: while it is waited for them, and at the end."""

from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Self

import click
import orjson
from rich.console import Console
from rich.live import Live
from rich.text import Text

from flowlogs.cli.plain_table import laid_out, print_table, printable
from flowlogs.doctor.deployment import Deployment
from flowlogs.doctor.smoke import Arrival, Outcome, Progress
from flowlogs.generate.smoke import rejected_ssh

_COLOURS: dict[str, str] = {
    Arrival.WAITING: "cyan",
    Arrival.COMPLETE: "green",
    Arrival.INCOMPLETE: "red",
    Arrival.REFUSED: "red",
    Arrival.UNSEEN: "yellow",
}
_HEADER = ("state", "destination", "seen", "of", "duplicates", "seconds")
_NUMBERS = 4


class SmokeProgress:
    """A table on standard error that follows along; where that is no terminal, a line for each change."""

    def __init__(self, timeout: int) -> None:
        """`timeout` is in seconds, and only shown."""
        self._console = Console(stderr=True, highlight=False)
        self._live = Live(console=self._console, transient=True, auto_refresh=False)
        self._timeout = timeout
        self._last: dict[str, tuple[object, ...]] = {}

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(self, failed: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        self._live.stop()

    def show(self, progress: Sequence[Progress]) -> None:
        """Show how it stands."""
        if self._console.is_terminal:
            self._live.update(self._table(progress), refresh=True)
            return
        for one in progress:
            now = (one.seen, one.arrival, one.note)
            if self._last.get(one.destination) != now:
                self._last[one.destination] = now
                note = f" ({one.note})" if one.note else ""
                said = f"{one.seconds:5.0f} s  {one.destination}: {one.seen:,} of {one.expected:,}{note}"
                click.echo(printable(said), err=True)

    def _table(self, progress: Sequence[Progress]) -> Text:
        lines = laid_out(_HEADER, list(_rows(progress)), self._console.width, _COLOURS, _NUMBERS)
        return Text.from_ansi("\n".join([*lines, f"up to {self._timeout} s"]))


def _rows(progress: Sequence[Progress]) -> Iterator[Sequence[str]]:
    for one in progress:
        numbers = (f"{one.seen:,}", f"{one.expected:,}", f"{one.duplicates:,}", f"{one.seconds:,.0f}")
        if one.arrival is Arrival.UNSEEN:
            numbers = ("", numbers[1], "", "")
        yield one.arrival, printable(one.destination), *numbers


def show_outcome(outcome: Outcome, deployment: Deployment, *, as_json: bool) -> None:
    """Print what became of the lines, and the next steps where not all is well."""
    steps = list(next_steps(outcome, deployment))
    if as_json:
        click.echo(orjson.dumps(_as_dict(outcome, steps), option=orjson.OPT_INDENT_2))
        return
    print_table(_HEADER, list(_rows(outcome.progress)), _COLOURS, _NUMBERS)
    for one in outcome.progress:
        if one.note:
            click.echo(printable(f"{one.destination}: {one.note}"))
    if outcome.complete:
        blind = any(one.arrival is Arrival.UNSEEN for one in outcome.progress)
        click.echo("Nothing was put aside." if blind else "Every line is where it should be.")
    for number, step in enumerate(steps, 1):
        click.echo(printable(f"{number}. {step}"))


def _as_dict(outcome: Outcome, steps: list[str]) -> dict[str, object]:
    return {
        "marker": outcome.marker,
        "sent": outcome.sent,
        "rejected_ssh": rejected_ssh(outcome.sent),
        "complete": outcome.complete,
        "destinations": {
            one.destination: {
                "state": one.arrival,
                "seen": one.seen,
                "expected": one.expected,
                "duplicates": one.duplicates,
                "seconds": round(one.seconds, 1),
                "note": one.note,
            }
            for one in outcome.progress
        },
        "dead_letters": outcome.letters,
        "next_steps": steps,
    }


def next_steps(outcome: Outcome, deployment: Deployment) -> Iterator[str]:
    """Say where to look for lines that have not come, the nearest to the source first."""
    if outcome.complete:
        return
    if outcome.letters_note:
        yield outcome.letters_note
    for address in outcome.letters[:10]:
        yield f"marked lines were put aside, and the reason with them: `aws s3 cp {address} -`"
    late = [one for one in outcome.progress if one.arrival is Arrival.INCOMPLETE]
    if not late:
        return
    yield "a first deployment takes up to half an hour; `flowlogs doctor` checks each part of it"
    for function in deployment.functions:
        yield f"what the function {function} says: `{_tail(function)}`"
    for one in late:
        if stream := deployment.streams.get(one.destination):
            yield f'what Firehose says of {one.destination}: the stream {stream}, tab "Destination error logs"'
    if not outcome.letters and not outcome.letters_note:
        places = " and ".join(f"s3://{bucket}/{prefix}" for bucket, prefix in deployment.put_aside)
        yield f"nothing with the marker {outcome.marker} was put aside so far in {places or 'any place we know'}"


def _tail(function: str) -> str:
    """Give the command that shows a function's log; its log group has a name that CloudFormation made."""
    asked = f"aws lambda get-function-configuration --function-name {function}"
    return f'aws logs tail --since 30m "$({asked} --query LoggingConfig.LogGroup --output text)"'
