"""What `flowlogs run` is asked for: its options, checked, as a plan of a local pipeline."""

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from flowlogs.aws.opensearch import Domain
from flowlogs.aws.places import watched_at
from flowlogs.cli.local_pipeline import LocalClock, Plan
from flowlogs.cli.opensearch_options import SIGN_IN, domain_of
from flowlogs.cli.search_target import bulk_into, check_prefix, prepare
from flowlogs.deliver.local.destination import Destination
from flowlogs.deliver.local.faults import Faults
from flowlogs.deliver.local.rotation import Rotation
from flowlogs.deliver.local.search_files import SearchFiles
from flowlogs.deliver.local.search_server import SearchServer
from flowlogs.errors import UnusableInventory
from flowlogs.inventory.files import read_inventory
from flowlogs.setting_kinds import Shape
from flowlogs.settings import value_of


def server_of(options: Mapping[str, Any]) -> Domain | None:
    """Give the server that takes the documents; raise click.UsageError where the options do not go together."""
    url = options["opensearch"]
    if url is None:
        given = next((name for name in SIGN_IN if options[name]), None)
        if given is not None:
            raise click.UsageError(f"--{given.replace('_', '-')} goes with --opensearch")
        return None
    if not options["search"]:
        raise click.UsageError("--opensearch is for the search stream, which --no-search leaves out")
    if options["shape"] == Shape.RAW:
        raise click.UsageError("--shape raw makes lines: --opensearch takes documents, of shape json, ecs or ocsf")
    return domain_of(url, options)


def check(options: Mapping[str, Any]) -> None:
    """Refuse what is a typing error here: in Lambda lines would flow all the same."""
    check_prefix(options["index"])
    for option in ("inventory", "geoip"):
        _check_places(option, options[option])
    _check_inventory(options["inventory"])


def search_destination(
    out: Path, options: Mapping[str, Any], environ: Mapping[str, str], domain: Domain | None
) -> Destination | None:
    """Give where documents go; a server has the template of their indexes then. None: there is no search stream."""
    index, rotation = options["index"], Rotation(options["rotation"])
    if not options["search"]:
        return None
    if domain is None:
        return SearchFiles(out / "search", index, rotation)
    prepare(domain, index, value_of(environ, "FLOWLOGS_SHAPE"))
    run_id = f"{secrets.token_hex(4)}-"  # so that two runs have documents of their own
    return SearchServer(bulk_into(domain, options["retry"]), run_id, index, rotation)


def plan_of(out: Path, options: Mapping[str, Any], environ: Mapping[str, str], search: Destination | None) -> Plan:
    """Give the plan of a local pipeline."""
    faults = Faults(
        options["fail_puts"],
        options["throttle"],
        options["lose_answers"],
        options["fail_transforms"],
        options["kill_transforms"],
        options["seed"],
    )
    lake = None if options["lake"] == "none" else options["lake"]
    clock = LocalClock()
    return Plan(environ, out, clock.now, clock.sleep, search, lake, faults)


def _check_places(option: str, places: str | None) -> None:
    """Refuse a path that is not there: in Lambda documents would flow without it, here it is a typing error."""
    for place in (places or "").split(","):
        if place.strip() and not place.startswith("s3://") and not Path(place.strip()).exists():
            raise click.UsageError(f"--{option} {place.strip()}: no such file or folder")


def _check_inventory(places: str | None) -> None:
    """Refuse an inventory that cannot be read, for the same reason; raise UnusableInventory."""
    try:
        watched = watched_at(places or None)
        if watched is not None:
            read_inventory(*watched.files())
    except OSError as error:
        raise UnusableInventory(f"--inventory {places}: {error}") from error
