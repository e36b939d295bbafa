"""Which region a zone belongs to: an availability zone, a Local Zone or a Wavelength Zone."""

import re

_ZONE = re.compile(r"([a-z]+(?:-[a-z]+)+-\d+)")
"""The region comes first: `us-west-2a`, `us-west-2-lax-1a`, `us-east-1-wl1-bos-wlz-1`. Source: EC2 User Guide, "Regions
and Zones"."""

_AREAS = {"usg": "us-gov"} | {area: area for area in ("af", "ap", "ca", "cn", "eu", "il", "me", "mx", "sa", "us")}
_PARTS = {"n": "north", "s": "south", "e": "east", "w": "west", "c": "central"}
_ZONE_ID = re.compile(rf"({'|'.join(_AREAS)})([ns]?)([ewc]?)(\d+)-")
"""A zone's id abbreviates its region: `use1-az1`, `apne1-az4`, `usgw1-az1`, `usw2-lax1-az1`. Source: EC2 User Guide,
"AZ IDs"; an area that is not in that list is not guessed."""


def region_of(zone: str | None, zone_id: str | None = None) -> str | None:
    """Give the region of a zone by its name, else by its id; None where neither tells."""
    if zone and (found := _ZONE.match(zone)):
        return found[1]
    found = _ZONE_ID.match(zone_id or "")
    if not found or not found[2] + found[3]:
        return None
    area, *parts, number = found.groups()
    return f"{_AREAS[area]}-{''.join(_PARTS.get(part, '') for part in parts)}-{number}"
