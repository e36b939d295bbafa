"""Runs a real Trino of one node for the tests: the engine that Athena is made of, over files of this machine."""
