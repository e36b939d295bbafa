import pytest

from flowlogs.errors import SettingsError
from flowlogs.search.setup.placement import check_placement
from flowlogs.search.setup.plan import Plan
from flowlogs.setting_kinds import Shape

GIVEN = {
    "ServiceToken": "arn",
    "Endpoint": "https://host/",
    "IndexPrefix": "cwl",
    "DeliveryRole": "arn:aws-us-gov:iam::123456789012:role/path/firehose",
    "RoleName": "flowlogs-cwl",
    "RetentionDays": "30",
    "Revision": "2",
}


def test_shards_and_replicas_have_defaults_and_texts_become_numbers() -> None:
    role = GIVEN["DeliveryRole"]
    assert Plan.of(GIVEN) == Plan("https://host", "cwl", role, "flowlogs-cwl", 1, 1, 30)
    assert Plan.of({**GIVEN, "Shards": "2", "Replicas": "0"}) == Plan(
        "https://host", "cwl", role, "flowlogs-cwl", 2, 0, 30
    )


@pytest.mark.parametrize("shape", ["json", "ecs", "ocsf"])
def test_shape_and_dashboards_are_read(shape: str) -> None:
    plan = Plan.of({**GIVEN, "Shape": shape, "Dashboards": "false"})
    assert (plan.shape, plan.with_dashboards) == (Shape(shape), False)
    assert (Plan.of(GIVEN).shape, Plan.of(GIVEN).with_dashboards) == (Shape.JSON, True)


@pytest.mark.parametrize("name", ["Endpoint", "IndexPrefix", "DeliveryRole", "RoleName"])
def test_a_missing_property_is_named(name: str) -> None:
    with pytest.raises(SettingsError, match=f"lacks {name}: it takes"):
        Plan.of({key: value for key, value in GIVEN.items() if key != name})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Endpoint", "host"),
        ("Endpoint", "https://host/path"),
        ("Endpoint", "https://user@host"),
        ("Endpoint", "https://host?x"),
        ("IndexPrefix", "Cwl"),
        ("IndexPrefix", "-cwl"),
        ("IndexPrefix", "cwl/x"),
        ("IndexPrefix", "cwl\n"),
        ("IndexPrefix", "c" * 67),
        ("RoleName", "a/b"),
        ("RoleName", ""),
        ("Shards", "1.5"),
        ("Shards", "٣"),
        ("Replicas", "-1"),
        ("Replicas", ""),
        ("RetentionDays", "0"),
        ("RetentionDays", "-1"),
        ("RetentionDays", "1.5"),
        ("RetentionDays", "30d"),
        ("Shape", "raw"),
        ("Shape", "ECS"),
        ("Dashboards", "True"),
        ("Dashboards", ""),
    ],
)
def test_a_wrong_property_is_named_with_what_it_takes(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} is .*: it takes"):
        Plan.of({**GIVEN, name: value})


def test_the_longest_prefix_leaves_an_index_name_room_for_the_hour() -> None:
    prefix = Plan.of({**GIVEN, "IndexPrefix": "c" * 66}).index_prefix
    assert len(f"{prefix}-2026-01-01-13") == 80


@pytest.mark.parametrize("place", ["public", "vpc:vpc-0abc"])
def test_a_domain_that_stays_has_the_same_id(place: str) -> None:
    created = check_placement({"Placement": place}, None)
    assert check_placement({"Placement": place}, created) == created


@pytest.mark.parametrize(
    ("stands", "wanted"), [("public", "vpc:vpc-1"), ("vpc:vpc-1", "public"), ("vpc:vpc-1", "vpc:vpc-2")]
)
def test_a_domain_never_moves(stands: str, wanted: str) -> None:
    created = check_placement({"Placement": stands}, None)
    with pytest.raises(SettingsError, match=f"stands at {stands} and cannot move to {wanted}"):
        check_placement({"Placement": wanted}, created)


@pytest.mark.parametrize("properties", [{}, {"Placement": "private"}, {"Placement": "vpc:"}, {"Placement": "vpc:1"}])
def test_a_place_that_is_none_is_refused(properties: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="it takes public or vpc:"):
        check_placement(properties, None)


def test_a_password_in_the_endpoint_is_not_repeated() -> None:
    with pytest.raises(
        SettingsError, match="Endpoint is an address with a user in it: it takes https://host"
    ) as refused:
        Plan.of({**GIVEN, "Endpoint": "https://admin:horse@host"})
    assert "horse" not in str(refused.value)
