"""Whether a prefix's template has an effect: somebody's template of a higher priority takes its indexes instead."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from flowlogs.search.domain import Asked
from flowlogs.search.domain_errors import RequestRefused, SignInRefused

_ASKED = (
    "/_index_template?filter_path=index_templates.name,"
    "index_templates.index_template.index_patterns,index_templates.index_template.priority"
)
_ENDING = "-2026-01-01"
"""Of an index as rotation names it."""


def overruled_by(domain: Asked, prefix: str) -> str | None:
    """Name the template that new indexes of a prefix get instead of that of its name; None where they get that one.

    Of all that match, the one of the highest priority is taken, and a second of the same cannot be put. Not every
    sign-in may ask; then nobody knows. Source: OpenSearch, "Index templates".
    """
    try:
        answer = domain.get(_ASKED)
    except (RequestRefused, SignInRefused):
        return None
    _, name = max(_matching(answer, prefix + _ENDING), default=(0, prefix))
    return None if name == prefix else name


def remark(prefix: str, theirs: str) -> str:
    """Say what follows from it."""
    return (
        f"the index template {theirs} has a higher priority than {prefix} and takes its indexes, so that searches and "
        "dashboards do not find what they look for: let it match other indexes, or take another prefix for ours"
    )


def _matching(answer: Any, index: str) -> Iterator[tuple[int, str]]:
    """Give priority and name of each template that an index matches; without a priority it has the lowest, 0."""
    for each in answer.get("index_templates", ()) if isinstance(answer, Mapping) else ():
        template = each.get("index_template", {})
        if any(_matches(index, pattern) for pattern in template.get("index_patterns", ())):
            yield int(template.get("priority", 0)), str(each.get("name"))


def _matches(index: str, pattern: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), index) is not None
