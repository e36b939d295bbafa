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
_SERVER_ERROR = 500
_WHO_ASKS = frozenset({401, 403})
_PERHAPS_THERE = "an answer was lost, it may be there: load it again to be sure"
_NOT_ALLOWED = "security_exception"
"""What the security plugin says of a document that we may not add."""


@dataclass(frozen=True, slots=True)
class Fate:
    """The status that the server, or the way to it, gave a document, and why where it was refused."""

    status: int
    """HTTP's."""
    attempts: int = 1
    error: Mapping[str, Any] = field(default_factory=dict)
    """What the server said: `type`, `reason` and perhaps `caused_by`; empty where nothing went wrong."""
    of_all: bool = False
    """Whether this was said of a whole request, and for no fault of the document's."""
    answer_lost: bool = False
    """Whether the server may have added the document without our hearing of it: then it may be there although it
    failed, and where it was `already_there`, that may have been our own doing."""

    @classmethod
    def of_item(cls, item: Mapping[str, Any]) -> "Fate":
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
        return self.status in _NOT_NOW or (self.of_all and self.status >= _SERVER_ERROR)

    @property
    def concerns_all(self) -> bool:
        """Whether others will fare alike, for no fault of their own: a server that is gone, a sign-in that is lost.

        An index that takes nothing is not meant: others may.
        """
        return self.of_all or (self.status in _WHO_ASKS and self.error.get("type") == _NOT_ALLOWED)

    @property
    def kind(self) -> str:
        """The server's type of error; nothing where it gave none."""
        return str(self.error.get("type", ""))

    @property
    def reason(self) -> str:
        """What the server said, for a person; nothing where it said nothing."""
        said = str(self.error.get("reason", ""))
        return f"{said}; {_PERHAPS_THERE}" if self.answer_lost and self.refused else said

    @property
    def message(self) -> str:
        """What the server said, as the JSON text that Firehose keeps: `type`, `reason` and perhaps `caused_by`."""
        said = {key: self.error[key] for key in ("type", "reason", "caused_by") if key in self.error}
        return json.dumps(said | ({"reason": self.reason} if "reason" in said else {}))
