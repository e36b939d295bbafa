"""What every shape asks of a document's addresses."""

from collections.abc import Callable, Mapping
from typing import Any

ADDRESSES = ("srcaddr", "dstaddr", "pkt-srcaddr", "pkt-dstaddr")
"""The native names that hold one."""


def region(end: str) -> Callable[[Mapping[str, Any]], str | None]:
    """Write the code of a region with its country, as ISO 3166-2 does; None where either is unknown."""

    def code(document: Mapping[str, Any]) -> str | None:
        codes = [document.get(f"{end}-country-code"), document.get(f"{end}-region-code")]
        return None if None in codes else "-".join(map(str, codes))

    return code
