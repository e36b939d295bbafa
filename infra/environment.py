"""The functions' environment variables, from the deployment's settings; flowlogs/settings.py says what they do."""

from collections.abc import Mapping

from flowlogs.decorate.licences import LICENCES
from infra.settings.settings import Settings
from infra.watch.filter_pattern import missing_fields

NAMESPACE = "flowlogs"
"""Namespace of the functions' metrics, before the prefix goes before it."""
_NONE = " "
"""Set to nothing on purpose: the ingestor's default is a search stream."""


def ingestor_environment(settings: Settings, streams: Mapping[str, str]) -> dict[str, str | None]:
    """Give the ingestor's; `streams` are names by destination."""
    return {
        **_common(settings),
        **_narrowing(settings),
        "FLOWLOGS_SEARCH_STREAM": streams.get("search", _NONE),
        "FLOWLOGS_LAKE_STREAM": streams.get("lake"),
    }


def decorator_environment(settings: Settings, destination: str) -> dict[str, str | None]:
    """Give those of the decorator of `search` or of `lake`."""
    if destination == "search":
        own = {"FLOWLOGS_DOCUMENTS": "one", "FLOWLOGS_SHAPE": settings.search_shape, **_narrowing(settings)}
    else:
        own = {
            "FLOWLOGS_DOCUMENTS": "many",
            "FLOWLOGS_DESTINATION": "parquet" if settings.lake_format == "parquet" else "text",
            "FLOWLOGS_SHAPE": "raw" if settings.lake_format == "raw" else "json",
        }
    return {
        **_common(settings),
        **own,
        "FLOWLOGS_INTERNAL": " ".join(settings.internal_networks) or None,
        "FLOWLOGS_GEOIP_MAX_AGE_DAYS": _most_days(settings),
        "FLOWLOGS_SSH_REJECTS": _ssh_rejects(settings, destination),
    }


def inventory_environment(settings: Settings) -> dict[str, str | None]:
    """Give the inventory function's."""
    others = settings.other_accounts or settings.whole_organization
    return {
        **_named(settings),
        "FLOWLOGS_ACCOUNTS": " ".join(settings.inventory_accounts),
        "FLOWLOGS_REGIONS": " ".join(settings.inventory_regions) or None,
        "FLOWLOGS_ACCOUNT_ROLE": settings.inventory_role_name if others else None,
        "FLOWLOGS_EXTERNAL_ID": settings.inventory_external_id or None,
    }


def geoip_environment(settings: Settings) -> dict[str, str | None]:
    """Give the geoip function's; what are lists with commas in a setting have blanks there."""
    return {
        **_named(settings),
        "FLOWLOGS_GEO_PROVIDER": settings.geo_provider,
        "FLOWLOGS_GEO_LICENCE": settings.geo_licence or None,
        "FLOWLOGS_AWS_RANGES": "true" if settings.aws_ranges else "false",
        "FLOWLOGS_THREAT_LISTS": " ".join(settings.threat_lists) or None,
        "FLOWLOGS_NAMED_NETWORKS": " ".join(settings.named_networks) or None,
    }


def _most_days(settings: Settings) -> str | None:
    """Say how old a database may be that we fetch, by its provider's licence; None where that sets no limit."""
    licence = LICENCES.get(settings.geo_provider) if settings.fetches else None
    return str(licence.most_days) if licence and licence.most_days else None


def _ssh_rejects(settings: Settings, destination: str) -> str | None:
    """Let one decorator count rejected SSH where no log group does: the lake's, which gets every line, if there is."""
    counts = "lake" if settings.lake or settings.existing_lake_stream else "search"
    if settings.has_log_group or destination != counts or missing_fields(settings.log_format):
        return None
    return f"{settings.prefix}{settings.metric_namespace}:{settings.metric_name}"


def _common(settings: Settings) -> dict[str, str | None]:
    return {"FLOWLOGS_FORMAT": settings.format_string, **_named(settings)}


def _named(settings: Settings) -> dict[str, str | None]:
    return {"FLOWLOGS_NAMESPACE": f"{settings.prefix}{NAMESPACE}"}


def _narrowing(settings: Settings) -> dict[str, str | None]:
    return {
        "FLOWLOGS_SEARCH_KEEP": settings.search_keep,
        "FLOWLOGS_DROP_INTERNAL": " ".join(settings.search_drop_internal) or None,
    }
