"""The bucket that a flow log writes files into, and the queue that says which are new."""

from aws_cdk import Aws, Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.bucket import Buckets

_DELIVERY = "delivery.logs.amazonaws.com"


class FlowLogBucket(Construct):
    """A bucket of flow log files: a new one that lets EC2 write into it, or one that is there already.

    The policy stands in the template, word for word as EC2 would write it, so that EC2 finds it and writes none itself:
    two writers of one policy undo each other. Source: VPC User Guide, "Amazon S3 bucket permissions for flow logs".
    """

    def __init__(
        self, scope: Construct, id_: str, *, buckets: Buckets, existing: str, prefix: str, hive: bool, days: int
    ) -> None:
        super().__init__(scope, id_)
        self.prefix = prefix
        self.exists = bool(existing)
        if existing:
            self.bucket: s3.IBucket = s3.Bucket.from_bucket_name(self, "Bucket", existing)
            return
        made = buckets.make(self, "Files", days=days)
        made.node.default_child.notification_configuration = {  # type: ignore[union-attr]
            "eventBridgeConfiguration": {"eventBridgeEnabled": True}
        }
        self.bucket = made
        for statement in self._delivery(hive=hive):
            made.add_to_resource_policy(statement)

    def _delivery(self, *, hive: bool) -> list[iam.PolicyStatement]:
        account = f"aws-account-id={Aws.ACCOUNT_ID}" if hive else Aws.ACCOUNT_ID
        ours: dict[str, dict[str, str]] = {
            "StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID},
            "ArnLike": {"aws:SourceArn": f"arn:{Aws.PARTITION}:logs:{Aws.REGION}:{Aws.ACCOUNT_ID}:*"},
        }
        delivery = iam.ServicePrincipal(_DELIVERY)
        return [
            iam.PolicyStatement(
                sid="AWSLogDeliveryAclCheck",
                principals=[delivery],
                actions=["s3:GetBucketAcl", "s3:ListBucket"],
                resources=[self.bucket.bucket_arn],
                conditions=ours,
            ),
            iam.PolicyStatement(
                sid="AWSLogDeliveryWrite",
                principals=[delivery],
                actions=["s3:PutObject"],
                resources=[self.bucket.arn_for_objects(f"{self.prefix}AWSLogs/{account}/*")],
                conditions={
                    **ours,
                    "StringEquals": {**ours["StringEquals"], "s3:x-amz-acl": "bucket-owner-full-control"},
                },
            ),
        ]

    @property
    def policy(self) -> s3.BucketPolicy | None:
        """Give the policy that must be there before the flow log; None for a bucket that is not ours."""
        return None if self.exists else self.bucket.policy


class NewFiles(Construct):
    """The queue of messages that name new files, with a dead-letter queue for those that fail again and again.

    `seconds` is the timeout of the function that reads the queue: a message stays hidden six times as long.
    Source: Lambda Developer Guide, "Using Lambda with Amazon SQS", visibility timeout.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        files: FlowLogBucket,
        topic_arn: str,
        event_bus: str,
        seconds: int,
    ) -> None:
        super().__init__(scope, id_)
        self.dead_letters = self._queue("DeadLetters", Duration.seconds(30), None)
        self.queue = self._queue("Queue", Duration.seconds(6 * seconds), self.dead_letters)
        if topic_arn:
            self._subscribe(topic_arn)
        else:
            self._listen(files, event_bus or "default")

    def _queue(self, id_: str, hidden: Duration, dead: sqs.IQueue | None) -> sqs.Queue:
        return sqs.Queue(
            self,
            id_,
            enforce_ssl=True,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            retention_period=Duration.days(14),
            visibility_timeout=hidden,
            dead_letter_queue=sqs.DeadLetterQueue(max_receive_count=5, queue=dead) if dead else None,
        )

    def _subscribe(self, topic_arn: str) -> None:
        sns.CfnSubscription(
            self,
            "Subscription",
            topic_arn=topic_arn,
            protocol="sqs",
            endpoint=self.queue.queue_arn,
            region=topic_arn.split(":")[3],
        ).node.add_dependency(self._let("sns.amazonaws.com", topic_arn))

    def _listen(self, files: FlowLogBucket, event_bus: str) -> None:
        """Take S3's events of new objects from a bus; the bucket's own configuration is not touched."""
        rule = events.CfnRule(
            self,
            "NewObjects",
            description="New flow log files, to the ingestor's queue",
            event_bus_name=event_bus,
            event_pattern={
                "source": ["aws.s3"],
                "detail-type": ["Object Created"],
                "detail": {
                    "bucket": {"name": [files.bucket.bucket_name]},
                    "object": {"key": [{"prefix": f"{files.prefix}AWSLogs/"}]},
                },
            },
            targets=[events.CfnRule.TargetProperty(arn=self.queue.queue_arn, id="queue")],
        )
        self._let("events.amazonaws.com", rule.attr_arn)

    def _let(self, service: str, source_arn: str) -> sqs.CfnQueuePolicy:
        self.queue.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal(service)],
                actions=["sqs:SendMessage"],
                resources=[self.queue.queue_arn],
                conditions={"ArnEquals": {"aws:SourceArn": source_arn}},
            )
        )
        policy = self.queue.node.find_child("Policy").node.default_child
        assert isinstance(policy, sqs.CfnQueuePolicy)  # noqa: S101 (made by the line above)
        return policy
