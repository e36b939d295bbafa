"""What became of one document of a bulk request."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_INDEXED = range(200, 300)
_ALREADY_THERE = 409
_NOT_NOW = frozenset({429, 502, 503, 504})
"""Too much at once, no shard or no answer: the same document may be taken later. Source: OpenSearch, "Bulk API";
429 is `es_rejected_execution_exception` and, when the disk is almost full, `cluster_block_exception`."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The status that the server, or the way to it, gave a document, and why where it was refused."""

    status: int
    """HTTP's."""
    attempts: int = 1
    error: Mapping[str, Any] = field(default_factory=dict)
    """What the server said: `type`, `reason` and perhaps `caused_by`; empty where nothing went wrong."""

    @classmethod
    def of_item(cls, item: Mapping[str, Any]) -> "Outcome":
        """Read an item of an answer, `{"create": {"status": …, "error": …}}`; raise where it is none."""
        (result,) = item.values()
        error = result.get("error", {})
        return cls(int(result["status"]), error=error if isinstance(error, dict) else {"reason": str(error)})

    @property
    def indexed(self) -> bool:
        """Whether the document was added."""
        return self.status in _INDEXED

    @property
    def already_there(self) -> bool:
        """Whether a document with its id was there, which stays as it is."""
        return self.status == _ALREADY_THERE

    @property
    def refused(self) -> bool:
        """Whether the document is not there."""
        return not (self.indexed or self.already_there)

    @property
    def may_pass_later(self) -> bool:
        """Whether the same request may succeed when it is repeated."""
        return self.status in _NOT_NOW

    @property
    def message(self) -> str:
        """What the server said, as the JSON text that Firehose keeps: `type`, `reason` and perhaps `caused_by`."""
        return json.dumps({key: self.error[key] for key in ("type", "reason", "caused_by") if key in self.error})
