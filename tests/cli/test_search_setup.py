"""`flowlogs search setup`, against a server as far as a set-up uses it, and against a real one without any plugin."""

import re
import time
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from command_line import ran
from local_dashboards import LocalDashboards
from local_domain import LocalDomain
from opensearch_node.plugin import OpenSearch

from flowlogs.aws.opensearch import Domain, anonymous
from flowlogs.search.dashboards.export import saved_objects
from flowlogs.search.index_template import index_template
from flowlogs.setting_kinds import Shape

ROLE = "arn:aws:iam::123456789012:role/firehose"
OPENSEARCH = {"distribution": "opensearch", "number": "2.19.1"}
EVERYTHING = ("--delivery-role", ROLE, "--retention-days", "30", "--replicas", "0")


@pytest.fixture
def domain(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalDomain]:
    monkeypatch.setenv("FLOWLOGS_SEARCH_PASSWORD", "correct horse")
    with LocalDomain() as domain:
        domain.version = OPENSEARCH
        yield domain


def rows(out: str) -> dict[str, Any]:
    return {row["step"]: row for row in orjson.loads(out)}


def test_a_server_is_set_up_step_by_step_and_twice_is_once(domain: LocalDomain) -> None:
    command = ("search", "setup", "--url", domain.url, "--user", "admin", *EVERYTHING)
    first = ran(*command)
    kept = dict(domain.kept), dict(domain.dashboards.kept)
    again = ran(*command)
    assert (first.code, again.code, first.out) == (0, 0, again.out)
    assert kept == (domain.kept, domain.dashboards.kept)
    steps = [tuple(re.split(" {2,}", line)[:2]) for line in first.out.splitlines()]
    assert steps == [
        ("result", "step"),
        ("done", "server"),
        ("done", "index template"),
        ("done", "delivery role"),
        ("done", "retention policy"),
        ("done", "dashboards"),
    ]
    assert domain.kept["/_index_template/cwl"] == index_template("cwl", replicas=0)
    assert domain.kept["/_plugins/_security/api/rolesmapping/flowlogs-cwl"] == {"backend_roles": [ROLE]}
    assert len(domain.dashboards.kept) == len(saved_objects("cwl"))
    assert "correct horse" not in first.out + first.err


def test_another_index_has_names_and_dashboards_of_its_own(domain: LocalDomain) -> None:
    assert ran("search", "setup", "--url", domain.url, "--user", "admin", "--index", "a.b", *EVERYTHING).code == 0
    assert set(domain.kept) == {
        "/_index_template/a.b",
        "/_plugins/_security/api/roles/flowlogs-a-b",
        "/_plugins/_security/api/rolesmapping/flowlogs-a-b",
    }
    assert list(domain.dashboards.kept.values()) == saved_objects("a.b")


def test_what_is_not_asked_for_is_left_out_and_no_failure(domain: LocalDomain) -> None:
    made = ran(
        "search", "setup", "--url", domain.url, "--user", "admin", "--replicas", "0", "--no-dashboards", "--json"
    )
    assert made.code == 0
    assert {step: row["result"] for step, row in rows(made.out).items()} == {
        "server": "done",
        "index template": "done",
        "delivery role": "left out",
        "retention policy": "left out",
        "dashboards": "left out",
    }
    assert list(domain.kept) == ["/_index_template/cwl"]


def test_the_template_is_that_of_the_shape(domain: LocalDomain) -> None:
    made = ran("search", "setup", "--url", domain.url, "--user", "admin", "--shape", "ecs", *EVERYTHING)
    assert made.code == 0
    assert domain.kept["/_index_template/cwl"] == index_template("cwl", replicas=0, shape=Shape.ECS)


def test_dashboards_may_be_elsewhere(domain: LocalDomain) -> None:
    with LocalDomain() as elsewhere:
        elsewhere.dashboards = LocalDashboards("/base")
        made = ran(
            "search", "setup", "--url", domain.url, "--user", "admin", "--dashboards-url", f"{elsewhere.url}/base",
            *EVERYTHING,
        )  # fmt: skip
        assert made.code == 0
        assert elsewhere.dashboards.kept
        assert not domain.dashboards.kept


def test_a_server_without_dashboards_says_how_to_import_them(domain: LocalDomain) -> None:
    domain.dashboards.is_there = False
    made = ran("search", "setup", "--url", domain.url, "--user", "admin", *EVERYTHING)
    assert made.code == 0
    assert f"there are no Dashboards at {domain.url}/_dashboards" in made.out
    assert "Next step for the dashboards: say where they are (--dashboards-url), or import" in made.out


def test_dashboards_that_are_not_where_they_were_said_to_be_are_a_failure(domain: LocalDomain) -> None:
    domain.dashboards.is_there = False
    url = f"{domain.url}/_dashboards"
    made = ran(
        "search", "setup", "--url", domain.url, "--user", "admin", *EVERYTHING, "--dashboards-url", url, "--json"
    )
    assert made.code == 1
    row = rows(made.out)["dashboards"]
    assert (row["result"], row["detail"]) == ("failed", f"there are no Dashboards at {url}")


def test_dashboards_that_refuse_objects_are_a_failure_with_a_next_step(domain: LocalDomain) -> None:
    domain.dashboards.unknown_types = {"dashboard"}
    made = ran("search", "setup", "--url", domain.url, "--user", "admin", *EVERYTHING, "--json")
    assert made.code == 1
    row = rows(made.out)["dashboards"]
    assert (row["result"], "this Dashboards knows no dashboard" in row["detail"]) == ("failed", True)
    assert "older Dashboards" in row["advice"]


def test_what_was_done_before_a_failure_is_told(domain: LocalDomain) -> None:
    domain.kept["/_plugins/_security/api/rolesmapping/flowlogs-cwl"] = {"backend_roles": []}
    domain.ism.policies["flowlogs-cwl"] = (1, {"policy": {"default_state": "x"}})
    domain.ism.frozen = True
    made = ran("search", "setup", "--url", domain.url, "--user", "admin", *EVERYTHING, "--json")
    assert made.code == 1
    assert [row["result"] for row in rows(made.out).values()] == ["done", "done", "done", "failed"]
    assert "409" in rows(made.out)["retention policy"]["detail"]


def test_indexes_that_take_no_policy_are_named(domain: LocalDomain) -> None:
    domain.ism.indexes, domain.ism.closed = {"cwl-2026-01-01": None}, {"cwl-2026-01-01"}
    made = ran("search", "setup", "--url", domain.url, "--user", "admin", *EVERYTHING)
    assert made.code == 0
    assert "cwl-2026-01-01: This index is closed" in made.out
    assert domain.ism.indexes == {"cwl-2026-01-01": None}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--delivery-role", "firehose"), "it takes the ARN of an IAM role"),
        (("--index", "Cwl"), "--index"),
        (("--retention-days", "0"), "--retention-days"),
        (("--dashboards-url", "nowhere"), "'nowhere' is no address of a server: it begins with neither"),
        (("--user", "admin", "--sigv4"), "two ways to sign in"),
        (("--user", "admin", "--url", "http://search.example"), "a sign-in travels by https only"),
        (("--sigv4", "--dry-run", "--url", "http://search.example"), "a sign-in travels by https only"),
        (("--url", "https://[::1"), "its host is no name and no address"),
        (("--url", "https://h:99999", "--dry-run"), "its port is no number"),
    ],
)
def test_a_wrong_option_is_refused_before_anything_is_put(
    domain: LocalDomain, arguments: tuple[str, ...], said: str
) -> None:
    made = ran("search", "setup", "--url", domain.url, *arguments)
    assert made.code in {1, 2}
    assert said in made.err
    assert domain.asked == []


def test_a_wrong_password_is_told_and_nowhere_seen(domain: LocalDomain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWLOGS_SEARCH_PASSWORD", "wrong horse")
    made = ran("search", "setup", "--url", domain.url, "--user", "admin", "--timeout", "5")
    assert made.code == 1
    assert "answered 401" in made.out
    assert "--user and FLOWLOGS_SEARCH_PASSWORD" in made.out
    assert "wrong horse" not in made.out + made.err
    assert domain.refused == 1  # by and by it might be locked out


@pytest.mark.parametrize("more", [(), ("--dry-run",), ("--user", "admin")])
@pytest.mark.parametrize("option", ["--url", "--dashboards-url"])
@pytest.mark.parametrize("address", ["https://admin:horse@h", "https://:horse@h"])
def test_a_password_in_an_address_is_refused_and_nowhere_seen(
    domain: LocalDomain, option: str, address: str, more: tuple[str, ...]
) -> None:
    made = ran("search", "setup", "--url", domain.url, option, address, *more)
    assert made.code == 2
    assert "give them by --user" in made.err
    assert "horse" not in made.out + made.err
    assert domain.asked == []


def test_documents_of_another_shape_take_another_index(domain: LocalDomain) -> None:
    command = ("search", "setup", "--url", domain.url, "--user", "admin", *EVERYTHING)
    assert ran(*command, "--shape", "ecs").code == 0
    made = ran(*command, "--json")
    assert made.code == 1
    row = rows(made.out)["index template"]
    assert row["result"] == "failed"
    assert "is made for documents of shape ecs, and these are json: take another --index" in row["detail"]
    assert domain.kept["/_index_template/cwl"] == index_template("cwl", replicas=0, shape=Shape.ECS)
    assert ran(*command, "--index", "other").code == 0


@pytest.mark.slow
@pytest.mark.parametrize("answers", [0, 3, 11])
def test_a_server_that_hangs_takes_no_longer_than_was_said(domain: LocalDomain, answers: int) -> None:
    domain.hangs_after = answers
    began = time.monotonic()
    made = ran("search", "setup", "--url", domain.url, "--user", "admin", *EVERYTHING, "--timeout", "5", "--json")
    assert made.code == 1
    assert "ReadTimeoutError" in made.out
    assert time.monotonic() - began < 9  # of 13 s and more that a request may take otherwise


def test_a_server_that_does_not_answer_is_waited_for_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("flowlogs.cli.search_setup.time.sleep", slept.append)
    monkeypatch.setattr("flowlogs.cli.search_setup.time.monotonic", lambda: sum(slept))
    made = ran("search", "setup", "--url", "http://localhost:9")
    assert made.code == 1
    assert made.err == "Waiting for http://localhost:9 to answer, 60 s at most …\n"
    assert "http://localhost:9 did not answer within" in made.out
    assert "nothing listens there); is it started, and is this its address?" in made.out
    assert 40 <= sum(slept) <= 60


def test_a_rehearsal_asks_nobody_and_prints_what_a_set_up_puts(domain: LocalDomain) -> None:
    command = ("search", "setup", "--url", domain.url, "--delivery-role", ROLE, "--retention-days", "30")
    rehearsal = ran(*command, "--dry-run")
    rehearsed = rehearsal.rows()
    assert "multipart/form-data" in rehearsal.err
    assert "replicas are 1 only where the server has a second node" in rehearsal.err
    assert domain.asked == domain.dashboards.asked == []
    assert ran(*command, "--user", "admin", "--replicas", "1").code == 0
    put = {each["url"].removeprefix(domain.url).partition("?")[0]: each["body"] for each in rehearsed}
    assert {path: put[path] for path in domain.kept} == domain.kept
    assert put["/_plugins/_ism/policies/flowlogs-cwl"] == domain.ism.policies["flowlogs-cwl"][1]
    assert put["/_dashboards/api/saved_objects/_import"] == list(domain.dashboards.kept.values())
    changes = [each for each in [*domain.asked, *domain.dashboards.asked] if not each.startswith("GET")]
    assert [each["method"] for each in rehearsed] == [each.partition(" ")[0] for each in changes]


@pytest.mark.parametrize("shape", ["ecs", "ocsf"])
def test_a_real_server_takes_the_template_of_other_shapes(opensearch: OpenSearch, shape: str) -> None:
    prefix = opensearch.prefix()
    assert ran("search", "setup", "--url", opensearch.url, "--index", prefix, "--shape", shape).code == 0
    server = Domain(opensearch.url, anonymous())
    server.put(f"/{prefix}-2026-01-01", {})
    index = server.get(f"/{prefix}-2026-01-01") or {}
    assert index[f"{prefix}-2026-01-01"]["mappings"]["properties"]["srcaddr"]["type"] == "alias"


def test_a_real_server_says_of_which_shape_its_template_and_its_indexes_are(opensearch: OpenSearch) -> None:
    prefix = opensearch.prefix()
    command = ("search", "setup", "--url", opensearch.url, "--index", prefix, "--no-dashboards", "--json")
    assert ran(*command, "--shape", "ecs").code == 0
    by_template = rows(ran(*command).out)["index template"]["detail"]
    assert f"the index template {prefix} of {opensearch.url} is made for documents of shape ecs" in by_template
    server = Domain(opensearch.url, anonymous())
    server.put(f"/{prefix}-2026-01-01", {})
    server.put(f"/_index_template/{prefix}", {"index_patterns": [f"{prefix}-*"], "priority": 100})
    by_index = rows(ran(*command).out)["index template"]["detail"]
    assert f"the index {prefix}-2026-01-01 of {opensearch.url} is made for documents of shape ecs" in by_index


def test_a_real_server_takes_the_template_and_lacks_the_plugins(opensearch: OpenSearch) -> None:
    prefix = opensearch.prefix()
    made = ran("search", "setup", "--url", opensearch.url, "--index", prefix, *EVERYTHING[:4], "--json")
    assert made.code == 0
    found = rows(made.out)
    assert found["server"]["detail"].startswith("OpenSearch 2.")
    assert {step: row["result"] for step, row in found.items()} == {
        "server": "done",
        "index template": "done",
        "delivery role": "left out",
        "retention policy": "left out",
        "dashboards": "left out",
    }
    assert "has no security plugin here" in found["delivery role"]["detail"]
    assert "has no Index State Management plugin here" in found["retention policy"]["detail"]
    server = Domain(opensearch.url, anonymous())
    server.put(f"/{prefix}-2026-01-01", {})
    index = server.get(f"/{prefix}-2026-01-01") or {}
    settings = index[f"{prefix}-2026-01-01"]["settings"]["index"]
    assert settings["number_of_replicas"] == "0"  # one node
    assert index[f"{prefix}-2026-01-01"]["mappings"]["properties"]["srcaddr"]["type"] == "ip"
