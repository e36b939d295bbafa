"""Where a domain stands, and that it never moves: moving replaces it, and its data are lost."""

import re
from collections.abc import Mapping
from typing import Any

from flowlogs.errors import SettingsError

_PLACEMENT = re.compile(r"public|vpc:vpc-[0-9a-z]+", re.ASCII)
_ID = "search-placement-"


def check_placement(properties: Mapping[str, Any], before: str | None) -> str:
    """Give the id of the guard, which has in it where the domain stands; `before` is the id so far, None on creation.

    Raise SettingsError where the domain would move. The id and not the properties say where it stands: they differ
    also while CloudFormation undoes a refused move, and an update that fails then would leave the stack stuck.
    """
    placement = str(properties.get("Placement", ""))
    if not _PLACEMENT.fullmatch(placement):
        raise SettingsError(f"Placement is {placement[:60]!r}: it takes public or vpc:<id of the VPC>")
    stands = (before or "").removeprefix(_ID)
    if before is not None and before.startswith(_ID) and stands != placement:
        raise SettingsError(
            f"the search domain stands at {stands} and cannot move to {placement}: moving would replace it and lose "
            "its data; keep the setting as it was, or deploy a second stack with another prefix and move the data "
            "there by snapshot"
        )
    return f"{_ID}{placement}"
