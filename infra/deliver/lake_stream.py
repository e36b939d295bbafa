"""The delivery stream to the lake in S3."""

from aws_cdk import Aws, CfnTag
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesisfirehose as firehose
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.deliver import parts
from infra.lake import ERRORS, FLOWS, LakeTable
from infra.permissions import Permission

_BUFFER_MB, _BUFFER_SECONDS = 64, 300
"""The least that record format conversion takes. Source: Firehose Developer Guide, "Convert input data format"."""
_Stream = firehose.CfnDeliveryStream


class LakeStream(Construct):
    """The stream `lake`: many documents a record; Parquet where there is a table, else gzip text, a folder a day."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        bucket: s3.IBucket,
        table: LakeTable | None,
        extension: str | None,
        decorator: lambda_.IFunction,
        log_retention_days: int,
    ) -> None:
        super().__init__(scope, id_)
        error_logs = parts.ErrorLogs(self, "Errors", days=log_retention_days)
        role = parts.firehose_role(
            self,
            "Role",
            description="Firehose delivers documents to the lake",
            permissions=[
                *parts.writing(bucket, FLOWS, ERRORS),
                parts.invoking(decorator),
                error_logs.permission(),
                *(_table(table) if table else []),
            ],
        )
        self.stream = _Stream(
            self,
            "Stream",
            delivery_stream_name=name,
            delivery_stream_type="DirectPut",
            delivery_stream_encryption_configuration_input=parts.encrypted(),
            tags=[CfnTag(key="LogDeliveryEnabled", value="true")],
            extended_s3_destination_configuration=_Stream.ExtendedS3DestinationConfigurationProperty(
                bucket_arn=bucket.bucket_arn,
                role_arn=role.role_arn,
                prefix=f"{FLOWS}date=!{{timestamp:yyyy-MM-dd}}/",
                error_output_prefix=f"{ERRORS}!{{firehose:error-output-type}}/date=!{{timestamp:yyyy-MM-dd}}/",
                buffering_hints=_Stream.BufferingHintsProperty(
                    interval_in_seconds=_BUFFER_SECONDS, size_in_m_bs=_BUFFER_MB
                ),
                compression_format="UNCOMPRESSED" if table else "GZIP",  # Parquet compresses inside
                file_extension=extension,
                data_format_conversion_configuration=_conversion(table, role) if table else None,
                processing_configuration=parts.transformation(decorator, role),
                cloud_watch_logging_options=error_logs.options("lake"),
            ),
        )
        if table:
            self.stream.node.add_dependency(table.resource)
        self.arn = self.stream.attr_arn


def _conversion(table: LakeTable, role: iam.IRole) -> _Stream.DataFormatConversionConfigurationProperty:
    return _Stream.DataFormatConversionConfigurationProperty(
        enabled=True,
        input_format_configuration=_Stream.InputFormatConfigurationProperty(
            deserializer=_Stream.DeserializerProperty(open_x_json_ser_de=_Stream.OpenXJsonSerDeProperty())
        ),
        output_format_configuration=_Stream.OutputFormatConfigurationProperty(
            serializer=_Stream.SerializerProperty(parquet_ser_de=_Stream.ParquetSerDeProperty(compression="SNAPPY"))
        ),
        schema_configuration=_Stream.SchemaConfigurationProperty(
            catalog_id=Aws.ACCOUNT_ID,
            database_name=table.database_name,
            table_name=table.table_name,
            region=Aws.REGION,
            role_arn=role.role_arn,
            version_id="LATEST",
        ),
    )


def _table(table: LakeTable) -> list[Permission]:
    """Let Firehose read the table's columns. Source: Firehose Developer Guide, "Grant Firehose access to Glue"."""
    glue_arn = f"arn:{Aws.PARTITION}:glue:{Aws.REGION}:{Aws.ACCOUNT_ID}"
    return [
        Permission(
            ["glue:GetTable", "glue:GetTableVersion", "glue:GetTableVersions"],
            [
                f"{glue_arn}:catalog",
                f"{glue_arn}:database/{table.database_name}",
                f"{glue_arn}:table/{table.database_name}/{table.table_name}",
            ],
        )
    ]
