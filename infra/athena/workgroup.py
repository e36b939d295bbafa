"""The workgroup: where answers lie, how they are encrypted, and how much a query may read."""

from aws_cdk import Aws
from aws_cdk import aws_athena as athena
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

_GB = 10**9


class Workgroup(Construct):
    """Runs queries; its settings win over those of whoever asks.

    Source: Athena User Guide, "Use workgroups to control query access and costs", "Override client-side settings".
    """

    def __init__(
        self, scope: Construct, id_: str, *, name: str, results: s3.IBucket, key: kms.IKey | None, limit_gb: int
    ) -> None:
        super().__init__(scope, id_)
        self.name = name
        self.resource = athena.CfnWorkGroup(
            self,
            "WorkGroup",
            name=name,
            description="Asks flow logs (flowlogs): its queries, answers and limit",
            recursive_delete_option=True,  # one that holds a query, or has ever run one, could not be removed
            work_group_configuration=athena.CfnWorkGroup.WorkGroupConfigurationProperty(
                enforce_work_group_configuration=True,
                publish_cloud_watch_metrics_enabled=True,
                bytes_scanned_cutoff_per_query=limit_gb * _GB or None,
                engine_version=athena.CfnWorkGroup.EngineVersionProperty(
                    selected_engine_version="Athena engine version 3"
                ),
                result_configuration=athena.CfnWorkGroup.ResultConfigurationProperty(
                    output_location=f"s3://{results.bucket_name}/",
                    expected_bucket_owner=Aws.ACCOUNT_ID,
                    encryption_configuration=_encryption(key),
                ),
            ),
        )


def _encryption(key: kms.IKey | None) -> athena.CfnWorkGroup.EncryptionConfigurationProperty:
    if key is None:
        return athena.CfnWorkGroup.EncryptionConfigurationProperty(encryption_option="SSE_S3")
    return athena.CfnWorkGroup.EncryptionConfigurationProperty(encryption_option="SSE_KMS", kms_key=key.key_arn)
