"""The ingestor: from CloudWatch Logs and S3 onto the delivery streams."""
