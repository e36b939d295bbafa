"""The template of the role that the inventory takes in other accounts: its actions are those of the table of calls."""

from collections.abc import Iterator, Sequence

from flowlogs.inventory.call import Call
from flowlogs.inventory.calls import CALLS
from infra.settings.knowledge import InventorySettings

_TEMPLATE = """\
# The role by which flowlogs takes its inventory of this account. It reads, and only the inventory function takes it.
#
# Written by `make docs` from the function's own table of calls (flowlogs/inventory/calls.py): change that, not this.
# How to roll it out, to an organization or to one account: docs/by-hand.md.
# How often each call is made: docs/inventory-calls.md.
AWSTemplateFormatVersion: "2010-09-09"
Description: Read-only role by which flowlogs takes network interfaces and security groups of this account

Parameters:
  CollectorRoleArn:
    Type: String
    Description: Role of the inventory function, output InventoryRoleArn of the flowlogs deployment
    AllowedPattern: "^arn:aws[a-z-]*:iam::[0-9]{{12}}:role/.+$"
    ConstraintDescription: the ARN of a role, arn:aws:iam::123456789012:role/name
  RoleName:
    Type: String
    Description: Name of the role, the same in every account; setting inventory_role_name of the deployment
    Default: {role_name}
    AllowedPattern: "^[a-zA-Z0-9_+=,.@-]{{1,64}}$"
    ConstraintDescription: 1 to 64 letters, digits and any of _+=,.@-
  ExternalId:
    Type: String
    Description: Setting inventory_external_id of the deployment; empty where that is empty
    Default: ""
    AllowedPattern: "^(|[a-zA-Z0-9_+=,.@:/-]{{2,1224}})$"
    ConstraintDescription: empty, or 2 to 1224 letters, digits and any of _+=,.@:/-

Conditions:
  AsksForExternalId: !Not [!Equals [!Ref ExternalId, ""]]

Resources:
  # A role is there once for all regions: deploy this in one region of each account.
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: !Ref RoleName
      Description: Read by flowlogs - network interfaces, security groups and what belongs to them
      # An hour, in seconds: no more is given where a role takes a role.
      MaxSessionDuration: 3600
      # Nobody but that one role. IAM refuses an ARN of a role that is not there, and where that role is made anew this
      # one trusts it no longer: update this stack then.
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal:
              AWS: !Ref CollectorRoleArn
            Action: sts:AssumeRole
            Condition: !If
              - AsksForExternalId
              - StringEquals:
                  sts:ExternalId: !Ref ExternalId
              - !Ref AWS::NoValue
      # The resource is * in both statements: nearly all of these actions list what there is, and IAM knows no resource
      # for them; the few that ask about one thing are asked about everything that was listed.
      Policies:
        - PolicyName: inventory
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              # Behind each action: what the inventory learns by it.
              - Sid: Network
                Effect: Allow
                Action:
{network}
                Resource: "*"
              # What keeps a security group in use while it runs nothing. The answers hold more than that: environment
              # variables of functions and build projects, user data of templates. Only names and groups are kept of
              # them. Without this statement all else is taken as before; a warning in every run says what is missing,
              # and groups that only these name look unused.
              - Sid: SecurityGroupUses
                Effect: Allow
                Action:
{uses}
                Resource: "*"

Outputs:
  RoleArn:
    Description: The role
    Value: !GetAtt Role.Arn
"""
_USES = ("security-group-uses",)


def inventory_role() -> str:
    """Write the template, as CloudFormation takes it alone or in a StackSet."""
    role_name = InventorySettings.model_fields["inventory_role_name"].default
    uses = [call for call in CALLS if call.kinds == _USES]
    others = [call for call in CALLS if call.kinds != _USES]
    return _TEMPLATE.format(role_name=role_name, network=_written(others), uses=_written(uses))


def _written(calls: Sequence[Call]) -> str:
    return "\n".join(f"{' ' * 18}- {line}" for line in _lines(calls))


def _lines(calls: Sequence[Call]) -> Iterator[str]:
    """Give each action once, with the kinds that it feeds where they differ from one call to another."""
    kinds = {call.action: call.kinds for call in calls}
    for action in sorted(kinds):
        yield action if kinds[action] == _USES else f"{action} # {', '.join(kinds[action])}"
