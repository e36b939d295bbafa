import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowlogs.errors import SettingsError
from flowlogs.search.address import checked_address


@pytest.mark.parametrize(
    ("address", "cause"),
    [
        ("host", "it begins with neither https:// nor http://"),
        ("localhost:9200", "it begins with neither https:// nor http://"),
        ("ftp://host", "it begins with neither https:// nor http://"),
        ("", "it begins with neither https:// nor http://"),
        ("http://host", "a sign-in travels by https only, except on localhost"),
        ("https://", "it names no host"),
        ("https://:9200", "it names no host"),
        ("https://host/path", "nothing follows the host"),
        ("https://h?x", "nothing follows the host"),
        ("https://h#x", "nothing follows the host"),
        ("https://[::1", "its host is no name and no address"),
        ("https://host:99999", "its port is no number from 1 to 65535"),
        ("https://host:abc", "its port is no number from 1 to 65535"),
        ("https://host:0", "its port is no number from 1 to 65535"),
        ("https://ho\nst", "it holds characters that no address has"),
        (" https://host", "it holds characters that no address has"),
        ("https://hóst", "it holds characters that no address has"),
    ],
)
def test_what_is_no_address_is_refused_with_its_cause(address: str, cause: str) -> None:
    with pytest.raises(SettingsError, match=f"is no address of a server: ({cause}); one reads https://host$"):
        checked_address(address, signs_in=True)


@pytest.mark.parametrize(
    "address",
    ["https://admin:horse@host", "https://:horse@host", "horse@host", "https://host/horse@x", "https://h?horse@"],
)
@pytest.mark.parametrize("signs_in", [True, False])
def test_a_password_in_an_address_is_refused_and_not_repeated(address: str, *, signs_in: bool) -> None:
    with pytest.raises(SettingsError, match="give them by --user") as refused:
        checked_address(address, signs_in=signs_in, may_have_path=True)
    assert "horse" not in str(refused.value)


def test_what_is_asked_of_an_address_is_not_repeated() -> None:
    with pytest.raises(SettingsError, match=r"'https://host' is no address .*nothing follows the path") as refused:
        checked_address("https://host?token=horse", signs_in=True, may_have_path=True)
    assert "horse" not in str(refused.value)


@pytest.mark.parametrize(
    ("address", "signs_in"),
    [
        ("https://host", True),
        ("https://host:9200", True),
        ("http://localhost:9200", True),
        ("http://127.0.0.1", True),
        ("http://[::1]:9200", True),
        ("http://opensearch:9200", False),
    ],
)
def test_an_address_loses_only_the_slash_at_its_end(address: str, *, signs_in: bool) -> None:
    assert checked_address(f"{address}/", signs_in=signs_in) == address


def test_dashboards_may_stand_below_a_path() -> None:
    assert checked_address("https://host/base/", signs_in=True, may_have_path=True) == "https://host/base"


@given(st.text(max_size=40).map("https://".__add__) | st.text(max_size=40))
def test_whatever_is_given_is_an_address_or_a_sentence(given: str) -> None:
    try:
        address = checked_address(given, signs_in=True)
    except SettingsError:
        return
    assert address.startswith(("https://", "http://localhost", "http://127.0.0.1", "http://[::1]"))
