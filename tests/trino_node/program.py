"""The program of the tests' Trino."""

from pathlib import Path

from java_node.program import Program

TRINO = Program(
    name="trino", called="Trino", folder=Path(__file__).parent, main="TrinoNode", heap="1g", healthy="/v1/info"
)
BUCKETS = "buckets"
"""The folder in the server's own whose folders are its buckets."""
