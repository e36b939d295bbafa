"""What the templates say of the OpenSearch domain, of who reaches it, and of its set-up."""

import json
from typing import Any

import pytest
from deployments import SUBNETS, VPC
from template_reading import Deployed, listed, of, plain, written

from flowlogs.search.setup.placement import check_placement
from flowlogs.search.setup.plan import Plan
from flowlogs.setting_kinds import Shape
from infra.search.setup import revision

PUBLIC = ("defaults", "cloudwatch", "cloudwatch search", "saml", "second stack", "narrowed")
INSIDE = ("domain in a vpc", "domain in a vpc with a way out", "saml in a vpc")
BY_PASSWORD = ("defaults", "cloudwatch", "domain in a vpc", "second stack", "narrowed")
BY_SAML = ("saml", "saml in a vpc")
NEW = tuple(dict.fromkeys((*PUBLIC, *INSIDE)))
OURS = "arn:<AWS::Partition>:es:<AWS::Region>:<AWS::AccountId>:domain"


def domain_of(deployed: Deployed) -> dict[str, Any]:
    return deployed.one("OpenSearchService::Domain")


def statements_of(deployed: Deployed) -> dict[str, dict[str, Any]]:
    return {each["Sid"]: each for each in domain_of(deployed)["AccessPolicies"]["Statement"]}


def set_up_of(deployed: Deployed) -> dict[str, Any]:
    return deployed.one("Custom::SearchSetup")


@of("defaults")
def test_the_domain_is_called_as_people_know_it_and_has_two_nodes_in_two_zones(deployed: Deployed) -> None:
    domain = domain_of(deployed)
    assert domain["DomainName"] == "es-flowlogs"
    assert domain["EngineVersion"] == "OpenSearch_2.19"
    cluster = domain["ClusterConfig"]
    assert cluster["InstanceCount"] == 2
    assert cluster["ZoneAwarenessEnabled"] is True
    assert cluster["ZoneAwarenessConfig"] == {"AvailabilityZoneCount": 2}
    assert cluster["DedicatedMasterEnabled"] is False


@of("domain in a vpc")
def test_three_dedicated_masters_are_made_when_asked_for(deployed: Deployed) -> None:
    cluster = domain_of(deployed)["ClusterConfig"]
    assert (cluster["DedicatedMasterEnabled"], cluster["DedicatedMasterCount"]) == (True, 3)
    assert cluster["InstanceCount"] == 4


@of("saml")
def test_a_single_node_is_in_one_zone_and_its_indexes_have_no_replica(deployed: Deployed) -> None:
    cluster = domain_of(deployed)["ClusterConfig"]
    assert (cluster["InstanceCount"], cluster["ZoneAwarenessEnabled"]) == (1, False)
    assert set_up_of(deployed)["Replicas"] == "0"


@of(*NEW)
def test_the_domain_is_encrypted_everywhere_and_takes_tls_1_2(deployed: Deployed) -> None:
    domain = domain_of(deployed)
    assert domain["DomainEndpointOptions"]["EnforceHTTPS"] is True
    assert domain["DomainEndpointOptions"]["TLSSecurityPolicy"].startswith("Policy-Min-TLS-1-2")
    assert domain["NodeToNodeEncryptionOptions"] == {"Enabled": True}
    assert domain["EncryptionAtRestOptions"]["Enabled"] is True
    assert domain["AdvancedSecurityOptions"]["Enabled"] is True


@of("second stack")
def test_the_domain_takes_the_key_that_is_given(deployed: Deployed) -> None:
    key = domain_of(deployed)["EncryptionAtRestOptions"]["KmsKeyId"]
    assert key == "arn:aws:kms:eu-west-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef"


@of(*NEW)
def test_firehose_may_name_the_index_in_its_bulk_request(deployed: Deployed) -> None:
    assert domain_of(deployed)["AdvancedOptions"]["rest.action.multi.allow_explicit_index"] == "true"


@of(*NEW)
def test_the_domain_logs_and_may_write_its_logs_before_it_is_made(deployed: Deployed) -> None:
    domain_id = deployed.id_of("OpenSearchService::Domain")
    published = domain_of(deployed)["LogPublishingOptions"]
    assert published.keys() == {"ES_APPLICATION_LOGS", "SEARCH_SLOW_LOGS", "INDEX_SLOW_LOGS", "AUDIT_LOGS"}
    policy = deployed.id_of("Logs::ResourcePolicy")
    assert policy in deployed.waits_for(domain_id)
    for option in published.values():
        group = option["CloudWatchLogsLogGroupArn"]["Fn::GetAtt"][0]
        assert group in deployed.waits_for(policy)


@of(*BY_PASSWORD)
def test_people_sign_in_as_a_master_user_whose_password_is_in_no_template(deployed: Deployed) -> None:
    options = domain_of(deployed)["AdvancedSecurityOptions"]
    assert options["InternalUserDatabaseEnabled"] is True
    user = options["MasterUserOptions"]
    assert "MasterUserARN" not in user
    for name, key in (("MasterUserName", "username"), ("MasterUserPassword", "password")):
        assert written(user[name]) == f"{{{{resolve:secretsmanager:<StreamsSearchMasterUser>:SecretString:{key}::}}}}"
    generated = deployed.one("SecretsManager::Secret")["GenerateSecretString"]
    assert json.loads(generated["SecretStringTemplate"]) == {"username": "admin"}
    assert generated["GenerateStringKey"] == "password"
    assert generated["PasswordLength"] >= 8
    assert generated["RequireEachIncludedType"] is True
    assert deployed.outputs["SearchSecret"] == "<StreamsSearchMasterUser>"


@of(*BY_PASSWORD)
def test_search_setup_signs_in_with_that_secret_and_may_read_no_other(deployed: Deployed) -> None:
    assert deployed.environment("search_setup")["FLOWLOGS_SEARCH_SECRET"] == "<StreamsSearchMasterUser>"
    assert secrets_read(deployed) == {"<StreamsSearchMasterUser>"}


def secrets_read(deployed: Deployed) -> set[str]:
    return {
        written(resource)
        for role in deployed.all("IAM::Role").values()
        for policy in role.get("Policies", [])
        for statement in policy["PolicyDocument"]["Statement"]
        if "secretsmanager:GetSecretValue" in listed(statement["Action"])
        for resource in listed(statement["Resource"])
    }


@of(*BY_SAML)
def test_with_saml_search_setup_is_the_master_and_there_is_no_password(deployed: Deployed) -> None:
    options = domain_of(deployed)["AdvancedSecurityOptions"]
    assert options["InternalUserDatabaseEnabled"] is False
    assert written(options["MasterUserOptions"]["MasterUserARN"]) == "<StreamsSearchSearchSetupSetUpRole.Arn>"
    saml = options["SAMLOptions"]
    assert saml["Enabled"] is True
    assert saml["Idp"]["EntityId"] == "https://idp.example.com/metadata"
    assert "EntityDescriptor" in saml["Idp"]["MetadataContent"]
    assert saml["MasterBackendRole"] == "network-admins"
    assert not deployed.all("SecretsManager::Secret")
    assert "FLOWLOGS_SEARCH_SECRET" not in deployed.environment("search_setup")
    assert "SearchSecret" not in deployed.outputs
    assert secrets_read(deployed) == set()


@of("cloudwatch")
def test_anybody_reaches_the_domain_from_the_allowed_networks_only(deployed: Deployed) -> None:
    people = statements_of(deployed)["People"]
    assert people["Principal"] == {"AWS": "*"}
    assert people["Condition"] == {"IpAddress": {"aws:SourceIp": ["198.51.100.0/24", "2001:db8::/32"]}}
    assert written(people["Resource"]) == f"{OURS}/es-flowlogs/*"


@of("defaults", "cloudwatch search", "narrowed")
def test_without_allowed_networks_there_is_no_statement_for_people(deployed: Deployed) -> None:
    assert "People" not in statements_of(deployed)


@of(*NEW)
def test_firehose_and_search_setup_reach_the_domain_from_anywhere(deployed: Deployed) -> None:
    roles = statements_of(deployed)["Roles"]
    assert "Condition" not in roles
    assert {written(role) for role in roles["Principal"]["AWS"]} == {
        "<StreamsSearchDeliveryRole.Arn>",
        "<StreamsSearchSearchSetupSetUpRole.Arn>",
    }
    assert written(search_role(deployed)) == "<StreamsSearchDeliveryRole.Arn>"
    assert roles["Action"] == ["es:ESHttpGet", "es:ESHttpPost", "es:ESHttpPut"]


def search_role(deployed: Deployed) -> object:
    stream = deployed.one("KinesisFirehose::DeliveryStream", "SearchStream")
    return stream["AmazonopensearchserviceDestinationConfiguration"]["RoleARN"]


@of(*NEW)
def test_anybody_from_anywhere_reaches_the_paths_of_the_set_up_at_most(deployed: Deployed) -> None:
    anywhere = {
        sid: each
        for sid, each in statements_of(deployed).items()
        if each["Principal"] == {"AWS": "*"} and "Condition" not in each
    }
    if deployed.name in INSIDE:
        assert anywhere.keys() == {"People"}  # the VPC's security group decides, no condition is taken there
    elif deployed.name in BY_SAML:
        assert not anywhere
    else:
        name = domain_of(deployed)["DomainName"]
        set_up = set_up_of(deployed)
        security = f"{OURS}/{name}/_plugins/_security/api"
        both = {
            f"{OURS}/{name}/_index_template/{set_up['IndexPrefix']}",
            f"{security}/rolesmapping/{set_up['RoleName']}",
            f"{OURS}/{name}/_plugins/_ism/policies/{set_up['RoleName']}",
        }
        dashboards = f"{OURS}/{name}/_dashboards"
        assert {(each["Action"], frozenset(map(written, each["Resource"]))) for each in anywhere.values()} == {
            ("es:ESHttpGet", frozenset({*both, f"{dashboards}/api/opensearch-dashboards/settings"})),
            ("es:ESHttpPut", frozenset({*both, f"{security}/roles/{set_up['RoleName']}"})),
            (
                "es:ESHttpPost",
                frozenset(
                    {
                        f"{OURS}/{name}/_plugins/_ism/add/{set_up['IndexPrefix']}-*",
                        f"{OURS}/{name}/_plugins/_ism/change_policy/{set_up['IndexPrefix']}-*",
                        f"{dashboards}/auth/login",
                        f"{dashboards}/api/saved_objects/_import",
                        f"{dashboards}/api/saved_objects/_bulk_get",
                        f"{dashboards}/api/opensearch-dashboards/settings/defaultIndex",
                    }
                ),
            ),
        }


@of("firehose search")
def test_without_the_dashboards_nobody_reaches_them_by_password_from_anywhere(deployed: Deployed) -> None:
    by_password = [each for sid, each in statements_of(deployed).items() if sid.endswith("ByPassword")]
    paths = [written(path) for each in by_password for path in each["Resource"]]
    assert len(paths) == 9
    assert not [path for path in paths if "_dashboards" in path]


@of(*NEW)
def test_no_condition_on_addresses_is_inside_a_vpc(deployed: Deployed) -> None:
    conditions = [each for each in statements_of(deployed).values() if "Condition" in each]
    assert ("VPCOptions" in domain_of(deployed)) == (deployed.name in INSIDE)
    if deployed.name in INSIDE:
        assert not conditions


@of(*INSIDE)
def test_search_setup_runs_where_the_domain_is(deployed: Deployed) -> None:
    placed, domain = deployed.functions()["search_setup"]["VpcConfig"], domain_of(deployed)["VPCOptions"]
    assert placed["SubnetIds"] == domain["SubnetIds"] == SUBNETS
    assert placed["SecurityGroupIds"] == domain["SecurityGroupIds"]


@of(*INSIDE)
def test_only_search_setup_is_inside_the_vpc(deployed: Deployed) -> None:
    inside = {id_ for id_, function in deployed.all("Lambda::Function").items() if "VpcConfig" in function}
    assert {plain(id_) for id_ in inside} == {"StreamsSearchSearchSetupSetUpFunction"}


@of(*INSIDE)
def test_the_security_group_takes_https_of_itself_and_of_the_networks_that_are_named(deployed: Deployed) -> None:
    group = deployed.one("EC2::SecurityGroup", "DomainNetworkSecurityGroup")
    ingress = [*group.get("SecurityGroupIngress", []), *deployed.all("EC2::SecurityGroupIngress").values()]
    assert {(each["FromPort"], each["ToPort"], each["IpProtocol"]) for each in ingress} == {(443, 443, "tcp")}
    networks = {each["CidrIp"] for each in ingress if "CidrIp" in each}
    assert networks == ({"10.0.0.0/8"} if deployed.name == "domain in a vpc" else set())
    assert group["VpcId"] == VPC
    outward = {each.get("CidrIp") for each in group.get("SecurityGroupEgress", [])}
    assert ("0.0.0.0/0" in outward) == (deployed.name == "domain in a vpc with a way out")  # where a secret is read


@of("domain in a vpc")
def test_the_security_group_stays_with_the_domain_that_holds_it(deployed: Deployed) -> None:
    kept = [id_ for id_, one in deployed.resources.items() if one.get("DeletionPolicy") == "RetainExceptOnCreate"]
    names = {plain(id_) for id_ in kept}
    assert "StreamsDomainNetworkSecurityGroup" in names
    assert sum(name.startswith("StreamsDomainNetworkSecurityGroup") for name in names) == 3  # and its two rules


@of("existing domain in a vpc")
def test_firehose_and_search_setup_get_the_group_that_an_existing_domain_lets_in(deployed: Deployed) -> None:
    (stream,) = deployed.all("KinesisFirehose::DeliveryStream").values()
    destination = stream["AmazonopensearchserviceDestinationConfiguration"]
    assert destination["VpcConfiguration"]["SecurityGroupIds"] == ["sg-0123456789abcdef0"]


@of("domain in a vpc")
def test_search_setup_reads_its_secret_through_an_endpoint_by_its_own_name(deployed: Deployed) -> None:
    endpoint = deployed.one("EC2::VPCEndpoint")
    assert written(endpoint["ServiceName"]) == "com.amazonaws.<AWS::Region>.secretsmanager"
    assert endpoint["PrivateDnsEnabled"] is False
    assert endpoint["SubnetIds"] == SUBNETS[:1]
    assert deployed.environment("search_setup")["AWS_ENDPOINT_URL_SECRETS_MANAGER"].startswith("https://")


@of("domain in a vpc with a way out", "saml in a vpc")
def test_no_endpoint_is_made_where_none_is_needed(deployed: Deployed) -> None:
    assert not deployed.all("EC2::VPCEndpoint")
    assert "AWS_ENDPOINT_URL_SECRETS_MANAGER" not in deployed.environment("search_setup")


@of(*NEW, "existing domain")
def test_search_setup_understands_what_the_template_gives_it(deployed: Deployed) -> None:
    given = {name: written(value) for name, value in set_up_of(deployed).items()}
    plan = Plan.of(
        given | {"Endpoint": "https://search.example.com", "DeliveryRole": "arn:aws:iam::123456789012:role/d"}
    )
    stream = deployed.one("KinesisFirehose::DeliveryStream", "SearchStream")
    assert plan.index_prefix == stream["AmazonopensearchserviceDestinationConfiguration"]["IndexName"]
    assert given["DeliveryRole"] == "<StreamsSearchDeliveryRole.Arn>"


@of("defaults", "firehose search")
def test_the_dashboards_are_imported_unless_they_are_left_out(deployed: Deployed) -> None:
    assert set_up_of(deployed)["Dashboards"] == ("false" if deployed.name == "firehose search" else "true")


@of("defaults", "firehose search")
def test_template_and_documents_have_the_same_shape(deployed: Deployed) -> None:
    shape = "ocsf" if deployed.name == "firehose search" else "json"
    assert set_up_of(deployed)["Shape"] == shape
    assert deployed.environment("search decorator")["FLOWLOGS_SHAPE"] == shape


def test_newer_dashboards_are_another_revision_unless_they_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def both() -> tuple[str, str]:
        return revision("cwl", 1, 30, dashboards=True), revision("cwl", 1, 30, dashboards=False)

    with_them, without = both()
    assert (with_them, without) == both()
    monkeypatch.setattr("infra.search.setup.saved_objects", lambda prefix, *_, **__: [{"id": prefix}])
    assert both()[0] not in (with_them, without)
    assert both()[1] == without


def test_dashboards_of_one_index_are_another_revision_than_those_of_a_pattern() -> None:
    assert revision("cwl", 1, 30, dashboards=True) != revision("cwl", 1, 30, dashboards=True, rotates=False)


@pytest.mark.parametrize(
    "change",
    [
        {"index_prefix": "flows"},
        {"replicas": 0},
        {"retention_days": 31},
        {"retention_days": None},
        {"shape": Shape.ECS},
    ],
)
def test_whatever_is_put_otherwise_is_another_revision(change: dict[str, Any]) -> None:
    given: dict[str, Any] = {"index_prefix": "cwl", "replicas": 1, "retention_days": 30, "dashboards": False}
    assert revision(**given) != revision(**given | change)


@of(*NEW)
def test_a_domain_that_would_move_is_refused_before_it_is_touched(deployed: Deployed) -> None:
    placement = deployed.one("Custom::SearchPlacement")
    assert placement["Placement"] == (f"vpc:{VPC}" if deployed.name in INSIDE else "public")
    assert check_placement(placement, None)
    domain = deployed.id_of("OpenSearchService::Domain")
    assert deployed.id_of("Custom::SearchPlacement") in deployed.waits_for(domain)


@of("existing domain")
def test_an_existing_domain_is_set_up_with_its_secret_and_none_is_made(deployed: Deployed) -> None:
    assert not deployed.all("OpenSearchService::Domain")
    assert set_up_of(deployed)["Endpoint"] == "https://search-theirs.eu-west-1.es.amazonaws.com"
    assert secrets_read(deployed) == {"arn:aws:secretsmanager:eu-west-1:123456789012:secret:theirs-AbCdEf"}


@of("existing domain in a vpc")
def test_firehose_and_search_setup_reach_an_existing_domain_inside_its_vpc(deployed: Deployed) -> None:
    stream = deployed.one("KinesisFirehose::DeliveryStream", "SearchStream")
    placed = stream["AmazonopensearchserviceDestinationConfiguration"]["VpcConfiguration"]
    set_up = deployed.functions()["search_setup"]["VpcConfig"]
    assert placed["SubnetIds"] == set_up["SubnetIds"] == SUBNETS
    assert placed["SecurityGroupIds"] == set_up["SecurityGroupIds"]
    assert not deployed.all("Custom::SearchPlacement"), "it is not ours to move"


@of("existing domain by hand")
def test_without_a_secret_an_existing_domain_is_left_to_its_owner(deployed: Deployed) -> None:
    assert "search_setup" not in deployed.functions()
    assert not deployed.all("Custom::SearchSetup")
    assert deployed.outputs["SearchDelivery"] == "<StreamsSearchDeliveryRole.Arn>"
    stream = deployed.one("KinesisFirehose::DeliveryStream", "SearchStream")
    domain = stream["AmazonopensearchserviceDestinationConfiguration"]["DomainARN"]
    assert domain == "arn:aws:es:eu-west-1:123456789012:domain/theirs"


@of("existing domain", "existing domain in a vpc", "defaults", "domain in a vpc")
def test_only_the_indexes_of_a_domain_of_ours_are_ever_deleted(deployed: Deployed) -> None:
    ours = bool(deployed.all("OpenSearchService::Domain"))
    assert ("RetentionDays" in set_up_of(deployed)) == ours
