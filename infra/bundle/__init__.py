"""Makes what is uploaded of a Lambda function: what it imports and nothing else, without Docker."""
