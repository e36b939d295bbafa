"""AWS as an inventory meets it: below botocore, so that its paginators, retries and parsers are the real ones.

What it stands for, beside the models of botocore: EC2 takes MaxResults of 5 to 1000 and answers a page with NextToken;
a bucket of 100 calls for each operation, account and region that refills with 20 a second, beyond which it answers
RequestLimitExceeded, 503 (EC2 API, "Request throttling"); a region that is not enabled answers AuthFailure, 401.
"""

import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

import botocore.endpoint
import botocore.loaders
import botocore.retries.bucket
import botocore.session
import pytest
from wire import Written, answer, refusal, response

OWN = "111111111111"
NOW = 1_767_225_600.0
"""2026-01-01 00:00 UTC."""
BUCKET, REFILL = 100.0, 20.0
ROLE = "flowlogs-inventory"

_MODELS = botocore.loaders.create_loader()
"""One for all sessions: to parse the model of EC2 takes longer than most tests."""

Items = Callable[[Mapping[str, Any]], Sequence[Any]]
"""Gives everything an operation would tell, by its parameters."""
Estate = Mapping[str, Items]
"""What there is in an account and region, by operation."""


@dataclass(slots=True)
class Time:
    """Passes only while someone sleeps; botocore's sleeping is put upon it by `install`."""

    now: float = NOW
    slept: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        with self.lock:
            self.now += seconds
            self.slept += seconds

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        sleep = self.sleep

        class Condition(threading.Condition):
            def wait(self, timeout: float | None = None) -> bool:
                sleep(max(timeout or 0.0, 0.001))  # less would be lost beside Unix seconds
                return True

        bucket = botocore.retries.bucket
        monkeypatch.setattr(botocore.endpoint, "time", self)
        monkeypatch.setattr(bucket, "time", self)
        monkeypatch.setattr(bucket, "threading", _Threading(Condition))


@dataclass(frozen=True, slots=True)
class _Threading:
    Condition: type[threading.Condition]
    Lock = staticmethod(threading.Lock)


@dataclass(frozen=True, slots=True)
class Paging:
    """How a service pages: the parameters, the member with the next token, and the most items where none is asked."""

    limit: str
    token: str
    next_token: str


PAGING = {
    "ec2": Paging("MaxResults", "NextToken", "NextToken"),
    "lambda": Paging("MaxItems", "Marker", "NextMarker"),
    "rds": Paging("MaxRecords", "Marker", "Marker"),
    "autoscaling": Paging("MaxRecords", "NextToken", "NextToken"),
    "ecs": Paging("maxResults", "nextToken", "nextToken"),
    "batch": Paging("maxResults", "nextToken", "nextToken"),
    "codebuild": Paging("", "nextToken", "nextToken"),
    "events": Paging("Limit", "NextToken", "NextToken"),
    "organizations": Paging("MaxResults", "NextToken", "NextToken"),
}
MOST = {"ListFunctions": 50, "ListProjects": 100, "DescribeServices": 10, "BatchGetProjects": 100, "ListAccounts": 20}
"""The most that an answer holds, whatever is asked for; these may be asked without a limit."""
DOCUMENTED = {"DescribeLaunchTemplateVersions": 200, "DescribeInstances": 1000, "ListFunctions": 10_000}
"""The most that may be asked for where the model has it in prose only; 100 for all other services than EC2."""
MEMBERS = {
    "ListAccounts": "Accounts",
    "ListFunctions": "Functions",
    "DescribeNetworkInterfaces": "NetworkInterfaces",
    "GetManagedPrefixListEntries": "Entries",
    "DescribeManagedPrefixLists": "PrefixLists",
    "DescribeInstances": "Reservations",
    "ListClusters": "clusterArns",
    "ListServices": "serviceArns",
    "DescribeServices": "services",
    "ListRuleNamesByTarget": "RuleNames",
    "ListTargetsByRule": "Targets",
    "DescribeComputeEnvironments": "computeEnvironments",
    "ListProjects": "projects",
    "BatchGetProjects": "projects",
}
"""Members of answers whose names do not follow from their operations' (`DescribeX`: `X`)."""


@dataclass(slots=True)
class FakeAws:
    """Accounts with what there is in them, and what goes wrong there; every request is counted."""

    estates: dict[tuple[str, str], Estate] = field(default_factory=dict)  # by account and region
    disabled: set[str] = field(default_factory=set)  # regions
    without_role: set[str] = field(default_factory=set)  # accounts
    external_id: str | None = None
    organization: Sequence[Mapping[str, Any]] = ()
    throttles: bool = False
    tokens: float = BUCKET  # in a bucket that was not seen before: fewer where others ask too
    trouble: list[Callable[["Request"], Written | Exception | None]] = field(default_factory=list)
    """Asked before each answer, in turn: what they give is answered, or raised, instead."""
    time: Time = field(default_factory=Time)
    counted: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # by account, region and operation
    _buckets: dict[tuple[str, str, str], tuple[float, float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _asked: threading.local = field(default_factory=threading.local)

    def session(self, region: str | None = "eu-west-1") -> botocore.session.Session:
        """Give a session of the own account whose clients reach this and nothing else."""
        session = botocore.session.Session()
        session.register_component("data_loader", _MODELS)
        session.set_credentials(f"AKIA{OWN}", "secret")
        session.set_config_variable("region", region)
        session.register("before-parameter-build", cast(Any, self._note))
        session.register("before-send", cast(Any, self._send))
        return session

    def calls(self, service_or_operation: str = "") -> int:
        """Count requests of an operation, or all."""
        return sum(
            count for (_, _, operation), count in self.counted.items() if service_or_operation in ("", operation)
        )

    def _note(self, params: dict[str, Any], model: Any, **_: object) -> None:
        self._asked.now = model, dict(params)  # the request is sent by the same thread

    def _send(self, request: Any, **_: object) -> Any:
        model, parameters = self._asked.now
        asked = Request.of(request, model, parameters)
        with self._lock:
            self.counted[asked.account, asked.region, model.name] += 1
            written = self._refused(asked)
        if isinstance(written, Exception):
            raise written
        return response(request.url, written or self._answered(asked))

    def _refused(self, asked: "Request") -> Written | Exception | None:
        for trouble in self.trouble:
            if (made := trouble(asked)) is not None:
                return made
        if asked.region in self.disabled:
            code = "AuthFailure" if asked.service == "ec2" else "UnrecognizedClientException"
            return refusal(asked.model, code, 401)
        if self.throttles and not self._has_token(asked):
            return refusal(asked.model, "RequestLimitExceeded", 503)
        return None

    def _has_token(self, asked: "Request") -> bool:
        key = asked.account, asked.region, asked.model.name
        tokens, then = self._buckets.get(key, (self.tokens, self.time.now))
        tokens = min(BUCKET, tokens + (self.time.now - then) * REFILL)
        self._buckets[key] = max(0.0, tokens - 1), self.time.now
        return tokens >= 1

    def _answered(self, asked: "Request") -> Written:
        if asked.service == "sts":
            return self._sts(asked)
        if asked.service == "organizations":
            items: Sequence[Any] = self.organization
        else:
            there = self.estates.get((asked.account, asked.region), {}).get(asked.model.name)
            items = there(asked.parameters) if there else ()
        return answer(asked.model, _page(asked, items))

    def _sts(self, asked: "Request") -> Written:
        if asked.model.name == "GetCallerIdentity":
            arn = f"arn:aws:sts::{asked.account}:assumed-role/collector/1"
            return answer(asked.model, {"Account": asked.account, "Arn": arn, "UserId": "1"})
        _, _, _, _, account, resource = asked.parameters["RoleArn"].split(":")
        trusted = asked.parameters.get("ExternalId") == self.external_id
        if account in self.without_role or resource != f"role/{ROLE}" or not trusted:
            return refusal(asked.model, "AccessDenied", 403)
        expiration = _iso(self.time.now + 3600)
        credentials = {"AccessKeyId": f"ASIA{account}", "SecretAccessKey": "s", "SessionToken": "t"}
        return answer(asked.model, {"Credentials": credentials | {"Expiration": expiration}})


@dataclass(frozen=True, slots=True)
class Request:
    """A request by whose account, for which region, and for what."""

    account: str
    region: str
    service: str
    model: Any
    parameters: Mapping[str, Any]

    @classmethod
    def of(cls, request: Any, model: Any, parameters: Mapping[str, Any]) -> "Request":
        """Read account and region from the signature; sessions name their account in the access key."""
        authorization = request.headers["Authorization"]
        signature = (authorization.decode() if isinstance(authorization, bytes) else authorization).split()
        key, _, region, *_ = signature[1].removeprefix("Credential=").split("/")
        return cls(key[4:], region, model.service_model.service_name, model, parameters)


def _page(asked: Request, items: Sequence[Any]) -> dict[str, Any]:
    name, paging = asked.model.name, PAGING[asked.service]
    member = MEMBERS.get(name, name.removeprefix("Describe"))
    most = _most(asked, paging)
    first = int(asked.parameters.get(paging.token) or 0)
    page: dict[str, Any] = {member: list(items[first : first + most])}
    if first + most < len(items):
        page[paging.next_token] = str(first + most)
    return page


def _most(asked: Request, paging: Paging) -> int:
    """Give the items a page; refuse to be asked for more than the model allows."""
    name, given = asked.model.name, asked.parameters.get(paging.limit)
    assert given is not None or name in MOST, f"{name} is asked for without a limit"
    if given is not None:
        bounds = asked.model.input_shape.members[paging.limit].metadata
        most = bounds.get("max", DOCUMENTED.get(name, 100))
        assert bounds.get("min", 1) <= given <= most, f"{name} with {paging.limit} of {given}"
    return min(given or 1000, MOST.get(name, 1000))


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()
