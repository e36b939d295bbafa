"""Settings: each documented, typed, taken from cdk.json and from `-c` alike, refused in a sentence that names it."""

import json
import re
from typing import Any

import pytest
from deployments import COMBINATIONS, NAMES, VPC
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st
from setting_values import CONTRADICTIONS, NEEDS, RIGHT, WRONG

from infra.settings.settings import GROUPS, Settings, WrongSettings

SETTINGS = tuple(Settings.model_fields)


def with_needs(name: str, value: Any) -> dict[str, Any]:
    return {**NEEDS.get(name, {}), name: value}


def test_every_setting_is_tested_here() -> None:
    assert RIGHT.keys() == WRONG.keys() == set(SETTINGS)


def test_the_groups_hold_every_setting_once() -> None:
    named = [name for group in GROUPS for name in group.model_fields]
    assert sorted(named) == sorted(SETTINGS)


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_says_what_it_is(name: str) -> None:
    description = Settings.model_fields[name].description
    assert description
    assert not description.endswith(".")


def test_the_defaults_are_values_that_are_taken() -> None:
    defaults = Settings.read({})
    given = json.loads(defaults.model_dump_json())
    assert Settings.read({name: value for name, value in given.items() if value is not None}) == defaults


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_is_the_same_from_cdk_json_and_from_the_command_line(name: str) -> None:
    for value, text in RIGHT[name]:
        found = getattr(Settings.read(with_needs(name, value)), name)
        assert found == value
        assert getattr(Settings.read(with_needs(name, text)), name) == found


@pytest.mark.parametrize("name", SETTINGS)
def test_a_wrong_value_is_refused_in_a_sentence_that_names_the_setting(name: str) -> None:
    for value in WRONG[name]:
        with pytest.raises(WrongSettings) as refused:
            Settings.read(with_needs(name, value))
        sentences = str(refused.value).splitlines()
        assert [sentence for sentence in sentences if name in sentence], f"{value!r}: {sentences}"
        assert not re.search(r"pydantic|Traceback|ValidationError|type=|pattern|after validation", str(refused.value))


@pytest.mark.parametrize("name", NAMES)
def test_the_deployments_of_these_tests_are_taken(name: str) -> None:
    assert Settings.read(COMBINATIONS[name])


@pytest.mark.parametrize(("given_settings", "named"), CONTRADICTIONS, ids=lambda value: str(value)[:60])
def test_what_contradicts_itself_is_refused(given_settings: dict[str, Any], named: str) -> None:
    with pytest.raises(WrongSettings, match=re.escape(named)):
        Settings.read(given_settings)


def test_an_unknown_name_is_refused_with_the_one_that_was_meant() -> None:
    with pytest.raises(WrongSettings, match=r"vpc_id is no setting: did you mean vpc_ids\?"):
        Settings.read({"vpc_id": VPC})
    with pytest.raises(WrongSettings, match=r"zzz is no setting; docs/deployment.md"):
        Settings.read({"zzz": 1})


def test_every_wrong_setting_has_a_sentence() -> None:
    with pytest.raises(WrongSettings) as refused:
        Settings.read({"traffic": "x", "lake_format": "y", "source": "z"})
    assert {sentence.split()[0] for sentence in str(refused.value).splitlines()} == {"traffic", "lake_format", "source"}


def test_cdks_own_context_is_not_taken_for_settings() -> None:
    own = {"aws:cdk:bundling-stacks": [], "@aws-cdk/core:x": True, "cli-telemetry": False, "notices": False}
    assert Settings.read(own) == Settings.read({})


def test_settings_cannot_be_changed_after_they_were_read() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings.read({}).source = "s3"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
PLAUSIBLE = st.sampled_from([pair[number] for pairs in RIGHT.values() for pair in pairs for number in (0, 1)])


@how(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(SETTINGS) | st.text(max_size=12), JSON | PLAUSIBLE, max_size=5))
def test_any_context_gives_settings_or_sentences(context: dict[str, Any]) -> None:
    try:
        found = Settings.read(context)
    except WrongSettings:
        return
    assert found.format_string
    assert found.log_group_name
