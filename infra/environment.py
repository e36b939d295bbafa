"""The functions' environment variables, from the deployment's settings; flowlogs/settings.py says what they do."""

from collections.abc import Mapping

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
        own = {"FLOWLOGS_DOCUMENTS": "one", **_narrowing(settings)}
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
        "FLOWLOGS_SSH_REJECTS": _ssh_rejects(settings, destination),
    }


def _ssh_rejects(settings: Settings, destination: str) -> str | None:
    """Let one decorator count rejected SSH where no log group does: the lake's, which gets every line, if there is."""
    counts = "lake" if settings.lake or settings.existing_lake_stream else "search"
    if settings.has_log_group or destination != counts or missing_fields(settings.log_format):
        return None
    return f"{settings.prefix}{settings.metric_namespace}:{settings.metric_name}"


def _common(settings: Settings) -> dict[str, str | None]:
    return {"FLOWLOGS_FORMAT": settings.format_string, "FLOWLOGS_NAMESPACE": f"{settings.prefix}{NAMESPACE}"}


def _narrowing(settings: Settings) -> dict[str, str | None]:
    return {
        "FLOWLOGS_SEARCH_KEEP": settings.search_keep,
        "FLOWLOGS_DROP_INTERNAL": " ".join(settings.search_drop_internal) or None,
    }
