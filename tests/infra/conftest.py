"""Deployments for the tests of the CDK app, synthesized when the first test asks for one."""

from typing import Any

import pytest
from deployments import COMBINATIONS, Deployments
from template_reading import Deployed


def _named(item: pytest.Item) -> list[str]:
    """List the deployments that a test is parametrized with."""
    call = getattr(item, "callspec", None)
    values: list[Any] = [call.params["deployed"]] if call and "deployed" in call.params else []
    return [value for value in values if value in COMBINATIONS]


@pytest.fixture(scope="session")
def deployments(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Deployments:
    """Give the session's deployments, in a folder that the workers of pytest-xdist share."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if hasattr(request.config, "workerinput") else own
    wanted = dict.fromkeys(name for item in request.session.items for name in _named(item))
    return Deployments(shared / "deployments", wanted)


@pytest.fixture
def deployed(request: pytest.FixtureRequest, deployments: Deployments) -> Deployed:
    """Give the deployment whose name the test is parametrized with."""
    return Deployed(deployments.named(request.param))
