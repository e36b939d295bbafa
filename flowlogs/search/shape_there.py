"""Of which shape the documents of a prefix are, by what is there: two shapes do not fit under one template."""

from collections.abc import Iterator, Mapping
from typing import Any

from flowlogs.search.domain import Asked
from flowlogs.search.domain_errors import DomainError
from flowlogs.search.index_template import index_patterns
from flowlogs.setting_kinds import Shape


def check_shape(domain: Asked, prefix: str, shape: Shape, template: Any | None) -> None:
    """Raise DomainError where a prefix's template or one of its indexes is made for another shape.

    `template` is the answer that has it, None where there is none. What is not ours has no shape, and is no other one.
    """
    there = _shape_of_template(template)
    if there not in (None, str(shape)):
        raise DomainError(_refusal(domain, f"the index template {prefix}", str(there), shape))
    asked = f"/{','.join(index_patterns(prefix))}/_mapping?allow_no_indices=true&ignore_unavailable=true"
    for index, of_index in _shapes_of_indexes(domain.get(f"{asked}&filter_path=*.mappings._meta.shape")):
        if of_index != str(shape):
            raise DomainError(_refusal(domain, f"the index {index}", of_index, shape))


def changed_shape(template: Any | None, shape: Shape) -> str | None:
    """Say which other shape a template was made for so far; None where there is none."""
    there = _shape_of_template(template)
    return None if there in (None, str(shape)) else there


def _refusal(domain: Asked, what: str, there: str, shape: Shape) -> str:
    return (
        f"{what} of {domain.endpoint} is made for documents of shape {there}, and these are {shape}: "
        "take another --index for them"
    )


def _shape_of_template(answer: Any | None) -> str | None:
    """Read it from `_meta` of the mapping. Source: OpenSearch, "Index templates" (the answer to GET)."""
    found = _at(answer, "index_templates")
    first = found[0] if isinstance(found, list) and found else None
    return _shape(_at(first, "index_template", "template", "mappings"))


def _shapes_of_indexes(answer: Any | None) -> Iterator[tuple[str, str]]:
    for index, described in sorted(answer.items()) if isinstance(answer, Mapping) else ():
        if (shape := _shape(_at(described, "mappings"))) is not None:
            yield index, shape


def _shape(mappings: Any) -> str | None:
    shape = _at(mappings, "_meta", "shape")
    return shape if isinstance(shape, str) else None


def _at(answer: Any, *keys: str) -> Any:
    for key in keys:
        answer = answer.get(key) if isinstance(answer, Mapping) else None
    return answer
