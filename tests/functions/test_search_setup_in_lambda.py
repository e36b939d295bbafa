"""The search set-up as AWS's Python runtime runs it, in a process of its own."""

import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from local_dashboards import LocalDashboards
from local_domain import SECRET, LocalDomain, Managed
from local_runtime import LocalLambda

from flowlogs.search.dashboards.export import saved_objects
from flowlogs.search.dashboards.index_pattern import index_pattern_id
from flowlogs.search.index_template import index_template
from flowlogs.search.setup.retention import retention_policy
from flowlogs.search.setup.security import delivery_role
from infra.search.setup import setup_requests

pytestmark = pytest.mark.slow
ROLE = "arn:aws:iam::123456789012:role/firehose"
TEMPLATE = "/_index_template/cwl"
SECURITY_ROLE = "/_plugins/_security/api/roles/flowlogs-cwl"
MAPPING = "/_plugins/_security/api/rolesmapping/flowlogs-cwl"
POLICY = "/_plugins/_ism/policies/flowlogs-cwl"
ADD = "/_plugins/_ism/add/cwl-*"
IMPORT = "POST /api/saved_objects/_import?overwrite=true"
SETTINGS = "/api/opensearch-dashboards/settings"
MOVED = "search domain stands at public and cannot move to vpc:vpc-1: .* keep the setting .* another prefix .* snapshot"


@pytest.fixture
def domain() -> Iterator[LocalDomain]:
    with LocalDomain() as domain:
        yield domain


def by_password(domain: LocalDomain, folder: Path, secret: str = SECRET) -> LocalLambda:
    environ = {"FLOWLOGS_SEARCH_SECRET": secret, "AWS_ENDPOINT_URL_SECRETS_MANAGER": domain.url}
    return LocalLambda("search_setup", environ, folder)


def setup(request: str, endpoint: str, **more: str) -> dict[str, Any]:
    properties = {
        "ServiceToken": "arn:aws:lambda:eu-west-1:123456789012:function:provider",
        "Endpoint": endpoint,
        "IndexPrefix": "cwl",
        "DeliveryRole": ROLE,
        "RoleName": "flowlogs-cwl",
        "Shards": "2",
        "Replicas": "0",
        "RetentionDays": "30",
        "Revision": "abc",
        **more,
    }
    event = {"RequestType": request, "ResourceType": "Custom::SearchSetup", "ResourceProperties": properties}
    return event if request == "Create" else {**event, "PhysicalResourceId": "search-setup-cwl"}


def placement(request: str, place: str, stands: str | None = None) -> dict[str, Any]:
    event: dict[str, Any] = {
        "RequestType": request,
        "ResourceType": "Custom::SearchPlacement",
        "ResourceProperties": {"ServiceToken": "arn", "Placement": place},
    }
    return event if stands is None else {**event, "PhysicalResourceId": f"search-placement-{stands}"}


def failure(function: LocalLambda, event: Any, seconds: float = 60) -> str:
    answer = function.invoke(event, seconds)
    assert answer.kind == "error", answer
    return str(answer.body["errorMessage"])


def test_a_new_domain_gets_template_role_mapping_and_retention_policy_in_that_order(
    tmp_path: Path, domain: LocalDomain
) -> None:
    domain.starting = 2
    with by_password(domain, tmp_path) as function:
        answer = function.respond(setup("Create", domain.url))
    assert answer["PhysicalResourceId"] == "search-setup-cwl"
    assert answer["Data"] == {"IndexPattern": "cwl,cwl-*", "RoleName": "flowlogs-cwl", "Dashboards": "done"}
    assert domain.asked == [
        f"GET {MAPPING}",
        f"GET {TEMPLATE}",
        f"PUT {TEMPLATE}",
        f"PUT {SECURITY_ROLE}",
        f"GET {MAPPING}",
        f"PUT {MAPPING}",
        f"GET {POLICY}",
        f"PUT {POLICY}",
        f"POST {ADD}",
    ]
    assert domain.kept[TEMPLATE] == index_template("cwl", shards=2, replicas=0)
    assert domain.kept[SECURITY_ROLE] == delivery_role("cwl")
    assert domain.kept[MAPPING] == {"backend_roles": [ROLE]}
    assert domain.ism.policies["flowlogs-cwl"][1] == retention_policy("cwl", 30)


def test_the_dashboards_come_last_into_the_tenant_that_all_share(tmp_path: Path, domain: LocalDomain) -> None:
    domain.dashboards.starting = 1
    with by_password(domain, tmp_path) as function:
        function.respond(setup("Create", domain.url))
    expected = saved_objects("cwl")
    assert list(domain.dashboards.kept.values()) == expected
    assert domain.dashboards.default_index == index_pattern_id("cwl")
    assert domain.dashboards.asked == [IMPORT, f"GET {SETTINGS}", f"POST {SETTINGS}/defaultIndex"]


def test_what_the_set_up_asks_of_a_domain_is_what_its_policy_lets_through(tmp_path: Path, domain: LocalDomain) -> None:
    domain.ism.indexes = {"cwl-2026-01-01": Managed("flowlogs-cwl", retention_policy("cwl", 8))}
    domain.dashboards.default_index, domain.dashboards.takes_header = "gone", False  # so that each path is asked
    with by_password(domain, tmp_path) as function:
        function.respond(setup("Create", domain.url))
    dashboards = [each.replace(" ", f" {domain.dashboards.base}") for each in domain.dashboards.asked]
    asked = {tuple(each.partition("?")[0].split(" ")) for each in [*domain.asked, *dashboards]}
    assert asked == set(setup_requests("cwl", "flowlogs-cwl"))


def test_a_deployment_without_dashboards_asks_nothing_of_them(tmp_path: Path, domain: LocalDomain) -> None:
    with by_password(domain, tmp_path) as function:
        answer = function.respond(setup("Create", domain.url, Dashboards="false"))
    assert answer["Data"]["Dashboards"] == "left out"
    assert domain.dashboards.asked == []


@pytest.mark.parametrize(
    ("fault", "result", "said"),
    [
        ({"unknown_types": {"search"}}, "failed", "this Dashboards knows no search"),
        ({"is_there": False}, "left out", "there are no Dashboards at"),
        ({"takes_header": False, "login": {}}, "failed", "answered 401 to POST /api/saved_objects/_import"),
        ({"starting": 10**6}, "failed", "it answered 503"),
    ],
)
def test_dashboards_that_do_not_take_the_import_undo_no_deployment(
    tmp_path: Path, domain: LocalDomain, fault: dict[str, Any], result: str, said: str
) -> None:
    for name, value in fault.items():
        setattr(domain.dashboards, name, value)
    with by_password(domain, tmp_path) as function:
        answer = function.invoke(setup("Create", domain.url), 5)
        log = function.log()
    assert answer.body["Data"]["Dashboards"] == result
    assert said in log
    assert "correct horse" not in log
    assert domain.kept[MAPPING] == {"backend_roles": [ROLE]}
    assert domain.dashboards.default_index is None


def test_an_elasticsearch_with_open_distro_is_set_up_at_its_own_paths(tmp_path: Path, domain: LocalDomain) -> None:
    domain.version = {"number": "7.10.2", "build_flavor": "oss", "lucene_version": "8.7.0"}
    domain.plugins = "/_opendistro"
    domain.dashboards = LocalDashboards("/_plugin/kibana", "/api/kibana/settings")
    with by_password(domain, tmp_path) as function:
        answer = function.respond(setup("Create", domain.url))
    assert domain.kept[MAPPING.replace("_plugins", "_opendistro")] == {"backend_roles": [ROLE]}
    assert domain.ism.policies["flowlogs-cwl"][1] == retention_policy("cwl", 30)
    assert domain.dashboards.default_index == index_pattern_id("cwl")
    assert answer["Data"]["Dashboards"] == "done"


def test_indexes_are_deleted_after_the_days_of_the_last_deployment_and_only_those_of_rotation(
    tmp_path: Path, domain: LocalDomain
) -> None:
    someone_elses = Managed("theirs", {"policy": {"default_state": "hot"}})
    domain.ism.indexes = {"cwl": None, "cwl-2026-01-01": None, "cwl-2026-01-02": someone_elses, "cwlogs-1": None}
    with by_password(domain, tmp_path) as function:
        function.respond(setup("Create", domain.url))
        first = dict(domain.ism.indexes)
        domain.ism.indexes["cwl-2026-01-03"] = None
        function.respond(setup("Update", domain.url, RetentionDays="7"))
        assert "could not be brought under" not in function.log()
    untouched = {"cwl": None, "cwl-2026-01-02": someone_elses, "cwlogs-1": None}
    assert first == {**untouched, "cwl-2026-01-01": Managed("flowlogs-cwl", retention_policy("cwl", 30))}
    kept_shorter = Managed("flowlogs-cwl", retention_policy("cwl", 7))
    assert domain.ism.indexes == {**untouched, "cwl-2026-01-01": kept_shorter, "cwl-2026-01-03": kept_shorter}


def test_an_index_that_takes_no_retention_policy_is_logged_and_the_deployment_goes_on(
    tmp_path: Path, domain: LocalDomain
) -> None:
    domain.ism.indexes, domain.ism.closed = {"cwl-2026-01-01": None}, {"cwl-2026-01-01"}
    with by_password(domain, tmp_path) as function:
        function.respond(setup("Create", domain.url))
        log = function.log()
    assert "could not be brought under the retention policy: cwl-2026-01-01: This index is closed" in log


def test_an_update_puts_the_template_again_and_keeps_who_was_mapped(tmp_path: Path, domain: LocalDomain) -> None:
    domain.kept[MAPPING] = {"users": ["ann"], "hosts": [], "backend_roles": ["arn:aws:iam::1:role/other"]}
    with by_password(domain, tmp_path) as function:
        function.respond(setup("Create", domain.url))
        answer = function.respond(setup("Update", domain.url, Shards="3"))
    assert answer["PhysicalResourceId"] == "search-setup-cwl"
    assert domain.kept[TEMPLATE] == index_template("cwl", shards=3, replicas=0)
    assert domain.kept[MAPPING] == {"users": ["ann"], "backend_roles": ["arn:aws:iam::1:role/other", ROLE]}


def test_another_prefix_is_another_resource_and_the_delete_of_the_old_one_touches_nothing(
    tmp_path: Path, domain: LocalDomain
) -> None:
    with by_password(domain, tmp_path) as function:
        answer = function.respond(setup("Update", domain.url, IndexPrefix="flows"))
        before = dict(domain.kept), list(domain.asked)
        deleted = function.respond(setup("Delete", domain.url))
    assert answer["PhysicalResourceId"] == "search-setup-flows"
    assert deleted["PhysicalResourceId"] == "search-setup-cwl"
    assert (domain.kept, domain.asked) == before


def test_a_delete_never_fails_whatever_the_properties_are(tmp_path: Path) -> None:
    event = {**setup("Delete", "https://gone.invalid"), "ResourceProperties": {}}
    with LocalLambda("search_setup", {}, tmp_path) as function:
        assert function.respond(event)["PhysicalResourceId"] == "search-setup-cwl"
        assert function.respond(placement("Delete", "nonsense", "public"))


def test_without_a_secret_requests_are_signed_with_the_role(tmp_path: Path, domain: LocalDomain) -> None:
    with LocalLambda("search_setup", {}, tmp_path) as function:
        function.respond(setup("Create", domain.url))
    assert domain.kept[MAPPING] == {"backend_roles": [ROLE]}


def test_a_fresh_domain_that_refuses_the_sign_in_at_first_is_waited_for(tmp_path: Path, domain: LocalDomain) -> None:
    domain.refusing = 1
    with by_password(domain, tmp_path) as function:
        function.respond(setup("Create", domain.url))
    assert domain.kept[MAPPING] == {"backend_roles": [ROLE]}


def test_a_role_that_stays_refused_is_told_what_to_check(tmp_path: Path, domain: LocalDomain) -> None:
    domain.master = "somebody-else"
    with LocalLambda("search_setup", {}, tmp_path) as function:
        text = failure(function, setup("Create", domain.url), seconds=5)
    assert f"answered 403 to GET {MAPPING}" in text
    assert "refused the AWS role that signed the request" in text
    assert "check that the domain's policy allows this role" in text


def test_a_wrong_password_is_refused_and_never_told(tmp_path: Path, domain: LocalDomain) -> None:
    domain.sign_in = "admin:changed"
    with by_password(domain, tmp_path) as function:
        text = failure(function, setup("Create", domain.url), seconds=5)
        told = text + function.log()
    assert f"answered 401 to GET {MAPPING} and so refused the user and password of the secret {SECRET}; check" in text
    assert "correct horse" not in told
    assert "Basic " not in told


def test_a_changed_password_is_used_by_the_same_container(tmp_path: Path, domain: LocalDomain) -> None:
    with by_password(domain, tmp_path) as function:
        function.respond(setup("Create", domain.url))
        domain.sign_in, domain.secret = "admin:new", '{"username": "admin", "password": "new"}'
        function.respond(setup("Update", domain.url))
        log = function.log()
    assert domain.asked.count(f"PUT {TEMPLATE}") == 2
    assert "correct horse" not in log


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("correct horse", "does not read"),
        ('{"user": "admin", "password": "correct horse"}', "does not read"),
        ('["correct horse"]', "does not read"),
    ],
)
def test_a_secret_that_holds_something_else_is_refused_and_not_told(
    tmp_path: Path, domain: LocalDomain, text: str, said: str
) -> None:
    domain.secret = text
    with by_password(domain, tmp_path) as function:
        told = failure(function, setup("Create", domain.url))
        assert f"the secret {SECRET} {said}" in told
        assert "correct horse" not in told + function.log()


def test_a_missing_secret_is_named(tmp_path: Path, domain: LocalDomain) -> None:
    with by_password(domain, tmp_path, secret=f"{SECRET}-gone") as function:
        text = failure(function, setup("Create", domain.url))
    assert f"the secret {SECRET}-gone cannot be read (ResourceNotFoundException): check that it exists" in text


def test_a_domain_that_never_answers_is_named_with_the_usual_cause(tmp_path: Path, domain: LocalDomain) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound and not listening: a connection is refused
        endpoint = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        with by_password(domain, tmp_path) as function:
            text = failure(function, setup("Create", endpoint), seconds=4)
    assert text.startswith(f"{endpoint} did not answer within")
    assert "nothing listens there" in text
    assert "security group" in text
    assert "route" in text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"Endpoint": "host.es.amazonaws.com"}, "Endpoint is 'host.es.amazonaws.com': it takes https://host"),
        ({"Endpoint": "http://host"}, "'http://host' is no address of a server: a sign-in travels by https only"),
        ({"Colour": "red"}, "Colour is no property of Custom::SearchSetup"),
        ({"Shards": "0"}, "Shards is '0': it takes a whole number from 1 to 999"),
        ({"RetentionDays": "0"}, "RetentionDays is '0': it takes a whole number of days"),
        ({"DeliveryRole": "firehose"}, "DeliveryRole is 'firehose': it takes the ARN of an IAM role"),
    ],
)
def test_a_wrong_property_is_refused_in_a_sentence(
    tmp_path: Path, domain: LocalDomain, change: dict[str, str], said: str
) -> None:
    with by_password(domain, tmp_path) as function:
        assert said in failure(function, setup("Create", domain.url, **change))
    assert domain.kept == {}


def test_a_domain_stays_where_it_stands_also_while_a_refused_move_is_undone(tmp_path: Path) -> None:
    with LocalLambda("search_setup", {}, tmp_path) as function:
        created = function.respond(placement("Create", "public"))["PhysicalResourceId"]
        assert created == "search-placement-public"
        move = {**placement("Update", "vpc:vpc-1", "public"), "OldResourceProperties": {"Placement": "public"}}
        text = failure(function, move)
        undo = {**placement("Update", "public", "public"), "OldResourceProperties": {"Placement": "vpc:vpc-1"}}
        assert function.respond(undo)["PhysicalResourceId"] == created
    assert re.search(MOVED, text)


def test_a_resource_of_another_type_is_refused(tmp_path: Path) -> None:
    event = {**placement("Create", "public"), "ResourceType": "Custom::Other"}
    with LocalLambda("search_setup", {}, tmp_path) as function:
        assert "'Custom::Other' is no resource of this function" in failure(function, event)
