"""The kinds of values that settings take, from cdk.json or as text from `cdk -c name=value`."""

import re
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator

from flowlogs.metrics import MetricName, read_namespace
from flowlogs.record.networks import Networks
from flowlogs.settings import SETTINGS


def listed(value: object) -> object:
    """Split `a,b c` as it comes from the command line; a list of cdk.json stays one."""
    return value.replace(",", " ").split() if isinstance(value, str) else value


def number(value: object) -> object:
    """Read a number as it comes from the command line; text that is none is left to the check that names it."""
    return int(value) if isinstance(value, str) and value.isascii() and value.strip().isdigit() else value


def _pairs(value: object) -> object:
    """Split `name=value,name=value` as it comes from the command line."""
    if not isinstance(value, str):
        return value
    parts = [part.partition("=") for part in value.split(",") if part.strip()]
    if any(not equals for _, equals, _ in parts):
        raise ValueError("it takes name=value, several with commas between")
    return {name.strip(): text.strip() for name, _, text in parts}


def _tags(tags: dict[str, str]) -> dict[str, str]:
    """Check tags as AWS takes them. Source: AWS General Reference, "Tagging AWS resources"."""
    for key, value in tags.items():
        if not 1 <= len(key) <= 128 or len(value) > 256 or key.lower().startswith("aws:"):
            raise ValueError(f"{key[:80]!r}: a key has 1 to 128 letters and not aws: in front, a value at most 256")
    return tags


def _matching(pattern: str, example: str) -> Callable[[str], str]:
    whole = re.compile(pattern, re.ASCII)

    def check(text: str) -> str:
        if text and not whole.fullmatch(text):
            raise ValueError(f"{text[:80]!r} is not of the form {example}")
        return text

    return check


def _each(check: Callable[[str], str]) -> Callable[[list[str]], list[str]]:
    def check_all(texts: list[str]) -> list[str]:
        checked = [check(text) for text in texts]
        if len(set(checked)) < len(checked):
            raise ValueError("it names the same twice")
        return checked

    return check_all


def _listed_ids(kind: str) -> Any:
    check = _matching(rf"{kind}-[0-9a-f]{{8,17}}", f"{kind}-0123456789abcdef0")
    return Annotated[list[str], BeforeValidator(listed), AfterValidator(_each(check))]


def _arn(service: str, rest: str, example: str) -> Any:
    return Annotated[str, AfterValidator(_matching(rf"arn:aws[a-z-]*:{service}:{rest}", example))]


def _networks(texts: list[str]) -> list[str]:
    Networks(texts)
    return texts


def function_setting(name: str) -> Callable[[str], str]:
    """Check a value as the function that gets it will: one table decides for both."""

    def check(text: str) -> str:
        try:
            SETTINGS[name].read(text)
        except ValueError as error:
            raise ValueError(f"it takes {SETTINGS[name].takes} ({error})") from error
        return text

    return check


RETENTION_DAYS = (
    1,
    3,
    5,
    7,
    14,
    30,
    60,
    90,
    120,
    150,
    180,
    365,
    400,
    545,
    731,
    1096,
    1827,
    2192,
    2557,
    2922,
    3288,
    3653,
)
"""Days that CloudWatch Logs takes. Source: CloudWatch Logs API, PutRetentionPolicy, retentionInDays."""


def _metric_part(text: str) -> str:
    """Check what may get the prefix before it, and stands beside a colon in FLOWLOGS_SSH_REJECTS."""
    if text != text.strip() or len(text) > 200:
        raise ValueError("it takes at most 200 letters, and no blank at either end")
    return text


def _retention(days: int) -> int:
    if days not in RETENTION_DAYS:
        raise ValueError(f"CloudWatch Logs takes one of {', '.join(map(str, RETENTION_DAYS))} days")
    return days


Number = Annotated[int, BeforeValidator(number)]
Retention = Annotated[int, BeforeValidator(number), AfterValidator(_retention)]
Tags = Annotated[dict[str, str], BeforeValidator(_pairs), AfterValidator(_tags)]
Listed = Annotated[list[str], BeforeValidator(listed)]
VpcIds = _listed_ids("vpc")
SubnetIds = _listed_ids("subnet")
InterfaceIds = _listed_ids("eni")
VpcId = Annotated[str, AfterValidator(_matching(r"vpc-[0-9a-f]{8,17}", "vpc-0123456789abcdef0"))]
GroupId = Annotated[str, AfterValidator(_matching(r"sg-[0-9a-f]{8,17}", "sg-0123456789abcdef0"))]
Cidrs = Annotated[list[str], BeforeValidator(listed), AfterValidator(_networks)]
KeyArn = _arn("kms", r"[\w-]+:\d{12}:key/(mrk-)?[0-9a-f-]{32,36}", "arn:aws:kms:REGION:ACCOUNT:key/ID")
QueueArn = _arn("sqs", r"[\w-]+:\d{12}:[\w-]+", "arn:aws:sqs:REGION:ACCOUNT:NAME")
TopicArn = _arn("sns", r"[\w-]+:\d{12}:[\w-]+", "arn:aws:sns:REGION:ACCOUNT:NAME")
DomainArn = _arn("es", r"[\w-]+:\d{12}:domain/[a-z][a-z0-9-]{2,27}", "arn:aws:es:REGION:ACCOUNT:domain/NAME")
SecretArn = _arn(
    "secretsmanager", r"[\w-]+:\d{12}:secret:[\w/+=.@-]+", "arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME"
)
Licence = Annotated[
    str,
    AfterValidator(
        _matching(
            r"arn:aws[a-z-]*:secretsmanager:[\w-]+:\d{12}:secret:[\w/+=.@-]+-\w{6}|ssm:/[\w./-]{1,1000}",
            "arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-AbCdEf (in full), or ssm:/name",
        )
    ),
]
Accounts = Annotated[
    list[str], BeforeValidator(listed), AfterValidator(_each(_matching(r"\d{12}", "210987654321, twelve digits")))
]
Regions = Annotated[
    list[str],
    BeforeValidator(listed),
    AfterValidator(_each(_matching(r"[a-z]{2}(-[a-z]{3,10}){1,2}-\d{1,2}", "eu-west-1"))),
]
RoleName = Annotated[str, AfterValidator(_matching(r"[\w+=,.@-]{1,64}", "a role's name, without its path"))]
ExternalId = Annotated[str, AfterValidator(_matching(r"[\w+=,.@:/-]{2,1224}", "an external id of 2 to 1224 letters"))]
RoleArns = Annotated[
    list[str],
    BeforeValidator(listed),
    AfterValidator(_each(_matching(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+", "arn:aws:iam::ACCOUNT:role/NAME"))),
]
BucketName = Annotated[str, AfterValidator(_matching(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", "my-flow-logs"))]
KeyPrefix = Annotated[
    str,
    AfterValidator(_matching(r"(?!AWSLogs/)[^/\s][^\s]*/", "network/ (it ends with a slash, and AWSLogs/ is EC2's)")),
]
StreamName = Annotated[
    str, AfterValidator(_matching(r"[a-zA-Z0-9_.-]{1,64}", "a delivery stream's name: letters, digits, _ . -"))
]
LogGroupName = Annotated[str, AfterValidator(_matching(r"[.\-_/#A-Za-z0-9]{1,512}", "a log group's name"))]
DomainName = Annotated[str, AfterValidator(_matching(r"[a-z][a-z0-9-]{2,27}", "a domain's name: 3 to 28 of a-z 0-9 -"))]
IndexPrefix = Annotated[str, AfterValidator(_matching(r"[a-z0-9][a-z0-9._-]{0,60}", "cwl (lower case)"))]
InstanceType = Annotated[str, AfterValidator(_matching(r"[a-z0-9]+\.[a-z0-9]+\.search", "t3.medium.search"))]
Email = Annotated[str, AfterValidator(_matching(r"[^@\s]+@[^@\s]+\.[^@\s]+", "name@example.com"))]
S3Place = Annotated[
    str, AfterValidator(_matching(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/\S*)?", "s3://bucket/prefix/"))
]
Version = Annotated[str, AfterValidator(_matching(r"2\.(19|[2-9]\d)|[3-9]\.\d{1,2}", "2.19 (or later)"))]
Endpoint = Annotated[
    str,
    AfterValidator(lambda text: text.rstrip("/")),
    AfterValidator(_matching(r"https://[\w.-]{1,250}", "https://search-….REGION.es.amazonaws.com")),
]
GlueName = Annotated[str, AfterValidator(_matching(r"[a-z0-9_]{1,200}", "flowlogs: lower case, digits, _"))]
FilterName = Annotated[str, AfterValidator(_matching(r"[^:*]{1,200}", "a metric filter's name, without : and *"))]
AlarmName = Annotated[str, AfterValidator(_matching(r"[ -~]{1,200}", "an alarm's name: at most 200 ASCII letters"))]
Namespace = Annotated[str, AfterValidator(_metric_part), AfterValidator(read_namespace)]
MetricText = Annotated[
    str, AfterValidator(_metric_part), AfterValidator(lambda text: MetricName.read(f"any:{text}").name)
]
Keep = Annotated[str, AfterValidator(function_setting("FLOWLOGS_SEARCH_KEEP"))]
EventBus = Annotated[
    str, AfterValidator(_matching(r"[\w./-]{1,256}|arn:aws[a-z-]*:events:[\w:./-]{1,1500}", "default"))
]
