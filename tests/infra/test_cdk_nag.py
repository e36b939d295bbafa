"""cdk-nag finds nothing in any deployment, would find what is bad, and no acknowledgement is idle."""

import json
from pathlib import Path
from unittest.mock import patch

import pytest
from aws_cdk import App, Stack, Validations
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from cdk_nag import AwsSolutionsChecks
from deployments import NAMES, Deployments, context_of, read, synthesize
from template_reading import Deployed, of

import infra.search.domain


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Deployments:
    """Give the deployments as if nothing had been acknowledged."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if hasattr(request.config, "workerinput") else own
    return Deployments(shared / "bare-deployments", NAMES, acknowledging=False)


@of()
def test_cdk_nag_finds_nothing(deployed: Deployed) -> None:
    assert not deployed.synthesized.findings


@of()
def test_findings_are_acknowledged_on_the_construct_they_are_about(deployed: Deployed) -> None:
    assert deployed.synthesized.accepted
    for rule, path in deployed.synthesized.accepted:
        assert rule.startswith("AwsSolutions-")
        assert path.count("/") > 1, f"{rule} is acknowledged for the whole stack or a whole stage"
        if "IAM5" in rule:
            assert rule.startswith(("AwsSolutions-IAM5[Action::", "AwsSolutions-IAM5[Resource::"))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_every_acknowledgement_accepts_something_and_all_findings_are_accepted(
    bare: Deployments, deployments: Deployments, name: str
) -> None:
    found, accepted = bare.named(name).findings, deployments.named(name).accepted
    assert found, "with nothing acknowledged cdk-nag finds something"
    matched = {
        (each, finding)
        for each in accepted
        for finding in found
        if each[0] == finding[0] and f"{finding[1]}/".startswith(f"{each[1]}/")
    }
    assert {each for each, _ in matched} == accepted, "an acknowledgement accepts nothing"
    assert {finding for _, finding in matched} == found


def test_without_one_acknowledgement_the_app_is_refused(tmp_path: Path) -> None:
    with patch.object(infra.search.domain, "acknowledge", lambda *_: None):
        synthesize(tmp_path, {"destinations": ["search"]})
    found = read("without", tmp_path).findings
    assert ("AwsSolutions-OS3", "Flowlogs/Streams/Search/Domain/Domain") in found
    assert {path.split("/")[2] for _, path in found} == {"Search"}


def test_cdk_nag_would_find_a_bad_role_a_bad_queue_and_a_bad_bucket(tmp_path: Path) -> None:
    app = App(outdir=str(tmp_path), context=context_of({}), analytics_reporting=False)
    stack = Stack(app, "Bad")
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    role.add_to_policy(iam.PolicyStatement(actions=["s3:*"], resources=["*"]))
    sqs.Queue(stack, "Queue")
    s3.Bucket(stack, "Bucket", public_read_access=True, block_public_access=s3.BlockPublicAccess.BLOCK_ACLS_ONLY)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()
    (report,) = json.loads((tmp_path / "validation-report.json").read_text())["pluginReports"]
    found = {
        (violation["ruleName"], construct["constructPath"].split("/")[1])
        for violation in report["violations"]
        for construct in violation["violatingConstructs"]
    }
    assert found >= {
        ("AwsSolutions-IAM5[Action::s3:*]", "Role"),
        ("AwsSolutions-IAM5[Resource::*]", "Role"),
        ("AwsSolutions-SQS3", "Queue"),
        ("AwsSolutions-SQS4", "Queue"),
        ("AwsSolutions-S1", "Bucket"),
        ("AwsSolutions-S10", "Bucket"),
    }
