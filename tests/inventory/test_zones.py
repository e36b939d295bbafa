import pytest

from flowlogs.inventory.documents import interfaces_in
from flowlogs.inventory.zones import region_of


@pytest.mark.parametrize(
    ("zone", "region"),
    [
        ("us-west-2a", "us-west-2"),
        ("us-west-2-lax-1a", "us-west-2"),
        ("us-east-1-wl1-bos-wlz-1", "us-east-1"),
        ("us-gov-west-1b", "us-gov-west-1"),
        ("us-iso-east-1a", "us-iso-east-1"),
        ("ap-southeast-4b", "ap-southeast-4"),
        ("cn-north-1a", "cn-north-1"),
        ("eusc-de-east-1a", "eusc-de-east-1"),
        ("eu-west-12a", "eu-west-12"),
        ("somewhere", None),
        ("", None),
        (None, None),
    ],
)
def test_the_region_is_that_of_the_zone(zone: str | None, region: str | None) -> None:
    assert region_of(zone) == region
    (found,) = interfaces_in([{"NetworkInterfaces": [{"NetworkInterfaceId": "eni-1", "AvailabilityZone": zone}]}])
    assert found.region == region


@pytest.mark.parametrize(
    ("zone_id", "region"),
    [
        ("use1-az6", "us-east-1"),
        ("usw2-lax1-az1", "us-west-2"),
        ("use1-wl1-bos-wlz1", "us-east-1"),
        ("usgw1-az1", "us-gov-west-1"),
        ("apne1-az4", "ap-northeast-1"),
        ("aps2-az1", "ap-south-2"),
        ("apse2-az3", "ap-southeast-2"),
        ("ape1-az1", "ap-east-1"),
        ("euc1-az2", "eu-central-1"),
        ("eun1-az1", "eu-north-1"),
        ("mec1-az3", "me-central-1"),
        ("afs1-az1", "af-south-1"),
        ("cnnw1-az2", "cn-northwest-1"),
        ("xyz1-az1", None),
        ("us1-az1", None),
        ("az1", None),
        ("", None),
    ],
)
def test_where_only_the_zones_id_is_there_it_tells_the_region(zone_id: str, region: str | None) -> None:
    assert region_of(None, zone_id) == region_of("", zone_id) == region
    (found,) = interfaces_in([{"NetworkInterfaceId": "eni-1", "AvailabilityZoneId": zone_id}])
    assert found.region == region


def test_the_name_of_the_zone_comes_before_its_id() -> None:
    assert region_of("eu-west-1a", "use1-az1") == "eu-west-1"
