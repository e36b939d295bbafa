"""JSON that may stand inside a `<script>` of a page."""

import json
from collections.abc import Mapping, Sequence

_UNSAFE = str.maketrans({each: f"\\u{ord(each):04x}" for each in "<>&\u2028\u2029"})


def script_json(data: Mapping[str, object] | Sequence[object]) -> str:
    """Write data as JSON in which no text can end the script or begin a tag, a comment or a line.

    Raise ValueError where a number is none of JSON's (NaN, infinity).
    """
    return json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":")).translate(_UNSAFE)
