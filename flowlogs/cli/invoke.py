"""`flowlogs invoke`: one event through one function."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import orjson

from flowlogs.cli.function_options import environ_of, function_options, given_settings
from flowlogs.cli.inputs import Input, open_input
from flowlogs.cli.local_inputs import LocalObjects
from flowlogs.cli.local_logs import LogFile
from flowlogs.cli.local_pipeline import LocalContext
from flowlogs.deliver.local.firehose import LocalFirehose
from flowlogs.deliver.local.lake_files import LakeFiles
from flowlogs.errors import UnreadableInput
from flowlogs.settings import value_of
from functions.decorator import wiring as decorator
from functions.ingestor import wiring as ingestor


@click.command()
@click.argument("function", type=click.Choice(["ingestor", "decorator"]))
@click.argument("event", type=click.Path(allow_dash=True))
@function_options
@click.option(
    "--documents",
    type=click.Choice(["one", "many"]),
    envvar="FLOWLOGS_DOCUMENTS",
    help="Documents a record of the decorator's stream may hold: one for search, many for the lake.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("results"),
    show_default=True,
    help="Folder for what the function puts on streams, and for dead letters.",
)
@click.option("--aws", is_flag=True, help="Let it put onto the real streams, and ask EC2, with your credentials.")
def invoke(function: str, event: str, out: Path, aws: bool, **options: Any) -> None:
    """Run one function on EVENT, a file of JSON or - for standard input, and print its answer.

    Settings come from options or the environment, as in Lambda. What it puts onto a delivery stream goes to a local
    one, under --out. Its log goes to standard error. Exit 0: it answered; 1: it failed, and Lambda would retry.

    \b
    $ flowlogs invoke decorator events/firehose-lines.json --inventory events/network-interfaces.json
    $ flowlogs invoke ingestor events/cloudwatch-logs.json | jq .lines
    """
    content = _event(event)
    environ = _environ(options, out)
    with LocalFirehose(out / "streams") as firehose:
        answer = _answer(function, content, environ, None if aws else firehose, out)
    click.echo(orjson.dumps(answer, option=orjson.OPT_INDENT_2))


def _environ(options: Mapping[str, Any], out: Path) -> dict[str, str]:
    given = given_settings()
    documents = {"FLOWLOGS_DOCUMENTS": options["documents"]} if options["documents"] else {}
    return {"FLOWLOGS_DEAD_LETTERS": str(out / "dead-letters"), **given, **environ_of(options), **documents}


def _answer(
    function: str, event: Any, environ: Mapping[str, str], firehose: LocalFirehose | None, out: Path
) -> dict[str, Any]:
    log = LogFile().of(function)
    context = LocalContext(time.time)
    if function == "ingestor":
        outside = ingestor.Outside(objects=LocalObjects(), publish=_publish)
        if firehose:
            outside = ingestor.Outside(firehose, LocalObjects(), publish=_publish)
        ingest = ingestor.wire(environ, log, outside)
        if firehose:
            _create(firehose, ingestor_streams(environ), out)
        return ingest(event, context)
    if firehose:
        _create(firehose, [_stream_of(event)], out)
        return decorator.wire(environ, log, decorator.Outside(firehose, None, publish=_publish))(event, context)
    return decorator.wire(environ, log, decorator.Outside(publish=_publish))(event, context)


def ingestor_streams(environ: Mapping[str, str]) -> list[str]:
    """List the streams that the ingestor's settings name."""
    names = (value_of(environ, name) for name in ("FLOWLOGS_SEARCH_STREAM", "FLOWLOGS_LAKE_STREAM"))
    return [name for name in names if name]


def _stream_of(event: Any) -> str:
    arn = event.get("deliveryStreamArn") if isinstance(event, dict) else None
    return str(arn).rpartition("/")[2]


def _create(firehose: LocalFirehose, streams: list[str], out: Path) -> None:
    for stream in streams:
        firehose.create(stream, LakeFiles(out / "streams", stream.replace("/", "-") or "stream"))


def _publish(_function: str, _stream: str, _values: Mapping[str, float]) -> None:
    """Publish no metrics: this is not Lambda."""


def _event(path: str) -> Any:
    try:
        with open_input(Input("standard input" if path == "-" else path, path)) as stream:
            return orjson.loads(stream.read())
    except orjson.JSONDecodeError as error:
        raise UnreadableInput(f"{path} is not JSON: {error}") from error
