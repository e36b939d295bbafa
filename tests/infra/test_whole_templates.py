"""What holds for every template as a whole: outputs, tags, CloudFormation's limits."""

import json
from itertools import product
from typing import Any

from deployments import COMBINATIONS
from template_reading import Deployed, of, references, written

from infra.settings.settings import Settings

RESOURCES, OUTPUTS, PARAMETERS, BODY = 500, 200, 200, 1_000_000
DESCRIPTION, OUTPUT_VALUE, LOGICAL_ID = 1024, 1024, 255
"""CloudFormation User Guide, "Understand CloudFormation quotas"; a template in S3 has at most 1 MB."""
VARIABLES = 4096
"""Bytes of a function's environment. Source: Lambda Developer Guide, "Lambda quotas"."""
ROLE_POLICIES, TRUST = 10_240, 2048
"""Characters of a role's inline policies together, without blanks. Source: IAM User Guide, "IAM quotas"."""
NAME_THEIRS = ("organization", "some accounts")
"""Deployments that are given a secret, a key or accounts by their numbers."""
HOLDS_DATA = {
    "AWS::KinesisFirehose::DeliveryStream",
    "AWS::OpenSearchService::Domain",
    "AWS::S3::Bucket",
    "AWS::SecretsManager::Secret",
    "AWS::SQS::Queue",
}
IDS = {
    "AthenaQueryResults60B7F113",
    "BucketsAccessLogsA5F88218",
    "DeadLettersBBF8BAAB",
    "Knowledge26594E4C",
    "KnowledgeInventoryEventsDeadLettersE6FE8EF1",
    "KnowledgeInventoryEventsQueue7A27B0FA",
    "SourcesFlowLogBucketFilesD2D006C8",
    "SourcesFlowLogGroup419EB963",
    "SourcesNewFilesDeadLetters08DF10D4",
    "SourcesNewFilesQueue31D2A8BE",
    "StreamsLakeC67CABC9",
    "StreamsLakeStream148137E9",
    "StreamsSearchDomain8F546120",
    "StreamsSearchMasterUser74D0357A",
    "StreamsSearchStream3FFFA23A",
}
"""Logical ids of what holds data: a new one may join them, none ever changes."""
ARN = 100
"""Characters that a reference to a generated name stands for, at most."""


def compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def test_every_source_is_looked_at_with_every_destination() -> None:
    looked_at = [Settings.read(given) for given in COMBINATIONS.values()]
    pairs = {(each.source, tuple(each.destinations)) for each in looked_at}
    ways = (("search",), ("lake",), ("search", "lake"), ("existing",))
    assert pairs >= set(product(("cloudwatch", "s3", "firehose"), ways))


@of()
def test_the_template_is_below_cloudformations_limits(deployed: Deployed) -> None:
    template = deployed.template
    assert len(template["Resources"]) <= RESOURCES
    assert len(template["Outputs"]) <= OUTPUTS
    assert len(template.get("Parameters", {})) <= PARAMETERS
    assert len(compact(template).encode()) <= BODY
    assert 0 < len(template["Description"].encode()) <= DESCRIPTION
    assert all(len(id_) <= LOGICAL_ID and id_.isalnum() for id_ in template["Resources"])


@of()
def test_environments_and_policies_are_below_their_limits(deployed: Deployed) -> None:
    for function in deployed.all("Lambda::Function").values():
        variables = function.get("Environment", {}).get("Variables", {})
        room = sum(
            len(name) + len(written(value)) + ARN * len([*references(value)]) for name, value in variables.items()
        )
        assert room <= VARIABLES
    for id_, role in deployed.all("IAM::Role").items():
        policies = sum(len(written_out(policy["PolicyDocument"])) for policy in role.get("Policies", []))
        assert policies <= ROLE_POLICIES, id_
        assert len(written_out(role["AssumeRolePolicyDocument"])) <= TRUST
        assert len(role.get("Description", "")) <= 1000


def written_out(document: object) -> str:
    """Write a policy with a long name for each reference."""
    return compact(document).replace('{"Ref":', "x" * ARN).replace('{"Fn::GetAtt":', "x" * ARN)


@of()
def test_every_output_has_a_value_a_description_and_a_resource_behind_it(deployed: Deployed) -> None:
    assert deployed.template["Outputs"]
    for name, output in deployed.template["Outputs"].items():
        value = written(output["Value"])
        assert value.strip(), name
        assert value not in {"None", "<None>"}
        assert len(value) <= OUTPUT_VALUE
        assert 0 < len(output["Description"]) <= DESCRIPTION
        assert set(references(output["Value"])) <= deployed.resources.keys()


def holds_data(resource: dict[str, Any]) -> bool:
    """Say whether anything would be lost or left behind, were it made anew."""
    kept = str(resource.get("DeletionPolicy")).startswith("Retain")
    return resource["Type"] in HOLDS_DATA or (resource["Type"] == "AWS::Logs::LogGroup" and kept)


@of()
def test_what_holds_data_has_the_logical_id_that_earlier_deployments_gave_it(deployed: Deployed) -> None:
    """With another one CloudFormation would make a second, and remove the first or leave it behind."""
    assert {id_ for id_, resource in deployed.resources.items() if holds_data(resource)} <= IDS


@of()
def test_every_reference_is_to_something_that_is_there(deployed: Deployed) -> None:
    there = {*deployed.resources, *deployed.template.get("Parameters", {})}
    for id_, resource in deployed.resources.items():
        assert set(references(resource.get("Properties", {}))) <= there, id_
        assert id_ not in deployed.waits_for(id_), f"{id_} waits for itself"


@of("cloudwatch", "s3 beside")
def test_outputs_of_a_deployment_with_everything_name_what_comes_next(deployed: Deployed) -> None:
    outputs = deployed.outputs
    assert outputs["Source"] == "cloudwatch"
    assert outputs["RecordFormat"] == deployed.environment("ingestor")["FLOWLOGS_FORMAT"]
    assert outputs["Destinations"] == "search,lake"
    assert outputs["DashboardsImport"] == "<StreamsSearchSearchSetupSetUpOfDomain.Dashboards>"
    assert outputs["SearchEndpoint"] == "https://<StreamsSearchDomain.DomainEndpoint>"
    assert outputs["IndexPrefix"] == "cwl"
    assert (outputs["LakePrefix"], outputs["LakeFormat"]) == ("flows/", "parquet")
    assert outputs["AlarmTopic"] == "<WatchAlerts>"
    assert "#dashboards:name=<WatchPipelineDashboard>" in outputs["HealthDashboard"]
    assert outputs["LogGroup"] == "Flowlogs"
    assert outputs["Dashboards"] == "https://<StreamsSearchDomain.DomainEndpoint>/_dashboards"
    assert outputs["SearchSecret"] == "<StreamsSearchMasterUser>"
    assert outputs["LakeBucket"] == "<StreamsLake>"
    assert outputs["GlueTable"] == "flowlogs.flows"
    assert outputs["DeadLetterBucket"] == "<DeadLetters>"
    assert outputs["Ingestor"] == "<SourcesIngestIngestorFunction>"
    assert ("FlowLogBucket" in outputs) == (deployed.name == "s3 beside")


@of("s3", "s3 queue")
def test_outputs_name_the_bucket_that_is_read(deployed: Deployed) -> None:
    expected = "their-bucket" if deployed.name == "s3 queue" else "<SourcesFlowLogBucketFiles>"
    assert deployed.outputs["FlowLogBucket"] == expected
    assert deployed.outputs["FlowLogPrefix"] == "network/"
    assert "LogGroup" not in deployed.outputs


@of("second stack")
def test_outputs_of_a_prefixed_stack_have_the_prefix(deployed: Deployed) -> None:
    outputs = deployed.outputs
    assert outputs["LogGroup"] == "b-Flowlogs"
    assert outputs["SearchStream"] == "b-VPCFlowLogsToElasticSearch"
    assert outputs["GlueTable"] == "b_flowlogs.flows"


@of("second stack")
def test_tags_are_on_everything_that_takes_them(deployed: Deployed) -> None:
    tagged = {"S3::Bucket", "Lambda::Function", "IAM::Role", "OpenSearchService::Domain", "EC2::FlowLog"}
    tagged |= {"KinesisFirehose::DeliveryStream", "Logs::LogGroup", "SecretsManager::Secret", "SNS::Topic"}
    for kind in tagged:
        assert deployed.all(kind), kind
        for id_, resource in deployed.all(kind).items():
            tags = {each["Key"]: each["Value"] for each in resource.get("Tags", [])}
            if "CustomResourceProvider" not in id_:  # CDK's own, which takes none
                assert {"team": "network", "stage": "test"}.items() <= tags.items(), id_


@of()
def test_no_account_region_or_partition_is_written_down(deployed: Deployed) -> None:
    theirs = ("s3 queue", "s3 topic", "existing", "second", "cloudwatch existing", "firehose", *NAME_THEIRS)
    if not deployed.name.startswith(theirs):
        assert "123456789012" not in json.dumps(deployed.template)
    for id_, resource in deployed.resources.items():
        if resource["Type"] in {"AWS::IAM::Role", "AWS::S3::BucketPolicy", "AWS::Logs::ResourcePolicy"}:
            text = json.dumps(resource.get("Properties", {})).replace("arn:aws:kms:eu-west-1", "")
            named = deployed.name.startswith(("s3 queue", "existing domain", *NAME_THEIRS))
            assert named or "arn:aws:" not in text, id_
