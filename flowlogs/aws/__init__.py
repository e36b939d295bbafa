"""The only boto3: what the library asks of AWS, behind the protocols it asks it by."""
