"""Who a request to an OpenSearch domain says it is from: a user with a password, an AWS role, or nobody.

A request carries either a password or a signature, never both: a domain with fine-grained access control takes one of
them. Source: OpenSearch Service Developer Guide, "Fine-grained access control".
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.session import Session, get_session

from flowlogs.errors import SettingsError


class SignIn(Protocol):
    """Says in a request's headers who we are."""

    @property
    def description(self) -> str:
        """What was refused, as the subject of a sentence."""
        ...

    @property
    def check(self) -> str:
        """What to look at, as the second half of a sentence."""
        ...

    @property
    def needs_tls(self) -> bool:
        """Whether nobody on the way may read it."""
        ...

    @property
    def login(self) -> Mapping[str, str] | None:
        """What a page for signing in is filled with; None where that is no way for us."""
        ...

    def sign(self, request: AWSRequest) -> None:
        """Add the headers that sign in."""
        ...


@dataclass(frozen=True, slots=True)
class _Password:
    username: str = field(repr=False)
    password: str = field(repr=False)
    origin: str

    @property
    def description(self) -> str:
        return f"the user and password of {self.origin}"

    @property
    def check(self) -> str:
        return "check that they are those of the domain's master user and that the domain's policy lets them in"

    @property
    def needs_tls(self) -> bool:
        return True

    @property
    def login(self) -> Mapping[str, str] | None:
        return {"username": self.username, "password": self.password}

    def sign(self, request: AWSRequest) -> None:
        token = base64.b64encode(f"{self.username}:{self.password}".encode()).decode()
        request.headers["Authorization"] = f"Basic {token}"


@dataclass(frozen=True, slots=True)
class _Signed:
    region: str
    credentials: Credentials = field(repr=False)

    @property
    def description(self) -> str:
        return "the AWS role that signed the request"

    @property
    def check(self) -> str:
        return (
            "check that the domain's policy allows this role es:ESHttp*, "
            "and that it is the domain's master or is mapped to a role that may do this"
        )

    @property
    def needs_tls(self) -> bool:
        return True

    @property
    def login(self) -> Mapping[str, str] | None:
        return None

    def sign(self, request: AWSRequest) -> None:
        SigV4Auth(self.credentials.get_frozen_credentials(), "es", self.region).add_auth(request)


@dataclass(frozen=True, slots=True)
class _Anonymous:
    @property
    def description(self) -> str:
        return "a request without any sign-in"

    @property
    def check(self) -> str:
        return "give a user and a password, or sign with an AWS role"

    @property
    def needs_tls(self) -> bool:
        return False

    @property
    def login(self) -> Mapping[str, str] | None:
        return None

    def sign(self, request: AWSRequest) -> None:
        """Add nothing: nobody is named."""


def password(username: str, password: str, *, origin: str = "the sign-in") -> SignIn:
    """Sign in as a user of the domain; `origin` says in an error where name and password came from."""
    return _Password(username, password, origin)


def signed(region: str, session: Session | None = None) -> SignIn:
    """Sign requests (Signature Version 4, service `es`) with the credentials of botocore's session.

    They are looked up once, for a session is not for several threads; those that expire renew themselves, which is.
    Raise SettingsError where there are none.
    """
    credentials = (session or get_session()).get_credentials()
    if credentials is None:
        raise SettingsError("there are no AWS credentials to sign requests with: give a profile or a role")
    return _Signed(region, credentials)


def anonymous() -> SignIn:
    """Say nothing: for a server without security, which may then be reached without TLS too."""
    return _Anonymous()
