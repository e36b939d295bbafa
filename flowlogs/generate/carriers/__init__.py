"""Carries generated lines as AWS does: log files in S3, events of CloudWatch Logs."""
