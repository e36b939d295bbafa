"""Settings of the deployment as a whole and of what watches it."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

from infra.settings import kinds


def _prefix(text: str) -> str:
    if text and not re.fullmatch(r"[a-z][a-z0-9]{0,31}-", text):
        raise ValueError(f"{text[:80]!r} is not of the form team- (lower case, digits, a hyphen at the end)")
    return text


class DeploymentSettings(BaseModel):
    """The deployment."""

    prefix: Annotated[str, AfterValidator(_prefix)] = Field(
        "",
        description="goes before the stack's name and every name that must be unique in an account, e.g. `team-`; "
        "two deployments in one account and region differ in it",
    )
    kms_key_arn: kinds.KeyArn = Field(
        "",
        description="key for buckets and the domain, whose policy lets the services use it; empty: keys of AWS",
    )
    keep_data: bool = Field(
        True,
        description="whether buckets, log group and domain stay when the stack goes; false: they go too, with all data",
    )
    tags: kinds.Tags = Field({}, description="tags of every resource, e.g. `team=network,stage=test`")


class WatchSettings(BaseModel):
    """What watches it."""

    alert_email: kinds.Email = Field(
        "", description="address that alarms are sent to; AWS asks it for confirmation first"
    )
    metric_namespace: kinds.Namespace = Field(
        "vpcflowlogs", description="namespace of the metric of rejected SSH, with the prefix before it"
    )
    metric_name: kinds.MetricText = Field("SSH Rejects", description="name of that metric")
    metric_filter: kinds.FilterName = Field("dest-port-22-rejects", description="name of the metric filter")
    alarm_name: kinds.AlarmName = Field("SSH rejects", description="name of its alarm")
