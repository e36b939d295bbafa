"""`flowlogs parse`: lines to records."""

import sys

import click
import orjson

from flowlogs.account import Account
from flowlogs.cli.format_option import format_option
from flowlogs.cli.inputs import Input, inputs_of
from flowlogs.cli.lines_in import lines_in
from flowlogs.cli.summary import show_accounts
from flowlogs.errors import MalformedRecord, UnreadableInput
from flowlogs.ingest.lines import Line, Refused
from flowlogs.record.fields import FIELDS, FlowRecord
from flowlogs.record.log_format import LogFormat

_NAMES = {field.key: field.name for field in FIELDS.values()}


@click.command()
@click.argument("paths", nargs=-1, required=True)
@format_option
@click.option("--strict", is_flag=True, help="Exit with 1 where a line was refused.")
@click.option("--json", "as_json", is_flag=True, help="Print the account of lines as JSON (to standard error).")
def parse(paths: tuple[str, ...], log_format: LogFormat, strict: bool, as_json: bool) -> None:
    """Print the records in PATHS as NDJSON, one a line, in AWS's field names.

    PATHS are files, folders, globs, s3:// addresses or - for standard input; text, gzip, zstd or Parquet, or events of
    CloudWatch Logs, S3 or Firehose (.json). A line that does not fit is refused: file, line, field and reason go to
    standard error as JSON. A file that cannot be read to its end is named there, and the others are read all the same.

    \b
    $ flowlogs parse flow.log.gz
    $ zcat *.gz | flowlogs parse - --format '${version} ${srcaddr} ${dstaddr} ${action}'
    $ flowlogs parse logs/ 2> refused.ndjson | jq .srcaddr
    """
    account, broken = Account(), False
    for found in inputs_of(paths):
        try:
            _parse(found, log_format, account)
        except UnreadableInput as error:
            broken = True
            click.echo(f"Error: {error}", err=True)
    sys.stdout.flush()
    show_accounts({"": account}, as_json=as_json)
    if broken or (strict and account.failed):
        raise SystemExit(1)


def _parse(found: Input, log_format: LogFormat, account: Account) -> None:
    """Print the records of one input; raise UnreadableInput where it breaks off."""
    out, refusals = sys.stdout.buffer, sys.stderr.buffer
    for line in lines_in(found, log_format, account):
        account.received += 1
        refused = line if isinstance(line, Refused) else None
        if isinstance(line, Line):
            try:
                record = line.log_format.read(line.text)
            except MalformedRecord as error:
                refused = Refused(line.text, error.field, error.reason, b"", line.number)
            else:
                out.write(orjson.dumps(native(record), option=orjson.OPT_APPEND_NEWLINE))
                account.delivered += 1
        if refused is not None:
            account.failed += 1
            refusals.write(_refusal(found.name, refused))


def native(record: FlowRecord) -> dict[str, object]:
    """Give a record in AWS's names."""
    return {_NAMES.get(key, key): value for key, value in record.items()}


def _refusal(file: str, refused: Refused) -> bytes:
    row = {"file": file, "line": refused.number, "field": refused.field, "reason": refused.reason}
    return orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)
