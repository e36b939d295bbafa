"""Makes a template without building anything, for pages that read it."""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks

import infra
from infra.settings.settings import Settings
from infra.stack import FlowLogsStack

CDK_JSON = Path(infra.__file__).parent.parent / "cdk.json"


def template_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """Give the template for settings beside those of cdk.json, with every check of the app and no bundles."""
    context = json.loads(CDK_JSON.read_text())["context"] | given | {"aws:cdk:bundling-stacks": []}
    with tempfile.TemporaryDirectory() as folder:
        app = App(context=context, outdir=folder)
        stack = FlowLogsStack(app, settings=Settings.read(app.node.get_all_context()))
        Validations.of(app).add_plugins(AwsSolutionsChecks(app, write_suppressions_to_cloud_formation=True))
        template = app.synth().get_stack_by_name(stack.stack_name).template
    assert isinstance(template, dict)  # noqa: S101 (what a template is)
    return template
