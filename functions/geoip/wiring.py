"""Connects the geoip function's settings with what fulfils them."""

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flowlogs.aws.licence import account_at
from flowlogs.aws.s3 import address_of
from flowlogs.aws.s3_store import S3Store
from flowlogs.errors import SettingsError
from flowlogs.geoip.account import Account
from flowlogs.geoip.databases import Database
from flowlogs.geoip.download import Fetch, Web
from flowlogs.geoip.fetch_failed import FetchFailed
from flowlogs.geoip.lists import AwsRanges, OwnNetworks, ThreatList
from flowlogs.geoip.probe import opened
from flowlogs.geoip.providers import PROVIDERS
from flowlogs.geoip.source import Source, Work
from flowlogs.geoip.updated import Updated
from flowlogs.geoip.updating import update
from flowlogs.invocation import Context, Invocation, Log
from flowlogs.publish import Publish, Publisher
from flowlogs.published import Store
from flowlogs.settings import check_names, value_of

FUNCTION = "geoip"
_FOR_FETCHING = 0.8
"""Share of an invocation that fetching may take; the rest is for trying databases and for writing them."""


@dataclass(frozen=True)
class Outside:
    """What lies outside the function; a test gives its own."""

    fetch: Fetch | None = None
    """None: over HTTPS, by the proxy of the environment."""
    store: Callable[[str], Store] = lambda place: S3Store(address_of(place))
    read_account: Callable[[str], Account] = account_at
    clock: Callable[[], float] = time.time
    publish: Publish | None = None
    """None: to CloudWatch, in the namespace that is set."""


class GeoIp:
    """The function: makes the publication what the settings say, as far as it can be had."""

    def __init__(
        self, sources: Sequence[Source], store: Store, fetch: Fetch, outside: Outside, publish: Publish, log: Log
    ) -> None:
        self._sources, self._store, self._fetch = sources, store, fetch
        self._outside, self._publish, self._log = outside, publish, log

    def __call__(self, context: Context) -> dict[str, Any]:
        """Run once; raise FetchFailed at the end where anything failed, with what succeeded published."""
        invocation = Invocation.of(context, self._outside.clock)
        try:
            updated = self._update(invocation)
        except (OSError, ValueError) as error:
            updated = Updated(failed=[f"the publication cannot be used: {error}"])
        self._report(updated)
        if updated.failed:
            raise FetchFailed("; ".join(updated.failed))
        return {"fetched": updated.fetched, "kept": updated.kept, "deleted": updated.deleted}

    def _update(self, invocation: Invocation) -> Updated:
        run = f"{int(invocation.now)}-{invocation.name}"  # an invocation that is tried again has the same name
        with tempfile.TemporaryDirectory(prefix="flowlogs-") as folder:
            work = Work(self._fetch, Path(folder), invocation.now, opened)
            return update(self._store, self._sources, work, run, lambda: _FOR_FETCHING * invocation.time_left())

    def _report(self, updated: Updated) -> None:
        """Log and publish what became of each file."""
        for sentence in updated.failed:
            self._log.warning(f"Not fetched: {sentence}")
        for sentence in updated.noted:
            self._log.warning(f"Taken all the same: {sentence}")
        for file in updated.deleted:
            self._log.warning(f"Deleted, since its licence does not allow it any longer: {file}")
        if updated.is_discarded:
            self._log.info("Another run was quicker: what this one fetched was discarded.")
        self._log.info(
            f"Fetched {len(updated.fetched)}, nothing newer for {len(updated.kept)}, failed {len(updated.failed)}.",
            fetched=updated.fetched,
            kept=updated.kept,
            age_days={file: round(days, 1) for file, days in updated.ages.items()},
        )
        values: dict[str, float] = {
            "GeoFetchesFailed": len(updated.failed),
            "GeoDatabasesDeleted": len(updated.deleted),
        }
        age = {} if updated.oldest_days is None else {"GeoDatabaseAge": updated.oldest_days}
        self._publish(FUNCTION, "", values | age)


def wire(environ: Mapping[str, str], log: Log, outside: Outside | None = None) -> GeoIp:
    """Read the settings and make the function; raise SettingsError where one is wrong."""
    check_names(environ)
    outside = outside or Outside()
    place = value_of(environ, "FLOWLOGS_GEOIP_STORE")
    if place is None:
        raise SettingsError("FLOWLOGS_GEOIP_STORE is not set: it takes s3://bucket/prefix")
    return GeoIp(
        [*_databases(environ, outside), *_lists(environ)],
        outside.store(place),
        outside.fetch or Web(environ),
        outside,
        outside.publish or Publisher(value_of(environ, "FLOWLOGS_NAMESPACE")),
        log,
    )


def _databases(environ: Mapping[str, str], outside: Outside) -> list[Source]:
    provider = PROVIDERS.get(value_of(environ, "FLOWLOGS_GEO_PROVIDER"))
    if provider is None:
        return []
    licence = value_of(environ, "FLOWLOGS_GEO_LICENCE")
    if not provider.needs_account:
        return [Database(provider, edition) for edition in provider.editions]
    if licence is None:
        raise SettingsError(
            f"FLOWLOGS_GEO_PROVIDER is {provider.key}, which asks for an account: set FLOWLOGS_GEO_LICENCE"
        )
    return [Database(provider, edition, lambda: outside.read_account(licence)) for edition in provider.editions]


def _lists(environ: Mapping[str, str]) -> list[Source]:
    lists: list[Source] = [AwsRanges()] if value_of(environ, "FLOWLOGS_AWS_RANGES") else []
    lists += [ThreatList(name, url) for name, url in (value_of(environ, "FLOWLOGS_THREAT_LISTS") or {}).items()]
    named = value_of(environ, "FLOWLOGS_NAMED_NETWORKS")
    if named:
        lists.append(OwnNetworks(named))
    return lists
