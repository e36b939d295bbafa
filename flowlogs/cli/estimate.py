"""`flowlogs estimate`: what a month of each delivery path costs."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import orjson
from click.core import ParameterSource

from flowlogs.cli.estimate_given import knowledge_of, read_samples
from flowlogs.cli.estimate_printed import as_object, print_estimate
from flowlogs.cli.estimate_rate import Days, Rate
from flowlogs.cli.format_option import format_option
from flowlogs.cli.plain_table import printable
from flowlogs.costs.delivery_paths import Kept
from flowlogs.costs.estimate import estimate as work_out
from flowlogs.costs.plan import DEPLOYED_LINE_BYTES, Plan, kept_share, line_bytes
from flowlogs.costs.prices import REGION, PriceLists, price_lists
from flowlogs.record.log_format import LogFormat
from flowlogs.sample.basis import Basis, basis_of
from flowlogs.sample.counting import Sample

_LONGEST_LINE = 1024 * 1024
_EXISTING = click.Path(exists=True, path_type=Path)


@click.command(short_help="The monthly bill of each delivery path, for a sample of logs or a rate.")
@click.argument("samples", nargs=-1, metavar="[SAMPLE...]")
@click.option(
    "--rate",
    type=Rate(),
    metavar="N[/s|/min|/h|/day]",
    help="Lines that come; with SAMPLE, instead of what its times say.",
)
@click.option(
    "--line-bytes",
    type=click.IntRange(1, _LONGEST_LINE),
    metavar="BYTES",
    help="Bytes of a line, without SAMPLE.  [default: what fields of --format usually take, without it those of a "
    "deployment's default record_format]",
)
@format_option
@click.option("--region", default=REGION, show_default=True, help="Region whose prices are taken.")
@click.option(
    "--days-kept",
    type=Days(),
    metavar="N|WHAT=N,...",
    default="search=8,lake=365,logs=30",
    show_default=True,
    help="Days that documents in search, the lake, and the lines beside them are kept.",
)
@click.option("--search-keep", default="all", show_default=True, help="What goes to search: all, rejects or sample:N.")
@click.option("--inventory", type=_EXISTING, multiple=True, help="Measures what SAMPLE becomes with these interfaces.")
@click.option("--geoip", type=_EXISTING, multiple=True, help="Measures what SAMPLE becomes with these geo databases.")
@click.option("--prices", type=_EXISTING, help="A price file of your own, laid over ours (docs/costs.md).")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
def estimate(samples: tuple[str, ...], log_format: LogFormat, as_json: bool, **options: Any) -> None:
    """Work out what a month of each delivery path costs, for log files like SAMPLE or for a rate of lines.

    SAMPLE is what `flowlogs parse` reads: files, folders, globs, s3:// addresses or -. Its lines are counted and
    measured: how many in how much time, their bytes, the share of rejects; with --inventory or --geoip, what they
    become. List prices of one region, each with its source, are in docs/prices.md. A price that was not found is
    named, and left out of the total.

    \b
    $ flowlogs estimate --rate 100
    $ flowlogs estimate --rate 2.5M/day --format v5 --region ap-northeast-1
    $ flowlogs estimate demo/logs --inventory demo/inventory --geoip demo/geoip --days-kept search=14,lake=730
    $ flowlogs estimate day.log.gz --rate 5000 --prices own.json --json
    """
    _check(samples, options)
    lists = price_lists(options["prices"])
    prices = lists.of(options["region"])
    kept_share(options["search_keep"])  # what is wrong is said before a long sample is read
    sample = read_samples(samples, log_format) if samples else None
    if sample is not None and not sample.lines and not sample.is_whole:
        raise SystemExit(1)  # why has been said
    basis = _of_rate(log_format, options) if sample is None else _of_sample(sample, options, lists)
    lines = replace(basis.lines, search_keep=kept_share(options["search_keep"], basis.lines.rejects))
    found = work_out(lines, Kept(**options["days_kept"]), prices)
    if as_json:
        click.echo(orjson.dumps(as_object(found, basis.notes), option=orjson.OPT_INDENT_2))
    else:
        print_estimate(found, basis.notes)
    if sample is not None and not sample.is_whole:
        raise SystemExit(1)


def _check(samples: Sequence[str], options: Mapping[str, Any]) -> None:
    """Refuse options that do not go together."""
    if not samples and options["rate"] is None:
        raise click.UsageError("say what there is: a SAMPLE of log files, or --rate")
    if samples and options["line_bytes"] is not None:
        raise click.UsageError("--line-bytes goes with --rate alone: the lines of a SAMPLE are measured")
    if not samples and (options["inventory"] or options["geoip"]):
        raise click.UsageError("--inventory and --geoip measure a SAMPLE: name one")


def _of_rate(log_format: LogFormat, options: Mapping[str, Any]) -> Basis:
    rate = options["rate"]
    if options["line_bytes"]:
        return Basis(Plan(lines_per_second=rate, line_bytes=options["line_bytes"]), [])
    if _is_default("log_format"):
        said = (
            f"the rate is yours; lines are taken to have {DEPLOYED_LINE_BYTES} bytes, as those of a deployment's "
            "default record_format (--format or --line-bytes say otherwise); what they become is assumed"
        )
        return Basis(Plan(lines_per_second=rate, line_bytes=DEPLOYED_LINE_BYTES), [said])
    return Basis(Plan(lines_per_second=rate, line_bytes=line_bytes(field.name for field in log_format.fields)), [])


def _of_sample(sample: Sample, options: Mapping[str, Any], lists: PriceLists) -> Basis:
    knowledge, problems = knowledge_of(options["inventory"], options["geoip"])
    for problem in problems:
        click.echo(f"Note: {printable(problem)}", err=True)
    basis = basis_of(sample, options["rate"], knowledge)
    elsewhere = sorted(sample.regions - {options["region"]})
    if elsewhere and _is_default("region"):
        return replace(basis, notes=[*basis.notes, _priced_elsewhere(elsewhere, options["region"], lists)])
    return basis


def _priced_elsewhere(regions: Sequence[str], priced: str, lists: PriceLists) -> str:
    """Say that a sample is of other regions than that whose prices were taken unasked."""
    said = f"the sample is of {', '.join(regions[:3])}{' and others' if regions[3:] else ''}, priced as {priced}"
    known = [region for region in regions if region in lists.regions]
    if not known:
        return f"{said}: no price of {'it' if len(regions) == 1 else 'them'} is known; give --region or --prices"
    return f"{said}: --region {known[0]} takes what prices are known of it"


def _is_default(parameter: str) -> bool:
    """Say whether neither an argument nor the environment names a parameter of this command."""
    return click.get_current_context().get_parameter_source(parameter) is ParameterSource.DEFAULT
