"""Runs servers that are Java programs for the tests: a JDK and Maven, no container, no installed server."""
