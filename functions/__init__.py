"""The Lambda functions: a handler and its wiring each."""
