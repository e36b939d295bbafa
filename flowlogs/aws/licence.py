"""Reads the account that geo databases are fetched with: a secret, or a parameter that is kept encrypted."""

from typing import TYPE_CHECKING, cast

from botocore.config import Config

from flowlogs.aws.clients import client_of
from flowlogs.aws.failures import FAILURES, code_of
from flowlogs.errors import SettingsError
from flowlogs.geoip.account import Account, account_of

if TYPE_CHECKING:
    from types_boto3_secretsmanager import SecretsManagerClient
    from types_boto3_ssm import SSMClient

_CONFIG = Config(connect_timeout=5, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 4})
_PARAMETER = "ssm:"


def account_at(
    place: str, secrets: "SecretsManagerClient | None" = None, parameters: "SSMClient | None" = None
) -> Account:
    """Read the account at a place: a secret's ARN or name, or `ssm:/name` of a SecureString parameter.

    Its text is {"account_id": …, "licence_key": …}. Raise SettingsError where it cannot be read or holds something
    else; the text is never part of it.
    """
    if place.startswith(_PARAMETER):
        text = _parameter(place.removeprefix(_PARAMETER), parameters)
        return account_of(text, f"the parameter {place.removeprefix(_PARAMETER)}")
    return account_of(_secret(place, secrets), f"the secret {place}")


def _secret(name: str, given: "SecretsManagerClient | None") -> str:
    client = given or cast("SecretsManagerClient", client_of("secretsmanager", _CONFIG))
    try:
        return client.get_secret_value(SecretId=name).get("SecretString", "")
    except FAILURES as error:
        raise SettingsError(
            f"the secret {name} cannot be read ({code_of(error)}): check that it exists, that the role may call "
            "secretsmanager:GetSecretValue (and kms:Decrypt with its key), and the way to Secrets Manager"
        ) from error


def _parameter(name: str, given: "SSMClient | None") -> str:
    """Read a parameter. Source: Systems Manager API Reference, "GetParameter" (`WithDecryption`)."""
    client = given or cast("SSMClient", client_of("ssm", _CONFIG))
    try:
        return client.get_parameter(Name=name, WithDecryption=True)["Parameter"].get("Value", "")
    except FAILURES as error:
        raise SettingsError(
            f"the parameter {name} cannot be read ({code_of(error)}): check that it exists, that the role may call "
            "ssm:GetParameter (and kms:Decrypt with its key), and the way to Systems Manager"
        ) from error
