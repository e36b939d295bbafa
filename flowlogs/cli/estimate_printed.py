"""Writes an estimate: tables and bars for a terminal, an object for JSON."""

import shutil
from collections.abc import Iterable, Sequence
from textwrap import fill
from typing import Any

import click
from rich.console import Console
from rich.progress_bar import ProgressBar
from rich.table import Table

from flowlogs.cli.plain_table import print_table, printable
from flowlogs.costs.bill import Bill
from flowlogs.costs.domain import USABLE
from flowlogs.costs.estimate import Estimate, Look, PricedPath
from flowlogs.costs.month import FUNCTIONS, INVENTORY, LAKE, SEARCH, SOURCE, STREAMS, WATCH
from flowlogs.costs.volumes import DAYS, GB, SECONDS

_PARTS = (SOURCE, FUNCTIONS, STREAMS, SEARCH, LAKE, INVENTORY, WATCH)
_LOOKS = {"athena": "Athena over the lake", "logs-insights": "CloudWatch Logs Insights over the lines"}
_BAR = 40  # cells
_WIDEST = 120


def print_estimate(found: Estimate, notes: Sequence[str]) -> None:
    """Print what a month of each path costs, what is not in it, and on what it rests."""
    lines = found.lines
    month = lines.lines_per_second * SECONDS * lines.line_bytes / GB
    click.echo(
        f"{_number(lines.lines_per_second)} flow records a second of {lines.line_bytes:.0f} bytes: {_number(month)} GB "
        f"a month.\nDollars a month, list prices of {printable(found.prices.region)}, {found.prices.dated}:\n"
    )
    header = ["path", *_PARTS, "total", "not priced"]
    print_table(header, [_row(priced) for priced in found.paths], right=len(header) - 1)
    click.echo()
    _print_bars(found.paths)
    width = min(_WIDEST, shutil.get_terminal_size().columns)
    for title, sentences in _sections(found, notes):
        click.echo(f"{title}:")
        for sentence in sentences:
            click.echo(fill(printable(sentence), width, initial_indent="  ", subsequent_indent="    "))
        click.echo()


def _row(priced: PricedPath) -> list[str]:
    parts = priced.bill.parts()
    return [
        priced.path.title,
        *(f"{parts[part]:,.2f}" if part in parts else "" for part in _PARTS),
        total_text(priced.bill),
        str(len(priced.bill.unpriced) or ""),
    ]


def total_text(bill: Bill) -> str:
    """Write a total; a + where something is missing from it."""
    return f"{bill.total:,.2f}{'+' if bill.unpriced else ''}"


def _print_bars(paths: Sequence[PricedPath]) -> None:
    """Draw the totals, on a terminal alone."""
    console = Console()
    if console.is_terminal:
        console.print(bars(paths))
        console.print()


def bars(paths: Sequence[PricedPath]) -> Table:
    """Draw the totals as bars of one scale."""
    most = max(priced.bill.total for priced in paths) or 1
    grid = Table.grid(padding=(0, 1))
    for priced in paths:
        bar = ProgressBar(total=1, completed=priced.bill.total / most, width=_BAR, finished_style="bar.complete")
        grid.add_row(priced.path.title, bar, f"${total_text(priced.bill)}")
    return grid


def _sections(found: Estimate, notes: Sequence[str]) -> Iterable[tuple[str, list[str]]]:
    yield "Not in the totals", _not_in_totals(found)
    if domains := [_domain(priced, found) for priced in found.paths if priced.domain]:
        yield "Search", list(dict.fromkeys([*domains, *_narrowings(found)]))
    yield "Packing", [_packing(found)]
    yield "One look", [_look(look) for look in found.looks]
    yield "Lines", list(notes) or ["as you say; what they become is assumed"]
    yield "Assumed", [*_sizes(found), *found.assumptions]


def _not_in_totals(found: Estimate) -> list[str]:
    """Name each thing once, with the paths that lack it."""
    lacking: dict[str, list[str]] = {}
    for priced in found.paths:
        for thing in priced.bill.unpriced:
            lacking.setdefault(thing, []).append(priced.path.title)
    said = [f"{thing}, left out of: {', '.join(paths)}" for thing, paths in lacking.items()]
    return [*said, f"nowhere counted: {found.paths[0].bill.never_counted}"]


def _domain(priced: PricedPath, found: Estimate) -> str:
    domain = priced.domain
    if domain is None:
        return ""
    said = (
        f"{domain.text()}: {found.kept.search:g} days of index and the day that is written, filled to {USABLE:.0%}, "
        f"need {_number(domain.gigabytes)} GB; how it is searched is not considered"
    )
    return f"{said}. That is more nodes than AWS allows unasked" if domain.exceeds_quota else said


def _narrowings(found: Estimate) -> list[str]:
    whole = found.paths[0]
    return [
        f"with search_keep={keep} instead of all, {whole.path.title} would cost ${total_text(narrowed.bill)}"
        for keep, narrowed in found.narrowed.items()
        if narrowed.bill.plan.search_keep < whole.bill.plan.search_keep
    ]


def _packing(found: Estimate) -> str:
    packing = found.packing
    counted = (
        f"Firehose counts each record as whole 5 KB: the lake's lines, packed, as {_number(packing.packed_gb)} GB a "
        f"month; a line a record, as search needs it, as {_number(packing.single_gb)} GB"
    )
    if packing.packed is None or packing.single is None:
        return f"{counted}; its price was not found"
    saved = packing.single - packing.packed
    return f"{counted}: ${packing.packed:,.2f} instead of ${packing.single:,.2f}, ${saved:,.2f} saved"


def _look(look: Look) -> str:
    days = "a month" if look.days == DAYS else "a day"
    said = f"{_LOOKS[look.name]}, all of {days}: {_number(look.gigabytes)} GB"
    return f"{said}, price not found" if look.dollars is None else f"{said}, ${look.dollars:,.4f} to read it once"


def _sizes(found: Estimate) -> list[str]:
    lines, kept = found.lines, found.kept
    sizes = (
        f"a document needs {lines.indexed_bytes:,.0f} bytes of index with its replica, {lines.parquet_bytes:,.0f} in "
        f"Parquet; lines are compressed to {lines.gzipped:.0%}; {lines.rejects:.1%} are rejects"
    )
    return [
        sizes,
        f"search keeps {kept.search:g} days, the lake (and files alone) {kept.lake:g}, lines beside them {kept.logs:g}",
    ]


def _number(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:,.3g}"


def as_object(found: Estimate, notes: Sequence[str]) -> dict[str, Any]:
    """Give all of it as an object; dollars and GB are of a month, null where a price was not found."""
    lines, packing = found.lines, found.packing
    return {
        "region": found.prices.region,
        "prices_dated": found.prices.dated,
        "lines": {
            "per_second": lines.lines_per_second,
            "bytes": lines.line_bytes,
            "rejects": lines.rejects,
            "gzipped": lines.gzipped,
            "indexed_bytes": lines.indexed_bytes,
            "parquet_bytes": lines.parquet_bytes,
        },
        "days_kept": {"search": found.kept.search, "lake": found.kept.lake, "logs": found.kept.logs},
        "notes": list(notes),
        "paths": [_path_object(priced) for priced in found.paths],
        "narrowed": {keep: _path_object(priced) for keep, priced in found.narrowed.items()},
        "packing": {
            "packed_gb": packing.packed_gb,
            "single_gb": packing.single_gb,
            "packed": packing.packed,
            "single": packing.single,
        },
        "looks": [
            {"with": look.name, "days": look.days, "gigabytes": look.gigabytes, "dollars": look.dollars}
            for look in found.looks
        ],
        "assumptions": found.assumptions,
        "never_counted": found.paths[0].bill.never_counted,
    }


def _path_object(priced: PricedPath) -> dict[str, Any]:
    bill, domain = priced.bill, priced.domain
    return {
        "path": priced.path.name,
        "title": priced.path.title,
        "total": bill.total,
        "complete": not bill.unpriced,
        "parts": bill.parts(),
        "items": [
            {"part": item.part, "item": item.item, "quantity": item.quantity, "dollars": item.dollars}
            for item in bill.items
        ],
        "not_priced": list(bill.unpriced),
        "domain": domain
        and {
            "instance": domain.instance,
            "nodes": domain.nodes,
            "volume_gb": domain.volume_gb,
            "masters": domain.masters,
        },
    }
