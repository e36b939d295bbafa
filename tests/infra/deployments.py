"""The deployments that the tests look at: settings by name, each synthesized as app.py does it, without bundles."""

import fcntl
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

# jsii warns of Node releases past their end, on standard error of each process that imports it
os.environ.setdefault("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "16,18,20,22,24")

from aws_cdk import App, Validations
from constructs import IConstruct
from jsii.errors import JSIIError

import app
import infra.acknowledge

ROOT = Path(app.__file__).parent
VPC = "vpc-0123456789abcdef0"
SUBNETS = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
KEY = "arn:aws:kms:eu-west-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef"
FILES_KEY = "arn:aws:kms:eu-west-1:123456789012:key/fedcba98-7654-3210-fedc-ba9876543210"
QUEUE = "arn:aws:sqs:eu-west-1:123456789012:new-files"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:new-files"
ROLES = ["arn:aws:iam::123456789012:role/delivery", "arn:aws:iam::123456789012:role/lake-delivery"]
_EXISTING_STREAMS = {"existing_search_stream": "their-search", "existing_lake_stream": "their-lake"}
_EXISTING = {"destinations": ["existing"], **_EXISTING_STREAMS, "existing_stream_roles": ROLES}
_IN_VPC = {"search_vpc_id": VPC, "search_subnet_ids": SUBNETS}
_SAML = {
    "search_sign_in": "saml",
    "saml_metadata_file": str(Path(__file__).parent / "saml_metadata.xml"),
    "saml_entity_id": "https://idp.example.com/metadata",
    "saml_master_role": "network-admins",
}
_DOMAIN = {
    "existing_domain_arn": "arn:aws:es:eu-west-1:123456789012:domain/theirs",
    "existing_domain_endpoint": "https://search-theirs.eu-west-1.es.amazonaws.com",
}
_SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:theirs-AbCdEf"
LICENCE = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:maxmind-AbCdEf"
TAG_FIELDS = ["network-interface:Name", "network-interface:team", "instance:app"]

COMBINATIONS: Mapping[str, Mapping[str, Any]] = {
    "defaults": {},
    "cloudwatch": {"vpc_ids": [VPC], "search_allowed_ips": ["198.51.100.0/24", "2001:db8::/32"]},
    "cloudwatch search": {"destinations": ["search"], "vpc_ids": [VPC]},
    "cloudwatch lake": {"destinations": ["lake"], "vpc_ids": [VPC]},
    "cloudwatch existing": {**_EXISTING, "vpc_ids": [VPC]},
    "cloudwatch existing search": {"destinations": ["existing"], "existing_search_stream": "their-search"},
    "cloudwatch existing group": {"log_group": "/their/flow-logs", "log_group_exists": True, "vpc_ids": [VPC]},
    "s3": {"source": "s3", "vpc_ids": [VPC], "s3_hourly": True, "s3_hive": True, "s3_prefix": "network/"},
    "s3 lake": {"source": "s3", "destinations": ["lake"], "vpc_ids": [VPC]},
    "s3 queue": {
        "source": "s3",
        "destinations": ["search"],
        "s3_bucket": "their-bucket",
        "s3_queue_arn": QUEUE,
        "s3_kms_key_arn": FILES_KEY,
        "s3_prefix": "network/",
    },
    "s3 topic": {**_EXISTING, "source": "s3", "s3_bucket": "their-bucket", "s3_topic_arn": TOPIC},
    "s3 event bus": {
        "source": "s3",
        "s3_bucket": "their-bucket",
        "s3_event_bus": "default",
        "s3_hive": True,
        "s3_accounts": ["210987654321", "345678901234"],
        "s3_regions": ["eu-west-1", "us-east-1"],
        "athena_scan_limit_gb": 0,
        "vpc_ids": [VPC],
    },
    "firehose": {"source": "firehose", "vpc_ids": [VPC]},
    "firehose search": {
        "source": "firehose",
        "destinations": ["search"],
        "search_dashboards": False,
        "search_shape": "ocsf",
        "vpc_ids": [VPC],
    },
    "firehose lake json": {
        "source": "firehose",
        "destinations": ["lake"],
        "lake_format": "json",
        "vpc_ids": [VPC],
    },
    "firehose existing": {**_EXISTING, "source": "firehose", "vpc_ids": [VPC]},
    "domain in a vpc": {
        **_IN_VPC,
        "destinations": ["search"],
        "search_masters": 3,
        "search_allowed_ips": ["10.0.0.0/8"],
        "search_nodes": 4,
    },
    "domain in a vpc with a way out": {**_IN_VPC, "destinations": ["search"], "search_secrets_endpoint": False},
    "saml": {**_SAML, "destinations": ["search"], "search_allowed_ips": ["198.51.100.0/24"], "search_nodes": 1},
    "saml in a vpc": {**_SAML, **_IN_VPC, "destinations": ["search"]},
    "existing domain": {**_DOMAIN, "existing_domain_secret_arn": _SECRET, "destinations": ["search"]},
    "existing domain in a vpc": {
        **_DOMAIN,
        **_IN_VPC,
        "existing_domain_security_group_id": "sg-0123456789abcdef0",
        "existing_domain_secret_arn": _SECRET,
        "destinations": ["search"],
    },
    "existing domain by hand": {**_DOMAIN, "destinations": ["search"]},
    "second stack": {
        "prefix": "b-",
        "vpc_ids": [VPC],
        "kms_key_arn": KEY,
        "tags": {"team": "network", "stage": "test"},
        "keep_data": False,
        "reserved_concurrency": 5,
        "alert_email": "ops@example.com",
    },
    "second stack from s3": {"prefix": "b-", "source": "s3", "vpc_ids": [VPC], "kms_key_arn": KEY},
    "second stack from firehose": {"prefix": "b-", "source": "firehose", "vpc_ids": [VPC]},
    "tags in records": {"record_format": "v11", "tag_fields": TAG_FIELDS, "vpc_ids": [VPC]},
    "s3 beside": {"second_flow_log": "s3", "vpc_ids": [VPC]},
    "cloudwatch beside": {"source": "s3", "second_flow_log": "cloudwatch", "vpc_ids": [VPC]},
    "firehose and cloudwatch beside": {"source": "firehose", "second_flow_log": "cloudwatch", "vpc_ids": [VPC]},
    "lake raw": {"destinations": ["lake"], "lake_format": "raw"},
    "narrowed": {
        "search_keep": "sample:10",
        "search_drop_internal": ["10.0.0.0/8", "fd00::/8"],
        "internal_networks": ["10.0.0.0/8"],
        "geo_databases": "s3://their-databases/geo/",
        "index_rotation": "weekly",
        "index_prefix": "flows.v1",
    },
    "organization": {
        "inventory_accounts": ["organization"],
        "inventory_regions": ["eu-west-1", "us-east-1"],
        "inventory_external_id": "flowlogs-7",
        "inventory_role_name": "network-reader",
        "inventory_events": True,
        "inventory_minutes": 15,
        "inventory_memory": 3008,
        "geo_provider": "maxmind",
        "geo_licence": LICENCE,
        "geo_licence_kms_key_arn": FILES_KEY,
        "threat_lists": ["drop=https://lists.example.com/drop.txt", "feodo=https://lists.example.com/f.csv?days=7"],
        "named_networks": ["office=198.51.100.0/24", "office=2001:db8::/32", "vpn=10.8.0.0/16"],
    },
    "some accounts": {
        "destinations": ["lake"],
        "inventory_accounts": ["own", "210987654321", "345678901234"],
        "inventory_minutes": 1,
        "inventory_retention_days": 30,
        "geo_provider": "none",
        "kms_key_arn": KEY,
    },
    "licence in a parameter": {
        "destinations": ["lake"],
        "lake_format": "json",
        "geo_provider": "maxmind",
        "geo_licence": "ssm:/flowlogs/maxmind",
    },
    "nothing known": {
        "destinations": ["lake"],
        "inventory": False,
        "geo_provider": "none",
        "aws_ranges": False,
    },
    "geo alone": {"destinations": ["lake"], "inventory": False},
    "subnets and interfaces": {
        "subnet_ids": SUBNETS,
        "interface_ids": ["eni-0123456789abcdef0"],
        "traffic": "REJECT",
        "aggregation_seconds": 600,
        "record_format": "v5",
    },
}
"""Settings that differ from the defaults, by a name for the deployment."""
NAMES = tuple(COMBINATIONS)


@dataclass(frozen=True, slots=True)
class Synthesized:
    """What synthesis gave. `findings` are cdk-nag's, (rule, path of the construct); `accepted` what was acknowledged.

    With nothing acknowledged, `accepted` lists what would have been.
    """

    name: str
    template: dict[str, Any]
    findings: frozenset[tuple[str, str]]
    accepted: frozenset[tuple[str, str]]


def context_of(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Give the context that the app sees: that of cdk.json, these settings, and no bundling."""
    written: dict[str, Any] = json.loads((ROOT / "cdk.json").read_text())["context"]
    return {**written, "aws:cdk:bundling-stacks": [], **settings}


def synthesize(folder: Path, settings: Mapping[str, Any], *, acknowledging: bool = True) -> None:
    """Run app.py's own main into a folder, and write down there what was acknowledged."""
    accepted: list[tuple[str, str]] = []

    class Watched:
        """Stands in for Validations where findings are acknowledged."""

        def __init__(self, construct: IConstruct) -> None:
            self._construct = construct

        @classmethod
        def of(cls, construct: IConstruct) -> "Watched":
            return cls(construct)

        def acknowledge(self, *found: Any) -> None:
            accepted.extend((each.id, self._construct.node.path) for each in found)
            if acknowledging:
                Validations.of(self._construct).acknowledge(*found)

    def app_here(*, context: Mapping[str, Any]) -> App:
        return App(outdir=str(folder), context={**context, **context_of(settings)}, analytics_reporting=False)

    with patch.object(app, "App", app_here), patch.object(infra.acknowledge, "Validations", Watched):
        try:
            app.main()
        except RuntimeError as error:  # jsii's, when cdk-nag finds something
            if "ValidationFailed" not in str(error):
                raise
    (folder / "accepted.json").write_text(json.dumps(accepted))


def read(name: str, folder: Path) -> Synthesized:
    """Read what `synthesize` wrote."""
    (template,) = folder.glob("*.template.json")
    report = json.loads((folder / "validation-report.json").read_text())
    findings = {
        (violation["ruleName"], construct["constructPath"])
        for plugin in report["pluginReports"]
        for violation in plugin["violations"]
        for construct in violation["violatingConstructs"]
    }
    accepted = json.loads((folder / "accepted.json").read_text())
    return Synthesized(
        name, json.loads(template.read_text()), frozenset(findings), frozenset((rule, path) for rule, path in accepted)
    )


class Deployments:
    """Deployments below a folder that every worker of a test session shares; each is synthesized once.

    The first worker that needs one takes all that the session is known to need, in its one process. `acknowledging`
    of False: as if nothing had been acknowledged to cdk-nag.
    """

    def __init__(self, folder: Path, wanted: Iterable[str], *, acknowledging: bool = True) -> None:
        self._folder = folder
        self._wanted = tuple(wanted)
        self._acknowledging = acknowledging
        folder.mkdir(parents=True, exist_ok=True)

    def named(self, name: str) -> Synthesized:
        """Give one."""
        found = self._place(name)
        if not found.exists():
            with self._alone():
                self._make(name)
                for each in self._wanted:
                    with suppress(RuntimeError, JSIIError, SystemExit):  # told to the test that wants this one
                        self._make(each)
        return read(name, found)

    def _place(self, name: str) -> Path:
        return self._folder / name.replace(" ", "-")

    def _make(self, name: str) -> None:
        place = self._place(name)
        if place.exists():
            return
        partial = place.with_name(f"{place.name}.partial")
        shutil.rmtree(partial, ignore_errors=True)  # of a synthesis that failed
        partial.mkdir(parents=True)
        synthesize(partial, COMBINATIONS[name], acknowledging=self._acknowledging)
        partial.rename(place)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with (self._folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
