from collections.abc import Mapping

from aws_cdk import Stack
from aws_cdk.assertions import Annotations, Match, Template
from watch_templates import Templates, alarms, properties, saved_queries


def test_rejected_ssh_is_counted_as_in_the_lab(templates: Templates) -> None:
    (found,) = properties(templates["cloudwatch"], "Logs::MetricFilter")
    assert found["FilterName"] == "dest-port-22-rejects"
    assert found["LogGroupName"] == "Flowlogs"
    assert 'dstport="22", protocol="6"' in found["FilterPattern"]
    (counted,) = found["MetricTransformations"]
    assert counted == {"MetricName": "SSH Rejects", "MetricNamespace": "vpcflowlogs", "MetricValue": "1"}


def test_the_pattern_follows_the_record_format(templates: Templates) -> None:
    (found,) = properties(templates["firehose with a log group"], "Logs::MetricFilter")
    assert found["FilterPattern"].startswith("[next_hop_interface_type, next_hop_vpc_id")
    assert found["FilterPattern"].endswith("eni, account, version]")


def test_a_format_that_cannot_tell_rejected_ssh_has_no_filter_and_no_alarm(templates: Templates) -> None:
    assert properties(templates["existing"], "Logs::MetricFilter") == []
    assert "SSH rejects" not in alarms(templates["existing"])
    assert "flowlogs function errors (ingestor)" in alarms(templates["existing"])


def test_synth_warns_where_rejected_ssh_cannot_be_told(stacks: Mapping[str, Stack]) -> None:
    words = Match.string_like_regexp("the record format lacks dstport, protocol, action")
    Annotations.from_stack(stacks["existing"]).has_warning("/Existing/Watch", words)
    Annotations.from_stack(stacks["cloudwatch"]).has_no_warning("*", Match.any_value())


def test_alarms_of_this_account_alone_may_publish_and_only_by_tls(templates: Templates) -> None:
    (policy,) = properties(templates["s3"], "SNS::TopicPolicy")
    statements = {statement["Sid"]: statement for statement in policy["PolicyDocument"]["Statement"]}
    allowed = statements.pop("AlarmsOfThisAccount")
    assert allowed["Effect"] == "Allow"
    assert allowed["Action"] == "sns:Publish"
    assert allowed["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert allowed["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    arn = allowed["Condition"]["ArnLike"]["aws:SourceArn"]["Fn::Join"][1]
    assert arn[-1] == ":alarm:team-*"
    (denied,) = statements.values()
    assert denied["Effect"] == "Deny"
    assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert denied["Action"] == "sns:Publish"


def test_an_address_is_told_where_one_is_set(templates: Templates) -> None:
    (subscription,) = properties(templates["s3"], "SNS::Subscription")
    assert (subscription["Protocol"], subscription["Endpoint"]) == ("email", "ops@example.com")
    assert properties(templates["cloudwatch"], "SNS::Subscription") == []


def test_two_prefixes_share_no_name(templates: Templates) -> None:
    def names(template: Template) -> set[str]:
        kinds = {"CloudWatch::Dashboard": "DashboardName", "Logs::QueryDefinition": "Name"}
        found = {item[key] for kind, key in kinds.items() for item in properties(template, kind)}
        return found | alarms(template).keys()

    ours, theirs = names(templates["s3"]), names(templates["s3 with a log group"])
    assert not ours & theirs
    assert all(name.startswith("team-") for name in ours)
    assert "flowlogs" in theirs


def test_queries_are_saved_for_the_log_groups_they_are_about(templates: Templates) -> None:
    title = "flowlogs/Top 20 source IP addresses with highest number of rejected requests"
    saved = saved_queries(templates["cloudwatch"])
    assert saved[title]["LogGroupNames"] == ["Flowlogs"]
    assert "by srcAddr" in saved[title]["QueryString"]
    assert saved["flowlogs/Slowest invocations of the functions"]["LogGroupNames"] == [
        "log-ingestor",
        "log-search decorator",
        "log-lake decorator",
        "log-search set-up",
        "log-inventory",
        "log-geoip",
    ]
    assert title not in saved_queries(templates["firehose"])
    assert "flowlogs/Slowest invocations of the functions" in saved_queries(templates["firehose"])
