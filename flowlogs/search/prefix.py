"""How the names of indexes begin: `<prefix>` or `<prefix>-…`."""

import re

LONGEST_PREFIX = 66
"""Characters: an index name has at most 80 in Firehose, of which hourly rotation takes 14 (`-2026-01-01-13`). Sources:
Firehose API model, AmazonopensearchserviceDestinationConfiguration; Firehose Developer Guide, "Index rotation for the
Amazon OpenSearch Service destination"."""
PREFIX = rf"[a-z0-9][a-z0-9._-]{{0,{LONGEST_PREFIX - 1}}}"
"""Regular expression of a prefix. Source: OpenSearch, "Create index", naming restrictions."""


def is_prefix(text: str) -> bool:
    """Say whether indexes can begin so."""
    return re.fullmatch(PREFIX, text, re.ASCII) is not None


def rotated_indexes(prefix: str) -> str:
    """Give the pattern of the indexes that rotation makes: never `<prefix>` itself, which is written for ever."""
    return f"{prefix}-*"
