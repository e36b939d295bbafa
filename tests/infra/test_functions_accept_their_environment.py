"""Every environment of every template, given to the wiring of the real function."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, reject
from hypothesis import settings as how
from hypothesis import strategies as st
from setting_values import RIGHT
from template_reading import Deployed, of

import functions.decorator.wiring
import functions.geoip.wiring
import functions.ingestor.wiring
import functions.inventory.wiring
import functions.search_setup.wiring
from flowlogs.errors import SettingsError
from flowlogs.settings import SETTINGS
from infra.environment import (
    decorator_environment,
    geoip_environment,
    ingestor_environment,
    inventory_environment,
)
from infra.settings.settings import Settings, WrongSettings

WIRE: Mapping[str, Callable[[Mapping[str, str], Any], object]] = {
    "ingestor": functions.ingestor.wiring.wire,
    "decorator": functions.decorator.wiring.wire,
    "search_setup": functions.search_setup.wiring.wire,
    "inventory": functions.inventory.wiring.wire,
    "geoip": functions.geoip.wiring.wire,
}


_GIVEN = {"FLOWLOGS_INVENTORY_EVENTS": "https://sqs.eu-west-1.amazonaws.com/111111111111/a-name"}
"""What CloudFormation gives where that is no name: a queue's Ref is its URL (CloudFormation, AWS::SQS::Queue)."""


class Quiet:
    """A log that nobody reads."""

    def info(self, msg: object, **fields: Any) -> None:
        """Say nothing."""

    def warning(self, msg: object, **fields: Any) -> None:
        """Say nothing."""


@pytest.fixture(autouse=True)
def no_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "tested")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "tested")


def filled(environment: Mapping[str, str]) -> dict[str, str]:
    """Give names for what CloudFormation fills in, beside what Lambda itself sets."""
    return {"AWS_REGION": "eu-west-1"} | {
        name: re.sub(r"<[^>]*>", _GIVEN.get(name, "a-name"), value) for name, value in environment.items()
    }


def wire(function: str, environment: Mapping[str, str]) -> None:
    WIRE[function.split()[-1]](filled(environment), Quiet())


@of()
def test_every_function_takes_the_environment_that_it_is_given(deployed: Deployed) -> None:
    assert deployed.functions()
    for function in deployed.functions():
        wire(function, deployed.environment(function))


WRONG_VALUES = {
    "ingestor": {"FLOWLOGS_FORMAT": "${not a format"},
    "decorator": {"FLOWLOGS_FORMAT": "${not a format"},
    "inventory": {"FLOWLOGS_ACCOUNTS": "somebody"},
    "geoip": {"FLOWLOGS_GEO_PROVIDER": "ipinfo"},
}


@of("defaults")
@pytest.mark.parametrize(
    "function", ["ingestor", "search decorator", "lake decorator", "search_setup", "inventory", "geoip"]
)
def test_a_name_or_a_value_that_is_none_would_be_seen(deployed: Deployed, function: str) -> None:
    environment = deployed.environment(function)
    with pytest.raises(SettingsError):
        wire(function, environment | {"FLOWLOGS_SEARCH_STREM": "flows"})
    if wrong := WRONG_VALUES.get(function.split()[-1]):
        with pytest.raises(SettingsError):
            wire(function, environment | wrong)


@of()
def test_a_function_is_given_only_settings_that_it_reads(deployed: Deployed) -> None:
    for function in deployed.functions():
        for name in deployed.environment(function):
            if name.startswith("FLOWLOGS_"):
                read_by = SETTINGS[name].functions
                assert function.split()[-1] in read_by, f"{function} does not read {name}"


VALUES: dict[str, st.SearchStrategy[Any]] = {
    name: st.sampled_from([value for pair in pairs for value in pair]) for name, pairs in RIGHT.items()
}
VALUES |= {
    "source": st.sampled_from(["cloudwatch", "s3", "firehose"]),
    "destinations": st.sampled_from(["search", "lake", "search,lake"]),
    "record_format": st.sampled_from(["default", "v2", "v5", "v11", "${dstport} ${action}", "${srcaddr}"]),
    "metric_namespace": st.text(max_size=20),
    "metric_name": st.text(max_size=20),
    "search_keep": st.sampled_from(["all", "rejects", "sample:2"]),
    "lake_format": st.sampled_from(["parquet", "json", "raw"]),
}


CONTEXTS = st.lists(st.sampled_from(sorted(VALUES)), max_size=3, unique=True).flatmap(
    lambda names: st.fixed_dictionaries({name: VALUES[name] for name in names})
)


@how(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(CONTEXTS)
def test_whatever_settings_are_taken_the_functions_take_what_follows_from_them(context: dict[str, Any]) -> None:
    try:
        settings = Settings.read(context)
    except WrongSettings:
        reject()  # Hypothesis complains where too few are left
    chosen = {name: f"{name}-stream" for name in ("search", "lake") if getattr(settings, name)}
    chosen |= {"search": "theirs"} if settings.existing_search_stream else {}
    given_to = {"ingestor": ingestor_environment(settings, chosen)}
    given_to |= {f"{name} decorator": decorator_environment(settings, name) for name in chosen}
    given_to["inventory"] = {**inventory_environment(settings), "FLOWLOGS_INVENTORY_STORE": "s3://known/inventory"}
    given_to["geoip"] = {**geoip_environment(settings), "FLOWLOGS_GEOIP_STORE": "s3://known/geo"}
    for function, environment in given_to.items():
        wire(function, {name: value for name, value in environment.items() if value is not None})


@of()
def test_no_secret_is_in_an_environment(deployed: Deployed) -> None:
    for function in deployed.functions():
        assert not [value for value in deployed.environment(function).values() if "{{resolve:" in value]
