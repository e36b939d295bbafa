"""The inventory, databases and networks that `flowlogs enrich` is given."""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from flowlogs.aws.places import watched_at
from flowlogs.decorate.databases import Opened, open_databases
from flowlogs.decorate.knowledge import Knowledge
from flowlogs.decorate.places import Places
from flowlogs.decorate.watched import Watched
from flowlogs.errors import UnusableDatabase, UnusableInventory
from flowlogs.inventory.files import read_inventory
from flowlogs.inventory.inventory import Inventory
from flowlogs.record.networks import Networks
from flowlogs.settings import value_of


@dataclass(frozen=True, slots=True)
class Given:
    """What is known, texts that change when it does, and sentences on what is not as it should be."""

    knowledge: Knowledge
    inventory: str
    geoip: str
    notes: Sequence[str]


def given(inventory: str | None, geoip: str | None, internal: str | None, now: float) -> Given:
    """Read all of it; raise click.UsageError where a path is not there, UnusableInventory where it holds none.

    `now` is Unix seconds, from which databases are said to be old.
    """
    watched = _watched("inventory", inventory)
    databases = _watched("geoip", geoip)
    environ = {"FLOWLOGS_INTERNAL": internal or ""}
    networks: Networks | None = value_of(environ, "FLOWLOGS_INTERNAL")
    try:
        read = read_inventory(*watched.files()) if watched else Inventory()
        inventory_version = _short(watched.version() if watched else "")
    except OSError as error:
        raise UnusableInventory(f"--inventory {inventory}: {error}") from error
    opened, geoip_version = _open(databases, geoip, now)
    missing = [*([] if watched else [_NO_INVENTORY]), *([] if databases else [_NO_DATABASES])]
    notes = [*missing, *read.problems, *opened.problems]
    return Given(Knowledge(read, opened.places, networks), inventory_version, geoip_version, notes)


_NO_INVENTORY = "there is no --inventory: direction and security groups are not known of"
_NO_DATABASES = "there is no --geoip: places and networks of addresses are not known"


def _open(databases: Watched | None, named: str | None, now: float) -> tuple[Opened, str]:
    if databases is None:
        return Opened(Places()), _short("")
    most_days = value_of(os.environ, "FLOWLOGS_GEOIP_MAX_AGE_DAYS")
    try:
        return open_databases(databases.files(), now, most_days), _short(databases.version())
    except OSError as error:
        raise UnusableDatabase(f"--geoip {named}: {error}") from error


def _watched(option: str, named: str | None) -> Watched | None:
    """Give what lies at some places, by full names, so that the same place is known again from anywhere."""
    if not named or named.startswith("s3://"):
        return watched_at(named or None)
    paths = [Path(place.strip()) for place in named.split(",") if place.strip()]
    for path in paths:
        if not path.exists():
            raise click.UsageError(f"--{option} {path}: no such file or folder")
    return watched_at(",".join(str(path.absolute()) for path in paths))


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
