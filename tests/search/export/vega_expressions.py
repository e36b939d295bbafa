"""What the expressions of a panel must not have, or Dashboards refuses the panel.

Source: OpenSearch Dashboards, `src/plugins/vis_type_vega/public/data_model/vega_validation.ts`: since pull request
12422 (also in 2.19, by 12622) expressions are parsed, before that they were searched by patterns. Here they are read
token by token, so that more is refused than there: a name that is not allowed is none for a key either.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

HOLDERS = {"expr", "update", "test", "calculate", "filter", "signal"}
"""Keys whose texts are taken for expressions, wherever they are."""
NAMES = {"window", "document", "global", "globalThis", "top", "parent", "frames", "self", "constructor"}
PROPERTIES = {
    *("ownerDocument", "defaultView", "contentDocument", "contentWindow", "view"),
    *("innerHTML", "outerHTML", "insertAdjacentHTML", "createElement", "createElementNS"),
    *("getElementById", "getElementsByClassName", "getElementsByTagName", "querySelector", "querySelectorAll"),
    *("__proto__", "prototype", "constructor"),
}
FUNCTIONS = {"eval", "Function", "setTimeout", "setInterval", "setImmediate", "execScript", "atob", "btoa"}
PATTERNS = (
    r"window\s*\.",
    r"event\s*\.view\s*\.",
    r"global\s*\.",
    "__proto__",
    "constructor",
    r"document\s*\.",
    r"eval\s*\(",
    r"Function\s*\(",
)
"""Of the versions before, in texts too, in letters of any case."""

_TOKEN = re.compile(r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|\d[\w.]*|[^\W\d][\w$]*|\S""")
_ENDS_A_VALUE = re.compile(r"""[\w$)\]'"]$""")


def expression_faults(spec: Any) -> Iterator[str]:
    """Give what is wrong with the expressions of a specification, or of a part of one."""
    if isinstance(spec, list):
        for each in spec:
            yield from expression_faults(each)
    if isinstance(spec, dict):
        for key, value in spec.items():
            if key in HOLDERS and isinstance(value, str):
                yield from (f"its expression {value!r} {fault}" for fault in _faults(value))
            yield from expression_faults(value)


def _faults(expression: str) -> Iterator[str]:
    tokens = _TOKEN.findall(expression)
    for place, token in enumerate(tokens):
        before, after = tokens[place - 1] if place else "", tokens[place + 1] if place + 1 < len(tokens) else ""
        if token in NAMES and before != ".":
            yield f"names {token}"
        if before == "." and token in PROPERTIES:
            yield f"reads the property {token}"
        if token in FUNCTIONS and after == "(":
            yield f"calls {token}"
        if token == "[" and _ENDS_A_VALUE.search(before):
            yield from _looked_up(tokens[place + 1 :])
    for pattern in PATTERNS:
        if re.search(pattern, expression, re.IGNORECASE):
            yield f"has what older versions look for: {pattern}"


def _looked_up(tokens: Sequence[str]) -> Iterator[str]:
    """Give what is wrong with a property in brackets, of the tokens behind the first bracket."""
    if len(tokens) < 2 or tokens[1] != "]":
        yield "looks up a property that it works out"
    elif tokens[0][1:-1] in PROPERTIES:
        yield f"reads the property {tokens[0][1:-1]}"
