"""Whether a prefix's template has an effect: somebody's template of a higher priority takes its indexes instead."""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from flowlogs.search.domain import Asked
from flowlogs.search.domain_errors import RequestRefused, SignInRefused

_ANSWER = "filter_path=template.mappings._meta"
_NAMES = "filter_path=index_templates.name,index_templates.index_template.index_patterns,index_templates.*.priority"


def overruled_by(domain: Asked, prefix: str) -> str | None:
    """Say which template a new index of a prefix gets that is none of ours; None where it gets ours, or nobody knows.

    Not every server, nor every sign-in, lets that be asked. Source: OpenSearch, "Simulate index templates".
    """
    index = f"{prefix}-x"
    try:
        answer = domain.post(f"/_index_template/_simulate_index/{index}?{_ANSWER}", {})
        if not isinstance(answer, Mapping) or _is_ours(answer):
            return None
        return _first_of(domain.get(f"/_index_template?{_NAMES}"), index, besides=prefix)
    except (RequestRefused, SignInRefused):
        return None


def remark(prefix: str, theirs: str) -> str:
    """Say what follows from it."""
    return (
        f"the index template {theirs} has a higher priority than {prefix} and takes its indexes, so that searches and "
        "dashboards do not find what they look for: let it match other indexes, or take another prefix for ours"
    )


def _is_ours(answer: Mapping[str, Any]) -> bool:
    template = answer.get("template")
    mappings = template.get("mappings") if isinstance(template, Mapping) else None
    meta = mappings.get("_meta") if isinstance(mappings, Mapping) else None
    return isinstance(meta, Mapping) and "flowlogs" in meta


def _first_of(answer: Any, index: str, *, besides: str) -> str | None:
    found = max(_matching(answer, index), default=None)
    return None if found is None or found[1] == besides else found[1]


def _matching(answer: Any, index: str) -> Iterator[tuple[int, str]]:
    """Give priority and name of each template that an index matches."""
    for each in answer.get("index_templates", ()) if isinstance(answer, Mapping) else ():
        template = each.get("index_template", {})
        if any(fnmatchcase(index, pattern) for pattern in template.get("index_patterns", ())):
            yield int(template.get("priority", 0)), str(each.get("name"))
