"""What the templates say of the delivery streams, their transformation and the lake's table."""

import re
from typing import Any

from template_reading import Deployed, listed, of, written

from flowlogs.decorate.document import lake_columns

SEARCH = (
    "defaults",
    "cloudwatch search",
    "s3 queue",
    "firehose search",
    "domain in a vpc",
    "saml",
    "existing domain",
    "narrowed",
)
PARQUET = ("defaults", "cloudwatch lake", "s3 lake", "firehose", "second stack")
TEXT = ("firehose lake json", "lake raw")
ALL = tuple(dict.fromkeys((*SEARCH, *PARQUET, *TEXT)))


def search_of(deployed: Deployed) -> dict[str, Any]:
    stream = deployed.one("KinesisFirehose::DeliveryStream", "SearchStream")
    found: dict[str, Any] = stream["AmazonopensearchserviceDestinationConfiguration"]
    return found


def lake_of(deployed: Deployed) -> dict[str, Any]:
    stream = deployed.one("KinesisFirehose::DeliveryStream", "LakeStream")
    found: dict[str, Any] = stream["ExtendedS3DestinationConfiguration"]
    return found


def destinations_of(deployed: Deployed) -> dict[str, dict[str, Any]]:
    return {
        "Lake" if "LakeStream" in id_ else "Search": stream.get("ExtendedS3DestinationConfiguration")
        or stream["AmazonopensearchserviceDestinationConfiguration"]
        for id_, stream in deployed.all("KinesisFirehose::DeliveryStream").items()
    }


def test_names_are_those_that_people_know() -> None:
    from infra.settings.settings import Settings

    settings = Settings.read({})
    assert settings.search_stream == "VPCFlowLogsToElasticSearch"
    assert settings.index_prefix == "cwl"
    assert settings.domain_name == "es-flowlogs"


@of("defaults")
def test_streams_are_called_as_people_know_them(deployed: Deployed) -> None:
    names = {each["DeliveryStreamName"] for each in deployed.all("KinesisFirehose::DeliveryStream").values()}
    assert names == {"VPCFlowLogsToElasticSearch", "VPCFlowLogsToS3"}
    assert search_of(deployed)["IndexName"] == "cwl"


@of(*ALL)
def test_what_waits_in_a_stream_is_encrypted(deployed: Deployed) -> None:
    for stream in deployed.all("KinesisFirehose::DeliveryStream").values():
        assert stream["DeliveryStreamType"] == "DirectPut"
        assert stream["DeliveryStreamEncryptionConfigurationInput"] == {"KeyType": "AWS_OWNED_CMK"}


@of(*ALL)
def test_a_streams_transformation_is_its_own_decorator_at_the_least_buffer(deployed: Deployed) -> None:
    for name, destination in destinations_of(deployed).items():
        (processor,) = destination["ProcessingConfiguration"]["Processors"]
        assert destination["ProcessingConfiguration"]["Enabled"] is True
        assert processor["Type"] == "Lambda"
        parameters = {each["ParameterName"]: written(each["ParameterValue"]) for each in processor["Parameters"]}
        assert parameters["LambdaArn"] == f"<Streams{name}DecoratorFunction.Arn>:$LATEST"
        assert parameters["BufferSizeInMBs"] == "0.2"
        assert parameters["BufferIntervalInSeconds"] == "60"
        assert parameters["NumberOfRetries"] == "3"
        assert parameters["RoleArn"] == written(destination["RoleARN"])


@of(*ALL)
def test_firehose_says_in_a_log_group_why_a_delivery_failed(deployed: Deployed) -> None:
    for destination in destinations_of(deployed).values():
        options = [destination["CloudWatchLoggingOptions"]]
        options += [destination[key]["CloudWatchLoggingOptions"] for key in ("S3Configuration",) if key in destination]
        for option in options:
            assert option["Enabled"] is True
            assert option["LogGroupName"]["Ref"] in deployed.all("Logs::LogGroup")
            assert option["LogStreamName"]["Ref"] in deployed.all("Logs::LogStream")


@of(*SEARCH)
def test_a_new_index_begins_as_the_rotation_says_without_a_type(deployed: Deployed) -> None:
    search = search_of(deployed)
    assert search["IndexRotationPeriod"] == ("OneWeek" if deployed.name == "narrowed" else "OneDay")
    assert search["IndexName"] == ("flows.v1" if deployed.name == "narrowed" else "cwl")
    assert "TypeName" not in search  # OpenSearch 2 refuses one


@of(*SEARCH)
def test_documents_that_opensearch_refuses_are_kept_in_s3(deployed: Deployed) -> None:
    search = search_of(deployed)
    assert search["S3BackupMode"] == "FailedDocumentsOnly"
    backup = search["S3Configuration"]
    assert written(backup["BucketARN"]) == "<DeadLetters.Arn>"
    assert backup["ErrorOutputPrefix"].startswith("search/!{firehose:error-output-type}/")
    assert search["RetryOptions"] == {"DurationInSeconds": 7200}


@of(*SEARCH)
def test_a_document_sent_again_by_firehose_replaces_itself(deployed: Deployed) -> None:
    assert search_of(deployed)["DocumentIdOptions"] == {"DefaultDocumentIdFormat": "FIREHOSE_DEFAULT"}


@of("defaults", "domain in a vpc", "existing domain", "saml")
def test_the_stream_to_opensearch_waits_for_the_set_up_of_the_domain(deployed: Deployed) -> None:
    stream = deployed.id_of("KinesisFirehose::DeliveryStream", "SearchStream")
    assert deployed.all("Custom::SearchSetup").keys() <= deployed.waits_for(stream)
    assert deployed.all("Custom::SearchSetup")


@of("domain in a vpc")
def test_inside_a_vpc_firehose_stands_where_the_domain_stands(deployed: Deployed) -> None:
    placed, domain = search_of(deployed)["VpcConfiguration"], deployed.one("OpenSearchService::Domain")
    assert placed["SubnetIds"] == domain["VPCOptions"]["SubnetIds"]
    assert placed["SecurityGroupIds"] == domain["VPCOptions"]["SecurityGroupIds"]


@of("defaults", "saml")
def test_a_public_domains_stream_is_in_no_vpc(deployed: Deployed) -> None:
    assert "VpcConfiguration" not in search_of(deployed)


@of(*PARQUET, *TEXT)
def test_objects_of_the_lake_lie_in_a_folder_a_day_and_errors_apart(deployed: Deployed) -> None:
    lake = lake_of(deployed)
    assert written(lake["BucketARN"]) == "<StreamsLake.Arn>"
    assert lake["Prefix"] == "flows/date=!{timestamp:yyyy-MM-dd}/"
    assert lake["ErrorOutputPrefix"] == "errors/!{firehose:error-output-type}/date=!{timestamp:yyyy-MM-dd}/"
    assert not lake["ErrorOutputPrefix"].startswith("flows/"), "the table would read what failed"


@of(*PARQUET)
def test_the_lake_is_parquet_by_the_tables_columns(deployed: Deployed) -> None:
    lake, table = lake_of(deployed), deployed.one("Glue::Table", "Catalog")
    conversion = lake["DataFormatConversionConfiguration"]
    assert conversion["Enabled"] is True
    assert "ParquetSerDe" in conversion["OutputFormatConfiguration"]["Serializer"]
    assert "OpenXJsonSerDe" in conversion["InputFormatConfiguration"]["Deserializer"]
    schema = conversion["SchemaConfiguration"]
    assert (schema["DatabaseName"], schema["TableName"]) == (table["DatabaseName"], table["TableInput"]["Name"])
    assert written(schema["RoleARN"]) == written(lake["RoleARN"])
    assert lake["CompressionFormat"] == "UNCOMPRESSED"  # Firehose refuses anything else with conversion
    assert lake["BufferingHints"]["SizeInMBs"] >= 64
    assert lake["FileExtension"] == ".parquet"
    stream = deployed.id_of("KinesisFirehose::DeliveryStream", "LakeStream")
    assert deployed.all("Glue::Table", "Catalog").keys() <= deployed.waits_for(stream)


@of(*TEXT)
def test_a_lake_of_text_is_gzip_without_table_or_conversion(deployed: Deployed) -> None:
    lake = lake_of(deployed)
    assert lake["CompressionFormat"] == "GZIP"
    assert "DataFormatConversionConfiguration" not in lake
    assert not deployed.all("Glue::Table")
    assert lake["FileExtension"] == (".log.gz" if deployed.name == "lake raw" else ".ndjson.gz")
    assert "GlueTable" not in deployed.outputs


@of(*PARQUET)
def test_the_tables_columns_are_the_keys_of_a_lake_document(deployed: Deployed) -> None:
    table = deployed.one("Glue::Table", "Catalog")["TableInput"]
    columns = {each["Name"]: each["Type"] for each in table["StorageDescriptor"]["Columns"]}
    assert columns == lake_columns()
    assert not {each["Name"] for each in table["PartitionKeys"]} & columns.keys()


@of(*PARQUET)
def test_the_tables_partitions_are_computed_and_lie_where_firehose_writes(deployed: Deployed) -> None:
    table = deployed.one("Glue::Table", "Catalog")["TableInput"]
    parameters = {name: written(value) for name, value in table["Parameters"].items()}
    assert [(each["Name"], each["Type"]) for each in table["PartitionKeys"]] == [("date", "string")]
    assert parameters["projection.enabled"] == "true"
    assert parameters["projection.date.type"] == "date"
    assert parameters["projection.date.format"] == "yyyy-MM-dd"
    assert re.fullmatch(r"NOW-365DAYS,NOW\+1DAYS", parameters["projection.date.range"])
    template = parameters["storage.location.template"]
    assert template == "s3://<StreamsLake>/flows/date=${date}/"
    by_firehose = lake_of(deployed)["Prefix"].replace("!{timestamp:yyyy-MM-dd}", "${date}")
    assert template == f"s3://<StreamsLake>/{by_firehose}"
    assert written(table["StorageDescriptor"]["Location"]) == "s3://<StreamsLake>/flows/"


@of(*PARQUET)
def test_objects_of_the_lake_end_with_the_days_that_the_table_projects(deployed: Deployed) -> None:
    (rule,) = deployed.one("S3::Bucket", "StreamsLake")["LifecycleConfiguration"]["Rules"]
    assert f"NOW-{rule['ExpirationInDays']}DAYS" in str(
        deployed.one("Glue::Table", "Catalog")["TableInput"]["Parameters"]
    )


@of(*ALL)
def test_a_stream_may_be_written_by_firehose_for_this_account_alone(deployed: Deployed) -> None:
    for destination in destinations_of(deployed).values():
        role = deployed.resources[destination["RoleARN"]["Fn::GetAtt"][0]]["Properties"]
        (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Principal"] == {"Service": "firehose.amazonaws.com"}
        assert trust["Condition"] == {"StringEquals": {"sts:ExternalId": {"Ref": "AWS::AccountId"}}}


@of("cloudwatch existing", "s3 topic", "firehose existing")
def test_with_existing_streams_only_decorators_and_their_permissions_are_made(deployed: Deployed) -> None:
    assert not deployed.all("KinesisFirehose::DeliveryStream")
    assert not deployed.all("OpenSearchService::Domain")
    assert not deployed.all("Glue::Table", "Streams")
    assert {"search decorator", "lake decorator"} <= deployed.functions().keys()
    assert deployed.outputs["SearchStream"] == "their-search"
    assert deployed.outputs["SearchDecorator"] == "<StreamsSearchDecoratorFunction>"


@of("cloudwatch existing", "s3 topic", "firehose existing")
def test_the_roles_of_existing_streams_may_invoke_the_decorators(deployed: Deployed) -> None:
    allowed = {
        (written(each["FunctionName"]), each["Principal"])
        for each in deployed.all("Lambda::Permission", "Decorator").values()
    }
    assert {principal for _, principal in allowed} == {
        "arn:aws:iam::123456789012:role/delivery",
        "arn:aws:iam::123456789012:role/lake-delivery",
    }
    assert {function for function, _ in allowed} == {
        "<StreamsSearchDecoratorFunction.Arn>",
        "<StreamsLakeDecoratorFunction.Arn>",
    }


@of("cloudwatch lake", "s3 lake", "lake raw", "firehose lake json")
def test_a_lake_alone_has_no_cluster_at_all(deployed: Deployed) -> None:
    kinds = {each["Type"] for each in deployed.resources.values()}
    assert not [kind for kind in kinds if "OpenSearch" in kind or kind.startswith(("Custom::Search", "AWS::Secrets"))]
    assert not deployed.all("KinesisFirehose::DeliveryStream", "SearchStream")


@of("defaults")
def test_decorators_are_one_code_and_differ_in_their_settings(deployed: Deployed) -> None:
    functions = deployed.functions()
    assert functions["search decorator"]["Code"] == functions["lake decorator"]["Code"]
    assert deployed.environment("search decorator")["FLOWLOGS_DOCUMENTS"] == "one"
    assert deployed.environment("lake decorator")["FLOWLOGS_DOCUMENTS"] == "many"


@of(*ALL)
def test_a_decorator_answers_before_firehose_stops_waiting(deployed: Deployed) -> None:
    for name, function in deployed.functions().items():
        if "decorator" in name:
            assert function["Timeout"] < 300


@of("narrowed")
def test_what_is_narrowed_is_known_to_whoever_sends_to_search_and_never_to_the_lake(deployed: Deployed) -> None:
    for function in ("ingestor", "search decorator"):
        assert deployed.environment(function)["FLOWLOGS_SEARCH_KEEP"] == "sample:10"
        assert deployed.environment(function)["FLOWLOGS_DROP_INTERNAL"] == "10.0.0.0/8 fd00::/8"
    assert not {"FLOWLOGS_SEARCH_KEEP", "FLOWLOGS_DROP_INTERNAL"} & deployed.environment("lake decorator").keys()


@of("narrowed")
def test_geo_databases_are_read_from_their_place_and_nowhere_else(deployed: Deployed) -> None:
    for function in ("search decorator", "lake decorator"):
        assert deployed.environment(function)["FLOWLOGS_GEOIP"] == "s3://their-databases/geo/"
    for id_, role in deployed.all("IAM::Role", "DecoratorRole").items():
        statements = [each for policy in role["Policies"] for each in policy["PolicyDocument"]["Statement"]]
        reads = {
            written(resource)
            for statement in statements
            if "s3:GetObject" in listed(statement["Action"])
            for resource in listed(statement["Resource"])
        }
        elsewhere = {read for read in reads if not read.startswith("<Knowledge.Arn>/inventory/")}
        assert elsewhere == {"arn:<AWS::Partition>:s3:::their-databases/geo/*"}, id_
