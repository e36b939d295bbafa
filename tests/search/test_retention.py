"""The retention policy, and how it comes into a domain whose ISM answers as the plugin's code says."""

from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any

import pytest

from flowlogs.search.domain_errors import DomainError, RequestRefused
from flowlogs.search.setup.plan import Plan
from flowlogs.search.setup.retaining import Retaining
from flowlogs.search.setup.retention import retention_policy

ENDPOINT = "https://search.example"
PLAN = Plan(ENDPOINT, "cwl", "arn:aws:iam::123456789012:role/firehose", "flowlogs-cwl", 1, 1, 30)
POLICY = "/_plugins/_ism/policies/flowlogs-cwl"
ADD, CHANGE = "/_plugins/_ism/add/cwl-*", "/_plugins/_ism/change_policy/cwl-*"


class FakeDomain:
    """A domain with a policy or none; `failed` has, by path, the indexes to which ISM does not do what is asked."""

    endpoint = ENDPOINT

    def __init__(self, *, seq_no: int | None = None) -> None:
        self.seq_no = seq_no
        self.asked: list[tuple[str, Any]] = []
        self.failed: dict[str, dict[str, str]] = {ADD: {}, CHANGE: {}}
        self.meanwhile: Callable[[], None] = lambda: None  # what happens between reading and putting

    def get(self, path: str) -> Any | None:
        assert path == POLICY
        found = None if self.seq_no is None else {"_id": "flowlogs-cwl", "_seq_no": self.seq_no, "_primary_term": 2}
        self.meanwhile()
        return found

    def put(self, path: str, body: Any) -> None:
        self.asked.append((path, body))
        known = "" if self.seq_no is None else f"?if_seq_no={self.seq_no}&if_primary_term=2"
        if path != f"{POLICY}{known}":
            raise RequestRefused(ENDPOINT, "PUT", 409, "version conflict")
        self.seq_no = 1 if self.seq_no is None else self.seq_no + 1

    def post(self, path: str, body: Any) -> Any:
        self.asked.append((path, body))
        failed = [{"index_name": name, "index_uuid": "u", "reason": why} for name, why in self.failed[path].items()]
        return {"updated_indices": 0, "failures": bool(failed), "failed_indices": failed}

    def retain(self) -> dict[str, str]:
        return Retaining(self)(PLAN)

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]


MANAGED = "This index already has a policy, use the update policy API to update index policies"


def test_an_index_is_deleted_when_it_is_as_old_as_it_may_become() -> None:
    policy = retention_policy("cwl", 30)["policy"]
    first, last = policy["states"]
    assert policy["default_state"] == first["name"]
    assert first["actions"] == []
    assert first["transitions"] == [{"state_name": last["name"], "conditions": {"min_index_age": "30d"}}]
    assert (last["actions"], last["transitions"]) == ([{"delete": {}}], [])


@pytest.mark.parametrize(
    ("index", "is_deleted"),
    [("cwl-2026-01-01", True), ("cwl-2026-01-01-13", True), ("cwl", False), ("cwlogs-2026-01-01", False)],
)
def test_only_what_rotation_made_is_ever_deleted(index: str, *, is_deleted: bool) -> None:
    (template,) = retention_policy("cwl", 30)["policy"]["ism_template"]
    assert any(fnmatchcase(index, pattern) for pattern in template["index_patterns"]) is is_deleted
    assert template["priority"] > 0


def test_a_new_policy_is_put_and_added_to_the_indexes_that_are_there() -> None:
    domain = FakeDomain()
    assert domain.retain() == {}
    assert domain.asked == [(POLICY, retention_policy("cwl", 30)), (ADD, {"policy_id": "flowlogs-cwl"})]


def test_a_policy_that_is_there_is_put_over_the_one_that_was_read() -> None:
    domain = FakeDomain(seq_no=7)
    domain.retain()
    assert domain.paths == [f"{POLICY}?if_seq_no=7&if_primary_term=2", ADD]


@pytest.mark.parametrize("before", [None, 7])
def test_a_policy_that_somebody_changes_meanwhile_is_read_again(before: int | None) -> None:
    domain = FakeDomain(seq_no=before)

    def change_once() -> None:
        domain.seq_no = 9
        domain.meanwhile = lambda: None

    domain.meanwhile = change_once
    assert domain.retain() == {}
    assert domain.paths[1:] == [f"{POLICY}?if_seq_no=9&if_primary_term=2", ADD]


def test_a_policy_that_changes_all_the_time_is_given_up() -> None:
    domain = FakeDomain(seq_no=1)

    def change() -> None:
        domain.seq_no = (domain.seq_no or 0) + 1

    domain.meanwhile = change
    with pytest.raises(RequestRefused, match="409"):
        domain.retain()
    assert len(domain.asked) == 2


def test_a_policy_that_is_refused_for_another_reason_is_not_put_again() -> None:
    class Refusing(FakeDomain):
        def put(self, path: str, body: Any) -> None:
            self.asked.append((path, body))
            raise RequestRefused(ENDPOINT, "PUT", 400, "please use a different priority than 100")

    domain = Refusing()
    with pytest.raises(RequestRefused, match="different priority"):
        domain.retain()
    assert domain.paths == [POLICY]


def test_indexes_under_an_older_policy_of_ours_are_renewed_and_others_are_let_alone() -> None:
    domain = FakeDomain(seq_no=7)
    domain.failed[ADD] = {"cwl-2026-01-01": MANAGED}
    assert domain.retain() == {}
    path, body = domain.asked[-1]
    assert path == CHANGE
    assert body == {
        "policy_id": "flowlogs-cwl",
        "include": [{"state": retention_policy("cwl", 1)["policy"]["default_state"]}],
    }


def test_an_index_that_is_left_out_is_told_with_the_reason() -> None:
    domain = FakeDomain(seq_no=7)
    domain.failed[ADD] = {"cwl-2026-01-01": "This index is closed"}
    assert domain.retain() == {"cwl-2026-01-01": "This index is closed"}
    assert CHANGE not in domain.paths

    domain.failed[ADD]["cwl-2026-01-02"] = MANAGED
    domain.failed[CHANGE] = {
        "cwl-2026-01-01": "This index is not being managed",
        "cwl-2026-01-02": "Cannot change policy while transitioning to new state",
    }
    assert domain.retain() == {
        "cwl-2026-01-01": "This index is closed",
        "cwl-2026-01-02": "Cannot change policy while transitioning to new state",
    }


@pytest.mark.parametrize("refused", [ADD, CHANGE])
def test_old_indexes_that_ism_refuses_undo_no_deployment(refused: str) -> None:
    class Refusing(FakeDomain):
        def post(self, path: str, body: Any) -> Any:
            if path == refused:
                raise RequestRefused(ENDPOINT, "POST", 404, "no such index")
            return super().post(path, body)

    domain = Refusing()
    domain.failed[ADD] = {"cwl-2026-01-01": MANAGED}
    left_out = domain.retain()
    assert "no such index" in left_out["cwl-*"]
    assert domain.asked[0] == (POLICY, retention_policy("cwl", 30))


def test_without_a_number_of_days_nothing_is_ever_deleted() -> None:
    domain = FakeDomain()
    forever = Plan(ENDPOINT, "cwl", "arn:aws:iam::123456789012:role/firehose", "flowlogs-cwl", 1, 1, None)
    assert Retaining(domain)(forever) == {}
    assert domain.asked == []


@pytest.mark.parametrize("answer", [[], "text", {}, {"_seq_no": 1}])
def test_a_policy_that_reads_otherwise_is_said(answer: Any) -> None:
    class Odd(FakeDomain):
        def get(self, path: str) -> Any | None:
            return answer

    with pytest.raises(DomainError, match=f"does not answer GET {POLICY} as OpenSearch does"):
        Odd().retain()


@pytest.mark.parametrize("answer", [None, [], "text", {"failed_indices": None}])
def test_an_answer_without_indexes_leaves_none_out(answer: Any) -> None:
    class Odd(FakeDomain):
        def post(self, path: str, body: Any) -> Any:
            return answer

    assert Odd().retain() == {}
