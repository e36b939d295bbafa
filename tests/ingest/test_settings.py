import pytest

from flowlogs.errors import SettingsError
from flowlogs.ingest.narrowing import Keep
from flowlogs.record.log_format import DEFAULT
from flowlogs.setting_kinds import Documents
from flowlogs.settings import SETTINGS, check_names, narrowing_of, value_of


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_without_a_value_has_its_default(name: str) -> None:
    if name != "FLOWLOGS_SEARCH_STREAM":  # empty means: no such stream
        assert repr(value_of({name: " "}, name)) == repr(value_of({}, name))


@pytest.mark.parametrize(("text", "fields"), [("v2", 14), ("v5", 29), ("v11", 54), ("${version} ${tgw-id}", 2)])
def test_a_format_is_a_version_or_a_format_string(text: str, fields: int) -> None:
    assert len(value_of({"FLOWLOGS_FORMAT": text}, "FLOWLOGS_FORMAT").fields) == fields


def test_the_default_format_is_awss() -> None:
    assert value_of({}, "FLOWLOGS_FORMAT") == DEFAULT


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("FLOWLOGS_FORMAT", "v6"),
        ("FLOWLOGS_FORMAT", "v12"),
        ("FLOWLOGS_FORMAT", "default"),
        ("FLOWLOGS_FORMAT", "V5"),
        ("FLOWLOGS_FORMAT", "${version} ${version}"),
        ("FLOWLOGS_SEARCH_KEEP", "accepts"),
        ("FLOWLOGS_SEARCH_KEEP", "sample"),
        ("FLOWLOGS_SEARCH_KEEP", "sample:0"),
        ("FLOWLOGS_SEARCH_KEEP", "sample:-3"),
        ("FLOWLOGS_SEARCH_KEEP", "sample:1.5"),
        ("FLOWLOGS_SEARCH_KEEP", "sample:²"),
        ("FLOWLOGS_SEARCH_KEEP", "rejects:3"),
        ("FLOWLOGS_DROP_INTERNAL", "10.0.0.1/8"),
        ("FLOWLOGS_INTERNAL", "ten"),
        ("FLOWLOGS_DOCUMENTS", "two"),
        ("FLOWLOGS_DESTINATION", "s3"),
        ("FLOWLOGS_SHAPE", "xml"),
        ("FLOWLOGS_LOOKUP_SECONDS", "-1"),
        ("FLOWLOGS_LOOKUP_SECONDS", "٣"),
        ("FLOWLOGS_REFRESH_SECONDS", "1 000"),
        ("FLOWLOGS_GEOIP_MAX_AGE_DAYS", "30d"),
    ],
)
def test_a_wrong_value_is_refused_in_a_sentence_that_names_the_setting(name: str, text: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} is .* takes"):
        value_of({name: text}, name)


def test_cidrs_may_stand_with_commas_or_blanks() -> None:
    networks = value_of({"FLOWLOGS_INTERNAL": "10.0.0.0/8, 192.168.0.0/16  fd00::/8"}, "FLOWLOGS_INTERNAL")
    assert networks.have("10.1.1.1", "192.168.1.1", "fd00::1")


def test_named_networks_are_pairs_of_cidr_and_name_in_their_order() -> None:
    text = "office=10.0.0.0/8 lab=2001:DB8::/32 office=192.168.7.1 vpn=10.8.0.0/255.255.0.0"
    named = value_of({"FLOWLOGS_NAMED_NETWORKS": text}, "FLOWLOGS_NAMED_NETWORKS")
    assert named == (
        ("10.0.0.0/8", "office"),
        ("2001:db8::/32", "lab"),
        ("192.168.7.1/32", "office"),
        ("10.8.0.0/16", "vpn"),
    )


@pytest.mark.parametrize(
    "text", ["10.0.0.0/8", "=10.0.0.0/8", "office=", "office=10.0.0.1/8", "head office=10.0.0.0/8"]
)
def test_what_names_no_network_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="FLOWLOGS_NAMED_NETWORKS"):
        value_of({"FLOWLOGS_NAMED_NETWORKS": text}, "FLOWLOGS_NAMED_NETWORKS")


def test_a_search_stream_set_to_nothing_is_none_and_unset_is_the_default() -> None:
    assert value_of({"FLOWLOGS_SEARCH_STREAM": ""}, "FLOWLOGS_SEARCH_STREAM") is None
    assert value_of({}, "FLOWLOGS_SEARCH_STREAM") == "VPCFlowLogsToElasticSearch"
    assert value_of({"FLOWLOGS_DOCUMENTS": "many"}, "FLOWLOGS_DOCUMENTS") is Documents.MANY


def test_narrowing_is_read_from_its_two_settings() -> None:
    narrowing = narrowing_of({"FLOWLOGS_SEARCH_KEEP": "sample:20", "FLOWLOGS_DROP_INTERNAL": "10.0.0.0/8"})
    assert (narrowing.keep, narrowing.one_in, bool(narrowing.internal)) == (Keep.SAMPLE, 20, True)
    assert not narrowing_of({})


def test_a_misspelt_setting_is_refused() -> None:
    check_names({"FLOWLOGS_FORMAT": "v5", "PATH": "/bin"})
    with pytest.raises(SettingsError, match="FLOWLOGS_FORMATS is no setting"):
        check_names({"FLOWLOGS_FORMATS": "v5"})
