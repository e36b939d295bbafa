import json

import boto3
import pytest
from moto import mock_aws

from flowlogs.aws.secrets import UserAndPassword, user_and_password
from flowlogs.errors import SettingsError


@pytest.fixture(autouse=True)
def _account(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "tested")


def read(text: str) -> UserAndPassword:
    with mock_aws():
        client = boto3.client("secretsmanager", "eu-west-1")
        client.create_secret(Name="search", SecretString=text)
        return user_and_password("search", client)


def test_a_secret_holds_user_and_password_and_prints_neither() -> None:
    found = read(json.dumps({"username": "ann", "password": "correct horse", "engine": "x"}))
    assert (found.username, found.password) == ("ann", "correct horse")
    assert "correct horse" not in f"{found} {found!r}"


@pytest.mark.parametrize(
    "text",
    [
        "correct horse",
        '["correct horse"]',
        '"correct horse"',
        '{"username": "ann"}',
        '{"username": "", "password": "correct horse"}',
        '{"username": "ann", "password": 5}',
    ],
)
def test_a_secret_that_reads_otherwise_is_refused_without_its_text(text: str) -> None:
    with pytest.raises(SettingsError, match="the secret search does not read") as refused:
        read(text)
    assert "correct horse" not in str(refused.value)


def test_a_secret_that_is_not_there_is_named_with_what_to_check() -> None:
    with mock_aws(), pytest.raises(SettingsError, match=r"gone cannot be read \(ResourceNotFoundException\): check"):
        user_and_password("gone", boto3.client("secretsmanager", "eu-west-1"))
