"""The table of providers."""

from datetime import date

import pytest

from flowlogs.decorate.licences import LICENCES, licence_of
from flowlogs.geoip.providers import PROVIDERS, Kind
from flowlogs.setting_kinds import Provider as Choice


def test_every_provider_has_both_kinds_and_the_licence_of_its_types() -> None:
    for provider in PROVIDERS.values():
        assert [edition.kind for edition in provider.editions] == [Kind.CITY, Kind.ASN]
        assert {licence_of(edition.type) for edition in provider.editions} == {provider.licence}
        assert provider.base.startswith("https://")
    assert set(PROVIDERS) == set(LICENCES) == {*Choice} - {Choice.NONE}
    names = [edition.file for provider in PROVIDERS.values() for edition in provider.editions]
    assert len(set(names)) == len(names)


def test_addresses_are_those_of_the_providers() -> None:
    maxmind, dbip = PROVIDERS["maxmind"], PROVIDERS["dbip"]
    url = "https://download.maxmind.com/geoip/databases/GeoLite2-ASN/download?suffix=tar.gz"
    assert maxmind.url(maxmind.editions[1]) == url
    assert url + maxmind.checksum == f"{url}.sha256"
    assert dbip.url(dbip.editions[0], "2026-11") == "https://download.db-ip.com/free/dbip-city-lite-2026-11.mmdb.gz"
    assert (maxmind.is_monthly, dbip.is_monthly) == (False, True)


@pytest.mark.parametrize(
    ("day", "months"),
    [
        (date(2026, 11, 21), ["2026-11", "2026-10"]),
        (date(2026, 1, 1), ["2026-01", "2025-12"]),
        (date(2024, 3, 31), ["2024-03", "2024-02"]),
    ],
)
def test_the_month_before_is_asked_for_too(day: date, months: list[str]) -> None:
    assert list(PROVIDERS["dbip"].months(day)) == months
