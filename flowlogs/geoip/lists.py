"""Fetches address lists: AWS's own networks, threat lists, and networks that the user names."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flowlogs.decorate.address_lists import MOST_LINES, Label, Reading, read_aws, read_names, read_threats
from flowlogs.decorate.address_spared import Prefix
from flowlogs.geoip.address import shown
from flowlogs.geoip.download import Request
from flowlogs.geoip.fetch_failed import FetchFailed
from flowlogs.geoip.source import NETWORKS, THREATS, About, Found, Work
from flowlogs.record.timestamps import iso_utc

AWS_RANGES = "https://ip-ranges.amazonaws.com/ip-ranges.json"
"""Source: VPC User Guide, "AWS IP address ranges"."""
_MOST_BYTES, _MOST_JSON = 1 << 26, 1 << 24
"""Bytes of a list, which passes through 1,024 MB of memory twice, and of JSON, which takes many times its size there.

AWS's own has 2 MB; a list of a million lines some 20.
"""
_SHRUNK = 10
"""Of a list that has less than one in so many of what it had we say so: it may be a new one, or half of one."""
_ABOVE = 2
"""Lines that are written above a threat list."""
MOST_WRONG = 0.05
"""Share of a list's lines that may be no address; more, and it is no list of addresses."""


@dataclass(frozen=True, slots=True)
class AwsRanges:
    """AWS's networks by service and region (`flowlogs.geoip.source.Source`); its version is the entity tag."""

    url: str = AWS_RANGES

    @property
    def file(self) -> str:
        """The name it is kept under."""
        return "networks/aws-ip-ranges.json"

    def __call__(self, have: About | None, work: Work, seconds: float) -> Found | None:
        """Fetch and read it; None where it has not changed."""
        etag = have.get("version") if have else None
        path = work.folder / "aws-ip-ranges.json"
        fetched = work.fetch(Request(self.url, _MOST_JSON, etag=etag), path, seconds)
        if fetched is None:
            return None
        try:
            reading = read_aws(path, _unkept)
        except ValueError as error:
            raise FetchFailed(f"what came is not AWS's list of networks: {error}") from error
        notes = _checked(reading, have)
        return _found(path, NETWORKS, "aws", work.now, {"version": fetched.etag, "networks": reading.count}, notes)


@dataclass(frozen=True, slots=True)
class ThreatList:
    """A plain list of addresses and CIDRs (`flowlogs.geoip.source.Source`), named as in FLOWLOGS_THREAT_LISTS.

    It is fetched every time, so that its date is that of the last look.
    """

    name: str
    url: str

    @property
    def file(self) -> str:
        """The name it is kept under."""
        return f"threats/{self.name}.txt"

    def __call__(self, have: About | None, work: Work, seconds: float) -> Found | None:
        """Fetch and read it, and write above it when and where it was fetched."""
        plain, path = work.folder / f"{self.name}.list", work.folder / f"{self.name}.txt"
        work.fetch(Request(self.url, _MOST_BYTES), plain, seconds)
        above = f"# fetched: {iso_utc(int(work.now))}\n# from: {shown(self.url)}\n"
        path.write_bytes(above.encode() + plain.read_bytes())
        plain.unlink()
        reading = read_threats(path, _unkept)  # as decorators will: the lines above it count
        reading.first -= _ABOVE
        notes = _checked(reading, have)
        return _found(path, THREATS, self.name, work.now, {"networks": reading.count}, notes)


@dataclass(frozen=True, slots=True)
class OwnNetworks:
    """Networks that the user names (`flowlogs.geoip.source.Source`): pairs of CIDR and name."""

    networks: Sequence[tuple[str, str]]

    @property
    def file(self) -> str:
        """The name they are kept under."""
        return "networks/own.txt"

    def __call__(self, have: About | None, work: Work, seconds: float) -> Found | None:  # noqa: ARG002
        """Write them; None where they are those we have."""
        path = work.folder / "own.txt"
        path.write_text("".join(f"{cidr} {name}\n" for cidr, name in self.networks), "utf-8")
        reading = read_names(path, _unkept)
        if reading.wrong:
            raise FetchFailed(f"the network {self.networks[reading.first - 1][0][:50]!r} is {reading.reason}")
        found = _found(path, NETWORKS, "own", work.now, {"networks": reading.count})
        return None if have and have.get("sha256") == found.about["sha256"] else found


def _unkept(prefix: Prefix, label: Label) -> None:
    """Take what is read only to see that it can be."""


def _checked(reading: Reading, have: About | None) -> tuple[str, ...]:
    """Say what is to be noted of a list; raise FetchFailed where what was read is none."""
    if not reading.count:
        reason = ", only private and special-purpose ones, which are no threats" if reading.spared else ""
        reason = f", first line {reading.first}: {reading.reason}" if reading.wrong else reason
        raise FetchFailed(f"what came holds no address{reason}")
    if reading.wrong > MOST_WRONG * (reading.count + reading.wrong):
        raise FetchFailed(
            f"what came is no list of addresses: {reading.wrong:,} of {reading.wrong + reading.count:,} are none, "
            f"first {reading.first}: {reading.reason}"
        )
    return tuple(_notes(reading, have or {}))


def _notes(reading: Reading, have: About) -> Iterator[str]:
    if reading.wrong:
        yield f"{reading.wrong:,} of it cannot be used, first {reading.first}: {reading.reason}"
    if reading.is_cut:
        yield f"only its first {MOST_LINES - _ABOVE:,} lines are used"
    had = have.get("networks")
    if isinstance(had, int) and reading.count * _SHRUNK < had:
        yield f"it has shrunk from {had:,} to {reading.count:,}, and is taken"


def _found(
    path: Path, kind: str, provider: str, now: float, more: Mapping[str, Any], notes: tuple[str, ...] = ()
) -> Found:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    about = {"kind": kind, "provider": provider, "fetched": iso_utc(int(now)), "sha256": digest, **more}
    return Found(path, about, notes)
