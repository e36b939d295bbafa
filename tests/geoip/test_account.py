"""The licence key is read from what people have, and never printed."""

import pytest

from flowlogs.errors import SettingsError
from flowlogs.geoip.account import Account, account_of

CONF = "# GeoIP.conf file\nAccountID 123456\nLicenseKey correct_horse\nEditionIDs GeoLite2-ASN GeoLite2-City\n"


@pytest.mark.parametrize(
    "text",
    [
        '{"account_id": "123456", "licence_key": "correct_horse"}',
        '{"account_id": 123456, "licence_key": "correct_horse", "more": 1}',
        '{"account_id": "123456", "license_key": "correct_horse"}',
        CONF,
        f"\ufeff{CONF}",
        '\ufeff{"account_id": 123456, "licence_key": "correct_horse"}',
    ],
)
def test_an_account_is_read_and_its_key_not_shown(text: str) -> None:
    account = account_of(text, "the file")
    assert account == Account("123456", "correct_horse")
    assert "correct_horse" not in f"{account} {account!r}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "correct_horse",
        '["correct_horse"]',
        '{"licence_key": "correct_horse"}',
        '{"account_id": "ann", "licence_key": "correct_horse"}',
        '{"account_id": "123456", "licence_key": ""}',
        '{"account_id": "123456", "licence_key": 5}',
        '{"account_id": "123456", "licence_key": "correct_horse\\r\\nX: y"}',
        '{"account_id": "123456:x", "licence_key": "correct_horse"}',
        "AccountID 123456\n",
        "[" * 200_000,
        '{"account_id": 1' + "0" * 5000 + ', "licence_key": "correct_horse"}',
        '{"account_id": "123456", "licence_key": "correct_horse\udc80"}',
    ],
    ids=lambda text: text[:40],
)
def test_what_is_no_account_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(SettingsError, match=r'^the file does not read \{"account_id"') as refused:
        account_of(text, "the file")
    assert "correct_horse" not in str(refused.value)
