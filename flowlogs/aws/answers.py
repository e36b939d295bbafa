"""Reads what a server answers: JSON where it is some, and of a refusal the reason."""

import json
from collections.abc import Mapping
from typing import Any

_LONGEST_REASON = 300
"""Characters: a reason may repeat a whole document."""


def parsed(data: bytes) -> Any:
    """Give what an answer's JSON says, or its text where it is none."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return data.decode(errors="replace")


def reason_of(data: bytes) -> str:
    """Say in the server's words why; one line of them, for what follows may repeat headers that sign in.

    Sources: OpenSearch, `OpenSearchException.toXContent` (`error` has `root_cause`, `reason`, `caused_by`); its
    security plugin says `message`, the service's own edge `Message`; of Dashboards `error` is the status's name.
    """
    answer = parsed(data)
    words = _of_answer(answer) if isinstance(answer, Mapping) else answer
    lines = ("" if words is None else str(words)).strip().splitlines()
    return lines[0][:_LONGEST_REASON] if lines else "it gave no reason"


def _of_answer(answer: Mapping[str, Any]) -> Any:
    said = next((answer[key] for key in ("message", "Message") if answer.get(key)), None)
    error = answer.get("error")
    if isinstance(error, Mapping):
        return _of_error(error) or said or error
    return said or error or answer.get("reason") or (answer or None)


def _of_error(error: Mapping[str, Any]) -> str | None:
    """Give the reason of the root cause, and where it had a cause of its own, that of the last one."""
    causes = error.get("root_cause")
    root = causes[0] if isinstance(causes, list) and causes else causes
    reason = (_told(root) if isinstance(root, Mapping) else root) or _told(error)
    beneath = _last_cause(error)
    if not beneath or beneath == reason:
        return reason or None
    return f"{reason} ({beneath})" if reason else beneath


def _told(error: Mapping[str, Any]) -> Any:
    return error.get("reason") or error.get("type")


def _last_cause(error: Mapping[str, Any]) -> Any:
    found = None
    while isinstance(cause := error.get("caused_by"), Mapping):
        found, error = _told(cause) or found, cause
    return found
