"""What tests of several commands share."""

from collections.abc import Iterator

import pytest
from fake_opensearch import Played
from serving import Serving


@pytest.fixture
def nothing_of_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave no way to AWS: neither credentials nor an endpoint that answers."""
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def server() -> Iterator[Played]:
    """Play an OpenSearch that answers at its `url`."""
    played = Played()
    with Serving(played.handler()) as serving:
        played.url = serving.url
        yield played
