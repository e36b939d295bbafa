"""Fetches address lists: AWS's own networks, threat lists, and networks that the user names."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flowlogs.decorate.address_lists import Label, Prefix, Reading, read_aws, read_names, read_threats
from flowlogs.geoip.address import shown
from flowlogs.geoip.download import Request
from flowlogs.geoip.fetch_failed import FetchFailed
from flowlogs.geoip.source import NETWORKS, THREATS, About, Found, Work
from flowlogs.record.timestamps import iso_utc

AWS_RANGES = "https://ip-ranges.amazonaws.com/ip-ranges.json"
"""Source: VPC User Guide, "AWS IP address ranges"."""
_MOST_BYTES = 1 << 26
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
        fetched = work.fetch(Request(self.url, _MOST_BYTES, etag=etag), path, seconds)
        if fetched is None:
            return None
        try:
            reading = read_aws(path, _unkept)
        except ValueError as error:
            raise FetchFailed(f"what came is not AWS's list of networks: {error}") from error
        _check(reading)
        return _found(path, NETWORKS, "aws", work.now, {"version": fetched.etag, "networks": reading.count})


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

    def __call__(self, have: About | None, work: Work, seconds: float) -> Found | None:  # noqa: ARG002
        """Fetch and read it, and write above it when and where it was fetched."""
        plain, path = work.folder / f"{self.name}.list", work.folder / f"{self.name}.txt"
        work.fetch(Request(self.url, _MOST_BYTES), plain, seconds)
        reading = read_threats(plain, _unkept)
        _check(reading)
        above = f"# fetched: {iso_utc(int(work.now))}\n# from: {shown(self.url)}\n"
        path.write_bytes(above.encode() + plain.read_bytes())
        plain.unlink()
        return _found(path, THREATS, self.name, work.now, {"networks": reading.count})


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


def _check(reading: Reading) -> None:
    """Raise FetchFailed where what was read is no list of addresses."""
    if not reading.count:
        reason = f", first line {reading.first}: {reading.reason}" if reading.wrong else ""
        raise FetchFailed(f"what came holds no address{reason}")
    if reading.wrong > MOST_WRONG * (reading.count + reading.wrong):
        raise FetchFailed(
            f"what came is no list of addresses: {reading.wrong:,} of {reading.wrong + reading.count:,} are none, "
            f"first {reading.first}: {reading.reason}"
        )


def _found(path: Path, kind: str, provider: str, now: float, more: Mapping[str, Any]) -> Found:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    about = {"kind": kind, "provider": provider, "fetched": iso_utc(int(now)), "sha256": digest, **more}
    return Found(path, about)
