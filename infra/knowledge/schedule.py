"""When a function that gathers knowledge runs: every so often, and once a deployment is complete."""

from collections.abc import Iterable
from typing import Any

from aws_cdk import Aws
from aws_cdk import aws_events as events
from aws_cdk import aws_lambda as lambda_
from constructs import Construct, IDependable

_DEPLOYED = {
    "source": ["aws.cloudformation"],
    "detail-type": ["CloudFormation Stack Status Change"],
    "detail": {
        "stack-id": [Aws.STACK_ID],
        "status-details": {"status": ["CREATE_COMPLETE", "UPDATE_COMPLETE"]},
    },
}
"""Source: CloudFormation User Guide, "Stack Status Change event detail"; EventBridge gets these events durably."""


class Schedule(Construct):
    """Two rules that invoke a function: by the clock, and when CloudFormation says that the stack is complete.

    Rules and not EventBridge Scheduler, which AWS would rather have for clocks: a rule takes CloudFormation's event
    too, so that no custom resource has to invoke anything and what fails never undoes a deployment; and it needs no
    role, only the function's leave.
    The clock's is made after `after`: a first deployment that fails is undone with its bucket, which must be empty
    then. The other one is made early, since new rules miss what comes at once (EventBridge API, PutRule).
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        what: str,
        function: lambda_.IFunction,
        rate: str,
        patience: int,
        after: Iterable[IDependable],
    ) -> None:
        """`rate` as EventBridge reads it (`5 minutes`); what cannot be invoked for `patience` seconds is given up."""
        super().__init__(scope, id_)
        self._function = function
        self._patience = patience
        clock = self._rule("Clock", f"{what}, every {rate}", schedule_expression=f"rate({rate})")
        for earlier in after:
            clock.node.add_dependency(earlier)
        self._rule("Deployed", f"{what}, after a deployment", event_pattern=_DEPLOYED)

    def _rule(self, id_: str, description: str, **when: Any) -> events.CfnRule:
        rule = events.CfnRule(
            self,
            id_,
            description=description,
            targets=[
                events.CfnRule.TargetProperty(
                    arn=self._function.function_arn,
                    id="function",
                    retry_policy=events.CfnRule.RetryPolicyProperty(maximum_event_age_in_seconds=self._patience),
                )
            ],
            **when,
        )
        lambda_.CfnPermission(
            self,
            f"Let{id_}",
            action="lambda:InvokeFunction",
            function_name=self._function.function_arn,
            principal="events.amazonaws.com",
            source_arn=rule.attr_arn,
        )
        return rule


def minutes(number: int) -> str:
    """Write a rate of minutes as EventBridge wants it: with an s for more than one."""
    return f"{number} minute{'' if number == 1 else 's'}"
