"""The account at MaxMind, in Secrets Manager or in Systems Manager."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from moto import mock_aws

from flowlogs.aws.licence import account_at
from flowlogs.errors import SettingsError

TEXT = json.dumps({"account_id": "123456", "licence_key": "correct_horse"})
AWS: dict[str, Any] = {
    "region_name": "eu-west-1",
    "aws_access_key_id": "testing",
    "aws_secret_access_key": "testing",
    "config": Config(retries={"total_max_attempts": 1}),
}


@pytest.fixture(autouse=True)
def _account() -> Iterator[None]:
    with mock_aws():
        yield


def secrets(text: str) -> Any:
    client = boto3.client("secretsmanager", **AWS)
    client.create_secret(Name="maxmind", SecretString=text)
    return client


def parameters(text: str) -> Any:
    client = boto3.client("ssm", **AWS)
    client.put_parameter(Name="/flowlogs/maxmind", Value=text, Type="SecureString")
    return client


def test_a_secret_holds_it() -> None:
    client = secrets(TEXT)
    arn = client.describe_secret(SecretId="maxmind")["ARN"]
    assert account_at("maxmind", client).licence_key == account_at(arn, client).licence_key == "correct_horse"


def test_a_parameter_holds_it_encrypted() -> None:
    assert account_at("ssm:/flowlogs/maxmind", parameters=parameters(TEXT)).account_id == "123456"


@pytest.mark.parametrize("text", ["correct_horse", '{"account_id": "correct_horse"}'])
def test_something_else_is_refused_without_its_text(text: str) -> None:
    with pytest.raises(SettingsError, match=r"^the secret maxmind does not read") as secret:
        account_at("maxmind", secrets(text))
    with pytest.raises(SettingsError, match=r"^the parameter /flowlogs/maxmind does not read") as parameter:
        account_at("ssm:/flowlogs/maxmind", parameters=parameters(text))
    assert "correct_horse" not in f"{secret.value}{parameter.value}"


def test_what_cannot_be_read_is_named_with_what_to_check() -> None:
    said = r"the secret gone cannot be read \(ResourceNotFoundException\): check .* secretsmanager:GetSecretValue"
    with pytest.raises(SettingsError, match=said):
        account_at("gone", secrets(TEXT))
    said = r"the parameter /gone cannot be read \(ParameterNotFound\): check .* ssm:GetParameter"
    with pytest.raises(SettingsError, match=said):
        account_at("ssm:/gone", parameters=parameters(TEXT))
