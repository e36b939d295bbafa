"""The page of a deployment's settings."""

import json
from typing import Any

from pydantic.fields import FieldInfo

from flowlogs.docs.markdown import code, page, table
from infra.knowledge.interface_events import PATTERN
from infra.settings.settings import GROUPS, Settings

_OPENING = """\
# Settings of a deployment

They stand in `cdk.json`, under `context`, or go with the command: `make deploy SET="name=value name=value"`, or
`cdk deploy -c name=value`. Lists take commas on the command line. An empty value stands for the default. A wrong one is
refused with a sentence, before anything is built; so is a name that is not in these tables. The functions' own
settings, which a deployment derives from these: [settings](settings.md).
What happens when one changes later: [changing a deployment](changing-a-deployment.md).
"""
_FORMAT = """\
The default record format has the fourteen fields of AWS's own default first, in their order, and then what says who is
behind an address, which way it went and what it costs:

```text
{format}
```

A flow log of another format is a new flow log, and its new log group has the format's hash behind its name.
"""

_KEY = """\
## A key of your own

With `kms_key_arn`, the functions' and streams' roles may use the key as far as its policy leaves that to IAM, as the
policies of new keys do. Services that come in their own name need a statement in it. Where flow logs are written into a
bucket with the key (`source=s3`, `second_flow_log=s3`, or `s3_kms_key_arn`), without this nothing arrives, and the flow
log says `Access error`:

```json
{{
  "Sid": "FlowLogs",
  "Effect": "Allow",
  "Principal": {{"Service": "delivery.logs.amazonaws.com"}},
  "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
  "Resource": "*",
  "Condition": {{
    "StringEquals": {{"aws:SourceAccount": "ACCOUNT"}},
    "ArnLike": {{"aws:SourceArn": "arn:aws:logs:REGION:ACCOUNT:*"}}
  }}
}}
```

Source: CloudWatch Logs User Guide, "Logs sent to Amazon S3", server-side encryption. For a domain with the key whoever
deploys also needs `kms:CreateGrant` and `kms:DescribeKey` on it. Topics and queues that are there already keep the
keys they have; a queue's key goes into `s3_queue_kms_key_arn`. The secret of an existing domain must be encrypted with
AWS's own key (`aws/secretsmanager`), or its key's policy must name the role of `search_setup`.
"""

_ACCOUNTS = """\
## Inventory of other accounts

The inventory function takes its own account as it is. In every other account it takes a role that may only read, made
by `accounts/inventory-role.yaml` (docs/inventory-calls.md says what is asked and how often):

1. Deploy with `inventory_accounts` (account ids, or `organization`). Until the roles are there, the alarm *accounts
   fail* rings and the function's warnings name each account that lacks one; the others are taken all the same.
2. Note the output `InventoryRoleArn`. It stays the same for as long as the deployment does.
3. Roll the template out, in one region, for roles are global: a StackSet for an organization (service-managed, with
   automatic deployment for accounts to come; it leaves the management account out), or a stack in each account.
   `CollectorRoleArn` is that output; `RoleName` and `ExternalId`, where you set them, are `inventory_role_name` and
   `inventory_external_id`. The deployment's own account needs no role.

`organization` takes `organizations:ListAccounts`, which AWS allows to the management account and to accounts that
administrate a service for it.
"""
_EVENTS = """\
## Events of other accounts and regions

With `inventory_events=true` the default event bus of the deployment's own account and region is listened to, where a
CloudTrail trail logs management events. For others, let their buses send theirs to this one. First say here who may,
once for each account, or once for an organization:

```sh
aws events put-permission --statement-id flowlogs-210987654321 --action events:PutEvents --principal 210987654321
aws events put-permission --statement-id flowlogs --action events:PutEvents --principal '*' \\
    --condition Type=StringEquals,Key=aws:PrincipalOrgID,Value=o-EXAMPLE
```

Then, in each other account and region, make a rule with the same pattern whose target is this bus, and a role that
EventBridge takes to write there (`events:PutEvents` on the bus, trusting `events.amazonaws.com`):

```sh
aws events put-rule --name flowlogs-interfaces --event-pattern file://pattern.json
aws events put-targets --rule flowlogs-interfaces --targets \\
    Id=flowlogs,Arn=arn:aws:events:REGION:ACCOUNT:event-bus/default,RoleArn=arn:aws:iam::210987654321:role/ROLE
```

```json
{pattern}
```

Source: EventBridge User Guide, "Sending and receiving events between accounts", "… between Regions". Whoever may write
onto your bus may also invent events: allow accounts that you would believe in an inventory.
"""


def deployment_page() -> str:
    """Write the page from the settings' classes."""
    blocks = [_OPENING]
    for group in GROUPS:
        rows = [_row(name, field) for name, field in group.model_fields.items()]
        title = str(group.__doc__).strip().rstrip(".")
        blocks += [f"## {title}", table(("setting", "default", "meaning"), rows)]
        if "record_format" in group.model_fields:
            blocks.append(_FORMAT.format(format=_wrapped(Settings.read({}).format_string)))
    pattern = json.dumps(PATTERN, indent=2)
    return page(*blocks, _ACCOUNTS, _EVENTS.replace("{pattern}", pattern), _KEY.format())


def _row(name: str, field: FieldInfo) -> tuple[str, ...]:
    return code(name), _default(field.default), _meaning(field)


def _default(value: Any) -> str:
    if value is None or value in ("", [], {}):
        return "empty"
    if isinstance(value, list):
        return code(",".join(value))
    return code(json.dumps(value) if isinstance(value, bool) else str(value))


def _meaning(field: FieldInfo) -> str:
    return str(field.description)


def _wrapped(text: str) -> str:
    lines, line = [], ""
    for word in text.split():
        if len(line) + len(word) > 110:
            lines.append(line.rstrip())
            line = ""
        line += f"{word} "
    return "\n".join((*lines, line.rstrip()))
