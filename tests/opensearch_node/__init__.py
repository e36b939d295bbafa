"""Runs a real OpenSearch of one node for the tests: a JDK and Maven, no container, no installed server."""
