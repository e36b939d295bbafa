"""Reads a user name and password from Secrets Manager."""

import json
from typing import TYPE_CHECKING, NamedTuple, cast

from botocore.config import Config

from flowlogs.aws.clients import client_of
from flowlogs.aws.failures import FAILURES, code_of
from flowlogs.errors import SettingsError

if TYPE_CHECKING:
    from types_boto3_secretsmanager import SecretsManagerClient

_CONFIG = Config(connect_timeout=5, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 4})


class UserAndPassword(NamedTuple):
    """Who signs in; never printed."""

    username: str
    password: str

    def __repr__(self) -> str:
        return "UserAndPassword(…)"


def user_and_password(secret: str, client: "SecretsManagerClient | None" = None) -> UserAndPassword:
    """Read a secret (ARN or name) whose text is {"username": …, "password": …}.

    Raise SettingsError where it cannot be read or holds something else; the secret's text is never part of it.
    """
    asked = client or cast("SecretsManagerClient", client_of("secretsmanager", _CONFIG))
    try:
        text = asked.get_secret_value(SecretId=secret).get("SecretString", "")
    except FAILURES as error:
        raise SettingsError(
            f"the secret {secret} cannot be read ({code_of(error)}): check that it exists, that the role may call "
            "secretsmanager:GetSecretValue (and kms:Decrypt with its key), and inside a VPC the way to Secrets Manager"
        ) from error
    try:
        found = json.loads(text)
        username, password = found["username"], found["password"]
    except (KeyError, TypeError, ValueError):
        username = password = None
    if not isinstance(username, str) or not isinstance(password, str) or not username or not password:
        raise SettingsError(f'the secret {secret} does not read {{"username": …, "password": …}}')
    return UserAndPassword(username, password)
