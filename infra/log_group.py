"""Log groups: how long they keep."""

from aws_cdk import aws_logs as logs

from infra.settings.kinds import RETENTION_DAYS

_RETENTION = dict(zip(RETENTION_DAYS, logs.RetentionDays, strict=False))  # its last member is INFINITE


def retention(days: int) -> logs.RetentionDays:
    """Give CDK's name of a number of days, the only way in."""
    return _RETENTION[days]
