"""What the templates say of buckets, and of what becomes of data when a stack goes."""

from typing import Any

from deployments import KEY
from template_reading import Deployed, listed, of, plain, references

KEPT = ("S3::Bucket", "OpenSearchService::Domain")
STAYS = {"Retain", "RetainExceptOnCreate"}


def lasting(deployed: Deployed) -> dict[str, dict[str, Any]]:
    """Give what holds data, or what opens it."""
    group = deployed.all("Logs::LogGroup", "FlowLogGroup")
    ids = {id_ for kind in KEPT for id_ in deployed.all(kind)} | group.keys()
    return {id_: deployed.resources[id_] for id_ in ids}


@of()
def test_every_bucket_is_private_and_encrypted(deployed: Deployed) -> None:
    for bucket in deployed.all("S3::Bucket").values():
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
        assert len(bucket["PublicAccessBlockConfiguration"]) == 4
        assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
        (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] in {"AES256", "aws:kms"}
        assert "AccessControl" not in bucket


@of()
def test_every_bucket_refuses_what_comes_without_tls_1_2(deployed: Deployed) -> None:
    policies = {policy["Bucket"]["Ref"]: policy for policy in deployed.all("S3::BucketPolicy").values()}
    assert policies.keys() == deployed.all("S3::Bucket").keys()
    for bucket, policy in policies.items():
        denied = [each for each in policy["PolicyDocument"]["Statement"] if each["Effect"] == "Deny"]
        conditions = [each["Condition"] for each in denied]
        assert {"Bool": {"aws:SecureTransport": "false"}} in conditions
        assert {"NumericLessThan": {"s3:TlsVersion": 1.2}} in conditions
        for statement in denied:
            assert (statement["Action"], statement["Principal"]) == ("s3:*", {"AWS": "*"})
            assert set(references(statement["Resource"])) == {bucket}
            assert len(listed(statement["Resource"])) == 2


@of()
def test_only_aws_services_are_let_into_a_bucket_by_its_policy(deployed: Deployed) -> None:
    for policy in deployed.all("S3::BucketPolicy").values():
        for statement in policy["PolicyDocument"]["Statement"]:
            if statement["Effect"] == "Allow" and "Service" in statement["Principal"]:
                assert statement["Condition"], statement
            elif statement["Effect"] == "Allow":
                (role,) = references(statement["Principal"])  # CDK's function that empties a bucket with its stack
                assert "AutoDelete" in role


@of()
def test_what_a_bucket_keeps_has_an_end(deployed: Deployed) -> None:
    for id_, bucket in deployed.all("S3::Bucket").items():
        rules = bucket["LifecycleConfiguration"]["Rules"]
        assert {rule["Status"] for rule in rules} == {"Enabled"}
        (end,) = (rule for rule in rules if "ExpirationInDays" in rule)
        assert end["ExpirationInDays"] > 0
        assert end.get("Prefix", "") == ("inventory/history/" if plain(id_) == "Knowledge" else "")
        (unfinished,) = (rule for rule in rules if "AbortIncompleteMultipartUpload" in rule)
        assert unfinished["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}
        assert "Prefix" not in unfinished


@of("defaults", "s3", "s3 beside")
def test_days_are_those_of_the_settings(deployed: Deployed) -> None:
    days = {
        id_: bucket["LifecycleConfiguration"]["Rules"][0]["ExpirationInDays"]
        for id_, bucket in deployed.all("S3::Bucket").items()
    }
    expected = {"DeadLetters": 90, "StreamsLake": 365, "SourcesFlowLogBucketFiles": 90, "BucketsAccessLogs": 90}
    expected |= {"Knowledge": 365, "AthenaQueryResults": 30}
    for id_, found in days.items():
        assert found == expected[id_[:-8]]


@of()
def test_every_bucket_but_that_of_access_logs_has_access_logs(deployed: Deployed) -> None:
    logs = deployed.id_of("S3::Bucket", "AccessLogs")
    for id_, bucket in deployed.all("S3::Bucket").items():
        if id_ == logs:
            assert "LoggingConfiguration" not in bucket
        else:
            assert bucket["LoggingConfiguration"]["DestinationBucketName"] == {"Ref": logs}
    prefixes = [
        each["LoggingConfiguration"]["LogFilePrefix"]
        for each in deployed.all("S3::Bucket").values()
        if "LoggingConfiguration" in each
    ]
    assert len(set(prefixes)) == len(prefixes)


@of("second stack", "second stack from s3")
def test_buckets_take_the_key_that_is_given_but_for_the_access_logs(deployed: Deployed) -> None:
    for id_, bucket in deployed.all("S3::Bucket").items():
        (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        if "AccessLogs" in id_:
            assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
        else:
            assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY}
            assert rule["BucketKeyEnabled"] is True


@of("defaults", "s3", "domain in a vpc", "s3 beside", "second stack from s3")
def test_data_stay_when_the_stack_goes(deployed: Deployed) -> None:
    for id_, resource in lasting(deployed).items():
        assert resource["DeletionPolicy"] in STAYS, id_
        assert resource["UpdateReplacePolicy"] == "Retain", id_
    assert not deployed.all("Custom::S3AutoDeleteObjects")


@of("defaults", "domain in a vpc")
def test_a_domain_that_stays_can_still_be_opened(deployed: Deployed) -> None:
    secret = deployed.resources[deployed.id_of("SecretsManager::Secret")]
    assert secret["DeletionPolicy"] in STAYS


@of("second stack")
def test_data_go_with_the_stack_when_that_is_asked_for(deployed: Deployed) -> None:
    for resource in lasting(deployed).values():
        assert resource["DeletionPolicy"] == "Delete"
    emptied = {name for each in deployed.all("Custom::S3AutoDeleteObjects").values() for name in references(each)}
    assert deployed.all("S3::Bucket").keys() <= emptied


@of()
def test_a_domain_is_never_replaced_for_a_new_version(deployed: Deployed) -> None:
    for domain in deployed.all("OpenSearchService::Domain"):
        assert deployed.resources[domain]["UpdatePolicy"] == {"EnableVersionUpgrade": True}
