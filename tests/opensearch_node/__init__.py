"""Runs a real OpenSearch of one node for the tests."""
