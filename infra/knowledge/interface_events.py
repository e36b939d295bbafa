"""Events on network interfaces, for those that come and go between two runs of the inventory."""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from flowlogs.inventory.interface_events import DETAIL_TYPE, EVENT_NAMES, SOURCE
from infra.permissions import Permission

_KEPT = Duration.days(4)
"""How long events wait: over a long weekend without a run that succeeds."""
_MOST_RECEIVED = 100
"""Runs that may fail over an event before it is set aside: eight hours of them, for most failures are not its fault.

A message that is no event is deleted by the function, with a warning, and waits for nothing.
"""
PATTERN = {
    "source": [SOURCE],
    "detail-type": [DETAIL_TYPE],
    "detail": {
        "eventSource": ["ec2.amazonaws.com"],
        "eventName": sorted(EVENT_NAMES),
        "errorCode": [{"exists": False}],
    },
}
"""Calls that were refused have an `errorCode`. Source: CloudTrail User Guide, "CloudTrail record contents"."""


class InterfaceEvents(Construct):
    """The queue that a rule of the default bus fills with CloudTrail's events; each run of the inventory empties it.

    `hidden` (seconds) is the function's timeout: a run that fails leaves its messages to the next one. The rule looks
    at no account and no region, so that events which others forward to this bus are taken too.
    """

    def __init__(self, scope: Construct, id_: str, *, hidden: int) -> None:
        super().__init__(scope, id_)
        self.dead_letters = self._queue("DeadLetters", Duration.days(14), hidden, None)
        self.queue = self._queue("Queue", _KEPT, hidden, self.dead_letters)
        rule = events.CfnRule(
            self,
            "Rule",
            description="Changes of network interfaces, to the inventory's queue",
            event_pattern=PATTERN,
            targets=[
                events.CfnRule.TargetProperty(
                    arn=self.queue.queue_arn,
                    id="queue",
                    dead_letter_config=events.CfnRule.DeadLetterConfigProperty(arn=self.dead_letters.queue_arn),
                )
            ],
        )
        for queue in (self.queue, self.dead_letters):
            self._let_in(queue, rule)

    def _let_in(self, queue: sqs.Queue, rule: events.CfnRule) -> None:
        """Let the rule write into a queue: events, and into that of dead letters those that SQS refused.

        Source: EventBridge User Guide, "Using dead-letter queues to process undelivered events" (also: the permission).
        """
        queue.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("events.amazonaws.com")],
                actions=["sqs:SendMessage"],
                resources=[queue.queue_arn],
                conditions={"ArnEquals": {"aws:SourceArn": rule.attr_arn}},
            )
        )

    def _queue(self, id_: str, kept: Duration, hidden: int, dead: sqs.IQueue | None) -> sqs.Queue:
        return sqs.Queue(
            self,
            id_,
            enforce_ssl=True,
            encryption=sqs.QueueEncryption.SQS_MANAGED,  # EventBridge writes into it without leave of a key
            retention_period=kept,
            visibility_timeout=Duration.seconds(hidden),
            dead_letter_queue=sqs.DeadLetterQueue(max_receive_count=_MOST_RECEIVED, queue=dead) if dead else None,
        )

    def emptying(self) -> Permission:
        """Let the inventory function take and delete messages."""
        return Permission(["sqs:ReceiveMessage", "sqs:DeleteMessage"], [self.queue.queue_arn])
